"""What kind of date a document writes: it decides what is read into it."""

from __future__ import annotations

import pytest

from feedhub.ingest.date_kinds import date_kinds


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("zone", "Mon, 23 Nov 2026 15:15:00 GMT"),
        ("zone", "Mon, 23 Nov 2026 15:15 +0800"),
        ("zone", "2026-11-23T15:15:00.250Z"),
        ("zone", "2026-11-23T15:15:00+08:00"),
        ("zone", "11/23/2026 3:15:00 PM EST"),
        ("zone", "Mon, 23 Nov 2026 15:15:00 +0800 (CST)"),
        ("zone", "1795446900"),
        ("no zone", "Mon, 23 Nov 2026 15:15:00"),
        ("no zone", "2026-11-23 15:15:00"),
        ("no zone", "2026-11-23T15:15"),
        ("no zone", "2026年11月23日 15：15"),
        ("no zone", "11/23/2026 3:15 PM"),
        ("no zone", "15:15 23-11-26"),
        ("day", "2026-11-23"),
        ("day", "23 Nov 2026"),
        ("day", "2026年11月23日"),
        ("relative", "3小时前"),
        ("relative", "昨天 08:15"),
        ("relative", "2 hours ago"),
    ],
)
def test_kinds(kind: str, written: str) -> None:
    assert date_kinds([written]) == (kind,)


def test_the_most_frequent_first_and_what_says_nothing_left_out() -> None:
    assert date_kinds([None, " ", "2026-11-23", 5, "2026-11-23 15:15", "2026-11-24 15:15"]) == ("no zone", "day")
