"""`feedhub hub webhook add | list | events | replay | rotate | remove`: partners that are told of single events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

from feedhub.basics.dates import zone
from feedhub.cli.output import house, json_option, local, plain, print_json, print_table, show_once
from feedhub.errors import HubRefused, UsageError
from feedhub.hub.subscribing import check_callback
from feedhub.hub.webhooks import CHANGE_OVER, key_of_secret, new_secret
from feedhub.model.webhook import EVENT_TYPES, Webhook
from feedhub.store.partners import get_partner
from feedhub.store.webhooks import (
    add_webhook,
    count_waiting,
    get_webhook,
    list_events,
    list_webhooks,
    remove_webhook,
    replay_events,
    rotate_webhook,
)

_SECRETS = ("secret", "old_secret")


@click.group()
def webhook() -> None:
    """Partners that are told of single events by signed messages (Standard Webhooks)."""


@webhook.command()
@click.argument("name")
@click.argument("url")
@click.option("--event", "events", multiple=True, type=click.Choice(EVENT_TYPES), help="Only of these; all otherwise.")
@click.option("--section", "sections", multiple=True, help="Only of articles in these sections and below.")
@click.option("--partner", metavar="NAME", help="The partner that sees it under its key.")
@click.option("--secret", help="whsec_ and base64 of the partner's choice; one is made otherwise.")
@json_option
def add(
    name: str,
    url: str,
    events: tuple[str, ...],
    sections: tuple[str, ...],
    partner: str | None,
    secret: str | None,
    as_json: bool,
) -> None:
    """Tell URL of what happens from now on; its secret is shown once."""
    with house() as home:
        try:
            check_callback(home.hub_rules(), url)
        except HubRefused as refused:
            raise UsageError(refused.message.replace("hub.callback", "URL")) from refused
        unknown = sorted(set(sections) - set(home.config.portal.sections()))
        if unknown:
            raise UsageError(f"There is no section {', '.join(unknown)}.")
        chosen = secret or new_secret(home.dice.token())
        key_of_secret(chosen)
        now = home.clock.now()
        made = Webhook(
            id="", name=name, url=url, secret=chosen, events=events, sections=sections, partner=partner, created_at=now
        )
        with home.store.write() as tx:
            if partner is not None:
                get_partner(tx, partner)
            add_webhook(tx, made)
    show_once(name, "secret", chosen, as_json=as_json)


@webhook.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List webhooks; secrets are never shown."""
    with house() as home, home.store.read() as tx:
        found = [(one, *count_waiting(tx, one.id)) for one in list_webhooks(tx)]
    if as_json:
        print_json([_object(one) | {"waiting": waiting, "given_up": lost} for one, waiting, lost in found])
        return
    rows = [
        (one.name, one.url, one.state, ", ".join(one.events) or "all", ", ".join(one.sections) or "all", waiting, lost)
        for one, waiting, lost in found
    ]
    print_table(("name", "url", "state", "events", "sections", "waiting", "given up"), rows)


@webhook.command()
@click.argument("name")
@click.option("--given-up", is_flag=True, help="Only those that were given up.")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@json_option
def events(name: str, given_up: bool, limit: int, as_json: bool) -> None:
    """List the latest events of a webhook, newest first."""
    with house() as home, home.store.read() as tx:
        found = list_events(tx, get_webhook(tx, name).id, given_up=given_up, limit=limit)
    if as_json:
        shown = [plain(one) for one in found]
        print_json([{key: value for key, value in one.items() if key != "body"} for one in shown])
        return
    rows = [
        (local(one.at, home.config), one.message_id, one.type, one.seq or "", one.tries, one.outcome or "waits")
        for one in found
    ]
    print_table(("at", "message", "type", "sequence", "tries", "outcome"), rows)


@webhook.command()
@click.argument("name")
@click.option(
    "--since", metavar="INSTANT", help="Everything since then, such as 2026-11-24T08:00, not only the given up."
)
@click.option("--last", type=click.IntRange(1), metavar="N", help="The last N, whatever became of them.")
def replay(name: str, since: str | None, last: int | None) -> None:
    """Send again what was given up, in order and under the same ids."""
    if since is not None and last is not None:
        raise UsageError("Say --since or --last, not both.")
    with house() as home, home.store.write() as tx:
        moment = None
        if since is not None:
            try:
                moment = datetime.fromisoformat(since)
            except ValueError as error:
                raise UsageError(f"--since: {since!r} is no instant such as 2026-11-24T08:00.") from error
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=zone(home.config.portal.time_zone))
        again = replay_events(tx, get_webhook(tx, name).id, home.clock.now(), since=moment, last=last)
    click.echo(f"to be sent now: {again}")


@webhook.command()
@click.argument("name")
@json_option
def rotate(name: str, as_json: bool) -> None:
    """Give a webhook a new secret; for a week messages carry the signatures of both."""
    with house() as home:
        secret = new_secret(home.dice.token())
        with home.store.write() as tx:
            rotate_webhook(tx, name, secret, home.clock.now() + CHANGE_OVER)
    show_once(name, "secret", secret, as_json=as_json)


@webhook.command()
@click.argument("name")
def remove(name: str) -> None:
    """Tell a webhook nothing more, and forget its events."""
    with house() as home, home.store.write() as tx:
        remove_webhook(tx, name)
    click.echo(f"removed {name}")


def _object(one: Webhook) -> dict[str, Any]:
    shown: dict[str, Any] = plain(one)
    return {key: value for key, value in shown.items() if key not in _SECRETS}
