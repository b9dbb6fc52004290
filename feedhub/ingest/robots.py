"""Whether robots.txt lets a page be asked for (RFC 9309): html, json and sitemap sources obey it.

    kept and younger than a day? ─→ else fetch ─→ 2xx: its rules · 4xx: everything allowed · 5xx or no answer: what is
    kept, however old; without any, nothing is allowed

A feed is published to be fetched by programs; pages are not. What is kept is a cache: it is written by itself, and
losing it costs one request.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from protego import Protego

from feedhub.errors import FetchError, RedirectRefused, RobotsDisallowed
from feedhub.model.source import Source
from feedhub.ports.clock import Clock
from feedhub.ports.web import Web, WebRequest, WebResponse
from feedhub.store.engine import Store
from feedhub.store.robots import find_robots, put_robots

KINDS = frozenset({"html", "json", "sitemap"})
KEPT_FOR = timedelta(hours=24)
MOST_BYTES = 500 * 1024
MOST_REDIRECTS = 5


def obey_robots(source: Source, url: str, *, robot: str, store: Store, web: Web, clock: Clock) -> None:
    """RobotsDisallowed when the host of `url` asks robots of our name, or all, to leave it alone."""
    if source.kind not in KINDS or source.robots == "ignore":
        return
    parts = urlsplit(url)
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()
    rules = _rules(origin, source, store, web, clock)
    if rules is None:
        raise RobotsDisallowed(
            f"{origin}/robots.txt cannot be had just now, so nothing of that host is asked for (RFC 9309 §2.3.1.4).",
            url=url,
        )
    if not allowed(rules, url, robot):
        raise RobotsDisallowed(
            f"{origin}/robots.txt asks robots to leave {url} alone. If its owner allows it, record that: "
            "`robots: ignore` with robots_by and robots_why.",
            url=url,
        )


def allowed(rules: str, url: str, robot: str) -> bool:
    """Whether the text of a robots.txt lets `robot`, a product token, ask for an address."""
    return bool(Protego.parse(rules[:MOST_BYTES]).can_fetch(url, robot))


def product_token(user_agent: str) -> str:
    """What robots.txt calls us by: the name in front of the version (RFC 9309 §2.2.1)."""
    return user_agent.split("/")[0].split(" ")[0]


def _rules(origin: str, source: Source, store: Store, web: Web, clock: Clock) -> str | None:
    """The rules to go by, None when nothing may be asked for."""
    with store.read() as tx:
        kept = find_robots(tx, origin)
    if kept is not None and clock.now() - kept[1] < KEPT_FOR:
        return kept[0]
    try:
        response = _fetch(f"{origin}/robots.txt", source, web)
    except FetchError:
        response = None
    if response is None or response.status >= 500:
        return kept[0] if kept is not None else None
    rules = (
        response.body[:MOST_BYTES].decode("utf-8-sig", "replace").replace("\x00", "") if response.status < 300 else ""
    )
    with store.write() as tx:
        put_robots(tx, origin, rules, clock.now())
    return rules


def _fetch(url: str, source: Source, web: Web) -> WebResponse:
    """The answer, also behind redirects to other hosts (RFC 9309 §2.3.1.2), each an address that is checked anew."""
    for _ in range(MOST_REDIRECTS):
        try:
            return web.send(WebRequest(url, reach="source", allow_hosts=frozenset(source.allow_hosts)))
        except RedirectRefused as error:
            if error.code != "redirect_refused":
                raise
            url = error.url
    return WebResponse(url, 404, {}, b"")
