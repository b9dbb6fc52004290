"""JSON Feed 1.0 and 1.1 into a ParsedFeed (jsonfeed.org/version/1.1); feedparser does not read it.

Whatever has the wrong type is left out; a document that is JSON but no JSON Feed is NotAFeed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any

from feedhub.basics.text import plain_text
from feedhub.errors import HostileDocument, NotAFeed
from feedhub.ingest import bounds
from feedhub.ingest.date_kinds import date_kinds
from feedhub.ingest.deleted import deleted_in_json
from feedhub.ingest.mend import MOST_ITEMS
from feedhub.ingest.people import people
from feedhub.ingest.when import read_date
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.safehtml import safe_paragraphs

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/(\d+(?:\.\d+)?)/?", re.I)


def looks_like_json(text: str) -> bool:
    """Whether the text begins as a JSON object or array does."""
    return text[:64].lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def read_json_feed(text: str, url: str, zone: tzinfo, now: datetime, language: str | None) -> ParsedFeed:
    """The feed; NotAFeed when it is other JSON or none, HostileDocument when it is nested without end."""
    document = _document(text)
    named = document.get("version")
    version = _VERSION.fullmatch(named) if isinstance(named, str) else None
    items = document.get("items")
    if version is None or not isinstance(items, list):
        raise NotAFeed(f"This is JSON, but no JSON Feed{_about(document)}.")
    link = bounds.address(document.get("home_page_url"), url)
    feed_language = bounds.language_of(document.get("language"))
    title = bounds.line(_text(document, "title"), bounds.TITLE)
    whole = [item for item in items if isinstance(item, dict)]
    reader = _Reader(link or url, zone, now, (language, feed_language), tuple(_names(document)), (title,))
    warnings = []
    if len(whole) > MOST_ITEMS:
        warnings.append(f"only the first {MOST_ITEMS} items were read, {len(whole) - MOST_ITEMS} more were left out")
    return ParsedFeed(
        version="json1" if version[1] in ("1", "1.0") else "json11",
        title=title,
        link=link,
        self_url=bounds.address(document.get("feed_url"), url),
        id=bounds.guid_of(document.get("feed_url")),
        language=feed_language or language,
        hubs=tuple(
            address
            for hub in _list(document, "hubs")
            if isinstance(hub, dict) and hub.get("type") == "WebSub" and (address := bounds.address(hub.get("url")))
        ),
        items=tuple(reader.item(one) for one in whole[:MOST_ITEMS]),
        total=len(items),
        warnings=tuple(warnings),
        more=tuple(filter(None, (bounds.address(document.get("next_url"), url),))),
        deleted=deleted_in_json(document, zone, now),
        date_kinds=date_kinds(one.get("date_published") or one.get("date_modified") for one in whole),
    )


class _Reader:
    """What holds for all items of one document, and the reading of one of them."""

    def __init__(
        self,
        base: str,
        zone: tzinfo,
        now: datetime,
        languages: tuple[str | None, ...],
        authors: tuple[str, ...],
        labels: tuple[str, ...],
    ) -> None:
        self.base, self.zone, self.now = base, zone, now
        self.languages, self.authors, self.labels = languages, authors, labels

    def item(self, found: dict[str, Any]) -> Item:
        notes: list[str] = []
        published = self._date(found, "date_published", notes)
        updated = self._date(found, "date_modified", notes)
        external = bounds.address(found.get("external_url"), self.base)
        own = bounds.address(found.get("url"), self.base)
        guid = _guid(found.get("id"))
        content_html, content_text = _text(found, "content_html"), _text(found, "content_text")
        html = bounds.clean_html(content_html, own or self.base) if content_html.strip() else None
        if html is None and content_text.strip():
            html = safe_paragraphs(content_text[: bounds.LONGEST_CLEAN]) or None
        read = published or updated
        return Item(
            guid=guid,
            link=own or external or bounds.address(guid),
            title=bounds.line(_text(found, "title"), bounds.TITLE),
            html=html,
            summary=bounds.line(_text(found, "summary"), bounds.SUMMARY)
            or bounds.line(content_text or plain_text(html or "")[: 8 * bounds.SUMMARY], bounds.SUMMARY),
            author=people(list(_names(found)) or self.authors, self.labels),
            published=read[0] if read else None,
            updated=updated[0] if updated else None,
            precision=read[1] if read else "second",
            categories=bounds.categories_of(_list(found, "tags")),
            enclosures=bounds.enclosures_of(
                (
                    (one.get("url"), one.get("mime_type"), one.get("size_in_bytes"))
                    for one in _list(found, "attachments")
                    if isinstance(one, dict)
                ),
                self.base,
            ),
            language=bounds.language_of(found.get("language"), *self.languages),
            origin_url=external if own else None,
            notes=tuple(notes),
        )

    def _date(self, found: dict[str, Any], key: str, notes: list[str]) -> Any:
        written = _text(found, key)
        read = read_date(written, self.zone, self.now) if written.strip() else None
        if written.strip() and read is None:
            notes.append(f"unreadable_date: {bounds.line(written, 60)}")
        return read


def _document(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except RecursionError:
        raise HostileDocument("The JSON is nested without end, so it was not read.") from None
    except ValueError as error:
        raise NotAFeed(f"This begins like JSON, but it is none: {error}.") from None
    if not isinstance(document, dict):
        raise NotAFeed("This is JSON, but no JSON Feed: it is a list.")
    return document


def _about(document: dict[str, Any]) -> str:
    """What an answer in JSON says of itself, when it is an error."""
    for key in ("error", "message", "msg", "errmsg", "detail"):
        said = document.get(key)
        if isinstance(said, str) and said.strip():
            return f': it says "{bounds.line(said, 100)}"'
    keys = ", ".join(bounds.line(key, 20) for key in list(document)[:5])
    return f": its keys are {keys}" if keys else ": it is empty"


def _text(found: dict[str, Any], key: str) -> str:
    value = found.get(key)
    return value if isinstance(value, str) else ""


def _list(found: dict[str, Any], key: str) -> list[Any]:
    value = found.get(key)
    return value if isinstance(value, list) else []


def _guid(value: object) -> str | None:
    """The id; a number is taken as the text it is (JSON Feed 1.1, items, id)."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return bounds.guid_of(value)


def _names(found: dict[str, Any]) -> Iterator[str]:
    """The names in `authors` (1.1), else in `author` (1.0)."""
    for author in [*_list(found, "authors"), found.get("author")]:
        if isinstance(author, dict) and _text(author, "name").strip():
            yield author["name"]
