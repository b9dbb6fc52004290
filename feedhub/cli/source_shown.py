"""What a trial and the recogniser found, for people."""

from __future__ import annotations

import click

from feedhub.ingest.trial import Trial
from feedhub.model.recognised import Recognised


def show_recognised(recognised: Recognised) -> None:
    """What an address could be, each proposal with its fields and how sure they are."""
    click.echo(f"This is {recognised.page}" + (f"; text is {recognised.encoding}" if recognised.encoding else ""))
    for number, proposal in enumerate(recognised.proposals, 1):
        about = f"{proposal.total} items" if proposal.samples else "not looked at yet"
        click.echo(
            f"{number}. {proposal.kind} {proposal.url} {proposal.title} ({about}, sure {proposal.confidence:.0%})"
        )
        for guess in proposal.guesses:
            click.echo(f"     {guess.field:<9} {guess.confidence:>4.0%}  {guess.where}")
        if proposal.time_zone:
            click.echo(f"     time zone       {proposal.time_zone}")
        for item in proposal.samples if proposal.kind in ("html", "json") else ():
            when = f"{item.published:%Y-%m-%d %H:%M}" if item.published else "no date"
            click.echo(f"     [{when}] {item.title}  {item.link}")


def show_trial(trial: Trial) -> None:
    """A trial for people."""
    fetched = trial.response
    if fetched is not None:
        for hop in fetched.hops:
            click.echo(f"  {hop.status} → {hop.url}")
        click.echo(f"{fetched.status} {fetched.url} ({fetched.wire_bytes} bytes in {fetched.seconds:.2f} s)")
    for feed in trial.feeds:
        click.echo(f"{feed.version}: {feed.title or '(no title)'}; {feed.total} items; text is {feed.encoding}")
    for note in trial.notes:
        click.echo(f"  note: {note}")
    for item, decision in trial.items[:10]:
        when = f"{item.published:%Y-%m-%d %H:%M %z}" if item.published else "no date"
        click.echo(f"  {decision.outcome:<9} {decision.reason} by {decision.rule}  [{when}] {item.title}")
        if decision.note:
            click.echo(f"            {decision.note}")
    if len(trial.items) > 10:
        click.echo(f"  … and {len(trial.items) - 10} more")
