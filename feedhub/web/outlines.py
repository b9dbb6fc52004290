"""`/opml.xml` and `/opml/<section>.xml`: the tree as OPML, for readers to take in whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from flask import Flask, Response

from feedhub.basics.digests import sha256_hex
from feedhub.basics.text import near_names
from feedhub.errors import NotFound, StoreAway
from feedhub.publish.opml import opml
from feedhub.publish.render import style_changed_at
from feedhub.store.sections import section_states
from feedhub.web.conditional import packed, represent
from feedhub.web.front import Front
from feedhub.web.replies import moved, reply

# Since when the tree is as it is, by the portal's address.
_known: dict[str, datetime] = {}
_TYPE = "text/x-opml; charset=utf-8"


def register(app: Flask, site: Front) -> None:
    """Add both addresses to the application."""

    @app.get("/opml.xml")
    def whole() -> Response:
        return opml_reply(site, lambda at: opml(site.portal, at))

    @app.get("/opml/<path:name>.xml")
    def part(name: str) -> Response:
        if name in site.portal.former_ids:
            return moved(site.href(f"/opml/{site.portal.former_ids[name]}.xml"))
        if name not in site.sections:
            raise NotFound("section", name[:200], near_names(name[:200], site.sections))
        return opml_reply(site, lambda at: opml(site.portal, at, under=site.sections[name]))


def opml_reply(site: Front, make: Callable[[datetime], bytes]) -> Response:
    """An OPML document made of the instant at which the tree last changed; without the database, of the last known."""
    stale_since = None
    try:
        with site.store.read() as tx:
            # The tree is as old as the style that knows its titles; before the first rendering, as its sections.
            changed_at = style_changed_at(tx) or min(
                (state.created_at for state in section_states(tx).values()), default=site.clock.now()
            )
        _known[site.portal.base_url] = changed_at
    except StoreAway:
        stale_since = site.cache.stale_since
        if site.portal.base_url not in _known:
            raise
        changed_at = _known[site.portal.base_url]
    body = make(changed_at)
    return reply(
        represent(
            body,
            packed(body),
            tag=sha256_hex(body)[:32],
            content_type=_TYPE,
            modified=changed_at.replace(microsecond=0),
            extra=(("access-control-allow-origin", "*"),),
        ),
        stale_since,
    )
