"""The drift guard of feeds: a feed that is not filled as it was publishes nothing (docs/sources.md, Redesigns).

    fields, titles, addresses and dates of its items ─→ signs? ─→ everything is held; what was learned stays
                                             └─→ none: the shape is learned, a drift is over

A feed has no selectors that may miss, and its items roll on while nobody looks: so they are held for an editor, and
none is lost. Hosts, languages, topics and volume are the tripwire's, times wrong throughout the skew's. Pure. Only what
no busy day brings is a sign: a field that nearly all had and nearly all lack, titles that are all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from feedhub.ingest.shape import learn, reads_as_date
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision
from feedhub.model.item import Item
from feedhub.model.shape import Drift, Shape

UNLIKE_BEFORE = "unlike_before"
# So many items are looked at before anybody knows what is usual, and so many must lack what they had.
FEWEST_KNOWN = 8
FEWEST_MISSING = 4
USUAL, RARE = 0.9, 0.3
_KINDS = {"zone": "with a zone", "no zone": "without a zone", "day": "as a day", "relative": "as a span before now"}


def guard_feed(sight: Sight) -> Findings:
    """Hold all that a feed brings while it is unlike itself; learn from it otherwise."""
    items, was = sight.gathered.items, sight.learned.shape
    now = fill_of(items, *(feed.date_kinds for feed in sight.gathered.feeds[:1]))
    if now is None:
        return Findings(learned=sight.learned)
    signs = tuple(signs_of_feed(items, now, was)) if was is not None else ()
    if not signs:
        return Findings(
            learned=replace(sight.learned, shape=learn(was, now), drift=None), notes=tuple(_fewer(now, was))
        )
    before = sight.learned.drift
    drift = Drift(
        since=before.since if before else sight.now,
        signs=signs,
        reads_now=tuple(item.title or item.link or "nothing" for item in items[:5]),
    )
    held = Decision("held", UNLIKE_BEFORE, "guard.drift", "; ".join(signs))
    return Findings(
        learned=replace(sight.learned, drift=drift),
        holds=dict.fromkeys(range(len(items)), held),
        notes=(f"it looks otherwise than before, all is held: {'; '.join(signs)}",),
    )


def fill_of(items: Sequence[Item], dates: Sequence[str] = ()) -> Shape | None:
    """How the items of a feed are filled; None without items. `summarised` is the share with any text, `linked` that
    of different addresses, `whole` that of titles with words; `dates` are the kinds of its dates, the most frequent
    first."""
    if not items:
        return None
    number = len(items)
    titles = [item.title for item in items if item.title]
    lengths = sorted(map(len, titles))
    return Shape(
        polls=1,
        items=number,
        whole=sum(not reads_as_date(title) for title in titles) / max(len(titles), 1),
        titled=len(titles) / number,
        linked=len({item.link for item in items if item.link}) / number,
        dated=sum(item.published is not None for item in items) / number,
        summarised=sum(bool(item.html or item.summary) for item in items) / number,
        distinct=len(set(titles)) / max(len(titles), 1),
        title_length=float(lengths[len(lengths) // 2]) if lengths else 0.0,
        links_within=0.0,
        hosts=(),
        links=(),
        dates=tuple(dates),
        known=(),
    )


def signs_of_feed(items: Sequence[Item], now: Shape, was: Shape) -> Iterator[str]:
    """Everything about a feed that was never so, each as a sentence that says old against new."""
    number = len(items)
    if was.items * was.polls < FEWEST_KNOWN or number < FEWEST_MISSING:
        return
    for name, words in (
        ("titled", "a title"),
        ("linked", "an address of their own"),
        ("dated", "a date"),
        ("summarised", "a text"),
    ):
        before, after = getattr(was, name), getattr(now, name)
        if before >= USUAL and after <= RARE and round(number * (1 - after)) >= FEWEST_MISSING:
            yield f"{before:.0%} of the items had {words}, now {after:.0%}"
    if was.dates and now.dates and now.dates[0] not in was.dates and round(number * now.dated) >= FEWEST_MISSING:
        known = " or ".join(_KINDS.get(kind, kind) for kind in was.dates)
        yield f"dates were written {known}, now {_KINDS.get(now.dates[0], now.dates[0])}"
    titled = round(now.titled * number)
    if titled < FEWEST_MISSING:
        return
    if was.distinct >= USUAL and now.distinct <= 0.5:
        yield f"{was.distinct:.0%} of the titles were different, now {now.distinct:.0%}"
    if was.whole >= USUAL and now.whole <= RARE:
        yield f"{was.whole:.0%} of the titles had words, now {now.whole:.0%}"
    elif was.title_length and not 0.25 * was.title_length <= now.title_length <= 6 * was.title_length:
        yield f"a title had {was.title_length:.0f} characters, now {now.title_length:.0f}"


def _fewer(now: Shape, was: Shape | None) -> Iterator[str]:
    """A feed may shrink, so that is said and no more."""
    if was is not None and was.items >= 10 and now.items * 10 <= was.items:
        yield f"there were {was.items:.0f} items, now {now.items:.0f}"
