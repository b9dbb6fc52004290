"""Who asks: the peer, whatever it says of others, unless it is a trusted proxy (PROMISES B6 92)."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from feedhub.store.subscription_requests import list_requests
from feedhub.web.clients import client_of
from feedhub.web.front import StreamBounds
from tests.web.conftest import build, served
from tests.web.test_streams import RSS, listening, poll

TRUSTED = (ip_network("10.0.0.0/8"), ip_network("::1/128"))


@pytest.mark.parametrize(
    ("line", "said", "client"),
    [
        ("203.0.113.9:77", ["198.51.100.7"], "203.0.113.9:77"),  # nobody we trust
        ("10.0.0.1:77", [], "10.0.0.1:77"),
        ("10.0.0.1:77", ["198.51.100.7"], "198.51.100.7:0"),
        ("[::ffff:10.0.0.1]:77", ["198.51.100.7"], "198.51.100.7:0"),
        ("[::1]:77", ["2001:db8::7"], "[2001:db8::7]:0"),
        ("10.0.0.1:77", ["127.0.0.1, 198.51.100.7"], "198.51.100.7:0"),  # what it said itself stands further left
        ("10.0.0.1:77", ["127.0.0.1", "198.51.100.7 , 10.2.2.2"], "198.51.100.7:0"),
        ("10.0.0.1:77", ["10.3.3.3, 10.2.2.2"], "10.3.3.3:0"),
        ("10.0.0.1:77", ["198.51.100.7:4711"], "198.51.100.7:0"),
        ("10.0.0.1:77", ["[2001:db8::7]:4711"], "[2001:db8::7]:0"),
        ("10.0.0.1:77", ["198.51.100.7, unknown"], "10.0.0.1:77"),
        ("10.0.0.1:77", ["198.51.100.7, _hidden, 10.2.2.2"], "10.2.2.2:0"),
    ],
)
def test_who_asks(line: str, said: list[str], client: str) -> None:
    fields = [("X-Forwarded-For", value) for value in said]
    assert client_of(line, fields, TRUSTED) == client
    assert client_of(line, fields, ()) == line


def test_behind_a_trusted_proxy(tmp_path: Path) -> None:
    site, style = build(tmp_path)
    object.__setattr__(site, "streams", StreamBounds(address=1))
    object.__setattr__(site, "trusted_proxies", (ip_network("127.0.0.1/32"),))
    with served(site, style) as running:
        with listening(running, X_Forwarded_For="198.51.100.7"):
            assert poll(running, "", X_Forwarded_For="198.51.100.7")[0] == 429
            assert poll(running, "", X_Forwarded_For="198.51.100.8")[0] == 200
        topic = site.portal.base_url + RSS
        form = f"port=80&path=/x&protocol=http-post&url1={topic}".encode()
        kind = {"Content_Type": "application/x-www-form-urlencoded"}
        said = running.get("/rsscloud/pleaseNotify", "POST", form, X_Forwarded_For="93.184.216.34", **kind).text
        assert 'success="true"' in said
        with running.store.read() as tx:
            assert [one.callback for one in list_requests(tx)] == ["http://93.184.216.34:80/x"]
        assert running.get("/metrics", X_Forwarded_For="127.0.0.1").status == 403
        assert running.get("/metrics").status == 200
