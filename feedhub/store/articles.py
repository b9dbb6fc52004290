"""Articles and the five things that can happen to one: published, corrected, moved, withdrawn, restored.

Each happens in one transaction with its number in the change log, its new version kept, its placements and
with them every page, feed and cursor (SEMANTICS 1, 4). Content that says the same again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, update

from feedhub.errors import Conflict
from feedhub.model.article import Article, ChangeKind, Correction, WithdrawalForm
from feedhub.model.section import placements as sections_above
from feedhub.store.article_reads import find_article, get_article
from feedhub.store.article_rows import article_row, articles_from, snapshot
from feedhub.store.changes import record_change
from feedhub.store.pictures import note_uses, shown_pictures
from feedhub.store.saved import places_of
from feedhub.store.search_index import index_article
from feedhub.store.tables import article_versions, articles, placements
from feedhub.store.twins import family_of, relink, twins_of

MOST_NOTES = 10
NOTICE_FOR = timedelta(days=7)

# What a reader can see of an article: a difference here is a correction, a difference elsewhere is none.
_VISIBLE = (
    "title", "html", "summary", "author", "language", "published", "precision", "source", "source_url", "url",
    "categories", "enclosures", "rights", "translation_of", "corrections",
)  # fmt: skip


def put_article(
    tx: Connection, article: Article, *, now: datetime, late: bool, by: str, reason: str | None = None
) -> ChangeKind | None:
    """Store an article as it shall be from now on; says what that was, None for no change.

    A new one is published, or scheduled when its embargo lies ahead. A withdrawn one stays withdrawn, and
    fields that a person edited stay as edited. `late` marks a piece that was accepted rather than imported:
    it is announced whatever its date (SEMANTICS 16).
    """
    old = find_article(tx, article.id)
    if old is None:
        return _insert(tx, article, now=now, late=late, by=by, reason=reason)
    if old.state == "withdrawn":
        return None
    new = replace(
        article, state=old.state, seq=old.seq, released_at=old.released_at, public_id=old.public_id, origin=old.origin,
        edited_fields=old.edited_fields, twins=old.twins, pictures=old.pictures, corrections=old.corrections,
        **{name: getattr(old, name) for name in old.edited_fields},
    )  # fmt: skip
    return _change(tx, old, new, now=now, late=late, by=by, reason=reason)


def edit_article(
    tx: Connection, article: Article, fields: Sequence[str], *, now: datetime, by: str, note: str | None = None
) -> ChangeKind | None:
    """A person's correction: `fields` are remembered as edited, so that no source overwrites them (SEMANTICS 10).

    `note` tells readers what changed, beside the article in every feed; the latest `MOST_NOTES` are kept.
    """
    old = get_article(tx, article.id)
    if old.state == "withdrawn":
        raise Conflict(f"The article {article.id!r} is withdrawn; restore it before you edit it.")
    marked = tuple(dict.fromkeys((*old.edited_fields, *fields)))
    if note and old.state == "published":
        moment = now.replace(microsecond=0).astimezone(old.updated.tzinfo)
        told = (*old.corrections, Correction(moment, note))[-MOST_NOTES:]
        article = replace(article, corrections=told)
    return _change(tx, old, replace(article, edited_fields=marked), now=now, late=True, by=by, reason=note)


def withdraw_article(
    tx: Connection, article_id: str, *, now: datetime, by: str, reason: str, form: WithdrawalForm = "tombstone"
) -> int:
    """Take an article out of every channel; its page answers 410 with the reason. Returns the seq.

    In the form `notice` the feeds of its sections keep id and link for `NOTICE_FOR`, with a notice for the text, so
    that readers overwrite their copy; the tombstone comes after that (SEMANTICS 22).
    """
    old = get_article(tx, article_id)
    if old.state == "withdrawn":
        raise Conflict(f"The article {article_id!r} was withdrawn already.")
    gone = replace(old, state="withdrawn", withdrawn_at=now, withdrawn_reason=reason)
    touched = places_of(tx, old) if old.state == "published" else ()
    told = form == "notice" and old.state == "published"  # what nobody has seen needs no notice
    if told:
        gone = replace(gone, updated=_moved(old, now), notice_until=now + NOTICE_FOR)
    return _store(tx, gone, "withdrawn", touched, now=now, late=told, by=by, reason=reason)


def restore_article(tx: Connection, article_id: str, *, now: datetime, by: str) -> int | None:
    """Bring a withdrawn article back; its `updated` is now, later than its tombstone (SEMANTICS 22).

    Returns the seq, or None while its embargo or its own date lies ahead: it is scheduled again.
    """
    old = get_article(tx, article_id)
    if old.state != "withdrawn":
        raise Conflict(f"The article {article_id!r} is not withdrawn.")
    release = release_at(old, now)
    if release is not None:
        if old.notice_until is not None:
            _remove_notice(tx, old, now)
        waits = replace(old, state="scheduled", withdrawn_at=None, withdrawn_reason=None, notice_until=None)
        tx.execute(update(articles).where(articles.c.id == old.id).values(**article_row(waits), release_at=release))
        return None
    back = replace(
        old, state="published", updated=_moved(old, now), withdrawn_at=None, withdrawn_reason=None, notice_until=None,
        released_at=old.released_at or now,
    )  # fmt: skip
    return _store(tx, back, "restored", places_of(tx, back), now=now, late=True, by=by, reason=None)


def anything_due(tx: Connection, *, now: datetime) -> bool:
    """Whether any article or notice has its time come: a cheap look that spares the write lock."""
    scheduled = (articles.c.state == "scheduled") & (articles.c.release_at <= now)
    expired = (articles.c.state == "published") & (articles.c.expires <= now)
    tests = (scheduled, expired, articles.c.notice_until <= now)
    return any(tx.execute(select(articles.c.id).where(test).limit(1)).first() for test in tests)


def release_due(tx: Connection, *, now: datetime, most: int = 200) -> list[str]:
    """Publish scheduled articles whose time has come, withdraw those that expired, end notices; returns their ids."""
    moved: list[str] = []
    due = select(articles).where(articles.c.state == "scheduled", articles.c.release_at <= now)
    due = due.order_by(articles.c.release_at, articles.c.id).limit(most).with_for_update(skip_locked=True)
    for article in articles_from(tx.execute(due)):
        live = replace(article, state="published", released_at=now)
        _store(
            tx,
            live,
            "published",
            places_of(tx, live),
            now=now,
            late=True,
            by="rule:schedule",
            reason=None,
        )
        moved.append(article.id)
    over = select(articles.c.id).where(articles.c.state == "published", articles.c.expires <= now)
    for article_id in tx.execute(over.limit(most).with_for_update(skip_locked=True)).scalars().all():
        withdraw_article(tx, article_id, now=now, by="rule:expires", reason="expired")
        moved.append(article_id)
    told = select(articles).where(articles.c.notice_until <= now).limit(most).with_for_update(skip_locked=True)
    for article in articles_from(tx.execute(told)):
        _remove_notice(tx, article, now)
        moved.append(article.id)
    return moved


def _remove_notice(tx: Connection, article: Article, now: datetime) -> None:
    """Have the tombstone take the notice's place. The article's own latest change stays its withdrawal."""
    touched = sections_above(article.sections)
    record_change(tx, kind="removed", article_id=article.id, touched=touched, at=now, by="rule:notice")
    tx.execute(update(articles).where(articles.c.id == article.id).values(notice_until=None))


def _moved(old: Article, now: datetime) -> datetime:
    """The `updated` of what readers are to take for newer, in the zone it had."""
    return max(now.replace(microsecond=0), old.updated).astimezone(old.updated.tzinfo)


def _insert(
    tx: Connection, article: Article, *, now: datetime, late: bool, by: str, reason: str | None
) -> ChangeKind | None:
    release = release_at(article, now)
    if release is not None:
        tx.execute(insert(articles).values(**article_row(replace(article, state="scheduled")), release_at=release))
        return None
    live = replace(article, state="published", released_at=now)
    tx.execute(insert(articles).values(**article_row(live)))
    _store(tx, live, "published", places_of(tx, live), now=now, late=late, by=by, reason=reason)
    return "published"


def _change(
    tx: Connection, old: Article, new: Article, *, now: datetime, late: bool, by: str, reason: str | None
) -> ChangeKind | None:
    if old.state == "scheduled":
        # Nobody has seen it yet: whatever is new simply goes out when its time comes.
        release = release_at(new, now) or now
        tx.execute(update(articles).where(articles.c.id == new.id).values(**article_row(new), release_at=release))
        return None
    seen = any(getattr(old, name) != getattr(new, name) for name in _VISIBLE)
    # Another licence changes no word of the text: it is told, and nothing is announced.
    moved = set(old.sections) != set(new.sections) or old.licence != new.licence
    if not seen and not moved:
        if (new.edited_fields, new.expires, new.embargo_until) != (old.edited_fields, old.expires, old.embargo_until):
            tx.execute(update(articles).where(articles.c.id == new.id).values(**article_row(new)))
        return None
    if not seen:
        new = replace(new, updated=old.updated)
    elif new.updated <= old.updated:
        # A correction must be later than what it corrects, or readers keep the old one.
        new = replace(new, updated=_moved(old, now).astimezone(new.updated.tzinfo))
    kind: ChangeKind = "corrected" if seen else "moved"
    touched = places_of(tx, new, old)
    _store(tx, new, kind, touched, now=now, late=late or seen, by=by, reason=reason)
    return kind


def release_at(article: Article, now: datetime) -> datetime | None:
    """When a piece may go out: after its embargo, and never before its own date (SEMANTICS 14)."""
    ahead = [moment for moment in (article.embargo_until, article.published) if moment is not None and moment > now]
    return max(ahead, default=None)


def _store(
    tx: Connection, article: Article, kind: ChangeKind, touched: Sequence[str], *,
    now: datetime, late: bool, by: str, reason: str | None,
) -> int:  # fmt: skip
    seq = record_change(tx, kind=kind, article_id=article.id, touched=touched, at=now, late=late, reason=reason, by=by)
    family = family_of(tx, article)
    stored = replace(article, seq=seq, twins=twins_of(article, family), pictures=shown_pictures(tx, article))
    tx.execute(update(articles).where(articles.c.id == article.id).values(**article_row(stored), release_at=None))
    note_uses(tx, [stored])
    index_article(tx, stored)
    tx.execute(delete(placements).where(placements.c.article_id == article.id))
    if stored.state == "published":
        tx.execute(
            insert(placements),
            [
                {
                    "section": section,
                    "article_id": stored.id,
                    "published_at": stored.published,
                    "language": stored.language,
                }
                for section in places_of(tx, stored)
            ],
        )
    tx.execute(insert(article_versions).values(article_id=stored.id, seq=seq, at=now, snapshot=snapshot(stored)))
    relink(tx, family, article.twins, now)
    return seq
