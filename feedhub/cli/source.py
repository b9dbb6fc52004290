"""`feedhub source list | show | history | fetch | pause | resume | remove`, and where its other verbs are."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from functools import partial

import click

from feedhub.basics.spans import format_span
from feedhub.cli.lease import in_turn
from feedhub.cli.output import house, json_option, local, plain, print_fields, print_json, print_table
from feedhub.cli.source_add import add, test
from feedhub.cli.source_hold import freeze, mend, trust
from feedhub.cli.source_push import publisher, push_object, push_words
from feedhub.cli.source_redecode import redecode_command
from feedhub.ingest.cautions import cautions
from feedhub.ingest.condition import source_health
from feedhub.ingest.pipeline import claim_and_poll
from feedhub.ingest.rules import rule_words
from feedhub.ingest.skew import proposal_words
from feedhub.ingest.staleness import stale_span
from feedhub.model.poll import Poll
from feedhub.model.source import Condition, Schedule, Source, SourceState
from feedhub.store.incoming import subscriptions
from feedhub.store.polls import COUNTS, count_ways, source_polls
from feedhub.store.pushes import tally_of
from feedhub.store.raw_documents import count_raw
from feedhub.store.sources import get_source, get_state, list_sources, recall_source, remove_source, set_condition


@click.group()
def source() -> None:
    """External origins that are polled."""


source.add_command(add)
source.add_command(test)
source.add_command(freeze)
source.add_command(mend)
source.add_command(trust)
source.add_command(publisher)
source.add_command(redecode_command)


@source.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List every source with its state and when it is due."""
    with house() as home, home.store.read() as tx:
        found, now = list_sources(tx), home.clock.now()
    if as_json:
        print_json([as_object(one, state, now) for one, state in found])
        return
    print_table(
        ("key", "name", "kind", "policy", "state", "last success", "next try", "sections"),
        [
            (
                one.key,
                one.name,
                one.kind,
                one.policy,
                source_health(one, state, now).name,
                local(state.last_success, home.config),
                local(state.next_due, home.config) if state.condition == "active" else "",
                one.sections,
            )
            for one, state in found
        ],
    )


@source.command()
@click.argument("key")
@json_option
def show(key: str, as_json: bool) -> None:
    """Show one source: what it declares, how it fares, when it is tried again."""
    with house() as home, home.store.read() as tx:
        one, state = get_source(tx, key), get_state(tx, key)
        polls, now = source_polls(tx, key, limit=1), home.clock.now()
        subscribed, tally = subscriptions(tx, key), tally_of(tx, key)
        kept, packed = count_raw(tx, key)
        ways = count_ways(tx, key)
    if as_json:
        print_json(as_object(one, state, now) | {"pushes": push_object(subscribed, tally)})
        return
    how = source_health(one, state, now)
    declared = as_object(one, state, now) | {"schedule": schedule_words(one.schedule)}
    print_fields(
        [
            (name, declared[name])
            for name in (
                "key",
                "name",
                "kind",
                "url",
                "path",
                "sections",
                "policy",
                "schedule",
                "time_zone",
                "language",
            )
        ]
        + [
            ("declared in", one.declared_at or "the store (added by an operator)"),
            ("encoding", one.encoding),
            ("trust_zone", None if one.trust_zone else "no: the zones its times state are ignored"),
            ("times", proposal_words(one, state.learned.skew if state.learned else None) or None),
            ("kept documents", f"{kept} ({packed} bytes packed)" if kept else None),
            ("read quickly", _quickly(ways)),
            ("stale after", stale_words(one, state)),
            *((f"rules[{place}]", rule_words(rule)) for place, rule in enumerate(one.rules)),
            ("moved to", state.moved_to),
            ("formerly", [f"{former.url} until {former.until:%Y-%m-%d}" for former in state.former_urls] or None),
            ("says it moved to", state.proposed_url),
            ("state", how.name),
            ("because", how.cause),
            ("last success", local(state.last_success, home.config) or "never"),
            (
                "next try",
                local(state.next_due, home.config) if state.condition == "active" else "none",
            ),
            *(("caution", words) for words in cautions(one, state, now)),
            ("pushes", push_words(subscribed, tally)),
            ("failures", state.failures or None),
            ("last error", state.last_error),
        ]
    )
    if polls:
        click.echo(f"last poll: {poll_words(polls[0])}")


@source.command()
@click.argument("key")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@click.option("--items", is_flag=True, help="Every item of every poll with its reason.")
@json_option
def history(key: str, limit: int, items: bool, as_json: bool) -> None:
    """Show the ledger: what each poll brought and what became of it."""
    with house() as home, home.store.read() as tx:
        recall_source(tx, key)
        polls = source_polls(tx, key, limit=limit)
    if as_json:
        print_json([poll_object(poll) for poll in polls])
        return
    for poll in polls:
        click.echo(f"{local(poll.started_at, home.config)}  {poll_words(poll)}")
        for note in poll.notes:
            click.echo(f"    note: {note}")
        for line in poll.lines if items else ():
            tail = f" ({line.note})" if line.note else ""
            click.echo(f"    {line.outcome:<9} {line.reason} by {line.rule}: {line.title}{tail}")
    if not polls:
        click.echo("It was never polled.")


