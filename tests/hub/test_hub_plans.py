"""What the hub's beats ask grows with what they find, not with what is stored: no table of theirs is read whole."""

from __future__ import annotations

import re
import time
from functools import partial

import pytest

from feedhub.jobs.webhooks import Webhooks
from feedhub.model.webhook import Webhook
from feedhub.ports.dice import SystemDice
from feedhub.publish.telling import message_body
from feedhub.store.webhooks import add_webhook
from tests.hub.conftest import Hub
from tests.hub.test_canary import Proof
from tests.store import test_query_plans
from tests.store.test_query_plans import listened, reads_whole

WHOLE = re.compile(r"SCAN (subscriptions|subscription_requests|webhook_events|attempts)(_\d+)?\b")


def test_a_beat_reads_no_table_whole(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(test_query_plans, "WHOLE", WHOLE)
    hub.subscribe("a")
    hub.receivers.behave["b"].status = 500
    hub.subscribe("b")
    job = Webhooks(hub.store, hub.web, hub.clock, SystemDice(), partial(message_body, portal=hub.style.portal))
    with hub.store.write() as tx:
        hook = Webhook(
            id="", name="h", url=hub.receivers.at("h"), secret="whsec_" + "A" * 32, created_at=hub.clock.now()
        )
        add_webhook(tx, hook)
    proof = Proof(hub)
    with listened(hub.store) as asked:
        hub.ask(hub.receivers.at("c"))
        hub.verify()
        hub.publish("x")
        hub.deliver()
        time.sleep(0.05)
        proof.beat(seconds=2)
        job.beat()
        job.wait()
        hub.clock.pass_(days=11)
        hub.jobs.upkeep()
        hub.jobs.forget()
        job.forget()
    proof.listener.close()
    job.close()
    assert len(hub.got("a")) == len(hub.got("c")) == len(hub.got("h")) == 1
    # Whose claims there are is looked for every ten seconds; an index for it would be written with every claim.
    found = [one for one in reads_whole(hub.store, asked) if "DISTINCT subscriptions.claim_owner" not in one]
    assert found == []
