"""`feedhub article import | add | list | show | edit | withdraw | restore`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import click

from feedhub.basics.text import near_names, one_line
from feedhub.cli.output import (
    house,
    json_option,
    local,
    print_fields,
    print_json,
    print_table,
    progress_of,
    whoami,
)
from feedhub.errors import NotFound, UsageError
from feedhub.ingest.importing.frontmatter import markup_of
from feedhub.ingest.importing.pieces import Form
from feedhub.ingest.importing.records import article_from_record
from feedhub.ingest.importing.take_in import import_path
from feedhub.ingest.reprints import mark_article
from feedhub.model.article import WithdrawalForm
from feedhub.store.article_reads import article_history, find_article, get_article, list_articles, section_articles
from feedhub.store.articles import edit_article, put_article, restore_article, withdraw_article

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def article() -> None:
    """Stored pieces of ours."""


@article.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--form", type=click.Choice(get_args(Form)), help="Told from each file's name when not given.")
@click.pass_context
def import_(context: click.Context, path: Path, form: Form | None) -> None:
    """Take in a file or a folder of records; the same again changes nothing, bad records are listed (exit 1)."""
    with house() as home, progress_of("import") as progress:
        report = import_path(home.store, path, form, home.import_context(), progress=progress, now=home.clock.now())
    for note in report.notes:
        click.echo(f"note: {note}", err=True)
    for error in report.errors:
        click.echo(str(error), err=True)
    counts = ("new", "corrected", "unchanged", "scheduled", "withdrawn_kept", "expired", "superseded", "failed")
    done = [f"{getattr(report, name)} {name}" for name in counts if getattr(report, name)]
    click.echo(", ".join(done) or "nothing read")
    context.exit(1 if report.failed else 0)


@article.command()
@click.option("--section", "sections", multiple=True, required=True, metavar="PATH")
@click.option("--title", required=True)
@click.option("--file", "path", type=_FILE, help="The body: .md, .html or .txt.")
@click.option("--text", help="The body as plain text.")
@click.option("--summary")
@click.option("--source", help="Where it is reprinted from.")
@click.option("--source-url")
@click.option("--author")
@click.option("--language")
@click.option("--category", "categories", multiple=True)
@click.option("--published", help="2026-11-24 09:00 or RFC 3339; now when not given.")
@click.option("--embargo-until")
@click.option("--expires")
@click.option("--licence", help="Under which others may print it: an address, or such as CC BY 4.0.")
@click.option("--translation-of", metavar="ID", help="The article that this one translates.")
@click.option("--id", "id_")
def add(path: Path | None, text: str | None, id_: str | None, sections: tuple[str, ...], **options: Any) -> None:
    """Write an article and publish it."""
    record = {name: value for name, value in options.items() if value}
    record |= {"section": list(sections)} | ({"id": id_} if id_ else {}) | _body(path, text)
    if "categories" in record:
        record["categories"] = list(record["categories"])
    with house() as home:
        now = home.clock.now()
        piece = article_from_record(record, "command line", home.import_context())
        with home.store.write() as tx:
            if find_article(tx, piece.id) is not None:
                raise UsageError(f"There is an article {piece.id!r} already: `feedhub article edit {piece.id}`.")
            put_article(tx, replace(piece, origin="operator"), now=now, late=True, by=whoami())
            mark_article(tx, piece, now)
            state = get_article(tx, piece.id).state
    click.echo(f"{piece.id}: {state} in {', '.join(piece.sections)}")


@article.command("list")
@click.option("--section", metavar="PATH", help="Only those of one section's subtree.")
@click.option("--state", type=click.Choice(["published", "scheduled", "withdrawn"]))
@click.option("--limit", type=click.IntRange(1, 100000), default=100, show_default=True)
@json_option
def list_(section: str | None, state: str | None, limit: int, as_json: bool) -> None:
    """List articles, newest first."""
    with house() as home, home.store.read() as tx:
        if section is None:
            found = list_articles(tx, state=state, limit=limit)  # type: ignore[arg-type]
        else:
            tree = home.config.portal.sections()
            if section not in tree:
                raise NotFound("section", section, near_names(section, tree))
            found = [a for a in section_articles(tx, section, limit=limit) if state in (None, a.state)]
    if as_json:
        print_json(found)
        return
    print_table(
        ("id", "state", "published", "sections", "title"),
        [(a.id, a.state, local(a.published, home.config), a.sections, a.title) for a in found],
    )


@article.command()
@click.argument("article_id", metavar="ID")
@click.option("--history", is_flag=True, help="Every published version too.")
@json_option
def show(article_id: str, history: bool, as_json: bool) -> None:
    """Show one article."""
    with house() as home, home.store.read() as tx:
        one = get_article(tx, article_id)
        versions = article_history(tx, article_id) if history else []
    if as_json:
        print_json({"article": one, "history": versions} if history else one)
        return
    print_fields(
        [
            ("id", one.id),
            ("public id", one.public_id),
            ("state", one.state),
            ("title", one.title),
            ("sections", one.sections),
            ("language", one.language),
            ("published", one.published),
            ("updated", one.updated),
            ("source", one.source.label),
            ("source_url", one.source_url),
            ("translation of", one.translation_of),
            ("in other languages", [f"{twin.id} ({twin.language})" for twin in one.twins]),
            ("edited by hand", one.edited_fields),
            ("withdrawn", one.withdrawn_reason),
            ("notice until", local(one.notice_until, home.config) if one.notice_until else None),
            ("corrected", [f"{local(it.at, home.config)} {it.note}" for it in one.corrections]),
            ("summary", one.summary),
        ]
    )
    for version in versions:
        click.echo(f"  version {version['seq']} of {local(version['at'], home.config)}: {version['snapshot']['title']}")
    if one.html:
        click.echo(f"\n{one.html}")


@article.command()
@click.argument("article_id", metavar="ID")
@click.option("--title")
@click.option("--file", "path", type=_FILE, help="The new body.")
@click.option("--text", help="The new body as plain text.")
@click.option("--summary")
@click.option("--author")
@click.option("--licence", help="Under which others may print it.")
@click.option("--translation-of", metavar="ID", help="The article that this one translates; '' for none.")
@click.option("--note", help="What the correction changed; readers see it below the text.")
@click.option("--section", "sections", multiple=True, metavar="PATH", help="Replaces its sections.")
def edit(
    article_id: str,
    path: Path | None,
    text: str | None,
    sections: tuple[str, ...],
    **options: str | None,
) -> None:
    """Correct an article in every channel; no source overwrites what a person edited."""
    if options["title"] is not None and not one_line(options["title"]):
        raise UsageError("--title is empty; an article has a title.")
    with house() as home:
        context = home.import_context()
        with home.store.write() as tx:
            old = get_article(tx, article_id)
            record: dict[str, Any] = {"section": list(sections or old.sections), "title": options["title"] or old.title}
            record |= {"id": old.id, "translation_of": options["translation_of"] or None} | _body(path, text)
            fresh = article_from_record(record, "command line", context)
            changes: dict[str, Any] = {
                name: one_line(value)
                for name in ("title", "summary", "author", "licence")
                if (value := options[name]) is not None
            }
            if path or text:
                changes["html"] = fresh.html
            if sections:
                changes["sections"] = fresh.sections
            if options["translation_of"] is not None:
                changes["translation_of"] = fresh.translation_of
            if not changes and not options["note"]:
                raise UsageError("Nothing to edit: name --title, --text, --file or another of `--help`.")
            fields = [name for name in changes if name != "sections"]
            note = one_line(options["note"] or "")[:1000]
            kind = edit_article(tx, replace(old, **changes), fields, now=home.clock.now(), by=whoami(), note=note)
    click.echo(f"{article_id}: {kind or 'says that already'}")


@article.command()
@click.argument("article_id", metavar="ID")
@click.option("--reason", required=True, help="Why; readers of its page see it.")
@click.option(
    "--form",
    type=click.Choice(get_args(WithdrawalForm)),
    default="tombstone",
    show_default=True,
    help="notice: its feeds say so in its place for 7 days, so that readers overwrite their copy.",
)
def withdraw(article_id: str, reason: str, form: WithdrawalForm) -> None:
    """Take an article out of every channel; its page answers 410 with the reason."""
    with house() as home, home.store.write() as tx:
        withdraw_article(tx, article_id, now=home.clock.now(), by=whoami(), reason=one_line(reason), form=form)
    click.echo(f"{article_id}: withdrawn")


@article.command()
@click.argument("article_id", metavar="ID")
def restore(article_id: str) -> None:
    """Bring a withdrawn article back."""
    with house() as home, home.store.write() as tx:
        seq = restore_article(tx, article_id, now=home.clock.now(), by=whoami())
    click.echo(f"{article_id}: {'published again' if seq else 'scheduled again'}")


def _body(path: Path | None, text: str | None) -> dict[str, str]:
    if path and text:
        raise UsageError("Name one of --file and --text.")
    if text:
        return {"content_text": text}
    if path is None:
        return {}
    try:
        content = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8 text.") from error
    if path.suffix.lower() in (".md", ".markdown"):
        return {"content_html": markup_of(content)}
    return {"content_html" if path.suffix.lower() in (".html", ".htm") else "content_text": content}
