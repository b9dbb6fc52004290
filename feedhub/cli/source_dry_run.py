"""`feedhub source test KEY --stored`: what the rules make of the items that are here already."""

from __future__ import annotations

import click

from feedhub.cli.output import print_json
from feedhub.ingest.decide import Rules
from feedhub.ingest.dry_run import judge_stored
from feedhub.model.entry import Decision, Entry
from feedhub.model.source import Source
from feedhub.store.sources import get_source
from feedhub.wiring.house import House

NEWEST = 200


def show_stored(home: House, source: Source, *, as_json: bool) -> None:
    """The newest stored items of a source, each with what would be decided now and by which rule."""
    rules = Rules(home.config.portal.sections(), home.config.settings.portal.reprints)
    with home.store.read() as tx:
        judged = judge_stored(tx, source, rules, limit=NEWEST)
    if as_json:
        print_json([_object(entry, decision) for entry, decision in judged])
        return
    for entry, decision in judged:
        click.echo(
            f"  {decision.outcome:<9} {decision.reason} by {decision.rule}  [{entry.state} now] {entry.item.title}"
        )
        if decision.note:
            click.echo(f"            {decision.note}")
    if not judged:
        click.echo("Nothing of it is stored.")


def as_declared(home: House, key: str) -> Source:
    """The source as its file has it now, else as the store has it: rules are tried before the service takes them up."""
    for source in home.config.sources:
        if source.key == key:
            return source
    with home.store.read() as tx:
        return get_source(tx, key)


def _object(entry: Entry, decision: Decision) -> dict[str, str]:
    return {
        "id": entry.id,
        "title": entry.item.title,
        "state": entry.state,
        "outcome": decision.outcome,
        "reason": decision.reason,
        "rule": decision.rule,
        "note": decision.note,
    }
