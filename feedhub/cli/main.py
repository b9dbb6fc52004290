"""`feedhub NOUN VERB`: exit 0 done, 1 it did not work, 2 wrong use or wrong configuration (CONTRACT)."""

from __future__ import annotations

import sys
from importlib.metadata import PackageNotFoundError, version

import click

from feedhub.cli import alert, article, configuration, database, entry, feed, health, opml, run, section, source
from feedhub.errors import ConfigError, FeedHubError, UsageError
from feedhub.wiring.logs import start_logging


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
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


for command in (
    run.serve,
    run.web,
    run.worker,
    configuration.config,
    database.db,
    section.section,
    source.source,
    entry.entry,
    article.article,
    alert.alert,
    feed.feed,
    opml.opml,
    health.healthcheck,
):
    feedhub.add_command(command)


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
