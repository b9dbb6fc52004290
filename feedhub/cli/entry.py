"""`feedhub entry list | show | why | accept | reject`."""

from __future__ import annotations

import click

from feedhub.cli.output import house, json_option, local, print_fields, print_json, print_table, whoami
from feedhub.ingest.hold import refuse_frozen
from feedhub.ingest.reprints import reprint_chain
from feedhub.ingest.review import accept_entry, reject_entry
from feedhub.model.entry import Entry, Gone
from feedhub.store.entries import get_entry, list_entries, merged_entries
from feedhub.store.polls import entry_lines

STATES = ("held", "accepted", "published", "rejected", "merged", "filtered")


@click.group()
def entry() -> None:
    """Items that came in, with what was decided on each."""


@entry.command("list")
@click.option("--source", help="Only those of one source.")
@click.option("--state", type=click.Choice(STATES), help="Only one state; held also finds what waits of others.")
@click.option("--limit", type=click.IntRange(1, 10000), default=200, show_default=True)
@json_option
def list_(source: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List entries, newest first."""
    with house() as home, home.store.read() as tx:
        found = list_entries(tx, source=source, state=state, limit=limit)  # type: ignore[arg-type]
    if as_json:
        print_json([as_object(one) for one in found])
        return
    print_table(
        ("id", "state", "source", "published", "title", "reason"),
        [
            (
                one.id,
                one.state + (" +revision" if one.pending else "") + (" +taken back" if _waits(one) else ""),
                one.source,
                local(one.item.published, home.config),
                (one.pending or one.item).title,
                one.reason,
            )
            for one in found
        ],
    )


@entry.command()
@click.argument("entry_id", metavar="ID")
@json_option
def show(entry_id: str, as_json: bool) -> None:
    """Show one entry."""
    with house() as home, home.store.read() as tx:
        one = get_entry(tx, entry_id)
        chain = reprint_chain(tx, one)
    if as_json:
        print_json(as_object(one) | {"reprints": _chain_objects(chain)})
        return
    item = one.item
    print_fields(
        [
            ("id", one.id),
            ("source", one.source),
            ("state", one.state),
            ("reason", one.reason),
            ("rule", one.rule),
            ("title", item.title),
            ("link", item.link),
            ("published", local(item.published, home.config)),
            ("sections", one.sections),
            ("article", one.article_id),
            ("merged_into", one.merged_into),
            ("decided_by", one.decided_by),
            ("summary", item.summary),
            ("taken back", gone_words(one.gone) if one.gone else None),
            ("waiting revision", one.pending.title if one.pending else None),
            ("also told by", [f"{other.source} ({other.id})" for other, _ in chain if other.id != one.id] or None),
        ]
    )
    if item.html:
        click.echo(f"\n{item.html}")


@entry.command()
@click.argument("entry_id", metavar="ID")
@json_option
def why(entry_id: str, as_json: bool) -> None:
    """Say why an entry is as it is: every decision on it, in order."""
    with house() as home, home.store.read() as tx:
        one = get_entry(tx, entry_id)
        lines = entry_lines(tx, one.id)
        others = merged_entries(tx, one.id)
        chain = reprint_chain(tx, one)
    if as_json:
        print_json(
            {
                "id": one.id,
                "state": one.state,
                "reason": one.reason,
                "rule": one.rule,
                "decided_by": one.decided_by,
                "decided_at": one.decided_at,
                "merged_into": one.merged_into,
                "gone": one.gone,
                "merged": [other.id for other in others],
                "reprints": _chain_objects(chain),
                "lines": [
                    {"at": at, "outcome": line.outcome, "reason": line.reason, "rule": line.rule, "note": line.note}
                    for at, line in lines
                ],
            }
        )
        return
    click.echo(f"Entry {one.id} of {one.source} is {one.state}: {one.reason} (rule {one.rule}).")
    for at, line in lines:
        note = f": {line.note}" if line.note else ""
        click.echo(f"  {local(at, home.config)}  {line.outcome}, {line.reason} by {line.rule}{note}")
    if one.decided_by and not one.decided_by.startswith("rule:"):
        click.echo(f"  {local(one.decided_at, home.config)}  decided by {one.decided_by}")
    if one.gone is not None:
        click.echo(f"  {local(one.gone.at, home.config)}  {gone_words(one.gone)}")
    for number, (other, share) in enumerate(chain):
        how = "first seen" if number == 0 else f"{share:.0%} the same text"
        here = ", this one" if other.id == one.id else ""
        seen = local(other.first_seen, home.config)
        click.echo(f"  Told {seen} by {other.source} as entry {other.id} ({how}{here}): {other.item.title}")


@entry.command()
@click.argument("entry_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--section", "sections", multiple=True, help="Put it here instead of into the source's sections.")
@click.option("--force", is_flag=True, help="Also when its source is frozen.")
@click.pass_context
def accept(context: click.Context, entry_ids: tuple[str, ...], sections: tuple[str, ...], force: bool) -> None:
    """Publish held entries, or the newer revision that waits."""
    failed = 0
    with house() as home:
        tree, identity = home.config.portal.sections(), home.identity()
        for entry_id in entry_ids:
            with _reported(context) as outcome, home.store.write() as tx:
                if not force:
                    refuse_frozen(tx, entry_id)
                done = accept_entry(
                    tx, entry_id, tree=tree, identity=identity, now=home.clock.now(), by=whoami(), sections=sections
                )
                where = f"as article {done.article_id} in {', '.join(done.sections)}"
                followed = done.gone is not None and done.gone.verdict == "followed"
                gone = f"article {done.article_id} is withdrawn, as its source did"
                outcome.say(f"entry {entry_id}: {gone if followed else f'{done.state} {where}'}")
            failed += outcome.failed
    context.exit(1 if failed else 0)


@entry.command()
@click.argument("entry_ids", metavar="ID...", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why; it stands in the record.")
@click.pass_context
def reject(context: click.Context, entry_ids: tuple[str, ...], reason: str) -> None:
    """Reject held entries for good, or the newer revision that waits."""
    failed = 0
    with house() as home:
        for entry_id in entry_ids:
            with _reported(context) as outcome, home.store.write() as tx:
                done = reject_entry(tx, entry_id, reason=reason, now=home.clock.now(), by=whoami())
                outcome.say(f"entry {entry_id}: {done.state}")
            failed += outcome.failed
    context.exit(1 if failed else 0)


def _chain_objects(chain: list[tuple[Entry, float]]) -> list[dict[str, object]]:
    return [
        {
            "id": one.id,
            "source": one.source,
            "title": one.item.title,
            "first_seen": one.first_seen,
            "share": round(share, 3),
        }
        for one, share in chain
    ]


def as_object(one: Entry) -> dict[str, object]:
    """An entry as JSON has it: its own fields, with the item's beside them."""
    item = one.item
    return {
        "id": one.id,
        "source": one.source,
        "state": one.state,
        "title": item.title,
        "link": item.link,
        "guid": item.guid,
        "published": item.published,
        "updated": item.updated,
        "summary": item.summary,
        "html": item.html,
        "author": item.author,
        "categories": item.categories,
        "language": item.language,
        "sections": one.sections,
        "reason": one.reason,
        "rule": one.rule,
        "article_id": one.article_id,
        "merged_into": one.merged_into,
        "revision": one.revision,
        "pending": one.pending,
        "gone": one.gone,
        "notes": item.notes,
        "first_seen": one.first_seen,
        "changed_at": one.changed_at,
        "decided_by": one.decided_by,
        "decided_at": one.decided_at,
    }


def _waits(one: Entry) -> bool:
    return one.gone is not None and one.gone.verdict == "waits"


def gone_words(gone: Gone) -> str:
    """That its source took an entry back, and what became of that, in a sentence."""
    how = "by a tombstone in its document" if gone.how == "tombstone" else f"its page answers {gone.how[5:]}"
    verdicts = {
        "waits": "waits for an editor: accept withdraws the article, reject keeps it",
        "followed": "we did the same",
        "kept": "an editor kept ours",
    }
    why = f" ({gone.reason})" if gone.reason and gone.how == "tombstone" else ""
    return f"its source took it back, {how}{why}; {verdicts[gone.verdict]}"


class _reported:  # noqa: N801 - reads as a word in `with`
    """One of several: its error is said and the others go on; its success is said once it is committed."""

    def __init__(self, context: click.Context) -> None:
        self.failed = 0
        self._words: str | None = None

    def say(self, words: str) -> None:
        """What to say when it has worked."""
        self._words = words

    def __enter__(self) -> _reported:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        from feedhub.errors import FeedHubError

        if isinstance(error, FeedHubError):
            click.echo(f"feedhub: {error} [{error.code}]", err=True)
            self.failed = 1
            return True
        if error is None and self._words:
            click.echo(self._words)
        return False
