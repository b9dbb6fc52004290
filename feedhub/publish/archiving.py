"""A section's archives, rendered along with its current document (RFC 5005 §4, SEMANTICS 17).

An article gets a slot when it leaves the current document, or when it arrives without ever standing there, in the
same transaction: what the current document does not show is in an archive. Only archives that a change touches
are rendered, a few at once with the document itself; the rest is due, and later beats do it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.codings import coded, coded_for_long
from feedhub.model.article import Article
from feedhub.model.feed import ARCHIVE_SIZE, FORMATS, FeedDocument, Format, Slot
from feedhub.model.section import Section
from feedhub.publish.document import Tombstone, assemble
from feedhub.publish.gather import TOMBSTONES_FOR, Gathered, belongs, date_here, has_notice, languages_of
from feedhub.publish.history import History, next_slots
from feedhub.publish.pieces import Pieces, pieces_of
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.publish.window import Member
from feedhub.store.archives import (
    ArchiveState,
    archive_slots,
    archive_states,
    archives_due,
    archives_modified,
    give_slots,
    last_slot,
    placed,
    slots_of,
    store_archives,
    without_slot,
)
from feedhub.store.article_reads import get_articles
from feedhub.store.fragments import fragments_of

AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Archive:
    """All that an archive's documents are made of; `articles` those of its slots, newest arrival first."""

    section: Section
    state: ArchiveState
    last: Slot
    articles: tuple[Article, ...]
    fragments: dict[Format, dict[str, bytes]]
    modified: datetime | None


@dataclass(frozen=True, slots=True)
class Turn:
    """What becomes of a section's archives at one generation: new slots, states, and who is rendered at once."""

    last: Slot | None
    given: dict[str, Slot]
    states: tuple[ArchiveState, ...]
    at_once: tuple[Archive, ...]

    @property
    def modified(self) -> datetime | None:
        """The latest Last-Modified of the archives that are rendered at once."""
        return max((it.modified for it in self.at_once if it.modified is not None), default=None)


def gather_turn(tx: Connection, gathered: Gathered, members: Sequence[Member], style: Style) -> Turn:
    """What the changes since the last rendering do to the archives, given who stands in the document from now on."""
    section = gathered.section
    standing = {member.article_id for member in members}
    languages = languages_of(section)
    leaving = without_slot(tx, section.id, languages) if gathered.restyled else [*gathered.stood, *gathered.changed]
    outside = [it for it in dict.fromkeys(leaving) if it not in standing]
    slots = slots_of(tx, section.id, list(dict.fromkeys([*outside, *gathered.changed])))
    wanted = [it for it in outside if it not in slots]
    here = placed(tx, section.id, wanted, languages)
    before = last_slot(tx, section.id)
    given = next_slots(before, [article_id for article_id in wanted if article_id in here])
    last = max(given.values(), default=before)
    touched = {slots[it].number for it in gathered.changed if it in slots} | {slot.number for slot in given.values()}
    if given and before is not None:
        touched.add(before.number)  # it may gain next-archive
    if last is None or not touched:
        return Turn(last, given, (), ())
    known = archive_states(tx, section.id, touched)
    # An archive that stands must not show what is gone; a new one is missing until it is made.
    order = sorted(touched, key=lambda number: (number not in known, -number))
    at_once = frozenset(order[:AT_ONCE])
    state = gathered.state
    states = tuple(
        ArchiveState(
            section.id, number, state.generation, state.changed_at, None if number in at_once else state.generation
        )
        for number in order
    )
    now = tuple(it for it in states if it.number in at_once)
    return Turn(last, given, states, gather_archives(tx, section, now, last, style, given))


def gather_archives(
    tx: Connection,
    section: Section,
    states: Collection[ArchiveState],
    last: Slot,
    style: Style,
    given: Mapping[str, Slot],
) -> tuple[Archive, ...]:
    """Those archives with their articles; `given` are slots about to be stored."""
    numbers = {state.number for state in states}
    slots = archive_slots(tx, section.id, numbers) | {it: s for it, s in given.items() if s.number in numbers}
    articles = get_articles(tx, sorted(slots))
    keys = [(article.id, article.seq) for article in articles.values()]
    kept = fragments_of(tx, keys, style.digest)
    modified = archives_modified(tx, section.id, numbers)
    held: dict[int, list[str]] = {number: [] for number in numbers}
    for article_id, slot in sorted(slots.items(), key=lambda found: found[1], reverse=True):
        held[slot.number].append(article_id)
    return tuple(
        Archive(
            section=section,
            state=state,
            last=last,
            articles=tuple(articles[it] for it in held[state.number] if it in articles),
            fragments=kept,
            modified=modified.get(state.number),
        )
        for state in states
    )


def make_archive(archive: Archive, style: Style, last_modified: datetime) -> tuple[list[FeedDocument], Pieces]:
    """The archive's three documents, and the fragments of which they were made."""
    section, state = archive.section, archive.state
    shown = [article for article in archive.articles if date_here(article, section) is not None]
    pieces = pieces_of(shown, {it.id: it for it in shown}, archive.fragments, style.portal, section.id)
    view = make_view(style.portal, section, pieces.articles, generation=state.generation, changed_at=state.changed_at)
    stones = _tombstones(archive)
    history = History(state.number, archive.last)
    closed = archive.last >= Slot(state.number, ARCHIVE_SIZE)
    documents = [
        assemble(
            view,
            pieces.shown[format_],
            format_,
            style,
            last_modified=last_modified,
            tombstones=stones,
            history=history,
            pack=coded_for_long if closed else coded,
        )
        for format_ in FORMATS
    ]
    return documents, pieces


def _tombstones(archive: Archive) -> tuple[Tombstone, ...]:
    """Of articles that have a slot here and are withdrawn, for 90 days by the archive's own instant."""
    since = archive.state.changed_at - TOMBSTONES_FOR
    gone = [
        Tombstone(it.public_id, it.withdrawn_at, it.withdrawn_reason)
        for it in archive.articles
        if it.state == "withdrawn" and it.withdrawn_at is not None and it.withdrawn_at >= since
        and archive.section.carries(it.language) and belongs(it, archive.section)
        and not has_notice(it, archive.section)
    ]  # fmt: skip
    return tuple(sorted(gone, key=lambda stone: stone.at, reverse=True))


def store_turn(tx: Connection, section: str, turn: Turn) -> None:
    """Store the slots that were given and where the touched archives stand."""
    give_slots(tx, section, turn.given)
    store_archives(tx, turn.states)


def gather_due(tx: Connection, style: Style, most: int) -> list[Archive]:
    """The archives that have to be rendered by themselves, oldest change first; sections that are gone wait."""
    known = style.portal.feeds()
    found: list[Archive] = []
    for state in archives_due(tx, most):
        last = last_slot(tx, state.section)
        section = known.get(state.section) or Section(state.section, state.section)
        if last is not None:
            found.extend(gather_archives(tx, section, [state], last, style, {}))
    return found
