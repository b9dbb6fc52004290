"""Alerts follow the health of the sources: once per trouble, and a state that changes is another alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from feedhub.ingest.health_alerts import Trouble, health_changes, troubles
from feedhub.model.alert import Alert
from feedhub.model.source import SourceState
from tests.kit import NOW, a_source

DAY = timedelta(days=1)
FAILING, LATE, STOPPED = (Trouble(code, f"it is {code}") for code in ("failing", "late", "stopped"))


def an_alert(code: str, source: str | None = "s1", **values: object) -> Alert:
    plain: dict[str, object] = {"id": "1", "source": source, "code": code, "text": f"it is {code}", "raised_at": NOW}
    return Alert(**(plain | values))  # type: ignore[arg-type]


def acts(found: dict[str, Trouble | None], *alerts: Alert) -> list[tuple[str, str, str]]:
    return [(one.act, one.source, one.code) for one in health_changes(found, alerts)]


def test_trouble_is_raised_once_and_cleared() -> None:
    assert acts({"s1": FAILING, "s2": None}) == [("raise", "s1", "failing")]
    assert acts({"s1": FAILING}, an_alert("failing")) == []
    assert acts({"s1": replace(FAILING, text="other")}, an_alert("failing")) == [("reword", "s1", "failing")]
    assert acts({"s1": None}, an_alert("failing")) == [("clear", "s1", "failing")]
    assert acts({"s1": FAILING}, an_alert("failing", cleared_at=NOW)) == [("raise", "s1", "failing")]


def test_another_state_takes_its_place_and_another_name_does_not() -> None:
    assert acts({"s1": LATE}, an_alert("failing")) == [("rename", "s1", "late")]
    assert acts({"s1": STOPPED}, an_alert("failing")) == [("supersede", "s1", "failing"), ("raise", "s1", "stopped")]
    assert acts({"s1": FAILING}, an_alert("stopped")) == [("supersede", "s1", "stopped"), ("raise", "s1", "failing")]


def test_what_is_not_of_health_is_left_alone_and_a_removed_source_is_not_said_to_be_well() -> None:
    assert acts({"s1": None}, an_alert("withdrawn_upstream"), an_alert("failing", None)) == []
    assert acts({}, an_alert("failing")) == [("supersede", "s1", "failing")]


def test_the_words_say_who_why_and_when_next() -> None:
    state = SourceState(
        key="s1", next_due=NOW + timedelta(hours=1), failures=3, last_error="http://x/ answered 500.", news_at=NOW
    )
    found = troubles([(a_source(), state)], NOW)["s1"]
    assert found == Trouble(
        "failing",
        "Source s1 (Source s1) is failing: the last 3 polls failed: http://x/ answered 500. "
        "Next try 2026-11-24 05:00Z.",
    )
    stopped = replace(state, condition="stopped")
    assert "Next try" not in troubles([(a_source(), stopped)], NOW)["s1"].text  # type: ignore[union-attr]
    for well in (replace(state, failures=0, last_success=NOW), replace(state, condition="paused")):
        assert troubles([(a_source(), well)], NOW) == {"s1": None}
