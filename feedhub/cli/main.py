"""`feedhub NOUN VERB`: exit 0 done, 1 it did not work, 2 wrong use or wrong configuration (CONTRACT)."""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

import click

from feedhub.errors import ConfigError, FeedHubError, UsageError
from feedhub.wiring.logs import start_logging

# Each is loaded when it is asked for: a command does not wait for what the others need.
_COMMANDS = {
    "serve": "run:serve",
    "web": "run:web",
    "worker": "run:worker",
    "config": "configuration:config",
    "db": "database:db",
    "section": "section:section",
    "source": "source:source",
    "entry": "entry:entry",
    "article": "article:article",
    "alert": "alert:alert",
    "feed": "feed:feed",
    "hub": "hub:hub",
    "opml": "opml:opml",
    "export": "export:export",
    "partner": "partner:partner",
    "healthcheck": "health:healthcheck",
}


class _Commands(click.Group):
    """The commands of the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, as the table has them."""
        return [*_COMMANDS, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, loaded now."""
        if cmd_name not in _COMMANDS:
            return super().get_command(ctx, cmd_name)
        module, _, name = _COMMANDS[cmd_name].partition(":")
        gc.disable()  # what is loaded stays: looking for garbage in it is a seventh of the time a start takes
        try:
            command: click.Command = getattr(import_module(f"feedhub.cli.{module}"), name)
        finally:
            gc.enable()
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def feedhub() -> None:
    """FeedHub: a portal's sections as feeds, external sources pulled in on a schedule."""


@feedhub.command("version")
def version_command() -> None:
    """Say which FeedHub this is."""
    click.echo(f"feedhub {own_version()}")


def own_version() -> str:
    """The version of the installed package, or "unpackaged" when run from a bare tree."""
    try:
        return version("feedhub")
    except PackageNotFoundError:
        return "unpackaged"


def main() -> None:
    """Run a command; our own errors become one plain sentence and an exit code."""
    start_logging()
    try:
        # Outside its standalone mode click returns the code of `context.exit` instead of raising it.
        sys.exit(feedhub.main(prog_name="feedhub", standalone_mode=False) or 0)
    except click.Abort:
        click.echo("feedhub: nothing was done", err=True)
        sys.exit(1)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (ConfigError, UsageError) as error:
        click.echo(f"feedhub: {error}" if isinstance(error, UsageError) else str(error), err=True)
        sys.exit(2)
    except FeedHubError as error:
        click.echo(f"feedhub: {error} [{error.code}]", err=True)
        sys.exit(1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
