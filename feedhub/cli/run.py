"""`feedhub serve | web | worker`: all in one, or only the one part."""

from __future__ import annotations

import logging

import click

from feedhub.cli.output import load
from feedhub.publish.render import render_due
from feedhub.web.server import serve as serve_site
from feedhub.wiring.house import open_house
from feedhub.wiring.parent import die_with_parent, leave, run_parts, stop_on_signals
from feedhub.wiring.site import site_of
from feedhub.wiring.worker import run_worker

log = logging.getLogger(__name__)
_child = click.option("--child-of", type=int, metavar="PID", hidden=True, help="End with `feedhub serve`.")


@click.command()
def serve() -> None:
    """Run everything in one process group: the web server and the worker."""
    stop = stop_on_signals()
    config = load()
    with open_house(config, upgrade=True) as house:
        report = house.prepare()
        log.info(
            "%d sections, %d sources, articles: %d new, %d corrected, %d as before",
            len(config.portal.sections()),
            len(config.sources),
            report.new,
            report.corrected,
            report.unchanged,
        )
        # The first reader finds feeds, not an apology.
        render_due(house.store, house.style(), house.clock)
    log.info("FeedHub serves %s; Ctrl-C stops it", config.settings.server.base_url)
    run_parts(("web", "worker"), stop)
    log.info("stopped")


@click.command()
@_child
def web(child_of: int | None) -> None:
    """Run only the web server; any number may run beside each other."""
    if child_of is not None:
        die_with_parent(child_of)
    stop = stop_on_signals()
    config = load()
    with open_house(config) as house:
        serve_site(site_of(house), config.settings.server.host, config.settings.server.port, stop)
    leave()


@click.command()
@_child
def worker(child_of: int | None) -> None:
    """Run only the worker: polls, renders, releases; several may run beside each other on PostgreSQL."""
    if child_of is not None:
        die_with_parent(child_of)
    stop = stop_on_signals()
    with open_house(load()) as house:
        if child_of is None:
            house.prepare()
        run_worker(house, stop)
