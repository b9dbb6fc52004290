"""Render what is behind: gather → decide → apply, one section at a time.

gather   one read: the changes since the rendered generation, who stands in the document, their articles
decide   next_window → fragments → assemble, all pure
apply    one write, refused when another renderer was here in between

Killed anywhere, it leaves the old documents whole, and the next beat does the rest.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.errors import FeedHubError
from feedhub.model.article import Article
from feedhub.model.feed import FORMATS, FeedDocument, Format
from feedhub.model.section import Portal, Section
from feedhub.ports.clock import Clock
from feedhub.publish.document import assemble
from feedhub.publish.fragments import fragment
from feedhub.publish.gather import Gathered, gather
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.publish.window import Member, next_window
from feedhub.store.changes import record_change
from feedhub.store.documents import (
    MemberRow,
    Rendered,
    sections_behind,
    store_documents,
    store_fragments,
    store_window,
)
from feedhub.store.engine import Store
from feedhub.store.sections import section_states
from feedhub.store.settings import get_setting, lock_start, set_setting

_SECOND = timedelta(seconds=1)
_STYLE, _STYLE_SINCE = "style_digest", "style_changed_at"
_log = logging.getLogger(__name__)


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
        lock_start(tx)
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
