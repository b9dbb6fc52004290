"""`feedhub healthcheck`: whether the service of this configuration is able to serve."""

from __future__ import annotations

from ipaddress import ip_network

import click

from feedhub.cli.output import load
from feedhub.errors import FetchError
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.clock import SystemClock
from feedhub.ports.resolver import SystemResolver
from feedhub.ports.web import Bounds, WebRequest

_ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104


@click.command()
@click.pass_context
def healthcheck(context: click.Context) -> None:
    """Ask /readyz of the running service; exit 0 when it is able to serve, 1 otherwise."""
    server = load().settings.server
    host = _ANY_ADDRESS.get(server.host, server.host)
    url = f"http://{f'[{host}]' if ':' in host else host}:{server.port}/readyz"
    # The operator's own listener, wherever it is: no other rule applies to this one request.
    everywhere = Reach((ip_network("0.0.0.0/0"), ip_network("::/0")))
    web = CurlWeb(SystemResolver(), SystemClock(), {"source": everywhere}, user_agent="FeedHub healthcheck")
    try:
        answer = web.send(WebRequest(url, bounds=Bounds(seconds=5)))
    except FetchError as error:
        click.echo(f"feedhub: {error} Is the service running?", err=True)
        context.exit(1)
    finally:
        web.close()
    click.echo(answer.body.decode("utf-8", "replace").strip())
    context.exit(0 if answer.status == 200 else 1)
