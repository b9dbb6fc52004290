"""The addresses of feeds: a section's document, its cuts by `limit` and `lang`, what is said where there is none."""

from __future__ import annotations

import re
from contextlib import suppress
from urllib.parse import urlencode

from flask import Flask, Response, request

from feedhub.basics.text import near_names
from feedhub.errors import StoreError
from feedhub.model.feed import FORMATS, Format
from feedhub.publish.addresses import archive_path, feed_path, profile_path
from feedhub.publish.limited import read_cut
from feedhub.publish.preflight import language_for
from feedhub.store.archives import last_slot
from feedhub.store.profiles import ask_for_profile
from feedhub.web.column import is_column_path
from feedhub.web.cuts import CutDocuments
from feedhub.web.front import SUFFIXES, Front
from feedhub.web.replies import moved, preflight, refusal_text, reply

_ARCHIVE = re.compile(r"(.+)/archive/([1-9][0-9]{0,8})")
_PROFILE = re.compile(r"profile/([a-z0-9-]{1,40})/(.+)")


def register(app: Flask, site: Front) -> None:
    """Add the feeds to the application."""
    cuts = CutDocuments(site)

    @app.route("/rss/<path:rest>", defaults={"format_": "rss"}, methods=["GET", "OPTIONS"])
    @app.route("/atom/<path:rest>", defaults={"format_": "atom"}, methods=["GET", "OPTIONS"])
    @app.route("/json/<path:rest>", defaults={"format_": "json"}, methods=["GET", "OPTIONS"])
    def feed(format_: Format, rest: str) -> Response:
        if request.method == "OPTIONS":
            return preflight()
        section = rest.removesuffix(f".{SUFFIXES[format_]}")
        if section != rest and (archive := _ARCHIVE.fullmatch(section)):
            return _archive(site, format_, archive[1], int(archive[2]))
        if section != rest and format_ == "rss" and (partner := _PROFILE.fullmatch(section)):
            return _profile(site, partner[1], partner[2])
        if section == rest or section not in site.feeds:
            return _nowhere(site, format_, section)
        cut = read_cut(request.args.get("limit"), request.args.get("lang"))
        found = site.cache.find(feed_path(section, format_))
        if found is not None and cut is not None:
            # Without the database nothing can be cut; the whole document is better than none.
            with suppress(StoreError):
                found = cuts.find(section, format_, cut)
        if found is None:
            return refusal_text(503, "This feed is being made. Try again in a second.", (("retry-after", "1"),))
        return reply(found, site.cache.stale_since)


def _archive(site: Front, format_: Format, section: str, number: int) -> Response:
    """An archive (RFC 5005 §4). One whose ids are known and whose bytes are not made yet comes in a moment."""
    if (former := site.portal.former_ids.get(section)) is not None and section not in site.feeds:
        return moved(site.href(archive_path(former, format_, number)))
    found = site.cache.find(archive_path(section, format_, number))
    if found is not None:
        return reply(found, site.cache.stale_since)
    if section not in site.feeds:
        return _nowhere(site, format_, section)
    with site.store.read() as tx:
        last = last_slot(tx, section)
    if last is not None and number <= last.number:
        return refusal_text(503, "This archive is being made. Try again in a moment.", (("retry-after", "2"),))
    current = site.absolute(feed_path(section, format_))
    return refusal_text(404, f"There is no such archive. The feed, which leads to all there are: {current}")


def _profile(site: Front, name: str, section_id: str) -> Response:
    """A section's document for a partner; one that nobody asked for before comes in a moment."""
    if (former := site.portal.former_ids.get(section_id)) is not None and section_id not in site.sections:
        return moved(site.href(profile_path(name, former)))
    found = site.cache.find(profile_path(name, section_id))
    if found is not None:
        return reply(found, site.cache.stale_since)
    profile = next((one for one in site.portal.profiles if one.name == name), None)
    section = site.sections.get(section_id)
    if profile is None or section is None:
        known = ", ".join(one.name for one in site.portal.profiles) or "none"
        return refusal_text(404, f"There is no such document. Profiles: {known}. Sections: {site.absolute('/rss/')}")
    if language_for(profile, section, site.portal) is None:
        spoken = ", ".join(profile.languages)
        return refusal_text(404, f"{profile.title} takes {spoken}; this section carries none of these languages.")
    with site.store.write() as tx:
        ask_for_profile(tx, name, section_id, site.clock.now())
    return refusal_text(503, "This feed is being made. Try again in a moment.", (("retry-after", "2"),))


def _nowhere(site: Front, format_: Format, section: str) -> Response:
    """Moved for good, or unknown: then the nearest addresses, as text, since no feed address answers with HTML."""
    former = site.portal.former_ids.get(section)
    if former is not None:
        kept = [(name, value) for name in ("limit", "lang") if (value := request.args.get(name)) is not None]
        return moved(site.href(feed_path(former, format_)) + (f"?{urlencode(kept)}" if kept else ""))
    near = near_names(section[:200], site.feeds)
    lines = [f"There is no feed at this address. All {len(site.feeds)} feeds: {site.absolute('/rss/')}"]
    if near:
        lines += ["Did you mean:", *(f"  {site.absolute(feed_path(name, format_))}" for name in near)]
    return refusal_text(404, "\n".join(lines))


def is_feed_path(path: str) -> bool:
    """Whether an address belongs to feeds, so that nothing there is ever answered with HTML."""
    if is_column_path(path):
        return False
    head, _, rest = path.removeprefix("/").partition("/")
    return (head in FORMATS and bool(rest)) or head in ("opml", "opml.xml")
