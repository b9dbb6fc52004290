"""What the web reads of all this: finished documents, and what tells that one of them moved."""

from __future__ import annotations

from datetime import datetime

from feedhub.model.feed import FeedDocument, Format
from feedhub.publish.opml import opml
from feedhub.publish.render import style_changed_at
from feedhub.publish.style import Style
from feedhub.store import documents
from feedhub.store.engine import Store
from feedhub.store.sections import section_states


def load_document(store: Store, section: str, format_: Format) -> FeedDocument | None:
    """One document, or None when it was not rendered yet."""
    with store.read() as tx:
        return documents.get_document(tx, section, format_)


def document_versions(store: Store) -> dict[tuple[str, str], str]:
    """The ETag of every document by (section, format): a cache compares them to see what moved."""
    with store.read() as tx:
        return documents.document_versions(tx)


def load_opml(store: Store, style: Style, under: str | None = None) -> tuple[bytes, datetime]:
    """The tree, or one section of it, as OPML, and its Last-Modified; KeyError for an unknown section."""
    with store.read() as tx:
        since = style_changed_at(tx)
        if since is None:
            since = min(state.created_at for state in section_states(tx).values())
    section = None if under is None else style.portal.sections()[under]
    return opml(style.portal, since, under=section), since.replace(microsecond=0)