@source.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.pass_context
def fetch(context: click.Context, keys: tuple[str, ...]) -> None:
    """Poll sources now, here, and say what became of every item; exit 1 when one could not be read."""
    failed = False
    with house() as home, home.ingest(1) as ingest:
        for key in keys:
            with home.store.read() as tx:
                get_source(tx, key)
            poll = in_turn(key, partial(claim_and_poll, ingest, key, home.owner))
            click.echo(f"{key}: {poll_words(poll)}")
            for note in poll.notes:
                click.echo(f"  note: {note}")
            for line in poll.lines:
                tail = f" ({line.note})" if line.note else ""
                entry = f" entry {line.entry_id}" if line.entry_id else ""
                click.echo(f"  {line.outcome:<9} {line.reason}: {line.title}{entry}{tail}")
            failed |= poll.outcome == "failed"
    context.exit(1 if failed else 0)


def _set(key: str, condition: Condition) -> None:
    with house() as home, home.store.write() as tx:
        state = set_condition(tx, key, condition, now=home.clock.now())
        name = source_health(get_source(tx, key), state, home.clock.now()).name
    click.echo(f"{key}: {name}")


@source.command()
@click.argument("key")
def pause(key: str) -> None:
    """Poll it no more until it is resumed."""
    _set(key, "paused")


@source.command()
@click.argument("key")
def resume(key: str) -> None:
    """Poll it again, at once."""
    _set(key, "active")


@source.command()
@click.argument("key")
def remove(key: str) -> None:
    """Forget an operator's source; what came from it stays. One declared in a file is refused."""
    with house() as home, home.store.write() as tx:
        remove_source(tx, key)
    click.echo(f"{key}: removed; its entries and articles stay")


def schedule_words(schedule: Schedule) -> str:
    """When it is polled, in words."""
    if schedule.cron:
        return f"cron {schedule.cron}"
    if schedule.every:
        return f"every {format_span(schedule.every)}"
    shortest, longest = schedule.adaptive or (timedelta(0), timedelta(0))
    return f"adaptive, {format_span(shortest)} to {format_span(longest)}"


def as_object(one: Source, state: SourceState, now: datetime) -> dict[str, object]:
    """A source as JSON has it: what it declares and the state kept of it."""
    declared: dict[str, object] = plain(one)
    how = source_health(one, state, now)
    return declared | {
        "state": how.name,
        "cause": how.cause,
        "cautions": list(cautions(one, state, now)),
        "condition": state.condition,
        "next_due": plain(state.next_due),
        "last_poll": plain(state.last_poll),
        "last_success": plain(state.last_success),
        "failures": state.failures,
        "last_error": state.last_error,
        "last_error_code": state.last_error_code,
        "moved_to": state.moved_to,
        "former_urls": plain(state.former_urls),
        "proposed_url": state.proposed_url,
        "skew_minutes": state.learned.skew.minutes if state.learned and state.learned.skew else None,
    }


def stale_words(one: Source, state: SourceState) -> str | None:
    """After how long without news it counts as failing, and who says so."""
    span = stale_span(one, state)
    return None if span is None else format_span(span) + ("" if one.stale_after else ", by its own rhythm")


def poll_object(poll: Poll) -> dict[str, object]:
    """A poll as JSON has it, with the counts that add up to `fetched`."""
    written: dict[str, object] = plain(poll)
    return written | {"fetched": poll.fetched} | {name: poll.count(name) for name in COUNTS}


def poll_words(poll: Poll) -> str:
    """A poll in one sentence."""
    if poll.outcome == "failed":
        again = f"; tried again at {poll.next_due:%Y-%m-%d %H:%M:%S}Z" if poll.next_due else "; it is stopped"
        return f"failed: {poll.message} [{poll.code}]{again}"
    counts = ", ".join(f"{poll.count(name)} {name}" for name in COUNTS if poll.count(name))
    edits = f"; pages edited: {counts}" if counts else ""
    if poll.outcome == "not_modified":
        return f"nothing new (304 Not Modified){edits}"
    if poll.outcome == "same_bytes":
        return f"nothing new (the same bytes as before){edits}"
    return f"{poll.fetched} items: {counts or 'none'}"


def _quickly(ways: Counter[str]) -> str | None:
    """How many of a source's latest documents feedparser did not have to read."""
    quick = ways.total() - ways["feedparser"]
    return f"{quick} of its last {ways.total()} XML documents" if ways else None
