"""`feedhub alert list | clear | test`."""

from __future__ import annotations

import click

from feedhub.cli.output import house, json_option, local, print_json, print_table
from feedhub.jobs.alerts import send_notices
from feedhub.jobs.channels import refusal
from feedhub.jobs.notices import make_notice, test_message
from feedhub.store.alerts import clear_by_id, list_alerts


@click.group()
def alert() -> None:
    """What operators have to hear of, and whether they were told."""


@alert.command("list")
@click.option("--source", help="Only those of one source.")
@click.option("--cleared", type=click.IntRange(0, 10000), default=0, help="Also the latest of those that are over.")
@json_option
def list_(source: str | None, cleared: int, as_json: bool) -> None:
    """List the alerts that stand, newest first."""
    with house() as home, home.store.read() as tx:
        found = list_alerts(tx, source=source, cleared=cleared)
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "source", "code", "raised", "told", "over", "text"),
        [
            (
                one.id,
                one.source,
                one.code,
                local(one.raised_at, home.config),
                local(one.told_at, home.config) or (f"no, {one.tries} tries" if one.tries else "not yet"),
                local(one.cleared_at, home.config),
                one.text,
            )
            for one in found
        ],
    )


@alert.command()
@click.argument("alert_ids", metavar="ID...", nargs=-1, required=True)
def clear(alert_ids: tuple[str, ...]) -> None:
    """Clear alerts that were seen to; what is still so is raised anew."""
    with house() as home, home.store.write() as tx:
        for alert_id in alert_ids:
            clear_by_id(tx, alert_id, home.clock.now())
    click.echo(f"cleared: {', '.join(alert_ids)}")


@alert.command("test")
@json_option
@click.pass_context
def test(context: click.Context, as_json: bool) -> None:
    """Send a test to every channel of `alerts` in config.yaml, and say which took it."""
    with house() as home, home.outbound() as web:
        alerting, now = home.alerting(web), home.clock.now()
        channels = {channel.name: channel for channel in alerting.channels}
        message = test_message(alerting.portal, now)
        notices = [make_notice(message, name, home.dice.token(), now) for name in channels]
        tried = [
            (channels[notice.channel], notice, refusal(channels[notice.channel], answer))
            for notice, answer in send_notices(web, channels, notices, now)
            if answer is not None
        ]
    if as_json:
        print_json(
            [{"channel": one.shown, "id": notice.id, "taken": not why, "why": why} for one, notice, why in tried]
        )
    elif not tried:
        click.echo("feedhub: there is no channel; name webhooks or email under alerts in config.yaml", err=True)
    else:
        for channel, notice, why in tried:
            click.echo(f"{channel.shown}: {f'not taken: {why}' if why else f'taken as {notice.id}'}")
    context.exit(0 if tried and not any(why for _, _, why in tried) else 1)
