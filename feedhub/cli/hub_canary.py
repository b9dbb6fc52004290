"""`feedhub hub canary`: how long pushes take from publication to delivery, by topic, and which are late."""

from __future__ import annotations

import click

from feedhub.cli.output import house, json_option, local, plain, print_json, print_table
from feedhub.hub.canary import late_ones, spans_of
from feedhub.store.canaries import list_canaries


@click.command()
@json_option
def canary(as_json: bool) -> None:
    """Show what our own subscriber on every topic has measured, of the last hundred deliveries each."""
    with house() as home, home.store.read() as tx:
        found = list_canaries(tx)
        late = {one.topic for one in late_ones(found, home.clock.now())}
    measured = [(one, spans_of(one.latencies)) for one in found]
    if as_json:
        print_json([plain(one) | {"spans": plain(spans), "late": one.topic in late} for one, spans in measured])
        return
    rows = [
        (
            one.topic,
            one.seq,
            one.received,
            local(one.received_at, home.config) if one.received_at else "",
            *((f"{spans.p50} ms", f"{spans.p95} ms", f"{spans.p99} ms") if spans else ("", "", "")),
            "late" if one.topic in late else "",
        )
        for one, spans in measured
    ]
    print_table(("topic", "sequence", "arrived", "last", "p50", "p95", "p99", ""), rows)
