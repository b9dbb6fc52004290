"""A source whose stated zones are not trusted: its times are those on its clock."""

from __future__ import annotations

import pytest

from feedhub.ingest.own_zone import in_own_zone
from feedhub.model.source import Source
from tests.ingest.parsing import parsed, rss


@pytest.mark.parametrize(
    ("written", "trusted", "meant"),
    [
        ("Tue, 24 Nov 2026 08:15:00 GMT", "2026-11-24T08:15:00+00:00", "2026-11-24T08:15:00+08:00"),
        ("2026-11-24T08:15:00Z", "2026-11-24T08:15:00+00:00", "2026-11-24T08:15:00+08:00"),
        ("2026-11-24 08:15:00", "2026-11-24T08:15:00+08:00", "2026-11-24T08:15:00+08:00"),
        ("1795335300", "2026-11-22T16:15:00+08:00", "2026-11-22T16:15:00+08:00"),
        ("3小时前", "2026-11-24T09:00:00+08:00", "2026-11-24T09:00:00+08:00"),
    ],
)
def test_the_time_on_the_clock_is_meant_in_the_sources_zone(written: str, trusted: str, meant: str) -> None:
    feed = parsed(rss(f"<item><title>T</title><pubDate>{written}</pubDate></item>"))
    for trust, wanted in ((True, trusted), (False, meant)):
        source = Source(key="s", name="S", time_zone="Asia/Shanghai", trust_zone=trust)
        published = in_own_zone(feed, source).items[0].published
        assert published is not None
        assert published.isoformat() == wanted
