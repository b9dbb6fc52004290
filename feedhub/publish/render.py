"""Render what is behind: gather → decide → apply, one section at a time.

gather   one read: the changes since the rendered generation, who stands in the document, their articles
decide   next_window → fragments → assemble, all pure
apply    one write, refused when another renderer was here in between

Killed anywhere, it leaves the old documents whole, and the next beat does the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.errors import FeedHubError
from feedhub.model.article import Article, Change
from feedhub.model.feed import FORMATS, FeedDocument, Format
from feedhub.model.section import ANY_LANGUAGE, Portal, Section, placements
from feedhub.ports.clock import Clock
from feedhub.publish.document import Tombstone, assemble
from feedhub.publish.fragments import fragment
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.publish.window import MOST, SHOWN, Member, Place, WindowChange, next_window
from feedhub.store.articles import article_history, get_articles, section_articles
from feedhub.store.changes import record_change, section_changes_since, withdrawals
from feedhub.store.documents import (
    MemberRow,
    Rendered,
    rendered,
    sections_behind,
    store_documents,
    store_fragments,
    store_window,
    stored_fragments,
    window,
)
from feedhub.store.engine import Store
from feedhub.store.sections import SectionState, section_states
from feedhub.store.settings import get_setting, set_setting

TOMBSTONES_FOR = timedelta(days=90)
MOST_TOMBSTONES = 50
_SECOND = timedelta(seconds=1)
_STYLE, _STYLE_SINCE = "style_digest", "style_changed_at"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a section's next documents are made of."""

    section: Section
    state: SectionState
    before: Rendered | None
    members: tuple[Member, ...]
    changes: tuple[WindowChange, ...]
    outside: Place | None
    articles: dict[str, Article]
    fragments: dict[Format, dict[str, bytes]]
    tombstones: tuple[Tombstone, ...]


def render_due(store: Store, style: Style, clock: Clock) -> int:
    """Bring every section that is behind up to its generation; returns how many were.

    A section whose document is younger than a second waits for the next beat (SEMANTICS 3).
    """
    restyle(store, style, clock.now())
    known = style.portal.sections()
    with store.read() as tx:
        behind = [known[name] for name in sections_behind(tx, style.digest) if name in known]
    return sum(_render_alone(store, section, style, clock) for section in behind)


def _render_alone(store: Store, section: Section, style: Style, clock: Clock) -> bool:
    """Render one section; a fault of ours in it is logged and holds up no other section."""
    try:
        return render_section(store, section, style, clock)
    except FeedHubError:
        raise
    except Exception:
        _log.exception("the feeds of %s cannot be rendered; the old ones stand", section.id)
        return False


def restyle(store: Store, style: Style, now: datetime) -> bool:
    """Move every section's generation once when addresses, titles or style changed (SEMANTICS 2)."""
    with store.read() as tx:
        if get_setting(tx, _STYLE) == style.digest:
            return False
    with store.write() as tx:
        present = get_setting(tx, _STYLE)
        if present == style.digest:
            return False
        if present is not None:
            touched = list(section_states(tx))
            record_change(tx, kind="restyled", article_id=None, touched=touched, at=now, by="rule:style")
        set_setting(tx, _STYLE, style.digest)
        set_setting(tx, _STYLE_SINCE, now.isoformat())
    return True


def style_changed_at(tx: Connection) -> datetime | None:
    """Since when the portal looks as it does, None before the first rendering."""
    value = get_setting(tx, _STYLE_SINCE)
    return datetime.fromisoformat(value) if value else None


def render_section(store: Store, section: Section, style: Style, clock: Clock) -> bool:
    """Render one section's three documents; False when it has to wait or another renderer was first."""
    with store.read() as tx:
        gathered = gather(tx, section, style)
    last_modified = next_last_modified(gathered.state.changed_at, gathered.before, clock.now())
    if last_modified is None:
        return False
    members = next_window(gathered.members, gathered.changes, gathered.state.changed_at, gathered.outside)
    made, fresh = _decide(gathered, members, style, last_modified)
    over = gathered.before.generation if gathered.before else None
    with store.write() as tx:
        if not store_documents(tx, made, style.digest, over=over):
            return False
        store_window(tx, section.id, [MemberRow(m.article_id, m.published, m.pinned_until) for m in members])
        for format_ in FORMATS:
            store_fragments(tx, fresh[format_], format_, style.digest)
    return True


def next_last_modified(changed_at: datetime, before: Rendered | None, now: datetime) -> datetime | None:
    """The next document's Last-Modified in whole seconds, a second later than the last one at least.

    None while that lies ahead by up to 2 s: the next beat will do. Further ahead the clock was set back, and
    a feed that stands still would be the greater harm.
    """
    moment = changed_at.replace(microsecond=0)
    if before is not None:
        moment = max(moment, before.last_modified + _SECOND)
    return None if now < moment <= now + 2 * _SECOND else moment


