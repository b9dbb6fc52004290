"""`feedhub feed render`."""

from __future__ import annotations

import sys

import click

from feedhub.basics.text import near_names
from feedhub.cli.output import house
from feedhub.errors import NotFound
from feedhub.model.feed import Format
from feedhub.publish.addresses import feed_path
from feedhub.publish.render import render_due
from feedhub.store.documents import get_document


@click.group()
def feed() -> None:
    """What is published."""


@feed.command()
@click.argument("path")
@click.option("--format", "format_", type=click.Choice(["rss", "atom", "json"]), default="rss", show_default=True)
def render(path: str, format_: Format) -> None:
    """Print a section's feed, byte for byte as it is served."""
    with house() as home:
        tree = home.config.portal.sections()
        if path not in tree:
            raise NotFound("section", path, near_names(path, tree))
        render_due(home.store, home.style(), home.clock)
        with home.store.read() as tx:
            document = get_document(tx, feed_path(path, format_))
    if document is None:
        raise NotFound("document", f"{format_} of {path}")
    sys.stdout.buffer.write(document.body)
    sys.stdout.buffer.flush()
