"""How items are found in a document that is no feed: a source's `extract` part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """Where an item's own page has its parts; None is where pages have them of themselves (their meta elements).

    `next_page` leads to the next page of an article that is spread over several.
    """

    title: str | None = None
    body: str | None = None
    date: str | None = None
    author: str | None = None
    origin: str | None = None
    next_page: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """Selectors: CSS, or XPath when one begins with `/` or `./`; JMESPath in JSON. All but `item` look within an item.

    `inside` is the JMESPath of HTML within JSON, to which CSS and XPath then apply; `script` the text in front of
    JSON within a page. `date_in` says whether the date stands in text or only in the item's address; `date_forms`
    are strptime forms tried first. `next_page` selects the address of the next of at most `pages` list pages, or is
    `createPageHTML`, the call that makes TRS's pages. `namespaces` are (prefix, name) for XPath in XML.
    """

    item: str | None = None
    id: str | None = None
    title: str | None = None
    link: str | None = None
    date: str | None = None
    summary: str | None = None
    html: str | None = None
    author: str | None = None
    inside: str | None = None
    script: str | None = None
    date_in: Literal["text", "address"] = "text"
    date_forms: tuple[str, ...] = ()
    next_page: str | None = None
    pages: int = 1
    namespaces: tuple[tuple[str, str], ...] = ()
    detail: Detail | None = None
