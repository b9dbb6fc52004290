"""How commands speak: JSON with the model's field names, or a table for people; and who is speaking."""

from __future__ import annotations

import getpass
import json
import os
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click

from feedhub.basics.dates import rfc3339, zone
from feedhub.basics.spans import format_span
from feedhub.config.load import Config, config_path, load_config
from feedhub.store.sections import section_states
from feedhub.wiring.house import House, open_house

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON: an array for a list, an object for one."
)


def load() -> Config:
    """The configuration of this working directory and environment."""
    return load_config(config_path(os.environ, Path.cwd()), os.environ)


@contextmanager
def house() -> Iterator[House]:
    """The house, its tables checked; an SQLite store that was never used is made and filled first."""
    config = load()
    with open_house(config, upgrade=True) as opened:
        with opened.store.read() as tx:
            fresh = not section_states(tx)
        if fresh:
            opened.prepare()
        yield opened


def whoami() -> str:
    """Who gives the command, for the record."""
    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"


def plain(value: Any) -> Any:
    """A value of the model as JSON has it: times in RFC 3339, spans as 15m, tuples as arrays, secrets hidden."""
    if is_dataclass(value) and not isinstance(value, type):
        shown = {field.name: plain(getattr(value, field.name)) for field in fields(value)}
        return shown | ({"password": "***"} if shown.get("password") else {})
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, timedelta):
        return format_span(value)
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return str(value)


def print_json(value: Any) -> None:
    """One JSON value, non-ASCII as it is."""
    click.echo(json.dumps(plain(value), ensure_ascii=False, indent=2))


def print_table(heads: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Columns that line up, Chinese characters counted as two; empty says so."""
    if not rows:
        click.echo("(none)")
        return
    cells = [[_cell(value) for value in row] for row in (heads, *rows)]
    widths = [max(_width(row[column]) for row in cells) for column in range(len(heads))]
    for number, row in enumerate(cells):
        line = "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        click.echo(click.style(line.rstrip(), bold=True) if number == 0 else line.rstrip())


def print_fields(pairs: Sequence[tuple[str, Any]]) -> None:
    """Name and value, a line each; what is empty is left out."""
    width = max((len(name) for name, _ in pairs), default=0)
    for name, value in pairs:
        if value not in (None, "", (), []):
            click.echo(f"{name:<{width}}  {_cell(value, most=2000)}")


def show_once(name: str, what: str, value: str, *, as_json: bool) -> None:
    """Show a new key or secret; only its owner has it from now on."""
    if as_json:
        print_json({"name": name, what: value})
    else:
        click.echo(f"{name}: its {what}, shown this once, is\n{value}")


def local(moment: datetime | None, config: Config) -> str:
    """An instant in the portal's zone, for people."""
    return "" if moment is None else moment.astimezone(zone(config.portal.time_zone)).strftime("%Y-%m-%d %H:%M:%S")


def _cell(value: Any, most: int = 70) -> str:
    shown = plain(value)
    text = ", ".join(map(str, shown)) if isinstance(shown, list) else "" if shown is None else str(shown)
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


@contextmanager
def progress_of(work: str) -> Iterator[Callable[[int, int | None], None]]:
    """How far a long work is, as `progress(done, total)`: a bar on a terminal, a line every few seconds elsewhere."""
    if sys.stderr.isatty():
        with click.progressbar(length=1000, label=work, file=sys.stderr) as bar:
            yield lambda done, total: bar.update(int(1000 * min(done / total, 1)) - bar.pos) if total else None
        return
    said = time.monotonic()

    def say(done: int, total: int | None) -> None:
        nonlocal said
        if total and time.monotonic() - said > 5:
            said = time.monotonic()
            click.echo(f"{work}: {100 * done // total} %", err=True)

    yield say
