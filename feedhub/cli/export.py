"""`feedhub export DIR [--watch]`: the whole site as files, once or for as long as it runs."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

import click

from feedhub.cli.output import house, json_option, print_json, progress_of
from feedhub.errors import FeedHubError
from feedhub.publish.file_tree import FileTree
from feedhub.publish.manifest import ExportFault
from feedhub.publish.render import render_due
from feedhub.store.alerts import clear_alert, raise_alert
from feedhub.web.exporting import Exporter, Tally
from feedhub.wiring.house import House
from feedhub.wiring.parent import leave, stop_on_signals
from feedhub.wiring.site import site_of

log = logging.getLogger("feedhub.export")
BEAT = 0.5
_CODE = "export_failed"
_LONGEST_PAUSE = 30.0


@click.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--watch", is_flag=True, help="Go on: write what changes, within a second or two, until stopped.")
@json_option
def export(directory: Path, watch: bool, as_json: bool) -> None:
    """Write the feeds, pages, sitemaps and pictures as files, the same bytes as are served."""
    with house() as home:
        render_due(home.store, home.style(), home.clock)
        tree = FileTree(directory.resolve())
        try:
            exporter = Exporter(site_of(home), home.style().digest, tree)
            if watch:
                _watch(home, exporter, tree, stop_on_signals())
                leave()
            with progress_of(f"export to {directory}") as progress:
                tally = _writing(directory, lambda: exporter.everything(progress))
        finally:
            tree.close()
        if as_json:
            print_json({"written": tally.written, "removed": tally.removed, "unchanged": tally.unchanged})
        else:
            click.echo(f"{directory}: {tally}")
        _complain(directory, tree)


def _watch(home: House, exporter: Exporter, tree: FileTree, stop: threading.Event) -> None:
    """Look twice a second. What cannot be written is tried again, ever later up to half a minute."""
    pause, failing = BEAT, False
    log.info("%s follows the change log; Ctrl-C stops it", tree.root)
    with progress_of("export") as progress:
        while True:
            try:
                tally = exporter.changes(progress)
                if tally is not None:
                    log.info("%s: %s", tree.root, tally)
                if failing:
                    log.warning("%s is written to again", tree.root)
                    _tell(home, None)
                pause, failing = BEAT, False
            except (OSError, FeedHubError) as error:
                said = f"{tree.root} cannot be kept up to date: {error} The old files stand; it is tried again."
                pause = min(pause * 2, _LONGEST_PAUSE)
                if not failing:
                    log.error("%s", said)
                    _tell(home, said)
                failing = True
            if stop.wait(pause):
                return


def _tell(home: House, trouble: str | None) -> None:
    """Raise the alert, or take it back; with the database away the log alone has to do."""
    try:
        with home.store.write() as tx:
            if trouble is None:
                clear_alert(tx, source=None, code=_CODE, now=home.clock.now())
            else:
                raise_alert(tx, source=None, code=_CODE, text=trouble, now=home.clock.now())
    except FeedHubError as error:
        log.error("%s", error)


def _writing(directory: Path, write: Callable[[], Tally]) -> Tally:
    try:
        return write()
    except OSError as error:
        said = error.strerror or error
        raise ExportFault(f"{directory} cannot be written to: {said}. The old files stand.") from error


def _complain(directory: Path, tree: FileTree) -> None:
    if tree.foreign:
        shown = ", ".join(sorted(tree.foreign)[:10])
        raise ExportFault(
            f"{len(tree.foreign)} files in {directory} are not from an export and were left alone: {shown}. "
            "Name an empty directory, or move them away."
        )
