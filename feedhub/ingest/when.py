"""Dates as sources write them, into instants; what is no date is none, and nothing is invented.

RFC 822 with and without a zone, RFC 3339, ISO forms without a zone, Chinese dates, month and day without a
year, `3小时前`, `昨天 08:15`, epoch numbers. A time without a zone is in the source's zone; output keeps the
offset it came with (SEMANTICS 13). A date without a time is 00:00:00 there, precision day.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta, timezone, tzinfo

from feedhub.basics.dates import Precision, fixed_offset
from feedhub.ingest.when_words import AGO, DAYS_BACK, JUST_NOW, MONTHS, WEEKDAYS, ZONES, span_ago

LONGEST = 200
EARLIEST, LATEST = 1900, 9000

_LABEL = re.compile(r"^[^\d:：]{1,12}[:：]\s*(?=\S)")
_CLOCK = re.compile(
    r"(?P<early>凌晨|早上|上午|中午|下午|傍晚|晚上|[AaPp]\.?[Mm]\.?\s)?\s*(?<!\d)(?P<H>\d{1,2})\s*(?:[:：]\s*|[时時点]\s*)"
    r"(?P<M>\d{1,2})?\s*分?(?:\s*:?\s*(?P<S>\d{1,2})(?:[.,]\d+)?\s*秒?)?(?!\d)(?:\s*(?P<half>[AaPp])\.?[Mm]\.?(?![A-Za-z]))?"
)
_OFFSET = re.compile(r"(?:\b(?:GMT|UTC|UT|Z)\s*)?(?P<sign>[+-])(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?(?!\d)", re.I)
_COMPACT = re.compile(
    r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})"
    r"(?:[T\s]?(?P<H>\d{2}):?(?P<M>\d{2})(?::?(?P<S>\d{2})(?:[.,]\d+)?)?)?\s*(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.I,
)
_DAY_AND_ZONE = re.compile(r"(\d{4}-\d\d-\d\d)\s?(Z|[+-]\d\d:\d\d)", re.I)
_YMD = re.compile(
    r"(?<!\d)(?P<y>\d{4})\s*(?:[-/.\s]|年)\s*(?P<m>\d{1,2})\s*(?:[-/.\s]|月)\s*(?P<d>\d{1,2})(?!\d)\s*[日号]?"
)
_SHORT_YMD = re.compile(r"(?<![\d-])(?P<y>\d{2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})(?!\d)\s*[日号]?")
_DMY = re.compile(r"(?<!\d)(?P<a>\d{1,2})(?P<by>[-/.])(?P<b>\d{1,2})(?P=by)(?P<y>\d{4}|\d{1,2})(?!\d)")
_MD = re.compile(r"(?<![\d/.-])(?P<m>\d{1,2})\s*(?:[-/.]|月)\s*(?P<d>\d{1,2})(?![\d/.-])\s*[日号]?")
_WORD = re.compile(r"[^\W\d_]+|\d+月|\d+")
_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_RFC822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(?P<day>[0-9]{2}) "
    r"(?P<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    rf"(?P<year>[0-9]{{4}}) {_TIME} (?:GMT|(?P<sign>[+-])(?P<h>[0-9]{{2}})(?P<m>[0-9]{{2}}))"
)
_RFC3339 = re.compile(
    rf"(?P<year>[0-9]{{4}})-(?P<month>[0-9]{{2}})-(?P<day>[0-9]{{2}})T{_TIME}"
    r"(?:Z|(?P<sign>[+-])(?P<h>[0-9]{2}):(?P<m>[0-9]{2}))"
)
_BRACKETS = str.maketrans(dict.fromkeys("[]()【】〔〕（）「」《》<>\"'", " "))


def read_date(
    text: str, zone: tzinfo, now: datetime, document_date: datetime | None = None
) -> tuple[datetime, Precision] | None:
    """The instant a text names, with its own offset, and how exact it is; None when it names none.

    `zone` is the source's; `now` is what `3小时前` counts from; a date without a year is the last one that is
    not after `document_date` (else `now`). 30 February, the year 0 and the like are no dates.
    """
    if usual := _usual(text):
        return usual, "second"
    return _read_any(text, zone, now, document_date)


def _usual(text: str) -> datetime | None:
    """`Tue, 01 Sep 2026 08:00:00 +0800` and `2026-09-01T08:00:00Z`, the forms that most feeds write, at a glance."""
    if found := _RFC822.fullmatch(text):
        month = MONTHS[found["month"].lower()]
    elif found := _RFC3339.fullmatch(text):
        month = int(found["month"])
    else:
        return None
    year, day, hour, minute, second = (int(found[name]) for name in ("year", "day", "hour", "minute", "second"))
    away = 0 if found["sign"] is None else int(found["h"]) * 60 + int(found["m"])
    if not EARLIEST <= year <= LATEST or away > 14 * 60:
        return None
    home = timezone(timedelta(minutes=-away if found["sign"] == "-" else away))
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=home)
    except ValueError:
        return None


def _read_any(
    text: str, zone: tzinfo, now: datetime, document_date: datetime | None
) -> tuple[datetime, Precision] | None:
    clean = unicodedata.normalize("NFKC", text[:LONGEST]).translate(_BRACKETS)
    clean = _LABEL.sub("", " ".join(clean.split())).strip(" ,;|·")
    if not clean:
        return None
    try:
        found = (
            _epoch(clean, zone)
            or _compact(clean, zone)
            or _relative(clean, zone, now)
            or _written(clean, zone, document_date or now)
        )
    except (ValueError, OverflowError):
        return None
    if found is None or not EARLIEST <= found[0].year <= LATEST:
        return None
    return fixed_offset(found[0]), found[1]


Found = tuple[datetime, Precision]


def _epoch(text: str, zone: tzinfo) -> Found | None:
    """Seconds or milliseconds since 1970, of our own age."""
    if not re.fullmatch(r"[1-9]\d{8,9}(?:\.\d+)?|[1-9]\d{11,12}", text):
        return None
    seconds = int(text.partition(".")[0])
    return datetime.fromtimestamp(seconds // 1000 if seconds > 10**11 else seconds, tz=zone), "second"


def _compact(text: str, zone: tzinfo) -> Found | None:
    """`20231206`, `20231206113320`, `20231206T113320Z`."""
    match = _COMPACT.fullmatch(text)
    if not match:
        return None
    home = _offset(match["zone"], zone) if match["zone"] else zone
    if match["H"] is None:
        return datetime(int(match["y"]), int(match["m"]), int(match["d"]), tzinfo=home), "day"
    day = datetime(int(match["y"]), int(match["m"]), int(match["d"]), tzinfo=home)
    return _at(day, int(match["H"]), int(match["M"]), int(match["S"] or 0)), "second"


def _relative(text: str, zone: tzinfo, now: datetime) -> Found | None:
    here = now.astimezone(zone)
    lower = text.lower()
    if lower in JUST_NOW:
        return here, "second"
    if ago := AGO.fullmatch(lower):
        span, whole_days = span_ago(ago)
        if whole_days:
            return _midnight(here - span), "day"
        return here - span, "second"
    for word, days in DAYS_BACK.items():
        if lower.startswith(word):
            day = _midnight(here - timedelta(days=days))
            rest = lower.removeprefix(word).strip(" ,")
            if not rest:
                return day, "day"
            clock = _CLOCK.fullmatch(rest)
            return (_with_clock(day, clock), "second") if clock else None
    return None


def _written(text: str, zone: tzinfo, reference: datetime) -> Found | None:
    """A date in figures or words, with or without a time and a zone."""
    if bare := _DAY_AND_ZONE.fullmatch(text):
        return datetime.fromisoformat(bare[1]).replace(tzinfo=_offset(bare[2], zone)), "day"
    text = WEEKDAYS.sub(" ", text)
    text = re.sub(r"(?<=\d)[Tt](?=\d)", " ", text)
    clock = next((found for found in _CLOCK.finditer(text) if found["M"] or found["H"]), None)
    rest, home = text, zone
    if clock:
        before, behind = text[: clock.start()], text[clock.end() :]
        before, behind, offset = _take_zone(before, behind)
        rest = f"{before} {behind}"
    else:
        rest, _, offset = _take_zone(text, "")
    day = _day_of(rest, zone, reference)
    if day is None:
        return None
    if offset is not None:
        home = _zone_named(offset, zone, day)
    day = day.replace(tzinfo=home)
    return (_with_clock(day, clock), "second") if clock else (day, "day")


def _day_of(text: str, zone: tzinfo, reference: datetime) -> datetime | None:
    """The day that a text without its time and zone names, at midnight, without a zone."""
    if match := _YMD.search(text) or _SHORT_YMD.search(text):
        return datetime(_year(match["y"]), int(match["m"]), int(match["d"]))  # noqa: DTZ001 (the zone comes last)
    if match := _DMY.search(text):
        return _day_first_or_last(match)
    words = [word.lower() for word in _WORD.findall(text)]
    months = [MONTHS[word] for word in words if word in MONTHS]
    numbers = [word for word in words if word.isdigit()]
    if len(months) == 1 and len(numbers) >= 2:
        return _day_and_year(months[0], numbers)
    if match := _MD.search(text):
        return _last_such_day(int(match["m"]), int(match["d"]), zone, reference)
    if len(months) == 1 and len(numbers) == 1 and len(numbers[0]) <= 2:
        return _last_such_day(months[0], int(numbers[0]), zone, reference)
    return None


def _day_and_year(month: int, numbers: list[str]) -> datetime | None:
    year = next((number for number in numbers if len(number) == 4), None)
    if year is not None:
        day = next(number for number in [*(one for one in numbers if one is not year), "0"] if len(number) <= 2)
    elif len(numbers[0]) <= 2 and len(numbers[1]) == 2:
        day, year = numbers[0], numbers[1]
    else:
        return None
    return datetime(_year(year), month, int(day))  # noqa: DTZ001


def _day_first_or_last(match: re.Match[str]) -> datetime | None:
    """`25/12/2023` and `12/25/2023` say which is which; `06/12/2023` does not, but `06.12.2023` is 6 December."""
    a, b, year = int(match["a"]), int(match["b"]), match["y"]
    if len(year) <= 2:
        if match["by"] == "-" or a > 31:
            # 23-12-06: as Chinese pages shorten the ISO form.
            return datetime(_year(match["a"]), b, int(year))  # noqa: DTZ001
        return None if match["by"] != "." or len(year) == 1 else datetime(_year(year), b, a)  # noqa: DTZ001
    if match["by"] == "." or a > 12:
        return datetime(int(year), b, a)  # noqa: DTZ001
    return datetime(int(year), a, b) if b > 12 or a == b else None  # noqa: DTZ001


def _last_such_day(month: int, day: int, zone: tzinfo, reference: datetime) -> datetime:
    """That day in the year in which it last came, a day's grace for sources ahead of us."""
    limit = reference.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)
    for year in range(limit.year, limit.year - 9, -1):
        try:
            candidate = datetime(year, month, day)  # noqa: DTZ001
        except ValueError:
            continue  # 29 February
        if candidate <= limit:
            return candidate
    raise ValueError(f"no year has a {month}-{day}")