def gather(tx: Connection, section: Section, style: Style) -> Gathered:
    """Everything one section's documents are made of, in one view of the store."""
    state = section_states(tx)[section.id]
    before = rendered(tx, section.id)
    rows = window(tx, section.id)
    log = section_changes_since(tx, section.id, before.generation if before else 0)
    standing = {row.article_id for row in rows}
    newest = _newest(tx, section, log, standing)
    changes = _window_changes(tx, section, log, standing, newest)
    arrived = {change.article_id for change in changes if change.arrives}
    outside = next(((a.published, a.id) for a in newest if a.id not in standing and a.id not in arrived), None)
    may_stand = standing | {change.article_id for change in changes if change.published is not None}
    articles = {a.id: a for a in get_articles(tx, sorted(may_stand)).values() if _date_here(a, section) is not None}
    # A row without its article is one of a language that the section no longer carries.
    members = [Member(m.article_id, m.published_at, m.pinned_until) for m in rows if m.article_id in articles]
    keys = [(article.id, article.seq) for article in articles.values()]
    return Gathered(
        section=section,
        state=state,
        before=before,
        members=tuple(members),
        changes=changes,
        outside=outside,
        articles=articles,
        fragments={format_: stored_fragments(tx, keys, format_, style.digest) for format_ in FORMATS},
        tombstones=_tombstones(tx, section, state),
    )


def _newest(tx: Connection, section: Section, log: Sequence[Change], standing: set[str]) -> list[Article]:
    """The newest live articles, when something may arrive by its date.

    A piece that arrives by its date is newer than all outside, so it is among the newest `SHOWN` or nowhere.
    """
    if not any(change.kind in ("published", "moved") and not change.late for change in log):
        return []
    most = SHOWN + len(standing) + 1
    return section_articles(tx, section.id, limit=most, languages=_languages(section))


def _window_changes(
    tx: Connection, section: Section, log: Sequence[Change], standing: set[str], newest: Sequence[Article]
) -> tuple[WindowChange, ...]:
    """The changes that can touch the document, each with the article's present date here.

    Importing a hundred thousand articles leaves as many changes: only what may stand in the end is looked at.
    """
    by_date = {article.id for article in newest} | standing
    pinned = dict.fromkeys(change.article_id for change in reversed(log) if change.late and change.article_id)
    wanted = by_date | set(list(pinned)[:MOST])
    relevant = [change for change in log if change.article_id in wanted]
    articles = get_articles(tx, sorted({change.article_id for change in relevant if change.article_id}))
    return tuple(
        WindowChange(
            kind=change.kind,
            article_id=change.article_id,
            at=change.at,
            late=change.late,
            published=_date_here(articles.get(change.article_id), section),
            arrives=change.kind != "moved" or not _was_here(tx, change, section),
        )
        for change in relevant
        if change.article_id is not None
    )


def _date_here(article: Article | None, section: Section) -> datetime | None:
    if article is None or article.state != "published" or not section.carries(article.language):
        return None
    return article.published if section.id in placements(article.sections) else None


def _was_here(tx: Connection, change: Change, section: Section) -> bool:
    """Whether a moved article stood in this section's subtree before the move."""
    versions = [row for row in article_history(tx, change.article_id or "") if row["seq"] < change.seq]
    return bool(versions) and section.id in placements(tuple(versions[-1]["snapshot"]["sections"]))


def _tombstones(tx: Connection, section: Section, state: SectionState) -> tuple[Tombstone, ...]:
    """Withdrawals of the last 90 days that stand, newest first; ended by the stored instant, not the present."""
    found = withdrawals(tx, section.id, state.changed_at - TOMBSTONES_FOR, MOST_TOMBSTONES)
    articles = get_articles(tx, sorted({change.article_id for change in found if change.article_id}))
    stones = []
    for change in found:
        article = articles.get(change.article_id or "")
        # A later change of the same article means that it is back, or withdrawn anew with a row of its own.
        if article is not None and article.seq == change.seq and section.carries(article.language):
            stones.append(Tombstone(article.public_id, change.at, change.reason))
    return tuple(stones)


def _decide(
    gathered: Gathered, members: Sequence[Member], style: Style, last_modified: datetime
) -> tuple[list[FeedDocument], dict[Format, list[tuple[str, int, bytes]]]]:
    """The three documents, and the fragments that had to be made for them."""
    shown = [gathered.articles[member.article_id] for member in members]
    fresh: dict[Format, list[tuple[str, int, bytes]]] = {format_: [] for format_ in FORMATS}
    pieces: dict[Format, list[bytes]] = {format_: [] for format_ in FORMATS}
    for article in shown:
        made = _fragments(article, gathered, style)
        if made is None:
            continue
        for format_ in FORMATS:
            pieces[format_].append(made[format_])
            if article.id not in gathered.fragments[format_]:
                fresh[format_].append((article.id, article.seq, made[format_]))
    state = gathered.state
    view = make_view(style.portal, gathered.section, shown, generation=state.generation, changed_at=state.changed_at)
    documents = [
        assemble(view, pieces[format_], format_, style, last_modified=last_modified, tombstones=gathered.tombstones)
        for format_ in FORMATS
    ]
    return documents, fresh


def _fragments(article: Article, gathered: Gathered, style: Style) -> dict[Format, bytes] | None:
    """The article in every format, or None when one of them cannot be written: a feed shows the same in all."""
    made: dict[Format, bytes] = {}
    for format_ in FORMATS:
        kept = gathered.fragments[format_].get(article.id)
        piece = kept if kept is not None else written(article, style.portal, format_, gathered.section.id)
        if piece is None:
            return None
        made[format_] = piece
    return made


def written(article: Article, portal: Portal, format_: Format, section: str) -> bytes | None:
    """The article's fragment, or None with a line in the log: one bad article must not hold up a feed."""
    try:
        return fragment(article, portal, format_)
    except Exception:
        _log.exception("article %s is left out of the feed of %s: no %s can be written", article.id, section, format_)
        return None


def _languages(section: Section) -> tuple[str, ...] | None:
    return None if ANY_LANGUAGE in section.languages else section.languages
