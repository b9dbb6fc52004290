"""Gather what a section's next documents are made of, in one view of the store."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.model.article import Article, Change, Glance
from feedhub.model.feed import FORMATS, Format
from feedhub.model.section import ANY_LANGUAGE, Section, placements
from feedhub.publish.document import Tombstone
from feedhub.publish.layout import fragments_in
from feedhub.publish.style import Style
from feedhub.publish.window import MOST, SHOWN, Member, Place, WindowChange
from feedhub.store.article_reads import article_history, get_articles, section_places
from feedhub.store.changes import removals, section_changes_since, withdrawals
from feedhub.store.documents import Rendered, Standing, standing_documents
from feedhub.store.fragments import fragments_of
from feedhub.store.search_match import answers
from feedhub.store.sections import SectionState, section_state
from feedhub.store.windows import window_at_a_glance

TOMBSTONES_FOR = timedelta(days=90)
MOST_TOMBSTONES = 50


@dataclass(frozen=True, slots=True)
class Gathered:
    """All that a section's next documents are made of.

    `stood` are the articles in the document so far, oldest first; `changed` those of the log, in its order; `quiet`
    the changes of it that are not announced. Of what was before the change `told_since` not every tombstone found room.
    `articles` may stand in the document; of those without a fragment in every format `whole` has the text.
    """

    section: Section
    state: SectionState
    before: Rendered | None
    members: tuple[Member, ...]
    changes: tuple[WindowChange, ...]
    outside: Place | None
    articles: dict[str, Article | Glance]
    whole: dict[str, Article]
    fragments: dict[Format, dict[str, bytes]]
    tombstones: tuple[Tombstone, ...]
    told_since: int
    stood: tuple[str, ...]
    changed: tuple[str, ...]
    restyled: bool
    quiet: tuple[int, ...] = ()


def gather(tx: Connection, section: Section, style: Style) -> Gathered:
    """Everything one section's documents are made of, in one view of the store."""
    state = section_state(tx, section.id)
    documents = standing_documents(tx, section.id)
    before = documents[0].rendered if documents else None
    glances = window_at_a_glance(tx, section.id)
    log = section_changes_since(tx, section.id, before.generation if before else 0)
    standing = {glance.id for _, glance in glances}
    newest = _newest(tx, section, log, standing)
    relevant = _relevant(log, standing | {article_id for _, article_id in newest})
    restyled = any(change.kind == "restyled" for change in log)
    anew = restyled or before is None or before.style != style.digest
    changed = {change.article_id for change in relevant if change.article_id}
    # What did not change stands as it stood; another style may have other languages.
    looked_at = get_articles(tx, sorted(standing | changed if anew else changed))
    changes = _window_changes(tx, section, relevant, looked_at)
    arrived = {change.article_id for change in changes if change.arrives}
    outside = next((place for place in newest if place[1] not in standing and place[1] not in arrived), None)
    articles: dict[str, Article | Glance] = {it.id: it for _, it in glances if it.id not in looked_at}
    articles |= {it: a for it, a in looked_at.items() if date_here(a, section) is not None}
    # A row without its article is one of a language that the section no longer carries.
    members = [Member(m.article_id, m.published_at, m.pinned_until) for m, _ in glances if m.article_id in articles]
    fragments = _fragments(tx, documents, articles.values(), style)
    missing = {it for it in articles if any(it not in fragments[format_] for format_ in FORMATS)}
    gone = _withdrawn(tx, section, state)
    removed = removals(tx, section.id, state.changed_at - TOMBSTONES_FOR)
    return Gathered(
        section=section,
        state=state,
        before=before,
        members=tuple(members),
        changes=changes,
        outside=outside,
        articles=articles,
        whole=looked_at | get_articles(tx, sorted(missing - looked_at.keys())),
        fragments=fragments,
        tombstones=_stones(tx, section, gone, removed),
        told_since=max(gone[-1].seq, *removed.values(), 0) if len(gone) == MOST_TOMBSTONES else 0,
        stood=tuple(glance.id for _, glance in reversed(glances)),
        changed=tuple(dict.fromkeys(change.article_id for change in log if change.article_id)),
        restyled=restyled,
        quiet=_quiet(log, changes, outside) if before else (),
    )


def _quiet(log: Sequence[Change], changes: Sequence[WindowChange], outside: Place | None) -> tuple[int, ...]:
    """The changes that announce nothing here: pieces older than one that stands outside already, moves within.

    A piece that is newer than all outside is announced also where there are more of them than the document shows.
    """
    told = {
        (change.article_id, change.at)
        for change in changes
        if change.late or (change.arrives and change.published and _newer(change, outside))
    }
    news = [change for change in log if change.kind in ("published", "moved") and not change.late]
    if outside is None:
        within = {(change.article_id, change.at) for change in changes if not change.arrives}
        return tuple(change.seq for change in news if (change.article_id, change.at) in within)
    return tuple(change.seq for change in news if (change.article_id, change.at) not in told)


