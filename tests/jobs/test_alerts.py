"""A broken source is heard of: by a signed webhook and a mail, over real connections, until they are taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from ipaddress import ip_network

import pytest

from feedhub.errors import FetchError
from feedhub.jobs.alerts import Alerting, next_attempt
from feedhub.jobs.channels import Channel, Mailbox, Webhook, refusal
from feedhub.jobs.clock_steps import ClockSteps
from feedhub.jobs.notices import Patience
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.clock import SystemClock
from feedhub.ports.resolver import SystemResolver
from feedhub.ports.web import WebResponse
from feedhub.store.alerts import list_alerts, list_notices
from feedhub.store.engine import Store
from feedhub.store.sources import add_source, remove_source, set_condition, settle_poll
from tests.kit import LoadedDice, StillClock, a_source, open_store
from tests.net.mailbox import Mailbox as MailServer
from tests.net.wire import WireServer, ok

KEY = b"k" * 32
SECRET_PATH = "/hook/T0P-canary"
HALF_HOUR = timedelta(minutes=30)


class Desk:
    """An Alerting with its clock, a store, a webhook receiver and a mail server."""

    def __init__(self, store: Store, hook: WireServer, mail: MailServer, web: CurlWeb) -> None:
        self.store, self.hook, self.mail, self.clock = store, hook, mail, StillClock()
        channels: list[Channel] = [
            Webhook(hook.url(SECRET_PATH), KEY),
            Mailbox(f"smtp://{mail.address}", "hub@portal.example", ("desk@portal.example",)),
        ]
        self.alerting = Alerting(
            store=store,
            web=web,
            clock=self.clock,
            dice=LoadedDice(0.5),
            channels=channels,
            patience=Patience(HALF_HOUR, timedelta(hours=24)),
            portal="Portal",
        )

    def fail(self, key: str, failures: int) -> None:
        values = {"failures": failures, "last_error": "it answered 500.", "next_due": self.clock.now() + HALF_HOUR * 99}
        with self.store.write() as tx:
            settle_poll(tx, key, values | ({"last_success": self.clock.now()} if not failures else {}))

    def beat(self, **later: float) -> tuple[int, int]:
        """After a while, a beat; how many webhooks and mails there have been."""
        self.clock.pass_(**later)
        self.alerting.beat()
        return len(self.hook.heads), len(self.mail.mails)


@pytest.fixture
def desk(store_url: str) -> Iterator[Desk]:
    store = open_store(store_url)
    reach = Reach((ip_network("127.0.0.2/32"),))
    web = CurlWeb(SystemResolver(), SystemClock(), {"callback": reach, "mail": reach}, per_second_per_host=1000.0)
    with WireServer() as hook, MailServer() as mail:
        hook.answers[SECRET_PATH] = ok()
        made = Desk(store, hook, mail, web)
        with store.write() as tx:
            for number in range(12):
                add_source(tx, a_source(f"s{number}"), made.clock.now() + timedelta(days=30))
        yield made
    web.close()
    store.close()


def test_told_once_after_its_time_and_over_when_it_is(desk: Desk) -> None:
    assert desk.beat() == (0, 0)
    desk.fail("s1", 1)
    assert desk.beat() == desk.beat(minutes=29) == (0, 0)
    desk.fail("s1", 3)
    assert desk.beat(minutes=1) == (1, 1)
    assert desk.beat(hours=3) == (1, 1)
    desk.fail("s1", 0)
    assert desk.beat(minutes=1) == (2, 2)
    assert desk.beat(hours=48) == (2, 2)
    first, last = (message_from_bytes(one.content or b"", policy=policy.SMTP) for one in desk.mail.mails)
    assert first["Subject"].startswith("[Portal] Source s1 (Source s1) is failing: the last 3 polls failed")
    assert (first["From"], first["To"]) == ("hub@portal.example", "desk@portal.example")
    assert last["Subject"].startswith("[Portal] Over after 4h: Source s1")
    with desk.store.read() as tx:
        (alert,) = list_alerts(tx, cleared=9)
    assert alert.told_at and alert.cleared_at and alert.closed_at


def test_a_webhook_is_signed_and_tried_under_one_id_until_it_is_taken(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk.hook.answers[SECRET_PATH] = ok(status="500 No")
    with desk.store.write() as tx:
        set_condition(tx, "s1", "frozen", now=desk.clock.now())
    assert desk.beat() == (1, 1)
    assert desk.beat() == (1, 1)
    assert desk.beat(seconds=31) == (2, 1)
    desk.hook.answers[SECRET_PATH] = ok(status="204 Fine")
    assert desk.beat(seconds=31) == (2, 1)
    assert desk.beat(seconds=30) == (3, 1)
    assert desk.beat(hours=3) == (3, 1)
    sent = [desk.hook.fields(at) for at in range(3)]
    assert len({one["webhook-id"] for one in sent}) == 1 and len({one["webhook-timestamp"] for one in sent}) == 3
    for fields, body in zip(sent, desk.hook.bodies, strict=True):
        signed = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
        assert fields["webhook-signature"] == f"v1,{expected}"
    data = json.loads(desk.hook.bodies[0])
    assert data["type"] == "alert.raised"
    assert [(one["source"], one["code"], one["change"]) for one in data["data"]["alerts"]] == [
        ("s1", "frozen", "raised")
    ]
    with desk.store.read() as tx:
        (alert,), notices = list_alerts(tx), list_notices(tx)
    assert alert.tries == 2 and sorted(one.tries for one in notices) == [1, 3]
    said = caplog.text + "".join(f"{one.last_error} {one.channel}" for one in notices)
    assert "canary" not in said and "webhook at 127.0.0.2 answered 500" in caplog.text


def test_many_at_once_are_one_digest(desk: Desk) -> None:
    for number in range(12):
        desk.fail(f"s{number}", 1)
    desk.beat()
    assert desk.beat(minutes=30) == (1, 1)
    assert b"12 alerts: 12 failing" in (desk.mail.mails[0].content or b"")
    for number in range(12):
        desk.fail(f"s{number}", 0)
    assert desk.beat(seconds=10) == (2, 2)


def test_a_removed_source_and_a_channel_that_is_gone(desk: Desk) -> None:
    desk.hook.answers[SECRET_PATH] = ok(status="500 No")
    desk.fail("s1", 1)
    desk.beat()
    assert desk.beat(minutes=30) == (1, 1)
    with desk.store.write() as tx:
        remove_source(tx, "s1")
    desk.alerting = replace(desk.alerting, channels=desk.alerting.channels[1:])
    assert desk.beat(hours=1) == (1, 1)
    with desk.store.read() as tx:
        assert list_alerts(tx) == [] and {one.next_try for one in list_notices(tx)} == {None}


def test_nothing_of_a_webhooks_address_is_in_an_error() -> None:
    hook = Webhook("https://hooks.example/T0P/canary?key=canary2", KEY)
    for url in (hook.url, "https://hooks.example:443/T0P/canary"):
        error = FetchError(f"No connection to {url} (192.0.2.1)", url=url)
        assert "canary" not in str(refusal(hook, error)) and "hooks.example" in str(refusal(hook, error))
    assert "canary" not in repr(hook)


def test_back_off_and_the_end_of_it(desk: Desk) -> None:
    desk.hook.answers[SECRET_PATH] = ok(status="410 Gone")
    with desk.store.write() as tx:
        set_condition(tx, "s1", "frozen", now=desk.clock.now())
    desk.beat()
    assert desk.beat(hours=9) == (1, 1)
    with desk.store.read() as tx:
        notice = next(one for one in list_notices(tx) if one.last_error)
    busy, now = WebResponse("", 503, {"retry-after": "7200"}, b""), notice.made_at
    assert next_attempt(notice, busy, now, 0.5) == now + timedelta(hours=2)
    plain = WebResponse("", 500, {}, b"")
    assert [
        next_attempt(replace(notice, tries=tries), plain, now, 0.5) - now  # type: ignore[operator]
        for tries in (1, 2, 3, 99)
    ] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120), timedelta(hours=1)]
    assert next_attempt(notice, plain, now + timedelta(days=3), 0.5) is None


def test_a_clock_that_is_set_back_silences_no_alert(desk: Desk) -> None:
    steps = ClockSteps(desk.store, desk.clock)
    steps.beat()
    desk.hook.answers[SECRET_PATH] = ok(status="500 No")
    desk.fail("s1", 1)
    with desk.store.write() as tx:
        set_condition(tx, "s2", "frozen", now=desk.clock.now())
    assert desk.beat() == (1, 1)
    desk.clock.set_back(days=2)
    steps.beat()
    assert desk.beat(seconds=10) == (1, 1)
    assert desk.beat(seconds=21) == (2, 1), "the next try is half a minute after the last, whatever the clock says"
    assert desk.beat(minutes=29, seconds=30) == (4, 2), "what failed before the step is told after half an hour"


def test_a_worker_that_starts_after_the_clock_was_set_right_tells_what_waits(desk: Desk) -> None:
    desk.hook.answers[SECRET_PATH] = ok(status="500 No")
    with desk.store.write() as tx:
        set_condition(tx, "s1", "frozen", now=desk.clock.now())
    assert desk.beat() == (1, 1)
    desk.clock.set_back(days=900)
    ClockSteps(desk.store, desk.clock).beat()
    assert desk.beat() == (2, 1)
