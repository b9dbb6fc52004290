"""While nobody knows a source's licence, only what its own document carried is shown."""

from __future__ import annotations

import pytest

from feedhub.ingest.licence import may_show_fetched_text
from feedhub.model.source import Source


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [("unknown", False), (" Unknown ", False), ("", False), ("CC BY 4.0", True), ("by contract of 2026", True)],
)
def test_fetched_text_waits_for_a_licence(licence: str, allowed: bool) -> None:
    assert may_show_fetched_text(Source(key="s", name="S", licence=licence)) is allowed


def test_of_itself_a_source_has_none() -> None:
    assert not may_show_fetched_text(Source(key="s", name="S"))
