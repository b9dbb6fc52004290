"""`feedhub section list`."""

from __future__ import annotations

import click

from feedhub.cli.output import house, json_option, print_json, print_table
from feedhub.store.sections import article_counts, section_states


@click.group()
def section() -> None:
    """The portal's tree."""


@section.command("list")
@json_option
def list_(as_json: bool) -> None:
    """List every section with its titles, languages and number of articles."""
    with house() as home:
        tree = home.config.portal.sections()
        with home.store.read() as tx:
            counts, states = article_counts(tx), section_states(tx)
    if as_json:
        print_json(
            [
                {
                    "id": node.id,
                    "title": node.title,
                    "title_zh": node.title_zh,
                    "languages": node.languages,
                    "articles": counts.get(node.id, 0),
                    "generation": states[node.id].generation if node.id in states else 0,
                }
                for node in tree.values()
            ]
        )
        return
    rows = [(node.id, node.title, node.title_zh, node.languages, counts.get(node.id, 0)) for node in tree.values()]
    print_table(("id", "title", "title_zh", "languages", "articles"), rows)
