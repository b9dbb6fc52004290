"""Times that are wrong by the same hours throughout: found out, and a zone proposed; nothing is held or changed.

What was published between two polls cannot be older than the first nor younger than the second, so each new item
bounds how far its time is ahead of the truth. Items from ahead of us bound it from below at once, also in the first
document. Five items at most decide; they must agree on one skew, and it must lead to a zone that people live in.
Whole days and midnights say nothing: they are dates without a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from feedhub.basics.dates import zone
from feedhub.ingest.decide import AHEAD
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.item import Item
from feedhub.model.skew import Bound, Skew
from feedhub.model.source import Source

DECIDE = 5
ENOUGH_AHEAD, ENOUGH_BEHIND = 3, 5
SLACK = 10  # minutes: clocks and queues
MOST_AHEAD = 14 * 60
LEAST_BEHIND = 120
BEIJING = 480
_NAMED = {
    -210: "America/St_Johns", 0: "UTC", 210: "Asia/Tehran", 270: "Asia/Kabul", 330: "Asia/Kolkata",
    345: "Asia/Kathmandu", 390: "Asia/Yangon", 480: "Asia/Shanghai", 540: "Asia/Tokyo", 570: "Australia/Darwin",
    630: "Australia/Adelaide",
}  # fmt: skip
OFFSETS = frozenset((*range(-720, 841, 60), *_NAMED))


def learn_skew(sight: Sight) -> Findings:
    """Learn from the times of new items; a note while a skew stands."""
    source, items = sight.source, _timed(sight.gathered.items)
    if not items:
        return Findings(learned=sight.learned)
    skew = learned_skew(source, sight.learned.skew, items, sight.now, sight.last_read)
    said = proposal_words(source, skew)
    return Findings(learned=replace(sight.learned, skew=skew), notes=(said,) if said else ())


def learned_skew(
    source: Source, known: Skew | None, items: Sequence[Item], now: datetime, last_read: datetime | None
) -> Skew:
    """What is known of a source's times after one more document; begun anew when its settings changed."""
    settings = f"{source.time_zone} {source.trust_zone}"
    known = known if known is not None and known.settings == settings else None
    dates = sorted(item.published for item in items if item.published is not None)
    if known is None or last_read is None:
        bounds = [_bound(date, now, None) for date in dates if date - now > AHEAD]
        newest = dates[-1]
    else:
        bounds = [_bound(date, now, last_read) for date in dates if date > known.newest]
        newest = max(known.newest, dates[-1])
    kept = (*(known.bounds if known else ()), *bounds)[-DECIDE:]
    learned = Skew(settings=settings, newest=newest, bounds=kept)
    return replace(learned, minutes=constant_skew(kept, _offset_of(source, now)))


def constant_skew(bounds: Sequence[Bound], home: int) -> int | None:
    """By how many minutes all these times are ahead (negative: behind) of the truth; None when they do not agree.

    `home` is the offset of the source's zone. The first choice is that times in its zone were marked with another.
    """
    if len(bounds) < ENOUGH_AHEAD or len({bound.offset for bound in bounds}) != 1:
        return None
    least = max(bound.least for bound in bounds)
    most = min((bound.most for bound in bounds if bound.most is not None), default=None)
    stated = bounds[-1].offset
    if least > AHEAD // timedelta(minutes=1):
        wide = MOST_AHEAD if most is None else min(most, MOST_AHEAD)
        likely = [skew for skew in (home - stated, BEIJING - stated) if most is not None or skew <= 2 * least]
        may_be = likely if most is None else [*likely, *range(0, MOST_AHEAD, 30)]
        return _first(may_be, least, wide, stated)
    if most is None or most > -LEAST_BEHIND or len(bounds) < ENOUGH_BEHIND or most - least > 120:
        return None
    return _first((home - stated, -stated), least, most, stated)


def _first(skews: Sequence[int], least: int, most: int, stated: int) -> int | None:
    """The first of these skews that is within the bounds and leads to a zone."""
    for skew in skews:
        if skew and least - SLACK <= skew <= most + SLACK and stated + skew in OFFSETS:
            return skew
    return None


@dataclass(frozen=True, slots=True)
class Mending:
    """What a source's settings should be for its times to be right."""

    time_zone: str
    trust_zone: bool


def proposed_mending(source: Source, skew: Skew | None) -> Mending | None:
    """The zone its times are in, and whether to leave the stated one aside; None when nothing is wrong."""
    if skew is None or skew.minutes is None or skew.settings != f"{source.time_zone} {source.trust_zone}":
        return None
    stated = skew.bounds[-1].offset
    home = _offset_of(source, skew.newest)
    meant = stated + skew.minutes
    name = source.time_zone if meant == home else _NAMED.get(meant) or _fixed_name(meant)
    return Mending(name, source.trust_zone and stated == home)


def proposal_words(source: Source, skew: Skew | None) -> str:
    """The diagnosis and what to set, in a sentence; empty when nothing is wrong."""
    mending = proposed_mending(source, skew)
    if mending is None or skew is None or skew.minutes is None:
        return ""
    hours = f"{abs(skew.minutes) / 60:g} h {'ahead of' if skew.minutes > 0 else 'behind'}"
    setting = f"time_zone: {mending.time_zone}"
    if mending.trust_zone:
        setting += " (and trust_zone: false, should they state a zone themselves)"
    else:
        setting += ", trust_zone: false"
    found = f"the times of {len(skew.bounds)} new items are all {hours} the truth"
    return f"{found}; that is mended by {setting} (`source redecode`)"


def _timed(items: Sequence[Item]) -> list[Item]:
    """Those whose time of day is known; midnight is how many write a date alone."""
    return [
        item
        for item in items
        if item.published is not None and item.precision == "second" and item.published.time() != time(0)
    ]


def _bound(date: datetime, now: datetime, before: datetime | None) -> Bound:
    offset = date.utcoffset() or timedelta(0)
    most = None if before is None else (date - before) // timedelta(minutes=1)
    return Bound((date - now) // timedelta(minutes=1), most, offset // timedelta(minutes=1))


def _offset_of(source: Source, now: datetime) -> int:
    return (now.astimezone(zone(source.time_zone)).utcoffset() or timedelta(0)) // timedelta(minutes=1)


def _fixed_name(offset: int) -> str:
    """A zone that is always at that offset, whole hours only: Etc has its signs the other way round."""
    return f"Etc/GMT{-offset // 60:+d}"
