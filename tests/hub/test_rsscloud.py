"""rssCloud on the same list: asked by REST and XML-RPC, verified, pinged with the address alone."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from feedhub.errors import HubRefused
from feedhub.hub.rsscloud import read_form, read_parameters, register
from feedhub.hub.xmlrpc import LONGEST, read_call, write_answer, write_call, write_fault
from feedhub.model.section import Portal
from feedhub.publish.addresses import cloud_of
from tests.hub.conftest import Hub


def form(hub: Hub, name: str, **more: str) -> dict[str, str]:
    plain = {"notifyProcedure": "", "port": str(hub.receivers.port), "path": f"/{name}", "protocol": "http-post"}
    return plain | {"url1": hub.topic()} | more


def ask(hub: Hub, name: str, **more: str) -> None:
    register(hub.store, hub.rules, read_form(form(hub, name, **more), "127.0.0.1"), hub.clock.now())
    hub.verify()


def test_one_change_reaches_both_dialects(both: Hub) -> None:
    hub = both
    ask(hub, "cloud")  # without a domain: a test ping to the caller's address
    (test,) = hub.got("cloud")
    assert parse_qs(test.body.decode()) == {"url": [hub.topic()]}
    hub.subscribe("websub")
    until = {one.dialect: one.lease_until - one.verified_at for one in hub.subscriptions()}
    assert until == {"rsscloud": timedelta(hours=25), "websub": timedelta(days=10)}
    hub.publish()
    hub.deliver()
    (_, ping), (whole,) = hub.got("cloud"), hub.got("websub")
    assert ping.body == test.body and whole.body == hub.document()
    assert ping.headers["content-type"] == "application/x-www-form-urlencoded"
    assert not any(name.startswith(("feedhub-", "x-hub", "link")) for name in ping.headers)
    hub.clock.pass_(hours=26)
    hub.jobs.upkeep()
    assert {one.dialect: one.state for one in hub.subscriptions()} == {"rsscloud": "expired", "websub": "active"}


def test_a_domain_needs_the_challenge(hub: Hub) -> None:
    hub.receivers.behave["cloud"].verify_body = b"something else"
    ask(hub, "cloud", domain="127.0.0.1")
    (asked,) = hub.receivers.verifications["cloud"]
    said = dict(asked.query)
    assert said["url"] == hub.topic() and len(said["challenge"]) == 43 and not hub.got("cloud")
    assert hub.subscriptions() == []
    hub.receivers.behave["cloud"].verify_body = said["challenge"].encode()  # that of another try
    ask(hub, "cloud", domain="127.0.0.1")
    assert hub.subscriptions() == []


def test_a_test_ping_has_to_be_taken(hub: Hub) -> None:
    hub.receivers.behave["cloud"].status = 404
    ask(hub, "cloud")
    assert hub.subscriptions() == [] and len(hub.got("cloud")) == 1


def test_by_xml_rpc_a_procedure_is_called(hub: Hub) -> None:
    asked = ("river.update", hub.receivers.port, "/xml", "xml-rpc", [hub.topic()])
    method, values = read_call(xmlrpc.client.dumps(asked, "rssCloud.pleaseNotify").encode())
    assert method == "rssCloud.pleaseNotify"
    register(hub.store, hub.rules, read_parameters(values, "127.0.0.1"), hub.clock.now())
    hub.verify()
    hub.publish()
    hub.deliver()
    for taken in hub.got("xml"):
        assert xmlrpc.client.loads(taken.body) == ((hub.topic(),), "river.update")
    assert len(hub.got("xml")) == 2


@pytest.mark.parametrize(
    ("word", "changed"),
    [
        ("protocol", {"protocol": "soap"}),
        ("port", {"port": "x"}),
        ("port", {"port": "99999999"}),
        ("port", {"port": "000080999"}),
        ("port", {"port": "000080" + "0" * 5000}),
        ("path", {"path": "http://victim.example/"}),
        ("path", {"path": "@victim.example/"}),
        ("domain", {"domain": "a@victim.example"}),
        ("Name one to", {"url1": ""}),
        ("notifyProcedure", {"protocol": "xml-rpc"}),
        ("refused", {"port": "5005", "domain": "93.184.216.34"}),  # above 1023, not in callback_reach
        ("refused", {"port": "80", "domain": "10.1.2.3"}),
        ("no topic", {"url1": "http://127.0.0.1:8080/rss/none.xml"}),
    ],
)
def test_what_is_wrong_is_said(hub: Hub, word: str, changed: dict[str, str]) -> None:
    with pytest.raises(HubRefused, match=word):
        register(hub.store, hub.rules, read_form(form(hub, "a", **changed), "127.0.0.1"), hub.clock.now())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<methodCall/>",
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><methodCall><methodName>&b;</methodName></methodCall>",
        b"<methodCall><methodName>a</methodName>" + b"<value><array>" * 20,
        b"<methodCall><methodName>a</methodName>" + b"<param/>" * 2000 + b"</methodCall>",
        b"<methodCall><methodName>a</methodName><params><param><value><struct/></value></param></params></methodCall>",
        b"x" * (LONGEST + 1),
    ],
)
def test_hostile_calls_are_refused(body: bytes) -> None:
    with pytest.raises(HubRefused):
        read_call(body)


def test_xml_rpc_as_pythons_own_speaks_it() -> None:
    call = (["a", "b<c"], True, 7, "text")
    assert read_call(xmlrpc.client.dumps(call, "m").encode()) == ("m", [["a", "b<c"], True, 7, "text"])
    untyped = b"<methodCall><methodName>m</methodName><params><param><value>plain</value></param></params></methodCall>"
    assert read_call(untyped) == ("m", ["plain"])
    assert xmlrpc.client.loads(write_call("m", ["a&b"])) == (("a&b",), "m")
    assert xmlrpc.client.loads(write_answer(good=True)) == ((True,), None)
    with pytest.raises(xmlrpc.client.Fault, match="too <much>"):
        xmlrpc.client.loads(write_fault(4, "too <much>"))


def test_cloud_says_where(hub: Hub) -> None:
    portal = hub.style.portal
    assert cloud_of(portal) == ("127.0.0.1", "8080", "/rsscloud/pleaseNotify", "", "http-post")
    other = Portal(**{name: getattr(portal, name) for name in Portal.__dataclass_fields__ if name != "base_url"},
                   base_url="https://feeds.example/p")  # fmt: skip
    assert cloud_of(other) == ("feeds.example", "443", "/p/rsscloud/pleaseNotify", "", "https-post")
    assert urlsplit(other.base_url).path == "/p"


def test_of_several_feeds_all_are_taken_or_none(hub: Hub) -> None:
    asked = read_form(form(hub, "a", url2="http://127.0.0.1:8080/rss/none.xml"), "127.0.0.1")
    with pytest.raises(HubRefused, match="no topic"):
        register(hub.store, hub.rules, asked, hub.clock.now())
    hub.verify()
    assert hub.subscriptions() == []


def test_a_topic_for_partners_is_asked_for_under_a_key(make_hub: Callable[..., Hub]) -> None:
    hub = make_hub(approval={"*": "key"})
    with pytest.raises(HubRefused, match="for partners"):
        ask(hub, "a")
    register(hub.store, hub.rules, read_form(form(hub, "a"), "127.0.0.1"), hub.clock.now(), "news-site")
    hub.verify()
    assert [one.partner for one in hub.subscriptions()] == ["news-site"]
