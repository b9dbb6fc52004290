"""The shipped commands and the running service tell an operator of trouble, and no secret is seen on the way."""

from __future__ import annotations

import json

import pytest

from tests.flows.conftest import Home
from tests.net.mailbox import Mailbox
from tests.net.wire import WireServer, ok

SECRET = "whsec_d2hpc3Blci13aGlzcGVyLXdoaXNwZXItd2hpc3Blci13"


@pytest.mark.long
def test_an_operator_is_told(home: Home) -> None:
    assert home.run("alert", "test", check=False).returncode == 1
    with WireServer("127.0.0.1") as hook, Mailbox("127.0.0.1") as mail:
        hook.answers["/whisper"] = ok()
        home.environ |= {
            "FEEDHUB__ALERTS__WEBHOOKS": json.dumps([{"url": hook.url("/whisper"), "secret": SECRET}]),
            "FEEDHUB__ALERTS__EMAIL__SMTP": f"smtp://{mail.address}",
            "FEEDHUB__ALERTS__EMAIL__FROM": "hub@portal.example",
            "FEEDHUB__ALERTS__EMAIL__TO": "desk@portal.example",
            "FEEDHUB__ALERTS__AFTER": "5s",
            "FEEDHUB__NET__CALLBACK_REACH__ALLOW": '["127.0.0.0/8"]',
        }
        shown = home.run("alert", "test").stdout
        assert "webhook at 127.0.0.1: taken as msg_" in shown and "mail to desk@portal.example: taken as" in shown
        home.run("source", "add", "http://127.0.0.1:9/gone.xml", "--key", "gone", "--kind", "feed", "--yes")
        home.start("serve")
        home.wait(lambda: b"Source gone" in b"".join(hook.bodies) and len(mail.mails) >= 3, 40)
        (alert,) = home.wait(lambda: [one for one in home.json("alert", "list", "--source", "gone") if one["told_at"]])
        assert (alert["source"], alert["code"], alert["cleared_at"]) == ("gone", "failing", None)
        home.run("alert", "clear", alert["id"])
        assert alert["id"] in [one["id"] for one in home.json("alert", "list", "--cleared", "9")]
        home.stop()
    said = home.log.read_text() + shown + home.run("config", "show").stdout
    assert "alert: Source gone" in said and "whisper" not in said.lower() and SECRET not in said
