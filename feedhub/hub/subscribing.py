"""A request to the hub is taken in: asked ─→ its topic, its callback, the caps ─→ a row that waits for verification.

Nothing that stands is changed here. The answer never waits for the subscriber (WebSub §5.1.1): a job verifies.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.errors import FetchError, HubRefused
from feedhub.hub.asking import Asked, Ping, normal_address, read_request
from feedhub.hub.rules import Rules
from feedhub.model.hub import Dialect, SubscriptionRequest
from feedhub.net.address import port_refusal
from feedhub.net.url import OutboundUrl, parse_outbound
from feedhub.store.engine import Store
from feedhub.store.places import place_at, place_before_last, section_of
from feedhub.store.subscription_requests import add_request, earliest_baseline, failed_at, waiting_at
from feedhub.store.subscriptions import count_active, find_subscription
from feedhub.store.topics import document_seq, ensure_topic, find_topic, note_ping

PING_EVERY = timedelta(seconds=10)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TopicAsked:
    """A topic that may be subscribed to: its name in the store, and its seq at this moment."""

    name: str
    foreign: bool
    seq: int


@dataclass(frozen=True, slots=True)
class How:
    """In which dialect, and under which partner's key, a request came.

    In rssCloud `procedure` is called by XML-RPC, and `by_test` takes a test ping for a verification (SEMANTICS 28).
    """

    dialect: Dialect
    partner: str | None = None
    procedure: str | None = None
    by_test: bool = False


def take_request(
    store: Store, rules: Rules, body: bytes, content_type: str, *, now: datetime, partner: str | None = None
) -> str:
    """Take a form that was posted to the hub, under a partner's key or none; returns what to say. HubRefused with what
    is wrong."""
    asked = read_request(body, content_type)
    if isinstance(asked, Ping):
        return take_ping(store, rules, asked, now)
    return subscribe(store, rules, asked, How("websub", partner), now=now)


def subscribe(store: Store, rules: Rules, asked: Asked, how: How, *, now: datetime) -> str:
    """Keep a request to subscribe or unsubscribe; it is verified soon."""
    url = check_callback(rules, asked.callback)
    exempt = url.address is not None and rules.reach.lists(url.address)
    if asked.secret and url.scheme == "http" and rules.secret_needs_https and not exempt:
        raise HubRefused(
            "A hub.secret over plain http can be read on the way: use an https callback, or leave the secret out.",
            code="secret_refused",
        )
    with store.read() as tx:
        topic = topic_of(tx, rules, asked.topic)
        if not exempt:
            _check_host(tx, rules, url.host, now)
        if asked.mode == "subscribe":
            _check_caps(tx, rules, topic, asked.callback, how.dialect, "" if exempt else url.host, now)

        since = _since(tx, topic, asked)
    to_approve = _admit(rules, topic, how) if asked.mode == "subscribe" else False

    def keep(tx: Connection) -> None:
        row = ensure_topic(tx, topic.name, foreign=topic.foreign, seq=topic.seq)
        earlier = earliest_baseline(tx, row.id, asked.callback, how.dialect)
        request = SubscriptionRequest(
            id="",
            mode=asked.mode,
            topic_id=row.id,
            topic=topic.name,
            asked_topic=asked.topic,
            callback=asked.callback,
            host=url.host,
            dialect=how.dialect,
            procedure=how.procedure,
            by_test=how.by_test,
            lease_seconds=int(asked.lease.total_seconds()),
            secret=asked.secret,
            signature=asked.signature,
            partner=how.partner,
            to_approve=to_approve,
            since_seq=since,
            baseline_seq=topic.seq if earlier is None else min(earlier, topic.seq),
            exempt=exempt,
            asked_at=now,
            next_try=now,
        )
        add_request(tx, request)

    store.write_together(keep)
    return "The request is taken. Your callback is asked now whether it means it."


def topic_of(tx: Connection, rules: Rules, asked: str) -> TopicAsked:
    """The topic that an address means: a canonical document, or a foreign one that is allowed (SEMANTICS 26)."""
    address = normal_address(asked)
    if address.startswith(rules.base + "/"):
        path, _, query = address.removeprefix(rules.base).partition("?")
        seq = document_seq(tx, path)
        if seq is None:
            raise HubRefused(
                f"There is no topic {asked[:300]}. Topics are the feeds listed at {rules.base_url}/rss/ and "
                f"{rules.base_url}/opml.xml, at exactly those addresses.",
                code="topic_refused",
            )
        if query:
            raise HubRefused(f"A topic has no parameters: subscribe to {rules.base_url}{path}.", code="topic_refused")
        return TopicAsked(path, False, seq)
    if address not in rules.allowed:
        raise HubRefused(
            f"This hub does not serve {asked[:300]}: it serves the feeds of {rules.base_url}/rss/.",
            code="topic_refused",
        )
    known = find_topic(tx, address)
    return TopicAsked(address, True, known.seq if known else 0)


def check_callback(rules: Rules, callback: str) -> OutboundUrl:
    """The callback's parts; HubRefused when its words alone tell that it is never called. Nothing is looked up."""
    try:
        url = parse_outbound(callback)
    except FetchError as error:
        raise HubRefused(f"hub.callback: {error.message}", code="callback_refused") from error
    refusal = rules.reach.refusal(url.address, url.port) if url.address else port_refusal(url.port)
    if refusal is not None:
        raise HubRefused(f"hub.callback is refused: {refusal.reason}.", code="callback_refused")
    return url