def _take_zone(before: str, behind: str) -> tuple[str, str, str | None]:
    """What stands before and behind the time, without the zone, and the zone as written."""
    if found := _OFFSET.search(behind):
        return (
            before,
            behind[: found.start()] + " " + re.sub(r"[A-Za-z一-鿿][\w\s]*$", "", behind[found.end() :]),
            found[0],
        )
    for part in re.finditer(r"[^\W\d_]+", behind):
        if part[0].lower() in ZONES and part[0].lower() not in MONTHS:
            return before, behind[: part.start()] + " " + behind[part.end() :], part[0]
    if not behind:
        for part in re.finditer(r"[^\W\d_]+", before):
            if part[0].lower() in ZONES and part[0].lower() not in MONTHS:
                return before[: part.start()] + " " + before[part.end() :], "", part[0]
    return before, behind, None


def _zone_named(name: str, zone: tzinfo, day: datetime) -> tzinfo:
    """The zone of `+0800`, `GMT+8` or `CST`; an abbreviation that the source's own zone uses means that one."""
    if any(sign.isdigit() for sign in name):
        return _offset(name, zone)
    if day.replace(tzinfo=zone).tzname() == name.upper():
        return zone
    return timezone(timedelta(minutes=ZONES[name.lower()]))


def _offset(text: str, zone: tzinfo) -> tzinfo:
    if text.upper() == "Z":
        return timezone(timedelta(0))
    found = _OFFSET.search(text)
    if found is None or int(found["h"]) > 14:
        return zone
    span = timedelta(hours=int(found["h"]), minutes=int(found["m"] or 0))
    return timezone(-span if found["sign"] == "-" else span)


def _with_clock(day: datetime, clock: re.Match[str]) -> datetime:
    hour = int(clock["H"])
    early = (clock["early"] or "").strip().lower()
    half = (clock["half"] or early[:1]).lower()
    if early in ("下午", "傍晚", "晚上", "中午") or half == "p":
        hour += 12 if 0 < hour < 12 and not (early == "中午" and hour > 9) else 0
    elif (half == "a" or early in ("凌晨", "上午", "早上")) and hour == 12:
        hour = 0
    return _at(day, hour, int(clock["M"] or 0), int(clock["S"] or 0))


def _at(day: datetime, hour: int, minute: int, second: int) -> datetime:
    """That time of the day; 24:00:00 is the next midnight, a leap second the one before."""
    if hour == 24 and not minute and not second:
        return day + timedelta(days=1)
    return day.replace(hour=hour, minute=minute, second=min(second, 59) if second == 60 else second)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _year(text: str) -> int:
    """A year in full; of two figures as RFC 2822 §4.3 reads them, with 50 to 99 in the last century."""
    year = int(text)
    return year if len(text) > 2 else year + (2000 if year < 50 else 1900)
