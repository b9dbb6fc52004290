"""`feedhub source freeze | mend | trust`: an operator's hand on a source that is not what it was."""

from __future__ import annotations

from dataclasses import fields

import click
import yaml

from feedhub.basics.text import one_line
from feedhub.cli.output import house, json_option, plain, print_json, whoami
from feedhub.ingest.hold import drift_of, freeze_source, mend_source, trust_source, withdraw_from
from feedhub.model.extract import Extract
from feedhub.model.shape import Drift
from feedhub.model.source import Source
from feedhub.store.sources import get_source


@click.command()
@click.argument("key")
@click.option("--withdraw", is_flag=True, help="Withdraw every article that came from it, too.")
@click.option("--reason", help="Why; the tombstones of --withdraw carry it.")
def freeze(key: str, withdraw: bool, reason: str | None) -> None:
    """Hold a source: no polls, nothing of it is accepted, until `source resume`."""
    said = one_line(reason or "its source was frozen")
    with house() as home, home.store.write() as tx:
        now = home.clock.now()
        freeze_source(tx, key, now=now)
        gone = withdraw_from(tx, key, now=now, by=whoami(), reason=said) if withdraw else 0
    click.echo(f"{key}: frozen" + (f"; {gone} articles withdrawn: {said}" if withdraw else ""))


@click.command()
@click.argument("key")
def trust(key: str) -> None:
    """Lift a suspicion or an alarm of redesign: what the source brings now is right, and learned anew."""
    with house() as home, home.store.write() as tx:
        lifted = trust_source(tx, key, now=home.clock.now(), by=whoami())
    click.echo(f"{key}: trusted again; it is due now")
    for words in lifted:
        click.echo(f"  lifted: {words}")


@click.command()
@click.argument("key")
@click.option("--yes", is_flag=True, help="Take the proposed rule without asking.")
@json_option
def mend(key: str, yes: bool, as_json: bool) -> None:
    """Show a redesigned page, old against new, and take the rule that reads it."""
    with house() as home:
        with home.store.read() as tx:
            source, drift = get_source(tx, key), drift_of(tx, key)
        if as_json:
            print_json(plain(drift))
        else:
            _show(source.extract or Extract(), drift)
        if drift.proposed is None:
            click.echo(f"{_no_rule(source)}; if it is right as it is, `feedhub source trust {key}`.", err=True)
            raise click.exceptions.Exit(1)
        if source.declared_at is not None:
            if not as_json:
                click.echo(f"Write this into {source.declared_at}, and start the service again:\n")
                click.echo(as_yaml(drift.proposed))
            return
        if not yes and (as_json or not click.confirm("Take this rule?", default=False)):
            return
        with home.store.write() as tx:
            mend_source(tx, key, drift.proposed, now=home.clock.now(), by=whoami())
    click.echo(f"{key}: mended; it is due now", err=as_json)


def _no_rule(source: Source) -> str:
    if source.kind in ("feed", "sitemap"):
        return f"A source of the kind {source.kind} has no selectors that could be mended"
    return "No rule was found that reads it. Give it selectors by hand"


def _show(old: Extract, drift: Drift) -> None:
    click.echo(f"It looks otherwise since {drift.since:%Y-%m-%d %H:%M}Z:")
    for sign in drift.signs:
        click.echo(f"  {sign}")
    if drift.reads_now:
        click.echo("Its rule reads now:")
        for title in drift.reads_now:
            click.echo(f"  {title}")
    if drift.proposed is None:
        return
    click.echo(f"This rule would read it (sure {drift.confidence:.0%}):")
    for field in fields(Extract):
        before, after = getattr(old, field.name), getattr(drift.proposed, field.name)
        if before != after:
            click.echo(f"  {field.name}: {before or 'nothing'} → {after or 'nothing'}")
    for words in drift.would_read:
        click.echo(f"  {words}")


def as_yaml(extract: Extract) -> str:
    """The `extract` part as it stands in a source's file."""
    none = Extract()
    values = {field.name: getattr(extract, field.name) for field in fields(Extract)}
    written = {name: value for name, value in values.items() if value != getattr(none, name)}
    shown = {name: plain(value) for name, value in written.items()}
    if extract.detail is not None:
        shown["detail"] = {name: value for name, value in plain(extract.detail).items() if value is not None}
    if extract.namespaces:
        shown["namespaces"] = dict(extract.namespaces)
    text: str = yaml.safe_dump({"extract": shown}, allow_unicode=True, sort_keys=False, width=1000)
    return "".join(f"  {line}\n" for line in text.splitlines())
