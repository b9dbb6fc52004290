"""The drift guard: a page that no longer looks as it was learned publishes nothing (docs/sources.md, Redesigns).

    items as read ─→ signs against the whole page? ─→ Drifted: the poll fails, everything kept stays
                 └─→ signs against single items? ──→ those are held, the others go on, the shape is learned

Pure. A page is compared by what its items have (fields, dates, hosts and forms of addresses, lengths), never by how
many of them are new: a day with many new items, only new ones or none looks as every other day. Feeds are in
`drift_of_feeds.py`; folders and mailboxes have no shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from feedhub.basics.urls import host_of
from feedhub.errors import Drifted
from feedhub.ingest.drift_of_feeds import guard_feed
from feedhub.ingest.garbled import garbled
from feedhub.ingest.shape import is_of_today, known_as, learn, link_form, look_at, reads_as_date
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision
from feedhub.model.item import Item
from feedhub.model.learned import Learned
from feedhub.model.shape import Look, Shape

KINDS = frozenset({"html", "json", "xml", "sitemap"})
# A field that fell by this share, or that this share of items have otherwise than ever before, is a sign.
FALL = 0.35
MOST = 0.6
UNLIKE = "unlike_the_others"
_NO_LOOK = Look()


@dataclass(frozen=True, slots=True)
class Row:
    """An item as it was read, and how it stood in its document."""

    item: Item
    look: Look = _NO_LOOK


def guard_drift(sight: Sight) -> Findings:
    """Hold the items that are unlike the others; Drifted when the page is unlike itself."""
    source, shape = sight.source, sight.learned.shape
    if source.kind == "feed":
        return guard_feed(sight)
    if source.kind not in KINDS:
        return Findings(learned=sight.learned)
    rows = [row for feed in sight.gathered.feeds for row in _rows(feed.items, feed.looks)]
    total = sum(feed.total for feed in sight.gathered.feeds)
    now = look_at([row.item for row in rows], [row.look for row in rows], total)
    # Garbled text is another guard's: it is held there, and nothing is learned from it.
    if now is None or sum(bool(garbled(row.item.title)) for row in rows) * 2 > len(rows):
        return Findings(learned=sight.learned)
    if shape is None:
        return Findings(learned=_learned(sight.learned, now))
    odd = {place: why for place, row in enumerate(rows) if len(why := tuple(signs_of_item(row, shape))) > 1}
    signs = (*signs_of_page(rows, now, shape), *_signs_of_many(odd, rows))
    if signs:
        raise Drifted(signs, reads_now=tuple(row.item.title or str(row.item.link) for row in rows[:5]))
    usual = [row for place, row in enumerate(rows) if place not in odd] or rows
    seen = look_at([row.item for row in usual], [row.look for row in usual], total - len(odd))
    unlike = {_name(rows[place].item): why for place, why in odd.items()}
    return Findings(
        learned=_learned(sight.learned, learn(shape, seen or now)),
        holds={
            place: Decision("held", UNLIKE, "guard.drift", "; ".join(unlike[_name(item)]))
            for place, item in enumerate(sight.gathered.items)
            if _name(item) in unlike
        },
    )


def signs_of_page(rows: Sequence[Row], now: Shape, was: Shape) -> Iterator[str]:
    """Everything about a page as a whole that was never so, each as a sentence that says old against new."""
    yield from _fallen_fields(rows, now, was)
    yield from _strange_forms(rows, was)
    yield from _changed_items(rows, was)
    if now.links_within >= 2 * was.links_within + 2:
        yield f"an item held {was.links_within:.0f} links, now {now.links_within:.0f}: it may be the whole list"
    if now.items * 10 <= was.items:
        yield f"there were {was.items:.0f} items, now {now.items:.0f}"
    if len(rows) >= 4 and was.title_length:
        if not 0.4 * was.title_length <= now.title_length <= 4 * was.title_length:
            yield f"a title had {was.title_length:.0f} characters, now {now.title_length:.0f}"
        if was.distinct >= 0.8 and now.distinct <= 0.5:
            yield f"{was.distinct:.0%} of the titles were different, now {now.distinct:.0%}"
    dates = sum(reads_as_date(row.item.title) for row in rows)
    if dates * 2 >= len(rows) and dates > 1:
        yield f"{dates} of {len(rows)} titles are dates or numbers"


def signs_of_item(row: Row, was: Shape) -> Iterator[str]:
    """Everything about one item that no other item was; an item that was there before is none to wonder at."""
    item = row.item
    if known_as(item).rpartition(" ")[0] in {one.rpartition(" ")[0] for one in was.known}:
        return
    if item.published is None and was.dated >= 0.9:
        yield "it has no date"
    if row.look.date and not is_of_today(row.look.date) and was.dates and row.look.date not in was.dates:
        yield f"its date is written {row.look.date}"
    if item.link is None and was.linked >= 0.9:
        yield "it has no address"
    if item.link and host_of(item.link) not in was.hosts:
        yield f"it is on {host_of(item.link)}"
    elif item.link and _forms_tell(was) and link_form(item.link) not in was.links:
        yield f"its address looks like {link_form(item.link)}"
    if len(item.title) < 0.4 * was.title_length:
        yield f"its title has {len(item.title)} characters"
    elif reads_as_date(item.title):
        yield "its title is a date or a number"


def _fallen_fields(rows: Sequence[Row], now: Shape, was: Shape) -> Iterator[str]:
    """Fields that fewer items have."""
    names = {"titled": "a title", "linked": "an address", "dated": "a date", "summarised": "a summary"}
    for name, words in names.items():
        before, after = getattr(was, name), getattr(now, name)
        missing = len(rows) - round(after * len(rows))
        # A summary is often left out; that nearly all are gone is a sign.
        if before - after >= (0.5 if name == "summarised" else FALL) and missing > 1:
            yield f"{before:.0%} of the items had {words}, now {after:.0%}"
    empty = round(len(rows) / now.whole) - len(rows)
    if was.whole - now.whole >= FALL and empty > 2:
        yield f"{was.whole:.0%} of what `item` finds had a title or an address, now {now.whole:.0%}"


def _strange_forms(rows: Sequence[Row], was: Shape) -> Iterator[str]:
    """Hosts, forms of addresses and of dates that were never seen, where most items have them."""
    links = [row.item.link for row in rows if row.item.link]
    dates = [row.look.date for row in rows if row.look.date and not is_of_today(row.look.date)]
    compared: list[tuple[str, list[str], tuple[str, ...], bool, float]] = [
        ("links led to", [host_of(link) for link in links], was.hosts, len(was.hosts) < 10, 0.5),
        ("addresses looked like", [link_form(link) for link in links], was.links, _forms_tell(was), MOST),
        ("dates were written", dates, was.dates, bool(was.dates), MOST),
    ]
    for words, found, known, tells, share in compared:
        strange = [one for one in found if one not in known]
        if tells and len(strange) > 1 and len(strange) >= share * len(found):
            first = max(set(strange), key=strange.count)
            yield f"{words} {', '.join(known[-3:]) or 'nothing'}; now {len(strange)} of {len(found)}: {first}"


def _changed_items(rows: Sequence[Row], was: Shape) -> Iterator[str]:
    """Items that were there before under the same address, with another title or another day."""
    known = {parts[0]: parts for parts in (one.split(" ") for one in was.known)}
    titles = days = there = 0
    for row in rows:
        address, title, day = known_as(row.item).split(" ")
        if row.item.link and (before := known.get(address)):
            there += 1
            titles += title != before[1]
            # A day more or less is the hour at which "yesterday" was read.
            days += bool(int(day) and int(before[2]) and abs(int(day) - int(before[2])) > 1)
    for number, words in ((titles, "title"), (days, "date")):
        if number >= 3 and number * 2 >= there:
            yield f"{number} of {there} items that were here before have another {words}"


def _signs_of_many(odd: Mapping[int, Sequence[str]], rows: Sequence[Row]) -> Iterator[str]:
    """One item that is unlike the others is held; several of them are another block."""
    if len(odd) >= 3 or (len(odd) == 2 and len(rows) < 8):
        why = next(iter(odd.values()))
        yield f"{len(odd)} of {len(rows)} items are unlike all others: {', '.join(why)}"


def _forms_tell(was: Shape) -> bool:
    """Whether addresses look alike here at all; where each has a form of its own, a new one is no news."""
    return len(was.links) <= max(2, was.items / 2)


def _rows(items: Sequence[Item], looks: Sequence[Look]) -> list[Row]:
    return [Row(item, looks[place] if place < len(looks) else _NO_LOOK) for place, item in enumerate(items)]


def _name(item: Item) -> str:
    return item.link or item.title


def _learned(learned: Learned, shape: Shape) -> Learned:
    return replace(learned, shape=shape, drift=None)
