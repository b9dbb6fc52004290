"""`feedhub hub list | show | deliveries | replay | deny | test-callback`. Secrets are never shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import click
from sqlalchemy import Connection

from feedhub.basics.dates import zone
from feedhub.cli.hub_canary import canary
from feedhub.cli.hub_test import test_callback
from feedhub.cli.hub_webhook import webhook
from feedhub.cli.output import house, json_option, local, plain, print_fields, print_json, print_table
from feedhub.config.load import Config
from feedhub.errors import FetchError, NotFound, UsageError
from feedhub.hub.asking import MOST_LAST
from feedhub.hub.signing import delivery_id
from feedhub.hub.verifying import denial
from feedhub.model.hub import Attempt, Subscription
from feedhub.store.attempts import last_delivered, list_attempts
from feedhub.store.places import place_at, place_before_last, section_of
from feedhub.store.subscription_requests import list_requests
from feedhub.store.subscriptions import (
    CANARY,
    approve,
    deny,
    get_subscription,
    list_subscriptions,
    set_cursor,
)
from feedhub.store.topics import find_topic, get_topics

_STATES = ("active", "waiting", "expired", "unsubscribed", "gone", "denied")


@click.group()
def hub() -> None:
    """Who is pushed to, what was delivered, what was given up."""


hub.add_command(test_callback)
hub.add_command(webhook)
hub.add_command(canary)


@hub.command("list")
@click.option("--topic", metavar="PATH", help="Only subscriptions to this topic, such as /rss/life.xml.")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option("--stopped", is_flag=True, help="Only those whose deliveries were given up.")
@click.option("--requests", "waiting", is_flag=True, help="The latest requests instead, and how each ended.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=1000, show_default=True)
@json_option
def list_(topic: str | None, state: Any, stopped: bool, waiting: bool, limit: int, as_json: bool) -> None:
    """List subscriptions, oldest first."""
    with house() as home, home.store.read() as tx:
        if waiting:
            asked = list_requests(tx, limit=limit)
            if as_json:
                print_json([replace(one, secret=None) for one in asked])
                return
            rows = [
                (one.id, local(one.asked_at, home.config), one.mode, one.topic, one.callback, one.outcome or "waits")
                for one in asked
            ]
            print_table(("id", "asked", "what", "topic", "callback", "outcome"), rows)
            return
        topic = _path(topic, home.config)
        found = list_subscriptions(tx, topic=topic, state=state, stopped=True if stopped else None, limit=limit)
    if as_json:
        print_json([_object(one) for one in found])
        return
    print_table(
        ("id", "topic", "callback", "state", "until", "has", "tries", "last", "reason"),
        [
            (
                one.id,
                one.topic,
                one.callback,
                "stopped" if one.state == "active" and one.stopped_seq is not None else one.state,
                local(one.lease_until, home.config),
                one.acked_seq,
                one.tries,
                one.last_status or "",
                one.reason or "",
            )
            for one in found
        ],
    )


@hub.command()
@click.argument("subscription_id", metavar="ID")
@json_option
def show(subscription_id: str, as_json: bool) -> None:
    """Show one subscription with its latest tries."""
    with house() as home, home.store.read() as tx:
        one = get_subscription(tx, subscription_id)
        topic = get_topics(tx, [int(one.topic_id)])[int(one.topic_id)]
        tries = _tries(tx, one.id, 20)
    if as_json:
        print_json(_object(one) | {"topic_seq": topic.seq, "attempts": [plain(it) for it in tries]})
        return
    print_fields(_fields(one, home.config, topic.seq))
    if tries:
        click.echo()
        heads = ("at", "delivery", "sequence", "try", "outcome", "status", "reason")
        rows = [
            (local(it.at, home.config), it.delivery_id, it.seq, it.number, it.outcome, it.status or "", it.reason or "")
            for it in tries
        ]
        print_table(heads, rows)


@hub.command()
@click.option("--subscription", metavar="ID", help="Only those of one subscription.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@json_option
def deliveries(subscription: str | None, limit: int, as_json: bool) -> None:
    """List the latest tries, newest first.

    Of deliveries that succeeded at once, only the last one of each subscription is known.
    """
    with house() as home, home.store.read() as tx:
        if subscription is not None:
            subscription = get_subscription(tx, subscription).id
        found = _tries(tx, subscription, limit)
    if as_json:
        print_json(found)
        return
    print_table(
        ("at", "subscription", "callback", "topic", "sequence", "try", "outcome", "status", "reason"),
        [
            (
                local(it.at, home.config),
                it.subscription_id,
                it.callback,
                it.topic,
                it.seq,
                it.number,
                it.outcome,
                it.status or "",
                it.reason or "",
            )
            for it in found
        ],
    )


@hub.command()
@click.argument("subscription_ids", metavar="ID...", nargs=-1)
@click.option("--stopped", is_flag=True, help="Every subscription whose deliveries were given up.")
@click.option("--topic", metavar="PATH", help="With --stopped: only those of this topic.")
@click.option("--since", metavar="PLACE", help="Send again what came after this sequence, or since this instant.")
@click.option("--last", type=click.IntRange(1, MOST_LAST), metavar="N", help="Send the last N articles again.")
def replay(
    subscription_ids: tuple[str, ...], stopped: bool, topic: str | None, since: str | None, last: int | None
) -> None:
    """Try again what was given up, from where each receiver stands; with --since or --last, send again from there."""
    if since is not None and last is not None:
        raise UsageError("Say --since or --last, not both.")
    if bool(subscription_ids) == stopped:
        raise UsageError("Name subscriptions, or say --stopped for all whose deliveries were given up.")
    if topic is not None and not stopped:
        raise UsageError("--topic goes with --stopped.")
    with house() as home, home.store.write() as tx:
        now = home.clock.now()
        if stopped:
            topic = _path(topic, home.config)
            found = list_subscriptions(tx, topic=topic, state="active", stopped=True, limit=1_000_000)
        else:
            found = [get_subscription(tx, it) for it in subscription_ids]
        for one in found:
            known = find_topic(tx, one.topic)
            if known is None:
                raise NotFound("topic", one.topic)
            place = _place(tx, one, since, last, home.config)
            set_cursor(tx, one.id, one.acked_seq if place is None else min(place, known.seq), now)
    click.echo(f"to be sent now: {len(found)}")


@hub.command("approve")
@click.argument("subscription_id", metavar="ID")
def approve_(subscription_id: str) -> None:
    """Let a subscription that waits for the publisher be one (`hub.approval`)."""
    with house() as home, home.store.write() as tx:
        one = approve(tx, subscription_id, home.clock.now())
    click.echo(f"{one.callback} gets {one.topic} from now on")


@hub.command("deny")
@click.argument("subscription_id", metavar="ID")
@click.option("--reason", required=True, help="What the subscriber is told.")
def deny_(subscription_id: str, reason: str) -> None:
    """End a subscription and tell the subscriber why (hub.mode=denied)."""
    with house() as home, home.pushing() as web:
        rules = home.hub_rules()
        with home.store.write() as tx:
            one = deny(tx, subscription_id, reason, home.clock.now())
        topic = rules.address_of(one.topic, foreign=one.foreign)
        try:
            said = f"the callback answered {web.send(denial(topic, one.callback, reason)).status}"
        except FetchError as error:
            said = f"the callback could not be told: {error}"
    click.echo(f"{one.callback} gets nothing of {one.topic} any more; {said}")


def _path(topic: str | None, config: Config) -> str | None:
    """A topic as the store names it, whether its path or its address was given."""
    return None if topic is None else topic.removeprefix(config.portal.base_url)


def _tries(tx: Connection, subscription_id: str | None, limit: int) -> list[Attempt]:
    """What is written down of tries, and what cursors tell of those that succeeded at once."""
    told = list_attempts(tx, subscription_id=subscription_id, limit=limit)
    for one in last_delivered(tx, subscription_id=subscription_id, but_of=CANARY, limit=limit):
        told.append(replace(one, delivery_id=delivery_id(one.subscription_id, one.seq)))
    return sorted(told, key=lambda one: one.at, reverse=True)[:limit]


def _place(tx: Connection, one: Subscription, since: str | None, last: int | None, config: Config) -> int | None:
    """The number after which a receiver is sent again what came."""
    if since is not None and since.isascii() and since.isdigit():
        if len(since) > 18:
            raise UsageError(f"--since: {since[:40]} is no sequence of this hub.")
        return int(since)
    section = section_of(tx, one.topic) or ""
    if last is not None:
        return place_before_last(tx, section, last)
    if since is None:
        return None
    try:
        moment = datetime.fromisoformat(since)
    except ValueError as error:
        raise UsageError(f"--since: {since!r} is neither a sequence nor an instant: 2026-11-24T08:00.") from error
    return place_at(tx, section, moment if moment.tzinfo else moment.replace(tzinfo=zone(config.portal.time_zone)))


def _object(one: Subscription) -> dict[str, Any]:
    shown: dict[str, Any] = plain(replace(one, secret=None))
    del shown["fence"], shown["secret"]
    return shown | {"signed": one.secret is not None}


def _fields(one: Subscription, config: Config, topic_seq: int) -> list[tuple[str, Any]]:
    behind = "all" if one.acked_seq >= topic_seq else f"up to {one.acked_seq} of {topic_seq}"
    stopped = f"{local(one.stopped_at, config)}, at {one.stopped_seq}" if one.stopped_at else None
    answer = None if one.answer_ms is None else timedelta(milliseconds=one.answer_ms).total_seconds()
    return [
        ("id", one.id),
        ("topic", one.topic),
        ("callback", one.callback),
        ("dialect", one.dialect),
        ("state", one.state),
        ("signed", one.signature if one.secret else "no"),
        ("until", local(one.lease_until, config)),
        ("verified", local(one.verified_at, config)),
        ("has", behind),
        ("tries in vain", one.tries or None),
        ("next try", local(one.next_try, config) if one.tries else None),
        ("given up", stopped),
        ("reason", one.reason),
        ("last status", one.last_status),
        ("last tried", local(one.last_at, config)),
        ("answered in", None if answer is None else f"{answer:g} s"),
    ]
