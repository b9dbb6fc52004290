"""The date of an item on a list page: in a form the source names, as people write it, or only in an address."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from feedhub.basics.dates import Precision
from feedhub.ingest.when import read_date
from feedhub.model.extract import Extract

# What stands around dates and is no part of them.
MARKS = "[]()【】（）〔〕|·• "
_ADDRESS = re.compile(
    r"(?<!\d)(?P<y>(?:19|20)\d{2})[-/_]?(?P<m>0[1-9]|1[0-2])[-/_]?(?P<d>0[1-9]|[12]\d|3[01])(?!\d)"
    r"|/(?P<Y>20\d{2})[-/](?P<M>[1-9]|1[0-2])[-/](?P<D>[1-9]|[12]\d|3[01])(?=/)"
)
_CALENDAR_LEAF = re.compile(r"^(\d{1,2})[日号]?\s*[/.|-]?\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*月?$")
_LABEL = re.compile(r"^.{0,20}?(?:时间|日期|发布|Date(?: Add in)?|Time|Published)\s*[:：]\s*", re.I)


def date_of_item(
    written: str, link: str | None, extract: Extract, zone: tzinfo, now: datetime
) -> tuple[datetime, Precision] | None:
    """The date and how exact it is, None when there is none; a form that fits comes before every guess."""
    if extract.date_in == "address":
        return date_in_address(link, zone)
    for form in extract.date_forms:
        try:
            read = datetime.strptime(written.strip(MARKS), form)  # noqa: DTZ007 (the source's zone comes next)
        except ValueError:
            continue
        exact: Precision = "second" if "%H" in form or "%I" in form else "day"
        return (read if read.tzinfo else read.replace(tzinfo=zone)), exact
    return read_written(written, zone, now)


def read_written(written: str, zone: tzinfo, now: datetime) -> tuple[datetime, Precision] | None:
    """A date as a page shows it: also `06 2023-12`, the leaf of a calendar, and one behind its label."""
    text = _CALENDAR_LEAF.sub(r"\2-\3-\1", _LABEL.sub("", written).strip(MARKS))
    return read_date(text, zone, now) if text else None


def date_in_address(link: str | None, zone: tzinfo) -> tuple[datetime, Precision] | None:
    """The day in an address such as `/2023-12/06/`, `/20231206/` or `t20231206_1.html`."""
    for found in _ADDRESS.finditer(link or ""):
        try:
            year, month, day = (int(found[part] or found[part.upper()]) for part in "ymd")
            return datetime(year, month, day, tzinfo=zone), "day"
        except ValueError:
            continue
    return None
