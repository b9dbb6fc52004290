"""`feedhub source add | test`: try an address, show what it would bring, and save it only after a yes."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import click
from pydantic import TypeAdapter

from feedhub.basics.text import identifier
from feedhub.basics.urls import host_of
from feedhub.cli.output import house, json_option, print_json
from feedhub.cli.source_address import as_typed
from feedhub.cli.source_dry_run import as_declared, show_stored
from feedhub.cli.source_shown import show_recognised, show_trial, trial_object
from feedhub.config.extracts import selector_faults
from feedhub.config.faults import validated
from feedhub.config.sources import KEY, SourceForm
from feedhub.config.yaml_nodes import YamlFile
from feedhub.errors import AddressRefused, ConfigError, FetchError, NotFound, ParseError, UsageError
from feedhub.ingest.trial import Trial, as_proposed, needs_recognising, recognise_address, try_source
from feedhub.model.recognised import Proposal, Recognised
from feedhub.model.source import Source
from feedhub.store.sources import add_source
from feedhub.wiring.house import House

_FORM = TypeAdapter(SourceForm)
_KINDS = click.Choice(["feed", "html", "json", "xml", "sitemap", "files", "mail"])
_pick = click.option("--pick", type=click.IntRange(1), metavar="N", help="Which of several proposals; 1 is the best.")
_select = click.option(
    "--select",
    "selectors",
    multiple=True,
    metavar="FIELD=SELECTOR",
    help="A line of `extract`, such as item='ul.list > li'; may be repeated.",
)


_full_text = click.option("--full-text", is_flag=True, help="Read the text of items from their own pages.")
_pictures = click.option(
    "--pictures", type=click.Choice(["drop", "link", "store"]), help="What becomes of them; link when not given."
)
_licence = click.option(
    "--licence", help="Under which its texts may be shown; text of pages is taken only where known."
)
_username = click.option("--username", help="The name to sign in with, for a mailbox or a page behind a password.")
_password_file = click.option(
    "--password-file", help="A file of one line with the password; below feeds/, or absolute."
)
_from = click.option("--from", "senders", multiple=True, metavar="ADDRESS", help="Letters of this sender, or @domain.")
_list_id = click.option("--list-id", "list_ids", multiple=True, metavar="ID", help="Letters of this list (List-Id).")


@click.command()
@click.argument("url_or_key", metavar="URL|FOLDER|KEY")
@click.option("--kind", type=_KINDS, help="How an address is read; recognised when not given.")
@_select
@_full_text
@_licence
@_username
@_password_file
@_from
@_list_id
@_pick
@click.option("--stored", is_flag=True, help="Fetch nothing: try its rules on the items that are stored already.")
@json_option
def test(
    url_or_key: str,
    kind: str | None,
    selectors: tuple[str, ...],
    pick: int | None,
    stored: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Fetch a source or an address and show what would become of its items; nothing is stored."""
    if stored:
        with house() as home:
            show_stored(home, as_declared(home, url_or_key), as_json=as_json)
        return
    recognised: Recognised | None = None
    with house() as home, home.ingest(1) as ingest:
        if kind == "files" or not KEY.fullmatch(url_or_key):
            typed = as_typed(url_or_key, kind, home.config.feeds_directory)
            kind = typed["kind"]
            declared = {"key": "trial", "name": url_or_key} | typed | {"kind": kind or "feed"}
            declared |= _named_options(options, "full_text", "licence", "username", "password_file")
            source = _form(home, declared | _extract(selectors) | _mail(options))
            if needs_recognising(kind, selectors):
                recognised = recognise_address(ingest, source)
                proposals = _of_kind(recognised, kind)
                recognised = replace(recognised, proposals=proposals)
                source = as_proposed(source, _picked(proposals, pick or 1))
                if not as_json:
                    show_recognised(recognised)
                    click.echo(f"Number {pick or 1} is tried" + ("; --pick takes another." if proposals[1:] else "."))
        else:
            source = as_declared(home, url_or_key)
        trial = try_source(ingest, source)
    if as_json:
        print_json(trial_object(trial, recognised))
    else:
        show_trial(trial)
        click.echo("Nothing was stored.")


@click.command()
@click.argument("url", metavar="URL|FOLDER")
@click.option("--key", help="Its name in commands; made from its title or host when not given.")
@click.option("--name", help="What readers see as its name; the feed's own title when not given.")
@click.option("--kind", type=_KINDS, help="How it is read; recognised when not given.")
@_select
@click.option("--section", "sections", multiple=True, metavar="PATH", help="Where its items go; may be repeated.")
@click.option("--policy", type=click.Choice(["review", "auto"]), default="review", show_default=True)
@click.option("--every", help="A fixed interval such as 15m.")
@click.option("--cron", help='A crontab(5) line such as "*/15 6-23 * * *".')
@click.option("--adaptive", is_flag=True, help="Follow its own rhythm between 15m and 4h (the default).")
@click.option("--language", help="The language of items that state none, such as zh.")
@click.option("--time-zone", help="The zone of times that state none, such as Asia/Shanghai.")
@click.option("--encoding", help="The charset of its documents, where they and their server say it wrongly.")
@_full_text
@_pictures
@_licence
@_username
@_password_file
@_from
@_list_id
@_pick
@click.option("--yes", is_flag=True, help="Take the best proposal and save it, also when it cannot be read just now.")
def add(url: str, yes: bool, **options: Any) -> None:
    """Recognise an address, show what it brings, and add it as a source after a yes."""
    if sum(bool(options[name]) for name in ("every", "cron", "adaptive")) > 1:
        raise UsageError("Name one of --every, --cron and --adaptive.")
    with house() as home:
        typed = as_typed(url, options["kind"], home.config.feeds_directory)
        options |= {"kind": typed["kind"], "key": options["key"] or typed.get("key")}
        source = _form(home, _declared(typed, options) | _extract(options["selectors"]) | _mail(options))
        trial: Trial | None = None
        with home.ingest(1) as ingest:
            try:
                if needs_recognising(options["kind"], options["selectors"]):
                    source = _chosen(recognise_address(ingest, source), source, options, yes)
                trial = try_source(ingest, source)
            except AddressRefused:
                raise
            except (FetchError, ParseError) as error:
                if isinstance(error, ParseError) or not yes:
                    raise
                click.echo(f"It could not be read just now: {error}", err=True)
        source = _named(source, trial, options)
        if trial is not None:
            show_trial(replace(trial, source=source))
        _confirm(source, yes)
        with home.store.write() as tx:
            add_source(tx, source, home.clock.now())
    click.echo(f"Added {source.key!r}. It is due now: `feedhub source fetch {source.key}` polls it here.")


