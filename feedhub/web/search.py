"""Any question as a feed and as a page: `/rss/search.xml`, `/atom/search.xml`, `/json/search.json`, `/search`.

A question that cannot be read answers 400 and says why. Documents may be used again for five minutes (SEMANTICS 19);
they carry no Last-Modified, since a second can hold two changes and nothing orders their rendering.
"""

from __future__ import annotations

import re

from flask import Flask, Response, request

from feedhub.basics.dates import zone
from feedhub.basics.text import xml_text
from feedhub.errors import UsageError
from feedhub.model.article import Article
from feedhub.model.feed import EXACT_TYPES, FORMATS, Format
from feedhub.model.question import EVERYTHING, Question
from feedhub.model.question_text import LONGEST_QUERY, question_words, read_question, write_question
from feedhub.model.section import SEARCH, Section
from feedhub.publish.addresses import feed_path, search_path
from feedhub.publish.limited import read_cut
from feedhub.publish.opml import opml_of_question
from feedhub.store.article_reads import get_articles
from feedhub.store.search import newer_answer, search
from feedhub.web.catalogue import interface_of
from feedhub.web.conditional import Representation, represent_document
from feedhub.web.cuts import Searches
from feedhub.web.front import FORMAT_NAMES, FeedAddress, Front
from feedhub.web.outlines import opml_reply
from feedhub.web.pages import near_section
from feedhub.web.readers import readers_of
from feedhub.web.replies import page, preflight, refusal_page, reply

PER_PAGE = 30
_PLACE = re.compile(r"-?[0-9]{1,18}")
_SEARCH = Section(SEARCH, "Search")


def register(app: Flask, site: Front) -> None:
    """Add the feeds and the page to the application."""
    searches = Searches(site)
    fixed: dict[str, object] = {"sections": site.sections, "longest": LONGEST_QUERY}

    @app.route("/rss/search.xml", defaults={"format_": "rss"}, methods=["GET", "OPTIONS"])
    @app.route("/atom/search.xml", defaults={"format_": "atom"}, methods=["GET", "OPTIONS"])
    @app.route("/json/search.json", defaults={"format_": "json"}, methods=["GET", "OPTIONS"])
    def search_feed(format_: Format) -> Response:
        if request.method == "OPTIONS":
            return preflight()
        question = _something_asked(site)
        cut = read_cut(request.args.get("limit"), None)
        found = searches.answer(question, format_, cut.limit if cut else None, _place())
        return reply(represent_document(found.document), site.cache.stale_since if found.stale else None)

    @app.get("/opml/search.xml")
    def search_outline() -> Response:
        question = _something_asked(site)
        return opml_reply(site, lambda changed_at: opml_of_question(site.portal, question, changed_at))

    @app.get("/search")
    def search_page() -> Response:
        given = {
            name: xml_text(request.args.get(name, "")) for name in ("q", "section", "language", "since", "until", "has")
        }
        try:
            question = _asked(site)
        except UsageError as error:
            return refusal_page(400, "search.html", given=given, wrong=str(error), **fixed)
        if question == EVERYTHING:
            return reply(page("search.html", given=given, canonical=site.absolute("/search"), **fixed))
        return reply(_answered(site, question, {"given": given, **fixed}))


def _asked(site: Front) -> Question:
    return read_question(list(request.args.items(multi=True)), site.sections, zone(site.portal.time_zone))


def _place() -> int | None:
    """Where a further page begins; what is no place is the beginning."""
    before = request.args.get("before", "")
    return int(before) if _PLACE.fullmatch(before) else None


def _something_asked(site: Front) -> Question:
    question = _asked(site)
    if question == EVERYTHING:
        raise UsageError(
            "Ask something: q=, section=, source=, language=, category=, author=, since=, until=, has=enclosure."
        )
    return question


def _answered(site: Front, question: Question, values: dict[str, object]) -> Representation:
    """The page of a question: what answers it, and the feeds to subscribe to."""
    place = _place()
    with site.store.read() as tx:
        found = search(tx, question, limit=PER_PAGE + 1, before=place)
        newer = newer_answer(tx, question, place, PER_PAGE) if place is not None else None
        held = get_articles(tx, [article_id for _, article_id in found[:PER_PAGE]])
    shown: list[Article] = [held[article_id] for _, article_id in found[:PER_PAGE]]
    home = zone(site.portal.time_zone)
    query = write_question(question, home)
    words = question_words(question, site.portal, home)
    feeds = _feeds(site, query, words)
    here = site.href(search_path(query))
    return page(
        "search.html",
        asked=words,
        outline=site.href(f"/opml/search.xml?{query}"),
        articles=[(article, near_section(site, article)) for article in shown],
        older_href=f"{here}&before={found[PER_PAGE - 1][0]}" if len(found) > PER_PAGE else None,
        newer_href=(here if newer is None else f"{here}&before={newer}") if place is not None else None,
        first=place is None,
        here=here,
        feeds=feeds,
        readers=readers_of(feeds[0].address, interface_of(site.portal.language)),
        autodiscovery=feeds,
        canonical=site.absolute(search_path(query)) + (f"&before={place}" if place is not None else ""),
        **values,
    )


def _feeds(site: Front, query: str, words: str) -> tuple[FeedAddress, ...]:
    return tuple(
        FeedAddress(
            section=_SEARCH,
            format=format_,
            href=site.href(feed_path(SEARCH, format_, query)),
            address=site.absolute(feed_path(SEARCH, format_, query)),
            type=EXACT_TYPES[format_],
            title=f"{words} ({FORMAT_NAMES[format_]})",
        )
        for format_ in FORMATS
    )
