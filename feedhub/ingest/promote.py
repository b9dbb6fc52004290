"""Entry → Article: the one place where a source's item becomes a piece of ours."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from feedhub.basics.dates import fixed_offset
from feedhub.basics.text import cut, plain_text
from feedhub.model.article import Article, Attribution
from feedhub.model.ids import derived_id, public_id
from feedhub.model.item import Item
from feedhub.model.source import Source


@dataclass(frozen=True, slots=True)
class Identity:
    """What public ids are made of: the tag authority, or the installation's id where there is none."""

    authority: str | None
    installation: uuid.UUID


def article_from_item(
    item: Item,
    source: Source,
    *,
    sections: tuple[str, ...],
    published: datetime,
    identity: Identity,
    site_link: str | None,
    now: datetime,
    article_id: str | None = None,
) -> Article:
    """The article an item makes. `site_link` is the home page that the source's document named."""
    own_id = article_id or derived_id(item.link, sections, item.title, published.isoformat())
    moment = fixed_offset(published)
    # A date ahead of us would outlast every later correction.
    updated = fixed_offset(item.updated) if item.updated and published < item.updated <= now else moment
    return Article(
        id=own_id,
        public_id=public_id(own_id, identity.authority, identity.installation),
        title=item.title or cut(plain_text(item.html or item.summary), 80),
        sections=sections,
        language=item.language or source.language or "und",
        published=moment,
        precision=item.precision if item.published == published else "second",
        updated=updated,
        html=item.html,
        summary=item.summary,
        author=item.author,
        source=_attribution(source, site_link),
        source_url=item.link,
        url=item.link if source.link == "original" else None,
        categories=item.categories,
        enclosures=item.enclosures,
        rights=item.rights,
        origin=f"source:{source.key}",
    )


def _attribution(source: Source, site_link: str | None) -> Attribution:
    feed = source.url if source.kind == "feed" else None
    home = source.home or site_link
    if home is None and source.url is not None:
        parts = urlsplit(source.url)
        home = f"{parts.scheme}://{parts.netloc}/"
    return Attribution(source.name, home, feed, source.name, source.kind == "feed")
