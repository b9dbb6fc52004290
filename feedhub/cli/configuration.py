"""`feedhub config check|show|schema`."""

from __future__ import annotations

import json

import click

from feedhub.cli.output import json_option, load, plain, print_json
from feedhub.config.schema import config_schema, shown_settings


@click.group()
def config() -> None:
    """What is configured, and whether it is right."""


@config.command()
def check() -> None:
    """Check config.yaml, the environment and feeds/; every fault is named with file:line:column, exit 2."""
    loaded = load()
    sections, profiles = len(loaded.portal.sections()), len(loaded.portal.profiles)
    click.echo(f"{loaded.path}: right. {sections} sections, {len(loaded.sources)} sources, {profiles} profiles.")


@config.command()
@json_option
def show(as_json: bool) -> None:
    """Show every key with the value in force and where it comes from; secrets stay hidden."""
    loaded = load()
    rows = shown_settings(loaded)
    if as_json:
        print_json({key: value for key, value, _ in rows})
        return
    for key, value, origin in rows:
        click.echo(f"{key} = {json.dumps(plain(value), ensure_ascii=False)}  ({origin})")


@config.command()
def schema() -> None:
    """Print the JSON Schemas of config.yaml, of feeds/sections.yaml and of feeds/sources/*.yaml."""
    print_json(config_schema())
