"""rssCloud: the same subscriptions in another dialect (http://home.rsscloud.co/, SEMANTICS 28).

Asked for by REST or XML-RPC, for 25 hours; a ping says that a topic has news, and no more than its address. Whoever
names a `domain` has to answer a challenge there; without one the caller's own address is meant, which has to take a
test ping. It is verified afterwards, as every request is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from feedhub.errors import HubRefused
from feedhub.hub.asking import FORM, Asked, Ping, with_query
from feedhub.hub.rules import Rules
from feedhub.hub.subscribing import How, subscribe, take_ping, topic_of
from feedhub.hub.xmlrpc import Value, write_call
from feedhub.model.hub import SubscriptionRequest
from feedhub.ports.web import Bounds, WebRequest
from feedhub.store.engine import Store

LEASE = timedelta(hours=25)
MOST_TOPICS = 20
_PROTOCOLS = {"http-post": "http", "https-post": "https", "xml-rpc": "http"}
_XML = "text/xml"


@dataclass(frozen=True, slots=True)
class Registration:
    """What `pleaseNotify` asks for; `procedure` where the receiver is called by XML-RPC."""

    topics: tuple[str, ...]
    callback: str
    procedure: str | None
    by_test: bool


def read_form(form: Mapping[str, str], caller: str) -> Registration:
    """The REST form: notifyProcedure, port, path, protocol, url1…, and perhaps domain."""
    topics = [form[name] for name in sorted(form, key=lambda it: (len(it), it)) if name[:3] == "url" and form[name]]
    port, domain = form.get("port", ""), form.get("domain", "")
    said = (form.get("notifyProcedure", ""), port, form.get("path", ""), form.get("protocol", "http-post"))
    return _registration(*said, topics, domain, caller)


def read_parameters(values: Sequence[Value], caller: str) -> Registration:
    """The XML-RPC parameters, in the order of the form's."""
    if len(values) not in (5, 6) or not isinstance(values[4], list):
        raise HubRefused("Its parameters are notifyProcedure, port, path, protocol, urlList and, perhaps, domain.")
    procedure, port, path, protocol = (str(it) for it in values[:4])
    domain = str(values[5]) if len(values) == 6 else ""
    return _registration(procedure, port, path, protocol, [str(it) for it in values[4]], domain, caller)


def register(store: Store, rules: Rules, asked: Registration, now: datetime, partner: str | None = None) -> str:
    """Keep a request per topic, under a partner's key or none; HubRefused with what is wrong, and then of no topic."""
    how = How("rsscloud", partner, procedure=asked.procedure, by_test=asked.by_test)
    with store.read() as tx:
        for topic in asked.topics:
            topic_of(tx, rules, topic)
    for topic in asked.topics:
        one = Asked("subscribe", topic, asked.callback, LEASE)
        subscribe(store, rules, one, how, now=now)
    return "Taken. Your address is asked now; then you are pinged for 25 hours."


def ping(store: Store, rules: Rules, topic: str, now: datetime) -> str:
    """A publisher says that a topic has news."""
    if not topic:
        raise HubRefused("A ping names the feed that has news: url is missing.")
    return take_ping(store, rules, Ping((topic,)), now)


def ping_of(topic: str, procedure: str | None) -> tuple[bytes, str]:
    """(body, Content-Type) of what a receiver is sent: the address of the topic and nothing else."""
    if procedure is not None:
        return write_call(procedure, [topic]), _XML
    return urlencode({"url": topic}).encode(), FORM


def verification_of(asked: SubscriptionRequest, challenge: str, bounds: Bounds) -> WebRequest:
    """The request that asks a receiver whether it means it: a challenge, or a test ping."""
    if not asked.by_test:
        url = with_query(asked.callback, {"url": asked.asked_topic, "challenge": challenge})
        return WebRequest(url, reach="callback", follow_redirects=False, bounds=bounds)
    body, kind = ping_of(asked.asked_topic, asked.procedure)
    fields = {"Content-Type": kind}
    return WebRequest(asked.callback, "POST", fields, body, reach="callback", follow_redirects=False, bounds=bounds)


def _registration(
    procedure: str, port: str, path: str, protocol: str, topics: Sequence[str], domain: str, caller: str
) -> Registration:
    if protocol not in _PROTOCOLS:
        raise HubRefused(f"protocol is {protocol[:20]!r}; there are {', '.join(_PROTOCOLS)}.")
    if not port.isascii() or not port.isdigit() or len(port) > 5 or not 1 <= int(port) <= 65535:
        raise HubRefused("port is no port: it is a number from 1 to 65535.")
    if not path.startswith("/") or len(path) > 1000 or not path.isprintable() or " " in path or "#" in path:
        raise HubRefused("path is no path: it begins with a slash.")
    if not topics or len(topics) > MOST_TOPICS:
        raise HubRefused(f"Name one to {MOST_TOPICS} feeds: url1, url2 and so on.")
    by_xml = protocol == "xml-rpc"
    if by_xml and not (0 < len(procedure) <= 100 and procedure.isascii() and procedure.isprintable()):
        raise HubRefused("notifyProcedure is missing: by xml-rpc a procedure of yours is called.")
    host = domain or caller
    if not host or len(host) > 255 or any(it in host for it in "/?#@ \\") or not host.isprintable():
        raise HubRefused("domain is no host name.")
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    callback = f"{_PROTOCOLS[protocol]}://{host}:{int(port)}{path}"
    return Registration(tuple(topics), callback, procedure if by_xml else None, not domain)
