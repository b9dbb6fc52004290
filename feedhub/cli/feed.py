"""`feedhub feed render | check`."""

from __future__ import annotations

import sys
from typing import Any

import click

from feedhub.basics.text import near_names
from feedhub.cli.output import house, json_option, local, print_json, print_table
from feedhub.config.load import Config
from feedhub.errors import NotFound, UsageError
from feedhub.model.feed import Format
from feedhub.model.profile import Cited, Rule
from feedhub.publish.addresses import feed_path, profile_path
from feedhub.publish.preflight import language_for
from feedhub.publish.profile_report import Report, report
from feedhub.publish.profiling import gather_profile
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
        tree = home.config.portal.feeds()
        if path not in tree:
            raise NotFound("section", path, near_names(path, tree))
        render_due(home.store, home.style(), home.clock)
        with home.store.read() as tx:
            document = get_document(tx, feed_path(path, format_))
    if document is None:
        raise NotFound("document", f"{format_} of {path}")
    sys.stdout.buffer.write(document.body)
    sys.stdout.buffer.flush()


@feed.command()
@click.argument("path")
@click.option("--profile", "name", required=True, metavar="NAME", help="A file of feeds/profiles/.")
@json_option
@click.pass_context
def check(context: click.Context, path: str, name: str, as_json: bool) -> None:
    """Judge a section's articles by a partner's profile: what is sent, what is kept back and by which rule.

    Exit 1 when something is kept back for more than its language or cannot be written, or when the document breaks a
    rule; a page that was read over a year ago is only a warning.
    """
    with house() as home:
        tree = home.config.portal.sections()
        if path not in tree:
            raise NotFound("section", path, near_names(path, tree))
        profiles = {profile.name: profile for profile in home.config.portal.profiles}
        if name not in profiles:
            raise NotFound("profile", name, near_names(name, profiles))
        profile, style = profiles[name], home.style()
        if language_for(profile, tree[path], home.config.portal) is None:
            spoken = ", ".join(profile.languages)
            raise UsageError(f"{profile.title} takes {spoken}; the section {path!r} carries none of these languages.")
        with home.store.read() as tx:
            judged = report(profile, gather_profile(tx, tree[path], profile, home.clock.now()), style)
        stale = [(rule, cited) for rule, cited in profile.sources() if cited.is_stale(home.clock.now().date())]
    if as_json:
        print_json(_plain_report(judged, stale))
    else:
        _print_report(judged, stale, home.config)
    kept = any(rule.check != "language" for one in judged.kept for rule in one.broken)
    context.exit(1 if kept or judged.broken or judged.left_out else 0)


def _print_report(judged: Report, stale: list[tuple[str, Cited]], config: Config) -> None:
    sent = {one.id for one in judged.sent}
    verdicts = [one for one in judged.verdicts if one.broken or one.article_id in sent]
    rows = [
        (
            one.article_id,
            "kept" if one.broken else "sent",
            ", ".join(it.id for it in one.broken or one.advice),
            one.title,
        )
        for one in verdicts
    ]
    rows += [(one.id, "withdrawn", local(at, config), one.title) for one, at in judged.withdrawn]
    print_table(("id", "verdict", "rules", "title"), rows)
    broken = {rule.id: rule for one in verdicts for rule in (*one.broken, *one.advice)}
    for rule in (broken | {it.id: it for it in judged.broken}).values():
        said = "advice: " if rule.advice else ""
        click.echo(f"{rule.id}: {said}{rule.text} ({_stands(rule.source)})")
    for article_id in judged.left_out:
        click.echo(f"{article_id}: left out, since no item can be written of it; the log says why")
    counts = f"{len(judged.sent)} sent, {len(judged.kept)} kept back, {len(judged.withdrawn)} withdrawn"
    click.echo(f"{judged.profile.title}, {judged.section.id}, {judged.language}: {counts}")
    for name, cited in stale:
        click.echo(f"warning: {name}: {_stands(cited)}: more than a year ago; read it again", err=True)


def _stands(cited: Cited) -> str:
    return f"{cited.page or f'assumed: {cited.assumed}'}, read {cited.read}"


def _plain_report(judged: Report, stale: list[tuple[str, Cited]]) -> dict[str, Any]:
    sent = {one.id for one in judged.sent}
    items = [
        {
            "id": one.article_id,
            "title": one.title,
            "verdict": "kept" if one.broken else "sent",
            "broken": [_plain_rule(rule) for rule in one.broken],
            "advice": [_plain_rule(rule) for rule in one.advice],
        }
        for one in judged.verdicts
        if one.broken or one.article_id in sent
    ]
    keep = judged.profile.takedown.keep
    return {
        "profile": judged.profile.name,
        "section": judged.section.id,
        "path": profile_path(judged.profile.name, judged.section.id),
        "language": judged.language,
        "items": items,
        "withdrawn": [{"id": one.id, "at": at, "until": at + keep} for one, at in judged.withdrawn],
        "broken": [_plain_rule(rule) for rule in judged.broken],
        "left_out": list(judged.left_out),
        "stale": [{"rule": rule, "page": cited.page, "read": str(cited.read)} for rule, cited in stale],
    }


def _plain_rule(rule: Rule) -> dict[str, Any]:
    cited = rule.source
    return {"rule": rule.id, "text": rule.text, "page": cited.page, "assumed": cited.assumed, "read": str(cited.read)}
