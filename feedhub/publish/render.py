"""Render what is behind: gather → decide → apply, one section at a time.

gather   one read: the changes since the rendered generation, who stands in the document, their articles
decide   next_window → fragments → assemble, all pure
apply    one write, refused when another renderer was here in between

Killed anywhere, it leaves the old documents whole, and the next beat does the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.codings import Packing, coded
from feedhub.errors import FeedHubError
from feedhub.model.feed import FORMATS, FeedDocument, Slot
from feedhub.model.section import Section
from feedhub.ports.clock import Clock
from feedhub.publish.archiving import Archive, gather_due, gather_turn, make_archive, store_turn
from feedhub.publish.document import assemble
from feedhub.publish.gather import Gathered, gather
from feedhub.publish.history import History
from feedhub.publish.last_modified import next_last_modified
from feedhub.publish.pieces import Pieces, pieces_of
from feedhub.publish.profiling import render_profiles
from feedhub.publish.style import Style
from feedhub.publish.telling_faults import is_told, not_made, tell_while
from feedhub.publish.views import make_view
from feedhub.publish.window import Member, next_window
from feedhub.store.alerts import raise_alert
from feedhub.store.archives import all_archives_due, take_due
from feedhub.store.changes import keep_quiet, record_change
from feedhub.store.documents import put_documents, sections_behind, store_documents
from feedhub.store.engine import Store
from feedhub.store.fragments import store_fragments
from feedhub.store.left_out import note_left_out
from feedhub.store.sections import section_states
from feedhub.store.settings import get_setting, lock_start, set_setting
from feedhub.store.windows import MemberRow, move_window

# Of the archives that are due, after the sections: a history of years must not hold up the news.
ARCHIVES_A_BEAT = 8
NOT_RENDERED, ARCHIVE_NOT_RENDERED = "feeds_not_rendered", "archive_not_rendered"
_STYLE, _STYLE_SINCE = "style_digest", "style_changed_at"
_log = logging.getLogger(__name__)


def render_due(store: Store, style: Style, clock: Clock) -> int:
    """Bring every section that is behind up to its generation; returns how many were.

    A section whose document is younger than a second waits for the next beat (SEMANTICS 3).
    """
    restyle(store, style, clock.now())
    known = style.portal.feeds()
    with store.read() as tx:
        behind = [known[name] for name in sections_behind(tx, style.digest) if name in known]
    rendered = [_render_alone(store, section, style, clock) for section in behind]
    failed = [section.id for section, done in zip(behind, rendered, strict=True) if done is None]
    tell_while(store, NOT_RENDERED, not_made("The feeds", failed), clock)
    render_profiles(store, style, clock)
    render_archives(store, style, clock)
    return sum(done is True for done in rendered)


def _render_alone(store: Store, section: Section, style: Style, clock: Clock) -> bool | None:
    """Render one section; a fault of ours in it is logged, holds up no other section, and gives None."""
    try:
        return render_section(store, section, style, clock)
    except FeedHubError:
        raise
    except Exception:
        if not is_told(store, NOT_RENDERED, section.id):
            _log.exception("the feeds of %s cannot be rendered; the old ones stand", section.id)
        return None


def restyle(store: Store, style: Style, now: datetime) -> bool:
    """Move every section's generation once when addresses, titles or style changed (SEMANTICS 2)."""
    with store.read() as tx:
        if get_setting(tx, _STYLE) == style.digest:
            return False
    with store.write() as tx:
        lock_start(tx)
        present = get_setting(tx, _STYLE)
        if present == style.digest:
            return False
        if present is not None:
            touched = list(section_states(tx))
            seq = record_change(tx, kind="restyled", article_id=None, touched=touched, at=now, by="rule:style")
            all_archives_due(tx, seq, now)
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
        members = next_window(gathered.members, gathered.changes, gathered.state.changed_at, gathered.outside)
        turn = gather_turn(tx, gathered, members, style)
    present = gathered.before.last_modified if gathered.before else None
    before = max((moment for moment in (present, turn.modified) if moment is not None), default=None)
    last_modified = next_last_modified(gathered.state.changed_at, before, clock.now())
    if last_modified is None:
        return False
    made, pieces = make_documents(gathered, members, style, last_modified, turn.last)
    used = [pieces]
    for archive in turn.at_once:
        documents, pieces = make_archive(archive, style, last_modified)
        made += documents
        used.append(pieces)
    over = gathered.before.generation if gathered.before else None
    with store.write() as tx:
        if not store_documents(tx, made, style.digest, over=over):
            return False
        store_turn(tx, section.id, turn)
        keep_quiet(tx, section.id, gathered.quiet)
        move_window(tx, section.id, [MemberRow(m.article_id, m.published, m.pinned_until) for m in members])
        _store_pieces(tx, used, style, clock.now())
    return True


def _store_pieces(tx: Connection, used: Sequence[Pieces], style: Style, now: datetime) -> None:
    """Keep the fragments that were made, and note what had to be left out."""
    for pieces in used:
        store_fragments(tx, pieces.fresh, style.digest)
        note_left_out(tx, pieces.left_out, {article.id for article in pieces.articles}, now)


def render_archives(store: Store, style: Style, clock: Clock) -> int:
    """Render a few of the archives that are due; returns how many were."""
    with store.read() as tx:
        due = gather_due(tx, style, ARCHIVES_A_BEAT)
    return sum(_render_archive(store, archive, style, clock) for archive in due)


def _render_archive(store: Store, archive: Archive, style: Style, clock: Clock) -> bool:
    last_modified = next_last_modified(archive.state.changed_at, archive.modified, clock.now())
    if last_modified is None:
        return False
    made: list[FeedDocument] = []
    used: list[Pieces] = []
    trouble = None
    try:
        made, pieces = make_archive(archive, style, last_modified)
        used.append(pieces)
    except Exception:
        # It is not tried again before its next change: a fault of ours must not stop the archives behind it.
        trouble = f"Archive {archive.state.number} of {archive.section.id} cannot be made; the old one stands"
        _log.exception("%s", trouble)
    with store.write() as tx:
        if not take_due(tx, archive.state):
            return False
        if trouble is not None:
            said = f"{trouble} until its next change. The log says why."
            raise_alert(tx, source=None, code=ARCHIVE_NOT_RENDERED, text=said, now=clock.now())
        put_documents(tx, made, style.digest)
        _store_pieces(tx, used, style, clock.now())
    return True


def make_documents(
    gathered: Gathered,
    members: Sequence[Member],
    style: Style,
    last_modified: datetime,
    last: Slot | None = None,
    pack: Packing = coded,
) -> tuple[list[FeedDocument], Pieces]:
    """The three documents, and the fragments of which they were made; `last` is the newest slot of all."""
    shown = [gathered.articles[member.article_id] for member in members]
    pieces = pieces_of(shown, gathered.whole, gathered.fragments, style.portal, gathered.section.id)
    state = gathered.state
    view = make_view(
        style.portal, gathered.section, pieces.articles, generation=state.generation, changed_at=state.changed_at
    )
    documents = [
        assemble(
            view,
            pieces.shown[format_],
            format_,
            style,
            last_modified=last_modified,
            tombstones=gathered.tombstones,
            told_since=gathered.told_since,
            history=History(None, last),
            pack=pack,
        )
        for format_ in FORMATS
    ]
    return documents, pieces
