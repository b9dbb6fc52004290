"""A section's view: what its head says at one generation."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feedhub.basics.dates import zone
from feedhub.model.article import Article, Glance
from feedhub.model.feed import FeedView
from feedhub.model.section import ANY_LANGUAGE, Portal, Section
from feedhub.publish.wording import feed_description, feed_title


def make_view(
    portal: Portal,
    section: Section,
    articles: Sequence[Article | Glance],
    *,
    generation: int,
    changed_at: datetime,
    language: str | None = None,
) -> FeedView:
    """The view of a section's articles, newest first; `language` narrows a section of several to one.

    Times of the feed itself are shown in the portal's zone, those of articles as they came (SEMANTICS 13).
    """
    spoken = language or next((tag for tag in section.languages if tag != ANY_LANGUAGE), portal.language)
    return FeedView(
        section=section.id,
        title=feed_title(portal, section, spoken),
        description=feed_description(portal, section, spoken),
        language=spoken,
        generation=generation,
        updated=changed_at.astimezone(zone(portal.time_zone)).replace(microsecond=0),
        published=max((article.published for article in articles), default=None),
        articles=tuple(articles),
    )
