"""/metrics: shown to this machine, not to whoever says so; off where it is off."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.store.topics import count_outcomes, ensure_topic
from tests.web.conftest import Running, build, served


def test_this_machine_sees_them(running: Running) -> None:
    found = running.get("/metrics")
    assert (found.status, found.headers["content-type"]) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert "\nfeedhub_push_late_topics 0\n" in found.text and "\nfeedhub_store_up 1\n" in found.text


def test_deliveries_by_topic(running: Running) -> None:
    with running.store.write() as tx:
        topic = ensure_topic(tx, 'http://a.example/"\\', foreign=True, seq=0)
        count_outcomes(tx, {topic.id: (3, 1)})
    said = running.get("/metrics").text.splitlines()
    assert r'feedhub_push_delivered_total{topic="http://a.example/\"\\"} 3' in said
    assert r'feedhub_push_failed_total{topic="http://a.example/\"\\"} 1' in said


@pytest.mark.parametrize("field", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"])
def test_what_a_proxy_hands_on_is_not_from_here(running: Running, field: str) -> None:
    found = running.get("/metrics", **{field: "127.0.0.1"})
    assert found.status == 403 and "feedhub_" not in found.text


def test_off(tmp_path: Path) -> None:
    site, style = build(tmp_path)
    object.__setattr__(site, "metrics", "off")
    with served(site, style) as off:
        assert off.get("/metrics").status == 404
