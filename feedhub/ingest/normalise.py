"""feedparser's result into a ParsedFeed: clean text, absolute addresses, dates read again from what was written.

feedparser runs with its sanitising and URI resolving off, so every value here is as hostile as the document:
each goes through `bounds.py`. Its own dates are not used: it invents some and takes bare times as UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from feedhub.basics.dates import Precision
from feedhub.ingest import bounds
from feedhub.ingest.date_kinds import date_kinds
from feedhub.ingest.people import people
from feedhub.ingest.when import read_date
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.safehtml import SafeHtml, safe_paragraphs

Found = Mapping[str, Any]
MOST_HUBS = 5
EARLIER = ("prev-archive", "next")  # RFC 5005 §4 and §3: the document before this one
MOST_MINUTES = 366 * 24 * 60
SET_ASIDE = ("media_setaside", "itunes_setaside")  # what `mend.py` renamed: for items that have nothing else

_PERIODS = {"hourly": 60, "daily": 1440, "weekly": 7 * 1440, "monthly": 30 * 1440, "yearly": 365 * 1440}


@dataclass(frozen=True, slots=True)
class Setting:
    """What holds for every item of one document."""

    base: str
    zone: tzinfo
    now: datetime
    language: str | None
    document_date: datetime | None = None
    feed_language: str | None = None
    labels: tuple[str, ...] = ()
    feed_authors: tuple[str, ...] = ()


def normalise_feed(
    found: Found, version: str, url: str, zone: tzinfo, now: datetime, language: str | None, left_out: int
) -> ParsedFeed:
    """The document's head and items; `left_out` items were cut away before it was parsed."""
    head: Found = found.get("feed") or {}
    entries: list[Found] = found.get("entries") or []
    link = _link(head, bounds.guid_of(_own(head, "id")), url)
    title = _words_of(head, "title", bounds.TITLE)
    dates = [_own(head, key) for key in ("updated", "published", "created")]
    updated = next((read[0] for text in dates if (read := _read(text, zone, now, None))), None)
    feed_language = bounds.language_of(_own(head, "language"))
    setting = Setting(
        base=link or url,
        zone=zone,
        now=now,
        language=language,
        document_date=updated,
        feed_language=feed_language,
        labels=tuple(filter(None, (title, str(_own(head, "publisher") or ""), _image_title(head)))),
        feed_authors=tuple(_names(head)) if version.startswith("atom") else (),
    )
    items = tuple(normalise_item(entry, setting) for entry in entries)
    return ParsedFeed(
        version=version,
        title=title,
        link=link,
        self_url=next(_links(head, "self", url), None),
        id=bounds.guid_of(_own(head, "id")),
        language=feed_language or language,
        updated=updated,
        rights=_words_of(head, "rights", bounds.RIGHTS) or None,
        ttl_minutes=_minutes(_own(head, "ttl")),
        update_minutes=_update_minutes(head),
        hubs=tuple(dict.fromkeys(_links(head, "hub", url)))[:MOST_HUBS],
        items=items,
        total=len(entries) + left_out,
        more=tuple(address for rel in EARLIER for address in _links(head, rel, url))[:1],
        date_kinds=date_kinds(_first_date(entry) for entry in entries),
    )


def normalise_item(entry: Found, setting: Setting) -> Item:
    """One item. It may lack everything; whether it is worth anything is decided later."""
    notes: list[str] = []
    base = _base_of(entry, setting.base)
    published, precision = _published(entry, setting, notes)
    updated = _read(_own(entry, "updated"), setting.zone, setting.now, setting.document_date)
    html, summary = _texts(entry, base)
    source: Found = _own(entry, "source") or {}
    guid = bounds.guid_of(_own(entry, "id"))
    return Item(
        guid=guid,
        link=_link(entry, guid, base),
        title=_words_of(entry, "title", bounds.TITLE),
        html=html,
        summary=summary,
        author=people(list(_names(entry)) or setting.feed_authors, setting.labels),
        published=published,
        updated=updated[0] if updated else None,
        precision=precision,
        categories=bounds.categories_of(_category_names(entry)),
        enclosures=bounds.enclosures_of(_attached(entry), base),
        language=bounds.language_of(
            _own(entry, "language"), _detail(entry, "title", "language"), setting.language, setting.feed_language
        ),
        rights=_words_of(entry, "rights", bounds.RIGHTS) or None,
        origin_title=_words_of(source, "title", bounds.TITLE) or None,
        # A via link says it best (RFC 4287 §4.2.7.2).
        origin_url=next(_links(entry, "via", base), None) or _origin_address(source, base),
        notes=tuple(notes),
    )


def _own(found: Found, key: str) -> Any:
    """The value under exactly that key; feedparser's own look-up has aliases and warnings."""
    return dict.get(found, key) if isinstance(found, dict) else None


def _detail(found: Found, key: str, part: str) -> Any:
    detail = _own(found, f"{key}_detail")
    return _own(detail, part) if detail else None


def _words_of(found: Found, key: str, longest: int) -> str:
    value = _own(found, key)
    if not isinstance(value, str):
        return ""
    if _detail(found, key, "type") == "text/plain":
        return bounds.unwrapped(bounds.line(value, longest))
    return bounds.unwrapped(bounds.words(value, longest))


def _base_of(entry: Found, base: str) -> str:
    """The base address of an item: xml:base (RFC 4287 §2), resolved against the document's."""
    inner = _detail(entry, "title", "base") or _detail(entry, "summary", "base")
    return bounds.address(inner, base) or base


def _read(
    text: object, zone: tzinfo, now: datetime, document_date: datetime | None
) -> tuple[datetime, Precision] | None:
    return read_date(text, zone, now, document_date) if isinstance(text, str) and text.strip() else None


