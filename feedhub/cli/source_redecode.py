"""`feedhub source redecode KEY`: read what is kept of a source again, in another charset or zone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import click

from feedhub.basics.charset_labels import codec_of
from feedhub.basics.dates import zone
from feedhub.cli.lease import in_turn
from feedhub.cli.output import house, json_option, plain, print_json, whoami
from feedhub.cli.source_dry_run import as_declared
from feedhub.errors import Provisioned, UsageError
from feedhub.ingest.redecode import Reread, claim_and_redecode, redecode
from feedhub.model.source import Source


@click.command("redecode")
@click.argument("key")
@click.option("--encoding", help="The charset its documents are in, such as gb18030; `detect` to find it out again.")
@click.option("--time-zone", help="The zone of its times, such as Asia/Shanghai.")
@click.option("--trust-zone/--no-trust-zone", default=None, help="Whether the zones that its times state are believed.")
@click.option("--dry-run", is_flag=True, help="Show what would become of the entries; change nothing.")
@json_option
def redecode_command(key: str, dry_run: bool, as_json: bool, **options: Any) -> None:
    """Read the kept documents of a source again and re-issue what now says something else.

    The options are kept as settings of an operator's source; those of one declared in a file are set in its file.
    """
    with house() as home, home.ingest(1) as ingest:
        declared = as_declared(home, key)
        source = _with(declared, options)
        if source != declared and not dry_run and declared.declared_at is not None:
            raise Provisioned("source", key, declared.declared_at)
        if dry_run:
            found = redecode(ingest, source, by=whoami(), fence=None)
        else:
            anew = source != declared
            found = in_turn(
                key, lambda: claim_and_redecode(ingest, source, by=whoami(), owner=home.owner, set_anew=anew)
            )
    if as_json:
        print_json({"documents": found.documents, "encoding": list(found.decisions), **_plain(found)})
        return
    _show(found, dry_run)


def _with(source: Source, options: dict[str, Any]) -> Source:
    encoding, time_zone, trust = options["encoding"], options["time_zone"], options["trust_zone"]
    if encoding and encoding != "detect" and codec_of(encoding) is None:
        raise UsageError(f"{encoding!r} is not a charset such as gb18030, big5 or utf-8.")
    if time_zone:
        try:
            zone(time_zone)
        except ValueError as error:
            raise UsageError(f"{error}.") from error
    if encoding:
        source = replace(source, encoding=None if encoding == "detect" else encoding.strip().lower())
    source = replace(source, time_zone=time_zone or source.time_zone)
    return source if trust is None else replace(source, trust_zone=trust)


def _show(found: Reread, dry_run: bool) -> None:
    read = f" as {', '.join(found.decisions)}" if found.decisions else ""
    click.echo(f"{found.documents} kept documents read again{read}")
    for note in found.notes:
        click.echo(f"  note: {note}")
    for line in found.lines:
        if line.outcome != "unchanged":
            tail = f" ({line.note})" if line.note else ""
            click.echo(f"  {line.outcome:<9} {line.reason}: {line.title} entry {line.entry_id}{tail}")
    same = sum(line.outcome == "unchanged" for line in found.lines)
    click.echo(f"{len(found.lines) - same} entries changed, {same} not" + ("; nothing was written" if dry_run else ""))


def _plain(found: Reread) -> dict[str, Any]:
    return {"notes": list(found.notes), "items": plain(found.lines)}
