"""The addresses of feeds: a section's document, its cuts by `limit` and `lang`, and what is said where there is none."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Flask, Response, request

from feedhub.basics.text import near_names
from feedhub.errors import UsageError
from feedhub.model.feed import FORMATS, Format
from feedhub.web.replies import moved, refusal_text, reply
from feedhub.web.site import SUFFIXES, Site, feed_path
from feedhub.web.cuts import CutDocuments

_WHOLE = re.compile(r"[+-]?\d{1,18}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}")
MOST_ITEMS = 500


@dataclass(frozen=True, slots=True)
class Cut:
    """Which part of a feed is asked for: the newest `limit` items, those in `language`; None for no wish."""

    limit: int | None = None
    language: str | None = None


def register(app: Flask, site: Site) -> None:
    """Add the feeds to the application."""
    cuts = CutDocuments(site)

    @app.route("/rss/<path:rest>", defaults={"format_": "rss"}, methods=["GET", "OPTIONS"])
    @app.route("/atom/<path:rest>", defaults={"format_": "atom"}, methods=["GET", "OPTIONS"])
    @app.route("/json/<path:rest>", defaults={"format_": "json"}, methods=["GET", "OPTIONS"])
    def feed(format_: Format, rest: str) -> Response:
        if request.method == "OPTIONS":
            return _preflight()
        section = rest.removesuffix(f".{SUFFIXES[format_]}")
        if section == rest or section not in site.sections:
            return _nowhere(site, format_, section)
        cut = read_cut(request.args.get("limit", ""), request.args.get("lang", ""))
        found = cuts.find(section, format_, cut.limit, cut.language) if cut != Cut() else site.cache.find(section, format_)
        if found is None:
            return refusal_text(503, "This feed is being made. Try again in a second.", (("retry-after", "1"),))
        return reply(found, site.cache.stale_since)


def read_cut(limit: str, language: str) -> Cut:
    """The wish of `?limit=` (clamped to 1 to 500) and `?lang=`; UsageError for what is neither."""
    if limit and not _WHOLE.fullmatch(limit.strip()):
        raise UsageError(f"limit is a number from 1 to {MOST_ITEMS}.")
    if language and not _LANGUAGE.fullmatch(language):
        raise UsageError("lang is a language tag such as en or zh.")
    return Cut(max(1, min(int(limit), MOST_ITEMS)) if limit else None, language.lower() or None)


def _nowhere(site: Site, format_: Format, section: str) -> Response:
    """Moved for good, or unknown: then the nearest addresses, as text, since no feed address answers with HTML."""
    former = site.portal.former_ids.get(section)
    if former is not None:
        kept = [(name, value) for name in ("limit", "lang") if (value := request.args.get(name)) is not None]
        return moved(site.href(feed_path(former, format_)) + (f"?{urlencode(kept)}" if kept else ""))
    near = near_names(section[:200], site.sections)
    lines = [f"There is no feed at this address. All {len(site.sections)} feeds: {site.absolute('/rss/')}"]
    if near:
        lines += ["Did you mean:", *(f"  {site.absolute(feed_path(name, format_))}" for name in near)]
    return refusal_text(404, "\n".join(lines))


def _preflight() -> Response:
    """What a script of another origin asks before a conditional GET (Fetch standard, CORS preflight)."""
    return Response(
        status=204,
        headers={
            "Allow": "GET, HEAD, OPTIONS",
            "Access-Control-Allow-Origin": "*",
            "Access-Control-Allow-Methods": "GET, HEAD",
            "Access-Control-Allow-Headers": "If-None-Match, If-Modified-Since",
            "Access-Control-Max-Age": "86400",
        },
    )


def is_feed_path(path: str) -> bool:
    """Whether an address belongs to feeds, so that nothing there is ever answered with HTML."""
    head, _, rest = path.removeprefix("/").partition("/")
    return (head in FORMATS and bool(rest)) or head in ("opml", "opml.xml")
