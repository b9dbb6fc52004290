"""Catch-up documents: what a receiver of pushes has missed, in the form of the section's document (SEMANTICS 25)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from feedhub.model.feed import FeedDocument
from feedhub.publish.document import assemble
from feedhub.publish.gather import date_here
from feedhub.publish.pieces import written
from feedhub.publish.style import Style
from feedhub.publish.views import make_view
from feedhub.store.article_reads import get_articles
from feedhub.store.fragments import stored_fragments
from feedhub.store.sections import section_states


def catch_up_document(
    tx: Connection, document: FeedDocument, article_ids: Sequence[str], style: Style
) -> FeedDocument | None:
    """A document like the section's `document`, of the articles named that stand there, in that order.

    None when none of them does. It says nothing of archives and tombstones, and is stored nowhere.
    """
    section = style.portal.feeds().get(document.name)
    state = section_states(tx).get(document.name)
    if section is None or state is None:
        return None
    found = get_articles(tx, list(article_ids))
    articles = [found[it] for it in article_ids if it in found and date_here(found[it], section) is not None]
    kept = stored_fragments(tx, [(a.id, a.seq) for a in articles], document.format, style.digest)
    pieces = []
    for article in articles:
        piece = kept.get(article.id) or written(article, style.portal, document.format, section.id)
        if piece is not None:
            pieces.append(piece)
    if not pieces:
        return None
    view = make_view(style.portal, section, articles, generation=document.generation, changed_at=state.changed_at)
    return assemble(view, pieces, document.format, style, last_modified=document.last_modified)
