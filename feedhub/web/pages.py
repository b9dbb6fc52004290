"""The pages about sections: home, and each section's own page, walked by place.

A page of older articles begins after a place (published, id), so what comes in meanwhile moves nothing from one page to
another; the page before it is found from the same place, so that every page has one address.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from flask import Flask, Response, request
from sqlalchemy import Connection

from feedhub.basics.text import near_names
from feedhub.errors import NotFound, UsageError
from feedhub.model.article import Article
from feedhub.model.section import ALL, Section, lineage
from feedhub.store.article_reads import newer_place, section_articles
from feedhub.store.changes import latest_seq
from feedhub.store.pictures import thumbnails
from feedhub.store.sections import article_counts
from feedhub.web.conditional import Representation
from feedhub.web.front import RSS_SECTION, FeedAddress, Front, section_path
from feedhub.web.replies import Kept, moved, page, reply

PER_PAGE = 30
_NEWEST_AT_HOME = 12
_CURSOR = re.compile(r"(-?\d{1,19}):([A-Za-z0-9._-]{1,64})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A section as the directory shows it: its feeds, how much it holds, the newest (article id, title, published)."""

    section: Section
    feeds: tuple[FeedAddress, ...]
    count: int
    newest: tuple[str, str, datetime] | None
    children: tuple[Node, ...]


def register(app: Flask, site: Front) -> None:
    """Add the pages to the application."""
    kept: Kept[Representation] = Kept()
    counted: Kept[dict[str, int]] = Kept()

    def counts(tx: Connection, seq: int) -> dict[str, int]:
        return counted.get("counts", seq) or counted.keep("counts", seq, article_counts(tx))

    @app.get("/")
    def home() -> Response:
        with site.store.read() as tx:
            seq = latest_seq(tx)
            made = kept.get("home", seq)
            if made is None:
                newest = section_articles(tx, ALL, limit=_NEWEST_AT_HOME)
                columns = nodes(site, site.portal.columns, counts(tx, seq), {})
                made = page(
                    "home.html",
                    columns=[node for node in columns if node.section.id != ALL],
                    newest=[(article, near_section(site, article)) for article in newest],
                    autodiscovery=site.feeds_of(site.sections[ALL]),
                    canonical=site.absolute("/"),
                )
                kept.keep("home", seq, made)
        return reply(made)

    @app.get("/sections/")
    def sections() -> Response:
        return moved(site.href("/rss/"))

    @app.get("/sections/<path:name>/")
    def section(name: str) -> Response:
        name = name.rstrip("/")
        found = site.sections.get(name) or _moved_section(site, name)
        if isinstance(found, Response):
            return found
        if found.id == RSS_SECTION or not request.path.endswith("/"):
            return moved(site.href(section_path(found.id)))
        before = read_cursor(request.args.get("before", ""))
        with site.store.read() as tx:
            articles = section_articles(tx, found.id, limit=PER_PAGE + 1, before=before)
            held = counts(tx, latest_seq(tx))
            small = thumbnails(tx, [article.id for article in articles])
            newer = newer_place(tx, found.id, before, PER_PAGE) if before else None
        shown = articles[:PER_PAGE]
        here = site.href(section_path(found.id))
        return reply(
            page(
                "section.html",
                section=found,
                crumbs=crumbs_to(site, found.id),
                children=nodes(site, found.children, held, {}),
                beside=nodes(site, _siblings(site, found), held, {}),
                articles=[(article, near_section(site, article)) for article in shown],
                small=small,
                count=held.get(found.id, 0),
                older_href=f"{here}?before={write_cursor(shown[-1])}" if len(articles) > PER_PAGE else None,
                newer_href=(f"{here}?before={_written(*newer)}" if newer else here) if before else None,
                first=before is None,
                feeds=site.feeds_of(found),
                autodiscovery=autodiscovery(site, (found.id,)),
                canonical=site.absolute(section_path(found.id)) + (f"?before={_written(*before)}" if before else ""),
            )
        )


def autodiscovery(site: Front, section_ids: tuple[str, ...]) -> tuple[FeedAddress, ...]:
    """The feeds of these sections and of everything they hang under, nearest first, each once."""
    names = dict.fromkeys(name for section in section_ids for name in lineage(section) if name != ALL)
    return tuple(feed for name in (*names, ALL) if name in site.sections for feed in site.feeds_of(site.sections[name]))


def near_section(site: Front, article: Article) -> Section | None:
    """The section an article is shown under in lists: the first it was put into that the tree has."""
    return next((site.sections[name] for name in article.sections if name in site.sections), None)


def write_cursor(article: Article) -> str:
    """The place after an article, opaque: (published, id) never names the same place twice."""
    return _written(article.published, article.id)


def _written(published: datetime, article_id: str) -> str:
    microseconds = (published - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{microseconds}:{article_id}".encode()).decode().rstrip("=")


def read_cursor(text: str) -> tuple[datetime, str] | None:
    """The place a cursor names, None for the beginning; UsageError when it is none of ours."""
    if not text:
        return None
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
        found = _CURSOR.fullmatch(plain)
        if found:
            return _EPOCH + timedelta(microseconds=int(found[1])), found[2]
    except (ValueError, OverflowError):
        pass
    raise UsageError("This link to older articles is broken. Start from the section's first page.")


def nodes(
    site: Front,
    sections: tuple[Section, ...],
    counts: dict[str, int],
    newest: dict[str, tuple[str, str, datetime]],
) -> tuple[Node, ...]:
    """The sections as nodes, with what each holds and its newest, down to the leaves."""
    return tuple(
        Node(
            section=section,
            feeds=site.feeds_of(section),
            count=counts.get(section.id, 0),
            newest=newest.get(section.id),
            children=nodes(site, section.children, counts, newest),
        )
        for section in sections
    )


def crumbs_to(site: Front, section_id: str) -> list[Section]:
    """The way to a section, from its column down to itself."""
    return [site.sections[name] for name in reversed(lineage(section_id)) if name != ALL and name in site.sections]


def _siblings(site: Front, section: Section) -> tuple[Section, ...]:
    parent = site.sections.get(section.id.rpartition("/")[0])
    return tuple(child for child in parent.children if child.id != section.id) if parent else ()


def _moved_section(site: Front, name: str) -> Response:
    former = site.portal.former_ids.get(name)
    if former is not None:
        return moved(site.href(section_path(former)))
    raise NotFound("section", name[:200], near_names(name[:200], site.sections))
