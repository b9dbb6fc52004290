"""`feedhub healthcheck`: whether the service of this configuration is able to serve."""

from __future__ import annotations

import json

import click

from feedhub.cli.output import load
from feedhub.errors import FetchError
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.clock import SystemClock
from feedhub.ports.resolver import SystemResolver
from feedhub.ports.web import Bounds, WebRequest


@click.command()
@click.pass_context
def healthcheck(context: click.Context) -> None:
    """Ask /readyz of the running service; exit 0 when it is able to serve, 1 otherwise."""
    settings = load().settings
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.server.host, settings.server.host)  # noqa: S104
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{shown}:{settings.server.port}/readyz"
    click.echo(f"{url}: ", nl=False)
