"""`feedhub partner add | list | rotate | revoke`: keys of partners; a key is shown once and stored nowhere."""

from __future__ import annotations

import re
from datetime import timedelta

import click

from feedhub.access.keys import digest_of, new_key
from feedhub.cli.output import house, json_option, local, print_json, print_table, show_once
from feedhub.errors import UsageError
from feedhub.model.partner import SCOPES, Partner, Scope
from feedhub.store.partners import add_partner, list_partners, revoke_partner, rotate_partner

CHANGE_OVER = timedelta(days=7)


@click.group()
def partner() -> None:
    """Partners that subscribe or read under a key."""


@partner.command()
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), help="What the key is for; all otherwise.")
@json_option
def add(name: str, scopes: tuple[Scope, ...], as_json: bool) -> None:
    """Give a new partner a key, which is shown this once."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name) or name == "canary":
        raise UsageError(f"{name!r} is no name for a partner: letters, digits, dots, dashes, 100 at most.")
    with house() as home:
        key = new_key(home.dice.token())
        made = Partner(name=name, scopes=scopes or SCOPES, created_at=home.clock.now())
        with home.store.write() as tx:
            add_partner(tx, made, digest_of(key))
    show_once(name, "key", key, as_json=as_json)


@partner.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List partners; keys are not known here any more."""
    with house() as home, home.store.read() as tx:
        found = list_partners(tx)
    if as_json:
        print_json(found)
        return
    rows = [
        (
            one.name,
            ", ".join(one.scopes),
            local(one.created_at, home.config),
            local(one.rotated_at, home.config) if one.rotated_at else "",
            local(one.revoked_at, home.config) if one.revoked_at else "",
        )
        for one in found
    ]
    print_table(("name", "for", "since", "rotated", "revoked"), rows)


@partner.command()
@click.argument("name")
@json_option
def rotate(name: str, as_json: bool) -> None:
    """Give a partner a new key; the old one opens for another week."""
    with house() as home:
        key, now = new_key(home.dice.token()), home.clock.now()
        with home.store.write() as tx:
            rotate_partner(tx, name, digest_of(key), old_until=now + CHANGE_OVER, now=now)
    show_once(name, "key", key, as_json=as_json)


@partner.command()
@click.argument("name")
def revoke(name: str) -> None:
    """Take a partner's keys away at once; what it has subscribed to stays until its lease is over, or is denied."""
    with house() as home, home.store.write() as tx:
        revoke_partner(tx, name, home.clock.now())
    click.echo(f"the keys of {name} open nothing any more")
