"""`/sitemap.xml` with its parts, `/sitemap-news.xml`, and the `/robots.txt` that names them.

The index names one part for the sections and one for each 50,000 articles, oldest first: what is new changes the
last part alone. A `lastmod` is the stored time of the last change, never the present.
"""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response, abort
from sqlalchemy import Connection

from feedhub.model.section import ALL
from feedhub.publish.addresses import article_page
from feedhub.publish.sitemap import (
    PER_PART,
    RECENT_MOST,
    Place,
    recent_since,
    recent_sitemap,
    sitemap,
    sitemap_index,
)
from feedhub.store.changes import latest_seq
from feedhub.store.page_list import page_count, page_rows, pages_updated, published_since
from feedhub.store.sections import section_states
from feedhub.web.catalogue import INTERFACE
from feedhub.web.conditional import Representation
from feedhub.web.front import Front, column_path, section_path
from feedhub.web.replies import Kept, reply, represent_text

_TYPE = "application/xml; charset=utf-8"
_FOR_A_WHILE = "public, max-age=300"
# Questions and cuts have no end, deliveries and the console no reader.
_CLOSED = ("/search", "/rss/search.xml", "/atom/search.xml", "/json/search.json", "/hub", "/console/", "/api/")


def register(app: Flask, site: Front) -> None:
    """Add the sitemaps to the application."""
    kept: Kept[Representation] = Kept(most=4)

    @app.get("/sitemap.xml")
    def sitemap_xml() -> Response:
        with site.store.read() as tx:
            seq = latest_seq(tx)
            made = kept.get("index", seq) or kept.keep("index", seq, _xml(sitemap_index(_parts(site, tx))))
        return reply(made)

    @app.get("/sitemap-sections.xml")
    def sections_sitemap() -> Response:
        with site.store.read() as tx:
            seq = latest_seq(tx)
            made = kept.get("sections", seq) or kept.keep("sections", seq, _xml(sitemap(_sections(site, tx))))
        return reply(made)

    @app.get("/sitemap-<int:number>.xml")
    def sitemap_part(number: int) -> Response:
        with site.store.read() as tx:
            seq, name = latest_seq(tx), f"part {number}"
            made = kept.get(name, seq)
            if made is None:
                if not 1 <= number <= _part_count(tx):
                    abort(404)
                rows = page_rows(tx, start=(number - 1) * PER_PART, limit=PER_PART)
                places = (Place(article_page(site.portal, row.article_id), row.updated) for row in rows)
                made = kept.keep(name, seq, _xml(sitemap(places)))
        return reply(made)

    @app.get("/sitemap-news.xml")
    def sitemap_of_recent() -> Response:
        since = recent_since(site.clock.now())
        with site.store.read() as tx:
            seq, name = latest_seq(tx), f"news {since:%d %H}"
            made = kept.get(name, seq)
            if made is None:
                found = published_since(tx, since, RECENT_MOST)
                made = kept.keep(name, seq, _xml(recent_sitemap(site.portal, found)))
        return reply(made)

    robots = represent_text(_robots(site), "text/plain; charset=utf-8", cache_control="public, max-age=3600")

    @app.get("/robots.txt")
    def robots_txt() -> Response:
        return reply(robots)


def sitemap_paths(tx: Connection) -> list[str]:
    """The address of every sitemap there is, the index last: what it names stands before it does."""
    parts = [f"/sitemap-{number}.xml" for number in range(1, _part_count(tx) + 1)]
    return ["/sitemap-sections.xml", *parts, "/sitemap-news.xml", "/sitemap.xml"]


def _part_count(tx: Connection) -> int:
    return -(-page_count(tx) // PER_PART)


def _parts(site: Front, tx: Connection) -> list[Place]:
    latest = max((state.changed_at for state in section_states(tx).values()), default=None)
    parts = [Place(site.absolute("/sitemap-sections.xml"), latest)]
    for number in range(_part_count(tx)):
        changed = pages_updated(tx, start=number * PER_PART, limit=PER_PART)
        parts.append(Place(site.absolute(f"/sitemap-{number + 1}.xml"), changed))
    return parts


def _sections(site: Front, tx: Connection) -> list[Place]:
    """The front page, the directory in each language and every section; a page that lists others changes with them."""
    states = section_states(tx)

    def changed(section: str) -> datetime | None:
        return states[section].changed_at if section in states else None

    columns = [column_path(language, site.portal.language) for language in INTERFACE]
    paths = dict.fromkeys(["/", *columns], ALL) | {section_path(name): name for name in site.sections if name != ALL}
    return [Place(site.absolute(path), changed(name)) for path, name in paths.items()]


def _robots(site: Front) -> str:
    closed = "".join(f"Disallow: {site.href(path)}\n" for path in _CLOSED)
    maps = "".join(f"Sitemap: {site.absolute(path)}\n" for path in ("/sitemap.xml", "/sitemap-news.xml"))
    return f"User-agent: *\n{closed}\n{maps}"


def _xml(body: bytes) -> Representation:
    return represent_text(body.decode(), _TYPE, cache_control=_FOR_A_WHILE)
