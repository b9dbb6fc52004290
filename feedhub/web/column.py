"""The RSS column in both interface languages: the directory of all feeds, subscribing to a section, embedding one.

    /rss/       /rss/subscribe/<section>       /rss/embed       in the portal's own language
    /rss/zh/    /rss/zh/subscribe/<section>    /rss/zh/embed    in the other one

The path alone says which page it is (SEMANTICS 20); `lang` is a feed's parameter, not a page's. An identifier has no
dot and a feed's address has one, so no page stands where a feed could.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from urllib.parse import quote

from flask import Flask, Response, request
from werkzeug.routing import BaseConverter

from feedhub.basics.text import near_names
from feedhub.errors import NotFound
from feedhub.model.section import ALL, ANY_LANGUAGE, Section
from feedhub.publish.addresses import feed_url
from feedhub.store.article_reads import newest_titles
from feedhub.store.changes import latest_seq
from feedhub.store.sections import article_counts
from feedhub.web import builder
from feedhub.web.catalogue import INTERFACE, LANGUAGES, interface_of, set_interface
from feedhub.web.conditional import Representation
from feedhub.web.front import RSS_SECTION, Front, column_path
from feedhub.web.pages import autodiscovery, crumbs_to, nodes
from feedhub.web.readers import readers_of, servers_for
from feedhub.web.replies import Kept, moved, page, reply

_PAGE = re.compile(r"/rss/(?:(?:en|zh)/?)?(?:embed|subscribe(?:/[^.]*)?)?")


class _SectionConverter(BaseConverter):
    """An identifier of a section in an address: parts without dots."""

    regex = r"[^./]+(?:/[^./]+)*"
    part_isolating = False


def register(app: Flask, site: Front) -> None:
    """Add the column's pages to the application."""
    app.url_map.converters["section"] = _SectionConverter
    kept: Kept[Representation] = Kept()
    own = interface_of(site.portal.language)
    app.add_url_rule(f"/rss/{own}/", "column-moved", lambda: moved(site.href("/rss/")))
    for language in INTERFACE:
        base = column_path(language, site.portal.language)
        app.add_url_rule(base, f"directory-{language}", partial(_directory, site, kept, language))
        app.add_url_rule(f"{base}embed", f"builder-{language}", partial(_builder, site, language))
        app.add_url_rule(
            f"{base}subscribe/<section:name>", f"subscribe-{language}", partial(_subscribe, site, language)
        )


def is_column_path(path: str) -> bool:
    """Whether an address below /rss/ is a page's, not a feed's."""
    return _PAGE.fullmatch(path) is not None


def _directory(site: Front, kept: Kept[Representation], language: str) -> Response:
    if not request.path.endswith("/"):
        return moved(site.href(column_path(language, site.portal.language)))
    set_interface(language)
    with site.store.read() as tx:
        seq = latest_seq(tx)
        made = kept.get(language, seq)
        if made is None:
            counts = article_counts(tx)
            made = page(
                "directory.html",
                saved=_saved(site, counts),
                columns=nodes(site, _top(site), counts, newest_titles(tx, list(site.sections))),
                rss_section=site.sections.get(RSS_SECTION),
                crumbs=crumbs_to(site, RSS_SECTION)[:-1] if RSS_SECTION in site.sections else [],
                autodiscovery=site.feeds_of(site.sections[ALL]),
                canonical=site.absolute(column_path(language, site.portal.language)),
                translations=_translations(site, ""),
            )
            kept.keep(language, seq, made)
    return reply(made)


def _saved(site: Front, counts: Mapping[str, int]) -> list[dict[str, object]]:
    """The saved feeds as the directory shows them; the page of one is that of its question."""
    return [
        {
            "section": site.feeds[it.id],
            "feeds": site.feeds_of(site.feeds[it.id]),
            "count": counts.get(it.id, 0),
            "page": site.page_of(it.id),
        }
        for it in site.portal.saved
    ]


def _subscribe(site: Front, language: str, name: str) -> Response:
    rest = "subscribe/{}"
    if (former := site.portal.former_ids.get(name)) is not None and name not in site.feeds:
        return moved(site.href(column_path(language, site.portal.language, rest.format(former))))
    set_interface(language)
    section = site.feeds.get(name)
    if section is None:
        raise NotFound("section", name[:200], near_names(name[:200], site.sections))
    feed = feed_url(site.portal, section.id, "rss")
    return reply(
        page(
            "subscribe.html",
            section=section,
            crumbs=crumbs_to(site, section.id),
            readers=readers_of(feed, language),
            servers=servers_for(feed),
            feeds=site.feeds_of(section),
            languages=_single(section, feed),
            page=site.href(site.page_of(section.id)),
            outline=_outline(site, section),
            autodiscovery=autodiscovery(site, (section.id,)),
            canonical=site.absolute(column_path(language, site.portal.language, rest.format(section.id))),
            translations=_translations(site, rest.format(section.id)),
        )
    )


def _outline(site: Front, section: Section) -> str | None:
    """The OPML of a section and all below it; a saved feed has nothing below."""
    if section.id not in site.sections:
        return None
    return "/opml.xml" if section.id == ALL else f"/opml/{quote(section.id)}.xml"


def _single(section: Section, feed: str) -> list[tuple[str, str, str]]:
    """(tag, name, address) of the one-language views of a section in several languages (SEMANTICS 24)."""
    named = [(tag, LANGUAGES.get(tag.lower().split("-")[0], tag)) for tag in section.languages if tag != ANY_LANGUAGE]
    return [(tag, name, f"{feed}?lang={quote(tag)}") for tag, name in named] if len(named) > 1 else []


def _builder(site: Front, language: str) -> Response:
    set_interface(language)
    canonical = site.absolute(column_path(language, site.portal.language, "embed"))
    return builder.answer(site, canonical=canonical, translations=_translations(site, "embed"))


def _translations(site: Front, rest: str) -> list[tuple[str, str]]:
    """(language, path) of a page of the column in each interface language."""
    return [(language, column_path(language, site.portal.language, rest)) for language in INTERFACE]


def _top(site: Front) -> tuple[Section, ...]:
    """The columns; `all` is among them even where the tree does not name it."""
    columns = site.portal.columns
    return columns if any(column.id == ALL for column in columns) else (*columns, site.sections[ALL])