def _newer(change: WindowChange, outside: Place | None) -> bool:
    return outside is None or (change.published is not None and (change.published, change.article_id) > outside)


def _newest(tx: Connection, section: Section, log: Sequence[Change], standing: set[str]) -> list[Place]:
    """The places of the newest live articles, when something may arrive by its date.

    A piece that arrives by its date is newer than all outside, so it is among the newest `SHOWN` or nowhere.
    """
    if not any(change.kind in ("published", "moved") and not change.late for change in log):
        return []
    most = SHOWN + len(standing) + 1
    return section_places(tx, section.id, limit=most, languages=languages_of(section))


def _relevant(log: Sequence[Change], by_date: set[str]) -> list[Change]:
    """The changes that can touch the document: of articles that may stand there by their date, or pinned ones.

    Importing a hundred thousand articles leaves as many changes: only what may stand in the end is looked at.
    """
    pinned = dict.fromkeys(change.article_id for change in reversed(log) if change.late and change.article_id)
    wanted = by_date | set(list(pinned)[:MOST])
    return [change for change in log if change.article_id in wanted]


def _window_changes(
    tx: Connection, section: Section, relevant: Sequence[Change], articles: Mapping[str, Article]
) -> tuple[WindowChange, ...]:
    """The changes with each article's present date here."""
    return tuple(
        WindowChange(
            kind=change.kind,
            article_id=change.article_id,
            at=change.at,
            late=change.late,
            published=date_here(articles.get(change.article_id), section),
            arrives=change.kind != "linked" and (change.kind != "moved" or not _was_here(tx, change, section)),
        )
        for change in relevant
        if change.article_id is not None
    )


def _fragments(
    tx: Connection, documents: Sequence[Standing], articles: Collection[Article | Glance], style: Style
) -> dict[Format, dict[str, bytes]]:
    """The fragments at hand: most are in the document that stands, the others may be stored for another section."""
    found: dict[Format, dict[str, bytes]] = {format_: {} for format_ in FORMATS}
    for it in documents:
        if it.layout is not None and it.rendered.style == style.digest:
            cut = fragments_in(it.format, it.body, it.layout)
            found[it.format] = {article.id: cut[article.seq] for article in articles if article.seq in cut}
    missing = [(it.id, it.seq) for it in articles if any(it.id not in found[format_] for format_ in FORMATS)]
    for format_, pieces in fragments_of(tx, missing, style.digest).items():
        found[format_].update(pieces)
    return found


def date_here(article: Article | None, section: Section) -> datetime | None:
    """The article's date when the section's feed may show it, else None."""
    if article is None or not section.carries(article.language):
        return None
    shown = article.state == "published" or has_notice(article, section)
    return article.published if shown and belongs(article, section) else None


def has_notice(article: Article, section: Section) -> bool:
    """Whether a notice stands for the article in the section's feed; what answers a question goes at once."""
    return article.notice_until is not None and section.question is None


def belongs(article: Article, section: Section) -> bool:
    """Whether the article was put into the section or below it, or answers the question of a saved feed."""
    if section.question is not None:
        return answers(section.question, article)
    return section.id in placements(article.sections)


def _was_here(tx: Connection, change: Change, section: Section) -> bool:
    """Whether a moved article stood in this section's subtree before the move."""
    if section.question is not None:
        return False  # what comes by a move is told by its date alone
    versions = [row for row in article_history(tx, change.article_id or "") if row["seq"] < change.seq]
    return bool(versions) and section.id in placements(tuple(versions[-1]["snapshot"]["sections"]))


def tombstones(tx: Connection, section: Section, state: SectionState) -> tuple[Tombstone, ...]:
    """Withdrawals of the last 90 days that stand, newest first; ended by the stored instant, not the present."""
    removed = removals(tx, section.id, state.changed_at - TOMBSTONES_FOR)
    return _stones(tx, section, _withdrawn(tx, section, state), removed)


def _withdrawn(tx: Connection, section: Section, state: SectionState) -> list[Change]:
    return withdrawals(tx, section.id, state.changed_at - TOMBSTONES_FOR, MOST_TOMBSTONES)


def _stones(
    tx: Connection, section: Section, found: Sequence[Change], removed: Mapping[str, int]
) -> tuple[Tombstone, ...]:
    articles = get_articles(tx, sorted({change.article_id for change in found if change.article_id}))
    stones = []
    for change in found:
        article = articles.get(change.article_id or "")
        # A later change of the same article means that it is back, or withdrawn anew with a row of its own.
        if article is None or article.seq != change.seq or has_notice(article, section):
            continue
        if section.carries(article.language):
            seq = max(change.seq, removed.get(article.id, 0))
            stones.append(Tombstone(article.public_id, change.at, change.reason, seq))
    return tuple(stones)


def languages_of(section: Section) -> tuple[str, ...] | None:
    """The languages that a section's feed carries, None for all."""
    return None if ANY_LANGUAGE in section.languages else section.languages
