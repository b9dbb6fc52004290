"""Which alerts are told when: after their time, once, again while they last, as one digest when they are many."""

from __future__ import annotations

from datetime import timedelta

from feedhub.jobs.notices import FEW, Patience, Waiting, make_messages, make_notice, said, waiting_alerts
from feedhub.model.alert import Alert
from tests.ingest.test_health_alerts import an_alert
from tests.kit import NOW

MINUTE = timedelta(minutes=1)
PATIENCE = Patience(30 * MINUTE, timedelta(hours=24))


def told(*alerts: Alert, after: timedelta = timedelta(0)) -> list[str]:
    return [one.kind for one in waiting_alerts(alerts, PATIENCE, NOW + after)[0]]


def test_what_may_pass_is_told_when_it_has_lasted() -> None:
    assert told(an_alert("failing"), after=29 * MINUTE) == []
    assert told(an_alert("failing"), after=30 * MINUTE) == ["raised"]
    assert told(an_alert("stopped")) == told(an_alert("gone_upstream", None)) == ["raised"]


def test_it_is_told_once_and_again_after_a_day() -> None:
    noticed = an_alert("stopped", noticed_at=NOW)
    assert told(noticed, after=timedelta(hours=23)) == []
    assert told(noticed, after=timedelta(hours=24)) == ["still"]


def test_the_end_is_told_to_whom_the_beginning_was() -> None:
    assert told(an_alert("failing", cleared_at=NOW, noticed_at=NOW)) == ["cleared"]
    waiting, untold = waiting_alerts([an_alert("failing", cleared_at=NOW)], PATIENCE, NOW)
    assert (waiting, untold) == ([], ["1"])


def test_a_digest_instead_of_a_flood() -> None:
    waiting = [Waiting("raised", an_alert("failing", f"s{n}", id=str(n))) for n in range(240)]
    single = make_messages(waiting[:FEW], 0, "Portal", NOW)
    assert [message.kind for message in single] == ["raised"] * FEW
    (digest,) = make_messages(waiting, 0, "Portal", NOW)
    assert digest.kind == "digest" and len(digest.alert_ids) == 240
    data = digest.words["data"]
    assert data["subject"] == "[Portal] 240 alerts: 240 failing"
    assert len(data["lines"]) == 101 and data["lines"][-1].startswith("… and 140 more")
    assert [message.kind for message in make_messages(waiting[:3], FEW - 2, "Portal", NOW)] == ["digest"]
    assert make_messages(waiting, FEW, "Portal", NOW) == []


def test_words_and_ids() -> None:
    over = Waiting("cleared", an_alert("failing", cleared_at=NOW + 95 * MINUTE))
    assert said(over, NOW) == "Over after 95m: it is failing"
    assert said(Waiting("still", an_alert("late")), NOW + timedelta(hours=24)) == "Still, after 1d: it is late"
    (message,) = make_messages(
        [Waiting("raised", an_alert("failing", text="a\r\nBcc: x@y.example " + "z" * 500))], 0, "P", NOW
    )
    assert "\n" not in message.words["data"]["subject"] and len(message.words["data"]["subject"]) < 160
    ids = {make_notice(message, channel, token, NOW).id for channel in "ab" for token in "xy"}
    assert len(ids) == 4
