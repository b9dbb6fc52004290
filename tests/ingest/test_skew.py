"""Times wrong by the same hours are found out within five items; honest ones never are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from random import Random

import pytest

from feedhub.ingest.further import Gathered
from feedhub.ingest.sight import Sight
from feedhub.ingest.skew import Mending, learn_skew, learned_skew, proposal_words, proposed_mending
from feedhub.model.item import Item
from feedhub.model.learned import Learned
from feedhub.model.skew import Skew
from feedhub.model.source import Source
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.ingest.parsing import rss
from tests.ingest.polling import URL, Watched, answer
from tests.kit import LOCAL, NOW

SHANGHAI = Source(key="s", name="S", url=URL, sections=(LOCAL,), policy="auto", time_zone="Asia/Shanghai")
UTC_SOURCE = replace(SHANGHAI, time_zone="UTC")


def items(moments: Sequence[datetime], *, off: float, stated: float) -> list[Item]:
    """Items published at these instants by a source whose times are off by hours, in an offset of hours."""
    zone = timezone(timedelta(hours=stated))
    return [Item(published=(moment + timedelta(hours=off)).astimezone(zone)) for moment in moments]


def one_document(source: Source, *, off: float, stated: float, minutes_old: Sequence[float]) -> Mending | None:
    moments = [NOW - timedelta(minutes=minutes) for minutes in minutes_old]
    return proposed_mending(source, learned_skew(source, None, items(moments, off=off, stated=stated), NOW, None))


def over_polls(
    source: Source, *, off: float, stated: float, gap: float, news: int = 5, every: float = 15
) -> tuple[Mending | None, Skew | None]:
    """`news` items, one every `gap` minutes, polled every so often; the first document has ten older ones."""
    dice = Random(7)
    moments = [NOW - timedelta(minutes=gap * n + 1) for n in range(1, 11)]
    skew = learned_skew(source, None, items(moments, off=off, stated=stated), NOW, None)
    now, coming = NOW, [NOW + timedelta(minutes=gap * n + dice.uniform(0, gap / 3)) for n in range(1, news + 1)]
    while coming:
        now += timedelta(minutes=every)
        if coming[0] <= now:
            moments.append(coming.pop(0))
            skew = learned_skew(
                source, skew, items(moments, off=off, stated=stated), now, now - timedelta(minutes=every)
            )
    return proposed_mending(source, skew), skew


@pytest.mark.parametrize("minutes_old", [(5, 20, 35, 50, 65), (2, 60, 120, 180, 240), (30, 90, 200)])
def test_beijing_time_marked_gmt_is_found_in_one_document(minutes_old: Sequence[float]) -> None:
    wanted = Mending("Asia/Shanghai", trust_zone=False)
    assert one_document(SHANGHAI, off=8, stated=0, minutes_old=minutes_old) == wanted
    assert one_document(UTC_SOURCE, off=8, stated=0, minutes_old=minutes_old) is not None


def test_bare_beijing_time_read_as_utc() -> None:
    found = one_document(UTC_SOURCE, off=8, stated=0, minutes_old=(5, 20, 35, 50, 65))
    assert found == Mending("Asia/Shanghai", trust_zone=True)


@pytest.mark.parametrize("gap", [30, 240, 1440])
def test_five_news_over_polls_are_enough(gap: float) -> None:
    assert over_polls(SHANGHAI, off=8, stated=0, gap=gap)[0] == Mending("Asia/Shanghai", trust_zone=False)
    # UTC without a zone, read as Beijing time: eight hours behind.
    assert over_polls(SHANGHAI, off=-8, stated=8, gap=gap)[0] == Mending("UTC", trust_zone=True)
    # A site in New York that writes its time bare.
    assert over_polls(UTC_SOURCE, off=1, stated=0, gap=gap)[0] == Mending("Etc/GMT-1", trust_zone=True)


@pytest.mark.parametrize("stated", [-5, 0, 1, 8, 9])
@pytest.mark.parametrize("source", [SHANGHAI, UTC_SOURCE])
def test_honest_times_raise_no_doubt(source: Source, stated: float) -> None:
    for gap in (10, 60, 700, 1440):
        for late in (0, 0.05, 0.2, 3, 10):
            assert over_polls(source, off=-late, stated=stated, gap=gap)[0] is None, (gap, late)
    assert one_document(source, off=0, stated=stated, minutes_old=range(1, 3000, 100)) is None


def test_announcements_of_days_ahead_and_dates_without_a_time_say_nothing() -> None:
    ahead = [-60 * 24 * n for n in range(1, 8)]
    assert one_document(SHANGHAI, off=0, stated=0, minutes_old=ahead) is None
    midnight = NOW.astimezone(timezone(timedelta(hours=8))).replace(hour=0, minute=0) + timedelta(days=1)
    days = [Item(published=midnight, precision=precision) for precision in ("day", "second", "day", "second")]
    gathered = Gathered(feeds=(), items=tuple(days), notes=())
    seen = Sight(source=SHANGHAI, gathered=gathered, response=None, learned=Learned(), now=NOW)
    assert learn_skew(seen).learned == Learned()


def test_a_skew_that_an_honest_item_refutes_is_dropped() -> None:
    skew = learned_skew(SHANGHAI, None, items([NOW] * 3, off=8, stated=0), NOW, None)
    assert skew.minutes == 480
    later = NOW + timedelta(hours=9)
    assert (
        learned_skew(SHANGHAI, skew, items([later], off=0, stated=0), later, later - timedelta(minutes=15)).minutes
        is None
    )


def test_a_poll_says_so_and_nothing_with_a_future_date_goes_out(store: Store) -> None:
    watched = Watched(store, SHANGHAI)
    times = [f"{NOW + timedelta(hours=8, minutes=-9 * n):%a, %d %b %Y %H:%M:%S} GMT" for n in range(5)]
    wrong = "".join(
        f"<item><guid>{n}</guid><title>T{n}</title><pubDate>{when}</pubDate></item>" for n, when in enumerate(times)
    )
    poll = watched.poll(answer(body=rss(wrong)))
    assert any("8 h ahead of the truth" in note and "trust_zone: false" in note for note in poll.notes)
    assert {line.outcome for line in poll.lines} == {"published"}
    with store.read() as tx:
        assert {(entry.item.published, entry.item.notes) for entry in list_entries(tx)} == {(NOW, ("future_date",))}
    assert watched.state.learned is not None
    assert proposal_words(SHANGHAI, watched.state.learned.skew)
    mended = replace(SHANGHAI, trust_zone=False)
    assert proposal_words(mended, watched.state.learned.skew) == ""
