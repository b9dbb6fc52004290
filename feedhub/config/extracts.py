"""The `extract` part of a source in a file: its form, and whether its selectors can be used for its kind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

import jmespath
from cssselect import SelectorError
from jmespath.exceptions import JMESPathError
from lxml import etree
from parsel import csstranslator
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from feedhub.config.scalars import Whole
from feedhub.model.extract import MOST_PAGES, Detail, Extract

Selector = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Place = tuple[str | int, ...]

_SELECTORS = ("item", "id", "title", "link", "date", "summary", "html", "author", "next_page")
_NEEDS_ITEM = ("html", "json", "xml")
_TAKES_NONE = ("feed", "files", "mail")
_CSS = csstranslator.HTMLTranslator()


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DetailForm(_Part):
    """Where an item's own page has its parts; an empty map is enough to have the pages fetched."""

    title: Selector | None = None
    body: Selector | None = None
    date: Selector | None = None
    author: Selector | None = None
    origin: Selector | None = None
    next_page: Selector | None = None


class ExtractForm(_Part):
    """How items are found in a document that is no feed (docs/sources.md, Kinds)."""

    item: Selector | None = None
    id: Selector | None = None
    title: Selector | None = None
    link: Selector | None = None
    date: Selector | None = None
    summary: Selector | None = None
    html: Selector | None = None
    author: Selector | None = None
    inside: Selector | None = None
    script: Selector | None = None
    date_in: Literal["text", "address"] = "text"
    date_forms: tuple[Selector, ...] = ()
    next_page: Selector | None = None
    pages: Annotated[Whole, Field(ge=1, le=MOST_PAGES)] = 1
    namespaces: dict[str, str] = {}
    detail: DetailForm | None = None

    def extract(self) -> Extract:
        """The model's value."""
        plain = self.model_dump(exclude={"namespaces", "detail"})
        detail = Detail(**self.detail.model_dump()) if self.detail is not None else None
        return Extract(**plain, namespaces=tuple(self.namespaces.items()), detail=detail)


def selector_faults(kind: str, form: ExtractForm | None) -> Iterator[tuple[Place, str]]:
    """What of an extract cannot be used with its kind, each with its place below the source."""
    if form is None:
        if kind in _NEEDS_ITEM:
            yield ("extract",), f"is missing: a source of kind {kind} says how its items are found"
        return
    if kind in _TAKES_NONE:
        yield ("extract",), f"is not for a source of kind {kind}"
        return
    if kind in _NEEDS_ITEM and form.item is None:
        yield ("extract", "item"), "is missing"
    if kind != "json" and (form.inside or form.script):
        yield ("extract", "inside" if form.inside else "script"), "is for sources of kind json"
    if form.inside is not None and (wrong := _jmespath_fault(form.inside)):
        yield ("extract", "inside"), wrong
    in_json = kind == "json" and form.inside is None
    for name in _SELECTORS:
        selector = getattr(form, name)
        if selector is None or (name == "next_page" and selector == "createPageHTML"):
            continue
        if wrong := _jmespath_fault(selector) if in_json else _markup_fault(selector, form.namespaces):
            yield ("extract", name), wrong
    if form.detail is not None:
        for name, selector in form.detail.model_dump().items():
            if selector is not None and (wrong := _markup_fault(selector, {})):
                yield ("extract", "detail", name), wrong


def _jmespath_fault(expression: str) -> str | None:
    try:
        jmespath.compile(expression)
    except JMESPathError as error:
        return f"{expression!r} is no JMESPath: {str(error).splitlines()[0]}"
    return None


def _markup_fault(selector: str, namespaces: dict[str, str]) -> str | None:
    is_xpath = selector.startswith(("/", "./", "../")) or selector == "."
    try:
        path = selector if is_xpath else _CSS.css_to_xpath(selector)
        etree.XPath(path, namespaces=namespaces or None)(etree.Element("any"))
    except (SelectorError, etree.XPathError) as error:
        return f"{selector!r} is no {'XPath' if is_xpath else 'CSS selector'}: {error}"
    return None
