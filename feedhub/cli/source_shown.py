"""What a trial and the recogniser found, for people and as JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

import click

from feedhub.cli.output import plain
from feedhub.ingest.trial import Trial
from feedhub.model.item import Item
from feedhub.model.recognised import Recognised

MOST_SHOWN = 10


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
        if proposal.language:
            click.echo(f"     language        {proposal.language}")
        for item in proposal.samples if proposal.kind in ("html", "json", "xml") else ():
            click.echo(f"     [{_when(item)}] {item.title}  {item.link}")


def show_trial(trial: Trial) -> None:
    """A trial for people: how it was answered and decoded, the first items as they would be stored, and all that
    would not go out."""
    fetched = trial.response
    if fetched is not None:
        for hop in fetched.hops:
            click.echo(f"  {hop.status} → {hop.url}")
        click.echo(f"{fetched.status} {fetched.url} ({fetched.wire_bytes} bytes in {fetched.seconds:.2f} s)")
    read = [
        f"{one.version}: {one.title or '(no title)'}; {one.total} items; text is {one.encoding}" for one in trial.feeds
    ]
    for line, times in Counter(read).items():  # letters of one list are alike
        click.echo(line + (f" ({times} times)" if times > 1 else ""))
    for note in trial.notes:
        click.echo(f"  note: {note}")
    for item, decision in trial.items[:MOST_SHOWN]:
        click.echo(f"  {decision.outcome:<9} {decision.reason} by {decision.rule}  [{_when(item)}] {item.title}")
        if item.link:
            click.echo(f"            {item.link}")
        if decision.note:
            click.echo(f"            {decision.note}")
    left = trial.items[MOST_SHOWN:]
    if left:
        click.echo(f"  … and {len(left)} more")
    for item, decision in left:
        if decision.outcome in ("dropped", "filtered"):
            click.echo(f"  {decision.outcome:<9} {decision.reason} by {decision.rule}  {item.title}")
    counts = Counter(decision.outcome for _, decision in trial.items)
    said = ", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items()))
    click.echo(f"A first poll would find {len(trial.items)} items: {said or 'none'}.")


def trial_object(trial: Trial, recognised: Recognised | None) -> dict[str, Any]:
    """A trial as JSON has it; `recognised` is what the address could be, null where nobody had to find out."""
    return {
        "status": trial.response.status if trial.response else None,
        "url": trial.response.url if trial.response else None,
        "hops": plain(trial.response.hops) if trial.response else [],
        "feeds": [
            {"version": feed.version, "title": feed.title, "total": feed.total, "encoding": feed.encoding}
            for feed in trial.feeds
        ],
        "encoding": ", ".join(dict.fromkeys(feed.encoding for feed in trial.feeds)),
        "kind": trial.source.kind,
        "extract": plain(trial.source.extract),
        "time_zone": trial.source.time_zone,
        "recognised": _recognised_object(recognised) if recognised else None,
        "notes": list(trial.notes),
        "items": [
            {
                "title": item.title,
                "link": item.link,
                "guid": item.guid,
                "published": plain(item.published),
                "precision": item.precision,
                "summary": item.summary,
                "author": item.author,
                "language": item.language,
                "categories": list(item.categories),
                "outcome": decision.outcome,
                "reason": decision.reason,
                "rule": decision.rule,
                "note": decision.note,
            }
            for item, decision in trial.items
        ],
    }


def _recognised_object(recognised: Recognised) -> dict[str, Any]:
    return {
        "page": recognised.page,
        "title": recognised.title,
        "encoding": recognised.encoding,
        "proposals": [
            {
                "kind": one.kind,
                "url": one.url,
                "title": one.title,
                "confidence": one.confidence,
                "fields": [plain(guess) for guess in one.guesses],
                "extract": plain(one.extract),
                "time_zone": one.time_zone,
                "language": one.language,
                "total": one.total,
                "samples": [
                    {"title": item.title, "link": item.link, "published": plain(item.published)} for item in one.samples
                ],
            }
            for one in recognised.proposals
        ],
    }


def _when(item: Item) -> str:
    """What its source says of its date, and no hour where it says none."""
    if item.published is None:
        return "no date"
    return f"{item.published:%Y-%m-%d}" if item.precision == "day" else f"{item.published:%Y-%m-%d %H:%M %z}"