def take_ping(store: Store, rules: Rules, ping: Ping, now: datetime) -> str:
    """Take a publisher's word that topics have news: ours are followed anyway, a foreign one is fetched soon.

    However often it is said, a topic is fetched at most once in ten seconds (PROMISES B5 74).
    """
    with store.read() as tx:
        asked = [topic_of(tx, rules, name) for name in ping.topics]
        known = {topic.name: find_topic(tx, topic.name) for topic in asked}
    due = []
    for topic in asked:
        row = known[topic.name]
        if topic.foreign:
            soonest = now if row is None or row.fetched_at is None else max(now, row.fetched_at + PING_EVERY)
            # One that is under way is due later: it may have begun before the news that this ping tells of.
            if row is None or row.fetch_due is None or row.fetch_due > soonest:
                due.append((topic, soonest))
    if due:
        with store.write() as tx:
            for topic, fetch_at in due:
                ensure_topic(tx, topic.name, foreign=True, seq=topic.seq)
                note_ping(tx, topic.name, now=now, fetch_at=fetch_at)
    return "Thank you: the topic is looked at."


def _since(tx: Connection, topic: TopicAsked, asked: Asked) -> int | None:
    """Where the cursor is set: by number, by instant, or before the last so many articles."""
    if isinstance(asked.since, int):
        return min(asked.since, topic.seq)
    section = None if topic.foreign else section_of(tx, topic.name)
    if section is None or (asked.since is None and asked.last is None):
        return None
    if asked.since is not None:
        return min(place_at(tx, section, asked.since), topic.seq)
    return min(place_before_last(tx, section, asked.last or 1), topic.seq)


def _admit(rules: Rules, topic: TopicAsked, how: How) -> bool:
    """Whether the publisher has to approve it first; HubRefused where a key is needed."""
    approval = rules.approval_of(topic.name)
    if approval == "key" and how.partner is None:
        raise HubRefused("This topic is for partners: send your key (Authorization: Bearer fhk_…).", code="key_needed")
    return approval == "approve"


def _check_host(tx: Connection, rules: Rules, host: str, now: datetime) -> None:
    failed = failed_at(tx, host, now - _MINUTE)
    if failed >= rules.failures_a_minute or waiting_at(tx, host) >= rules.most_waiting:
        raise HubRefused(
            f"Too many requests for callbacks at {host} wait for an answer, or got none. Try again in a minute.",
            code="too_many",
            retry_after=60,
        )


def _check_caps(
    tx: Connection, rules: Rules, topic: TopicAsked, callback: str, dialect: Dialect, host: str, now: datetime
) -> None:
    row = find_topic(tx, topic.name)
    if row is not None:
        standing = find_subscription(tx, row.id, callback, dialect)
        if standing is not None and standing.state in ("active", "waiting"):
            return
        if count_active(tx, now, topic_id=row.id) >= rules.most_per_topic:
            raise HubRefused("This topic has as many subscribers as this hub takes.", code="too_many", retry_after=3600)
    if host and count_active(tx, now, host=host) >= rules.most_per_host:
        raise HubRefused(
            f"{host} has as many subscriptions as one subscriber may have here.", code="too_many", retry_after=3600
        )
