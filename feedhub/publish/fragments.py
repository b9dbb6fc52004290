"""Fragments: one article as one `<item>`, `<entry>` or JSON item, to be joined into any document.

feedgen writes the element and `feedgen_ext` mends it; the fragment is then cut from under a root that declares
every name space, so that it fits under the root of any document. It depends on the article and the portal alone.
"""

from __future__ import annotations

import re
from html import escape
from typing import Any

from feedgen.entry import FeedEntry
from lxml import etree

from feedhub.basics.dates import rfc822, rfc3339
from feedhub.model.article import Article
from feedhub.model.feed import Format
from feedhub.model.section import Portal
from feedhub.publish.addresses import article_url, twin_url
from feedhub.publish.feedgen_ext import (
    ATOM_NAMESPACES,
    RSS_NAMESPACES,
    ItemExtension,
    ItemParts,
    Link,
    SourceParts,
)
from feedhub.publish.jsonfeed import json_item
from feedhub.publish.media import cover_of, is_episode, media_of, thumbnail_of
from feedhub.publish.presentable import media_at_home, presentable
from feedhub.publish.wording import body_of, licence_url, notice_of, shortened, summary_of, text_of, title_of

_MARKUP = re.compile(r"<[A-Za-z/!?]")


def fragment(article: Article, portal: Portal, format_: Format) -> bytes:
    """The article in one format, UTF-8, without a line end; anything feedgen or lxml refuses is raised as it is."""
    if article.notice_until is not None:
        article = notice_of(article)
    shown = presentable(media_at_home(article, portal))
    shown = shortened(shown, article_url(portal, shown), portal.longest_text)
    if format_ == "rss":
        return _rss_item(shown, portal)
    if format_ == "atom":
        return _atom_entry(shown, portal)
    return json_item(shown, portal)


def _rss_item(article: Article, portal: Portal) -> bytes:
    link = article_url(portal, article)
    entry = FeedEntry()
    # RSS does not say whether a title is text or HTML (readers do either), so what looks like markup is escaped twice.
    title = title_of(article)
    entry.title(escape(title, quote=False) if _MARKUP.search(title) else title)
    entry.link(href=link)
    entry.guid(article.public_id, permalink=False)
    summary = summary_of(article)
    if article.html:
        # The description is HTML to every reader: a plain summary is escaped once more.
        entry.description(escape(summary or title, quote=False), isSummary=True)
        entry.content(text_of(article))
    else:
        entry.description(body_of(article, link), isSummary=True)
    _categories(entry, article)
    _extension(entry).parts = _parts(article, portal, published=rfc822(article.published))
    root = etree.Element("rss", nsmap=RSS_NAMESPACES)
    root.append(entry.rss_entry())
    return cut_out(root, b"item")


def _atom_entry(article: Article, portal: Portal) -> bytes:
    link = article_url(portal, article)
    entry = FeedEntry()
    entry.id(article.public_id)
    entry.title(title_of(article))
    entry.link(href=link)
    entry.published(article.published)
    entry.updated(article.updated)
    entry.content(body_of(article, link), type="html")
    if summary := summary_of(article):
        entry.summary(summary, type="text")
    if article.author:
        entry.author(name=article.author)
    if article.rights:
        entry.rights(article.rights)
    _categories(entry, article)
    _extension(entry).parts = _parts(article, portal, published=rfc3339(article.published))
    # feedgen writes Atom without a name space and sets `xmlns` on its root as if it were an attribute.
    root = etree.Element("feed", nsmap=ATOM_NAMESPACES)
    root.append(entry.atom_entry())
    return cut_out(root, b"entry")


def _extension(entry: Any) -> ItemExtension:
    entry.register_extension("feedhub", ItemExtension)
    extension: ItemExtension = entry.feedhub
    return extension


def _categories(entry: Any, article: Article) -> None:
    for category in article.categories:
        entry.category(term=category)


def _parts(article: Article, portal: Portal, *, published: str) -> ItemParts:
    link = article_url(portal, article)
    links = [Link(rel="alternate", href=link, type="text/html", hreflang=article.language)]
    if article.source_url and article.source_url != link:
        links.append(Link(rel="via", href=article.source_url, type="text/html"))
    if (licence := licence_url(article.licence)) is not None:
        links.append(Link(rel="license", href=licence, type="text/html"))
    links += [
        Link(rel="related", href=twin_url(portal, twin), type="text/html", hreflang=twin.language)
        for twin in article.twins
    ]
    updated = rfc3339(article.updated)
    said = article.source
    source = SourceParts(said.label, said.url, said.feed_url, said.is_feed, updated) if said.label else None
    return ItemParts(
        published=published,
        updated=updated,
        language=article.language,
        author=article.author,
        rights=article.rights,
        source=source,
        links=links,
        enclosures=[Link(rel="enclosure", href=it.url, type=it.type, length=it.length) for it in article.enclosures],
        media=media_of(article, portal),
        thumbnail=thumbnail_of(article, portal),
        episode=is_episode(article),
        cover=cover_of(article, portal),
    )


def cut_out(root: Any, name: bytes) -> bytes:
    """The bytes of the only child of the root: text is escaped, so no tag can be found inside it."""
    raw: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False, pretty_print=True)
    end = b"</" + name + b">"
    return raw[raw.index(b"<" + name) : raw.rindex(end) + len(end)]