def _published(entry: Found, setting: Setting, notes: list[str]) -> tuple[datetime | None, Precision]:
    """The first date that can be read, of those that say when a piece came out."""
    for key in ("published", "created", "updated"):
        written = _own(entry, key)
        if read := _read(written, setting.zone, setting.now, setting.document_date):
            return read
        if isinstance(written, str) and written.strip():
            notes.append(f"unreadable_date: {bounds.line(written, 60)}")
    return None, "second"


def _first_date(entry: Found) -> Any:
    return _own(entry, "published") or _own(entry, "created") or _own(entry, "updated")


def _texts(entry: Found, base: str) -> tuple[SafeHtml | None, str]:
    """The body and the summary. The longest text is the body: a description may be in either of two places."""
    details: list[Found] = [one for one in _own(entry, "content") or () if _is_text(one)]
    summary_detail: Found = _own(entry, "summary_detail") or {"value": _own(entry, "summary")}
    summary = summary_detail if _is_text(summary_detail) else {}
    if not details and not str(_own(summary, "value") or "").strip():
        summary = {"value": next(filter(None, (_own(entry, key) for key in SET_ASIDE)), "")}
    body = max([*details, summary], key=lambda one: len(str(_own(one, "value") or "").strip()))
    short = summary if str(_own(summary, "value") or "").strip() else body
    html = _html_of(body, base)
    if short is body and html:
        return html, bounds.summary_of(html)
    return html, _plain_of(short)


def _is_text(detail: Found) -> bool:
    kind = str(_own(detail, "type") or "text/html")
    return isinstance(_own(detail, "value"), str) and (kind.startswith("text/") or kind.endswith("xhtml+xml"))


def _html_of(detail: Found, base: str) -> SafeHtml | None:
    value = _own(detail, "value")
    if not isinstance(value, str) or not value.strip():
        return None
    if _own(detail, "type") == "text/plain":
        return safe_paragraphs(value[: bounds.LONGEST_CLEAN]) or None
    return bounds.clean_html(value, bounds.address(_own(detail, "base"), base) or base)


def _plain_of(detail: Found) -> str:
    value = _own(detail, "value")
    if not isinstance(value, str):
        return ""
    if _own(detail, "type") == "text/plain":
        return bounds.line(value, bounds.SUMMARY)
    return bounds.words(value, bounds.SUMMARY)


def _link(found: Found, guid: str | None, base: str) -> str | None:
    """The page it stands for: its link, else its alternate, else a guid that is a permalink (RSS 2.0, guid)."""
    alternate = bounds.address(_alternate(found), base)
    written = _own(found, "link")
    if isinstance(written, str) and written.strip() == guid:
        # feedparser takes any id for a permalink, also before it sees a link of no HTML type.
        return alternate or bounds.address(guid)
    return bounds.address(written, base) or alternate


def _alternate(found: Found) -> Any:
    for link in _own(found, "links") or ():
        if _own(link, "rel") == "alternate" and _own(link, "href"):
            return _own(link, "href")
    return None


def _links(found: Found, rel: str, base: str) -> Iterator[str]:
    for link in _own(found, "links") or ():
        if _own(link, "rel") == rel and (address := bounds.address(_own(link, "href"), base)):
            yield address


def _names(found: Found) -> Iterator[str]:
    """What stands for authors, one string each."""
    authors = _own(found, "authors") or ()
    written = _own(found, "author")
    # feedparser tears addresses apart whose last label is longer than four letters: `people.py` does it whole.
    whole = isinstance(written, str) and ("@" in written or not any(_own(one, "name") for one in authors))
    if whole and len(authors) <= 1:
        yield str(written)
        return
    for author in authors:
        name = _own(author, "name")
        if isinstance(name, str) and name.strip():
            yield name


def _category_names(entry: Found) -> Iterable[object]:
    for tag in _own(entry, "tags") or ():
        yield _own(tag, "label") or _own(tag, "term")


def _attached(entry: Found) -> Iterator[tuple[object, object, object]]:
    for link in _own(entry, "links") or ():
        if _own(link, "rel") == "enclosure":
            kind = _own(link, "type")
            # text/html is what feedparser says when the document says nothing.
            yield _own(link, "href"), None if kind == "text/html" else kind, _own(link, "length")
    for media in _own(entry, "media_content") or ():
        if _own(media, "type") or _own(media, "medium") in ("image", "audio", "video"):
            yield _own(media, "url"), _own(media, "type"), _own(media, "filesize")


def _origin_address(source: Found, base: str) -> str | None:
    """Where the source took it from: RSS `<source url>`; in Atom the alternate of atom:source, else its self."""
    links = (next(_links(source, rel, base), None) for rel in ("alternate", "self"))
    return bounds.address(_own(source, "href"), base) or next(filter(None, links), None)


def _image_title(head: Found) -> str:
    return str(_own(_own(head, "image") or {}, "title") or "")


def _minutes(value: object) -> int | None:
    text = str(value or "").strip()
    return min(int(text), MOST_MINUTES) if text.isascii() and text.isdigit() and 0 < len(text) <= 20 else None


def _update_minutes(head: Found) -> int | None:
    """The span between updates (RDF Site Summary 1.0, Syndication module); daily and once where one is not said."""
    period, often = _own(head, "sy_updateperiod"), _own(head, "sy_updatefrequency")
    if period is None and often is None:
        return None
    minutes = _PERIODS.get(str(period or "daily").strip().lower())
    times = _minutes(often) if often is not None else 1
    return max(minutes // times, 1) if minutes and times else None
