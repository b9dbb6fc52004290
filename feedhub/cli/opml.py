"""`feedhub opml import FILE | export [FILE]`: sources from and for other readers."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from feedhub.basics.text import near_names
from feedhub.cli.output import house, json_option, print_json
from feedhub.errors import NotFound
from feedhub.ingest.opml_in import LARGEST, read_opml
from feedhub.ingest.opml_out import sources_opml
from feedhub.ingest.opml_sources import Defaults, Fate, ImportedOutline, sources_from_outlines
from feedhub.model.source import Policy
from feedhub.net.address import Reach
from feedhub.store.sources import add_source, list_sources

FATES: tuple[Fate, ...] = ("added", "known", "repeated", "refused")


@click.group()
def opml() -> None:
    """Lists of feeds, as other readers write and read them."""


@opml.command("import")
@click.argument("path", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--section", "sections", multiple=True, metavar="PATH", help="Where items go; may be repeated.")
@click.option("--policy", type=click.Choice(["review", "auto"]), default="review", show_default=True)
@click.option("--dry-run", is_flag=True, help="Only say what would become of each outline.")
@json_option
@click.pass_context
def import_(
    context: click.Context, path: Path, sections: tuple[str, ...], policy: Policy, dry_run: bool, as_json: bool
) -> None:
    """Add every feed of an OPML file as a source; nothing is fetched now. Exit 1 when an outline was refused."""
    with path.open("rb") as file:
        outlines = read_opml(file.read(LARGEST + 1))
    with house() as home:
        portal, net = home.config.portal, home.config.settings.net
        tree = portal.sections()
        for section in sections:
            if section not in tree:
                raise NotFound("section", section, near_names(section, tree))
        defaults = Defaults(sections, policy, portal.language, portal.time_zone)
        with home.store.write() as tx:
            present = [source for source, _ in list_sources(tx)]
            reach = Reach(net.source_reach.allow, frozenset(net.ports))
            report = sources_from_outlines(outlines, present, defaults, reach)
            for line in report:
                if line.source is not None and not dry_run:
                    add_source(tx, line.source, home.clock.now())
    counts = Counter(line.fate for line in report)
    if as_json:
        print_json(
            {"outlines": [_object(line) for line in report], "total": len(report)} | {f: counts[f] for f in FATES}
        )
    else:
        _show(report)
        click.echo(f"{len(report)} outlines: " + ", ".join(f"{counts[fate]} {fate}" for fate in FATES))
        if counts["added"] and not sections and not dry_run:
            click.echo("They name no section, so their items are held as no_section; `entry accept` takes --section.")
    context.exit(1 if counts["refused"] else 0)


@opml.command()
@click.argument("path", metavar="[FILE]", required=False, type=click.Path(dir_okay=False, path_type=Path))
def export(path: Path | None) -> None:
    """Write the sources of kind feed as OPML, to a file or to standard output."""
    with house() as home:
        with home.store.read() as tx:
            found = list_sources(tx)
        made = sources_opml(home.config.portal, found, home.clock.now())
    if path is None:
        click.echo(made, nl=False)
        return
    path.write_bytes(made)
    click.echo(f"{sum(source.kind == 'feed' for source, _ in found)} sources written to {path}")


def _show(report: list[ImportedOutline]) -> None:
    for line in report:
        title = line.outline.title or line.outline.url[:200] or "(no title)"
        said = line.source.key if line.source is not None else line.reason
        click.echo(f"line {line.outline.line}: {line.fate:<8} {title}: {said}")


def _object(line: ImportedOutline) -> dict[str, object]:
    return {
        "line": line.outline.line,
        "title": line.outline.title,
        "url": line.outline.url,
        "folders": list(line.outline.folders),
        "fate": line.fate,
        "reason": line.reason,
        "key": line.source.key if line.source else None,
    }
