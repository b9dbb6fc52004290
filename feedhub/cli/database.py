"""`feedhub db upgrade|check`."""

from __future__ import annotations

from datetime import timedelta

import click

from feedhub.cli.output import json_option, load, plain, print_json
from feedhub.errors import Conflict
from feedhub.ports.clock import SystemClock
from feedhub.store.engine import Store
from feedhub.store.schema import check_schema, upgrade_schema
from feedhub.store.settings import last_tick

SERVICE_SILENCE = timedelta(seconds=30)


@click.group()
def db() -> None:
    """The tables."""


@db.command()
def upgrade() -> None:
    """Run every migration that is missing; refused beside a running service."""
    store = Store(load().store_url)
    try:
        state = check_schema(store, compare=False)
        if state.present not in (None, state.wanted) and state.known:
            with store.read() as tx:
                beat = last_tick(tx)
            if beat is not None and SystemClock().now() - beat < SERVICE_SILENCE:
                raise Conflict("A worker beat on these tables within the last half minute: stop the service first.")
        click.echo(f"{store.url}: at revision {upgrade_schema(store)}.")
    finally:
        store.close()


@db.command()
@json_option
@click.pass_context
def check(context: click.Context, as_json: bool) -> None:
    """Compare the tables with this program; exit 1 when they differ."""
    store = Store(load().store_url)
    try:
        state = check_schema(store)
    finally:
        store.close()
    if as_json:
        print_json({"url": store.url} | plain(state))
    elif state.current:
        click.echo(f"{store.url}: at revision {state.present}, as this program wants it.")
    else:
        click.echo(f"{store.url}: at revision {state.present or 'none'}, this program wants {state.wanted}.")
        for difference in state.differences:
            click.echo(f"  {difference}")
        newer = "It was made by a newer FeedHub: start that one."
        click.echo("Run `feedhub db upgrade`." if state.known else newer)
    context.exit(0 if state.current else 1)
