"""What every template may call: links, dates as people read them, the marks of languages."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

from flask import Flask
from markupsafe import Markup, escape

from feedhub.basics.dates import Precision, rfc3339
from feedhub.basics.digests import sha256_hex
from feedhub.basics.text import one_line
from feedhub.basics.urls import host_of
from feedhub.model.section import Section
from feedhub.publish.wording import section_title, title_of
from feedhub.web.catalogue import CHINESE, INTERFACE, interface, interface_of, say
from feedhub.web.foreign_runs import has_chinese, is_chinese_tag, marked
from feedhub.web.front import FORMAT_NAMES, Front, article_path, column_path, section_path

STATIC = Path(__file__).parent / "static"


def register(app: Flask, site: Front) -> None:
    """Give the templates their words; everything they print is escaped."""
    versions = {file.name: sha256_hex(file.read_bytes())[:12] for file in STATIC.iterdir()}

    def static(name: str) -> str:
        return site.href(f"/static/{name}?v={versions[name]}")

    portal_language = site.portal.language

    def page_language() -> str:
        """The language of the page at hand: the portal's tag where the interface speaks it, else the interface's."""
        spoken = interface(portal_language)
        known = portal_language.lower().split("-")[0] == spoken
        return portal_language if known else spoken

    def say_here(text: str, **values: object) -> Markup:
        return say(text, interface(portal_language), **values)

    def language_mark(language: str | None) -> Markup:
        """The attribute that tells a screen reader to change its voice; nothing where the page's language goes on."""
        if not language or language.lower() == page_language().lower():
            return Markup("")
        return Markup(' lang="{}"').format(language)

    def script_mark(text: str) -> Markup:
        """The same for a name whose language nobody states: Chinese characters are Chinese."""
        return language_mark("zh" if has_chinese(text) else _latin(portal_language))

    def runs(text: str, language: str | None = None) -> Markup:
        """A text with its runs of Chinese marked; where nobody states its language, with a mark of its own."""
        if language is None and is_chinese_tag(page_language()) and not has_chinese(text):
            return Markup("<span{}>{}</span>").format(script_mark(text), text)
        return marked(text, language or page_language())

    def name_text(section: Section) -> str:
        """A section's name in the page's language, as far as it has one."""
        return section_title(section, interface(portal_language))

    def name_of(section: Section) -> Markup:
        """The same with the mark of its language, where that is another."""
        name = name_text(section)
        mark = language_mark("zh" if name == section.title_zh else portal_language)
        return Markup("<span{}>{}</span>").format(mark, name) if mark else escape(name)

    def other_name(section: Section) -> tuple[str, Markup] | None:
        """The section's name in the other language and the mark of that, if it has one."""
        if section.title_zh is None or section.title_zh == section.title:
            return None
        here = interface(portal_language) == "zh"
        return (section.title, language_mark("en")) if here else (section.title_zh, language_mark("zh"))

    def told(text: str) -> Markup:
        """A sentence for people that may have no line in the catalogue: then it is marked as English."""
        if text in CHINESE or interface(portal_language) == "en":
            return say_here(text) if text in CHINESE else escape(text)
        return Markup('<span lang="en">{}</span>').format(text)

    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.autoescape = True
    app.jinja_env.globals.update(
        portal=site.portal,
        section_total=len(site.sections),
        href=site.href,
        absolute=site.absolute,
        static=static,
        _=say_here,
        page_language=page_language,
        name_of=name_of,
        name_text=name_text,
        other_name=other_name,
        told=told,
        interface_names=INTERFACE,
        columns_by_language=[(language, column_path(language, portal_language)) for language in INTERFACE],
        rss_href=lambda rest="": site.href(column_path(interface(portal_language), portal_language, rest)),
        page_interface=lambda: interface(portal_language),
        lang=language_mark,
        script=script_mark,
        section_href=lambda section: site.href(section_path(section)),
        article_href=lambda article: site.href(article_path(article)),
        format_names=FORMAT_NAMES,
    )
    app.jinja_env.filters.update(
        day=lambda moment: f"{moment:%Y-%m-%d}",
        stamp=stamp,
        rfc3339=rfc3339,
        host=host_of,
        filename=filename,
        headline=title_of,
        runs=runs,
    )


def _latin(language: str) -> str:
    """What a name without a Chinese character is read as."""
    return "en" if interface_of(language) == "zh" else language


def stamp(moment: datetime, precision: Precision = "second") -> str:
    """A time as the portal writes it, `2023-12-06 11:33:20`; the day alone where only that is known."""
    return f"{moment:%Y-%m-%d}" if precision == "day" else f"{moment:%Y-%m-%d %H:%M:%S}"


def filename(address: str) -> str:
    """The last part of an address, as the name of a file; the host where there is none."""
    last = unquote(urlsplit(address).path.rpartition("/")[2])
    return one_line(last)[:120] or host_of(address)
