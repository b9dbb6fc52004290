"""The portal's own article headers into article records: address, section, dates and source by its rules.

A header is `{url, title, source, date_added, language?}`; what else it says (the menu's text, days computed
elsewhere) is not used: the section comes from the whole path of the address, never from the menu.

Dates: "Date Add in" is the last publication. When the day in the address is earlier, the article was
published on that day (precision day), else at "Date Add in". `updated` of a t-address is the later of the
two, of an i-address the publication. Never the minimum of two timestamps: a day's 00:00:00 would win over
the true time of its own day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from feedhub.basics.dates import parse_record_time, rfc3339
from feedhub.basics.text import near_names, one_line
from feedhub.basics.urls import web_url
from feedhub.errors import RecordError
from feedhub.ingest.importing.fields import Fields
from feedhub.ingest.importing.records import ImportContext

# Four eras of addresses; era letter and number together are the document's key (t2828021 is not i2828021).
_ADDRESS = re.compile(
    r"https?://(?:www\.)?(?P<host>[^/?#@:]+)/(?P<path>[^?#]+?)/"
    r"(?:(?P<month>\d{6})/t(?P<day_t>\d{8})_(?P<number_t>\d+)|(?P<day_i>\d{8})/i(?P<number_i>\d+))\.html"
)
_USED = ("url", "title", "source", "date_added", "language")
# Known and left alone: what a crawl of the portal noted beside the header itself.
_LEFT = frozenset(
    "section_path section_path_inferred date_added_iso date_utc url_date days_added_minus_url doc_id host url_era "
    "menu_variant note".split()
)


@dataclass(frozen=True, slots=True)
class PortalAddress:
    """What an article's address says: its document key such as `t2828021`, its era, its path, its day."""

    id: str
    era: str
    host: str
    path: str
    day: date


@dataclass(frozen=True, slots=True)
class Header:
    """A header and the article record it stands for; with a page's text as its body the record is whole."""

    id: str
    title: str
    added: datetime
    record: Mapping[str, object]


def read_header(header: Mapping[str, object], where: str, context: ImportContext) -> Header:
    """What a header says; RecordError with what is wrong in it."""
    fields = Fields(header, (*_USED, *_LEFT))
    url, added = fields.address("url"), fields.line("date_added", 100)
    for key, value in (("url", url), ("date_added", added)):
        if value is None and not any(fault.startswith(f"{key}:") for fault in fields.faults):
            fields.fault(key, "is missing")
    title, language = page_title(fields.line("title", 1000) or ""), fields.line("language", 100)
    label = fields.text("source", 300) or ""
    fields.raise_faults(where)
    try:
        address = read_address(url or "")
        section = _section(address, context)
        moment = _added(added or "", context)
    except ValueError as error:
        raise RecordError(where, str(error)) from error
    published, updated = _dates(address, moment, context)
    record: dict[str, object] = {
        "id": address.id, "url": url, "section": section, "title": title, "source": label, "language": language,
        "published": published, "updated": updated,
    }  # fmt: skip
    return Header(address.id, title, moment, record)


def id_of_header(header: Mapping[str, object]) -> str | None:
    """The id a header's article will have, None when its address is none of ours."""
    url = header.get("url")
    try:
        return read_address(web_url(url) or "").id if isinstance(url, str) else None
    except ValueError:
        return None


def read_address(url: str) -> PortalAddress:
    """The parts of an article's address; ValueError when it has none of the four forms."""
    match = _ADDRESS.fullmatch(url)
    if not match:
        raise ValueError(f"url: {url!r} has none of the forms …/YYYYMM/tYYYYMMDD_NUMBER.html, …/YYYYMMDD/iNUMBER.html")
    era = "t" if match["number_t"] else "i"
    digits = match[f"day_{era}"]
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError as error:
        raise ValueError(f"url: {digits} in {url!r} is not a day") from error
    return PortalAddress(era + match[f"number_{era}"], era, match["host"].lower(), match["path"], day)


def page_title(title: str) -> str:
    """A title as it compares: one line, without the bar that some copies leave behind it."""
    return one_line(title).removesuffix("|").rstrip()


def _section(address: PortalAddress, context: ImportContext) -> str:
    addresses = context.addresses
    if addresses.hosts and address.host not in addresses.hosts:
        raise ValueError(f"url: {address.host!r} is none of the portal's hosts")
    section = addresses.paths.get(address.path)
    if section is None:
        near = near_names(address.path, sorted(addresses.paths))
        hint = f"; near paths: {', '.join(near)}" if near else ""
        raise ValueError(f"url: the path {address.path!r} is not in the address map{hint}")
    return section


def _added(text: str, context: ImportContext) -> datetime:
    try:
        moment, precision = parse_record_time(text, context.home)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"date_added: {error}") from error
    if precision == "day":
        raise ValueError(f"date_added: {text!r} has no time of day")
    return moment


def _dates(address: PortalAddress, added: datetime, context: ImportContext) -> tuple[str, str]:
    """`published` and `updated` as a record says them; a bare day is one of precision day."""
    if address.day >= added.astimezone(context.home).date():
        return rfc3339(added), rfc3339(added)
    day = address.day.isoformat()
    return day, rfc3339(added) if address.era == "t" else day
