"""Partners' documents over a real door: ready where the profile names them, else made when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from feedhub.ports.clock import SystemClock
from feedhub.publish.render import render_due
from tests.kit import LOCAL
from tests.publish.test_preflight import PROFILES
from tests.web.conftest import Running


def test_a_partners_document_is_made_when_asked_for_and_served_like_any(start: Callable[..., Running]) -> None:
    plain = replace(PROFILES["plain"], sections=(LOCAL,))
    french = replace(PROFILES["plain"], name="french", languages=("fr",))
    running = start(profiles=(plain, french))
    ready = running.get(f"/rss/profile/plain/{LOCAL}.xml")
    assert (ready.status, ready.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    assert ready.headers["cache-control"].startswith("public, max-age=60")
    assert running.get(f"/rss/profile/plain/{LOCAL}.xml", If_None_Match=ready.headers["etag"]).status == 304

    first = running.get("/rss/profile/plain/life/health.xml")
    assert (first.status, first.headers["retry-after"]) == (503, "2")
    with running.site.store.read():
        render_due(running.site.store, running.style, SystemClock())
    asked = running.get("/rss/profile/plain/life/health.xml")
    assert asked.status == 200
    assert f'<{running.site.portal.base_url}/rss/profile/plain/life/health.xml>; rel="self"' in asked.headers["link"]

    assert running.get("/rss/profile/plain/old-news/local.xml").headers["location"].endswith(f"/plain/{LOCAL}.xml")
    for path in ("nobody/life", "plain/nowhere", "french/life"):
        found = running.get(f"/rss/profile/{path}.xml")
        assert (found.status, found.headers["content-type"]) == (404, "text/plain; charset=utf-8"), path
    assert "takes fr" in running.get("/rss/profile/french/life.xml").text
    assert running.get(f"/atom/profile/plain/{LOCAL}.xml").status == 404