def _chosen(recognised: Recognised, source: Source, options: dict[str, Any], yes: bool) -> Source:
    """The source as the proposal that a person chose, or the best one with --yes."""
    proposals = _of_kind(recognised, options["kind"])
    show_recognised(replace(recognised, proposals=proposals))
    number = 1
    if options["pick"]:
        number = options["pick"]
    elif len(proposals) > 1 and not yes:
        number = click.prompt("Which of them?", type=click.IntRange(1, len(proposals)), default=1)
    chosen = as_proposed(source, _picked(proposals, number))
    said = {name: getattr(source, name) for name in ("time_zone", "language") if options[name]}
    return replace(chosen, **said)


def _of_kind(recognised: Recognised, kind: str | None) -> tuple[Proposal, ...]:
    found = tuple(one for one in recognised.proposals if kind in (None, one.kind))
    if not found:
        raise UsageError(f"This is {recognised.page}; nothing of the kind {kind} was recognised in it.")
    return found


def _picked(proposals: tuple[Proposal, ...], number: int) -> Proposal:
    if number > len(proposals):
        raise UsageError(f"There is no number {number}: {len(proposals)} were recognised.")
    return proposals[number - 1]


def _confirm(source: Source, yes: bool) -> None:
    where = ", ".join(source.sections) or "no section (its items are held as no_section)"
    click.echo(f"key {source.key}, name {source.name}, policy {source.policy}, into {where}")
    if not yes and not click.confirm("Add this source?", default=False):
        raise click.Abort


def _declared(typed: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    declared = {"name": options["name"] or typed.get("path") or typed["url"]} | typed
    declared |= {"key": options["key"] or "unnamed", "kind": options["kind"] or "feed"}
    declared |= {"sections": list(options["sections"]), "policy": options["policy"]}
    if options["every"] or options["cron"]:
        declared["schedule"] = {"every": options["every"]} if options["every"] else {"cron": options["cron"]}
    named = ("language", "time_zone", "encoding", "full_text", "pictures", "licence", "username", "password_file")
    return declared | _named_options(options, *named)


def _named_options(options: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: options[name] for name in names if options[name]}


def _mail(options: dict[str, Any]) -> dict[str, Any]:
    """The `mail` part that --from and --list-id spell."""
    found = {"from": list(options["senders"]), "list_id": list(options["list_ids"])}
    return {"mail": found} if any(found.values()) else {}


def _form(home: House, declared: dict[str, Any]) -> Source:
    file = YamlFile("command line")
    faults: list[Any] = []
    form = validated(_FORM, declared, file, (), faults)
    if form is not None and not (form.kind == "html" and form.extract is None):
        faults += [file.fault(place, wrong) for place, wrong in selector_faults(form.kind, form.extract)]
    if form is None or faults:
        words = "; ".join(f"{fault.path}: {fault.problem}" for fault in faults)
        raise UsageError(words) if faults else ConfigError(())
    tree = home.config.portal.sections()
    for section in form.sections:
        if section not in tree:
            from feedhub.basics.text import near_names

            raise NotFound("section", section, near_names(section, tree))
    portal = home.config.portal
    return form.source(language=portal.language, time_zone=portal.time_zone, declared_at=None)


def _extract(selectors: tuple[str, ...]) -> dict[str, Any]:
    """The `extract` part that --select spells."""
    found = dict(one.partition("=")[::2] for one in selectors)
    if not all(found.values()):
        raise UsageError("--select takes FIELD=SELECTOR, such as item='ul.list > li'.")
    return {"extract": found} if found else {}


def _named(source: Source, trial: Trial | None, options: dict[str, Any]) -> Source:
    title = trial.feeds[0].title if trial and trial.feeds and trial.feeds[0].title else None
    name = options["name"] or title or source.url or source.path or "source"
    key = options["key"]
    if not key:
        host = host_of(source.url or "").removeprefix("www.").replace(".", "-")
        key = identifier(title or "")[:40].strip("-") or host or identifier(source.path or "") or "source"
    if not KEY.fullmatch(key):
        key = re.sub(r"[^a-z0-9._-]+", "-", key.lower()).strip("-._")[:64] or "source"
    return replace(source, key=key, name=name[:200])
