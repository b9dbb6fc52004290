"""The last border before a reader: an article as it may be shown, whatever the stored row says.

Rows were cleaned on the way in; a row that somebody changed by hand must not do harm either (PROMISES B2).
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from feedhub.basics.dates import fixed_offset
from feedhub.basics.text import one_line, xml_text
from feedhub.basics.urls import web_url
from feedhub.model.article import Article, Attribution, Correction
from feedhub.model.item import Enclosure
from feedhub.model.picture import MEDIA
from feedhub.model.safehtml import SafeHtml
from feedhub.model.section import Portal

UNKNOWN_TYPE = "application/octet-stream"
# A `<` is escaped wherever it is text, so this is found in elements alone.
_OURS = re.compile(rf'(<img(?:\s[a-z]+="[^"]*")*?\s)src="{MEDIA}([0-9a-f]{{64}})"')


def presentable(article: Article) -> Article:
    """The article with XML-safe text, http(s) addresses only, times at whole seconds; None for an empty body.

    Naive times raise ValueError.
    """
    body = xml_text(article.html or "")
    source = article.source
    return replace(
        article,
        public_id=one_line(article.public_id),
        title=one_line(article.title),
        html=SafeHtml(body) if body.strip() else None,
        summary=one_line(article.summary),
        author=one_line(article.author or "") or None,
        rights=one_line(article.rights or "") or None,
        licence=one_line(article.licence or "") or None,
        published=fixed_offset(article.published),
        updated=fixed_offset(article.updated),
        url=web_url(article.url),
        source_url=web_url(article.source_url),
        source=Attribution(
            one_line(source.label or "") or None,
            web_url(source.url),
            web_url(source.feed_url),
            source.as_seen,
            source.is_feed,
        ),
        categories=tuple(dict.fromkeys(name for name in map(one_line, article.categories) if name)),
        twins=tuple(replace(twin, url=web_url(twin.url)) for twin in article.twins),
        corrections=tuple(
            Correction(fixed_offset(one.at), note) for one in article.corrections if (note := one_line(one.note))
        ),
        enclosures=tuple(
            # What says 0 bytes has said nothing.
            Enclosure(address, one_line(enclosure.type) or UNKNOWN_TYPE, enclosure.length or None)
            for enclosure in article.enclosures
            if (address := web_url(enclosure.url)) is not None
        ),
    )


def media_at_home(article: Article, portal: Portal) -> Article:
    """The article with its stored pictures at their public addresses; what is stored does not name base_url."""
    if not article.html and not article.enclosures:
        return article
    place = escape(portal.base_url + MEDIA)
    body = _OURS.sub(lambda found: f'{found[1]}src="{place}{found[2]}"', article.html or "")
    return replace(
        article,
        html=SafeHtml(body) or None,
        enclosures=tuple(
            replace(one, url=portal.base_url + one.url) if one.url.startswith(MEDIA) else one
            for one in article.enclosures
        ),
    )
