"""What was kept of a source is read again: held entries are replaced, published ones corrected or held as revisions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete

from feedhub.errors import Conflict
from feedhub.ingest.redecode import Reread, claim_and_redecode, redecode
from feedhub.ingest.wire import ParseRequest
from feedhub.model.entry import Entry
from feedhub.model.extract import Detail, Extract
from feedhub.model.item import ParsedFeed
from feedhub.model.source import Policy, Source
from feedhub.store.article_reads import get_article
from feedhub.store.articles import edit_article
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.polls import source_polls
from feedhub.store.raw_documents import MOST_OF_A_SOURCE, bound_raw, count_raw, list_raw
from feedhub.store.raw_tables import raw_documents
from feedhub.store.sources import claim_one, get_source, get_state
from tests.ingest.parsing import rss
from tests.ingest.polling import URL, Here, Watched, answer
from tests.kit import LOCAL, NOW

AUTO = Source(key="s", name="S", url=URL, policy="auto", sections=(LOCAL,), language="zh")
TITLES = ("衡陽市召開重點工作推進會", "石鼓書院舉行國學講座", "颱風逼近，臺北市宣布停班停課")
DATE = "Tue, 24 Nov 2026 08:15:00 GMT"


def big5(*titles: str, date: str = "") -> bytes:
    """Big5 that says it is gb2312, and is no UTF-8."""
    when = f"<pubDate>{date}</pubDate>" if date else ""
    items = (
        f"<item><guid>{n}</guid><link>http://site.example/{n}</link><title>{title}</title>{when}</item>"
        for n, title in enumerate(titles)
    )
    return ('<?xml version="1.0" encoding="gb2312"?>' + rss("".join(items))).encode("big5")


def polled(store: Store, source: Source, body: bytes) -> Watched:
    watched = Watched(store, source)
    watched.poll(replace(answer(content_type="text/xml; charset=gb2312"), body=body))
    return watched


def again(watched: Watched, *, keep: bool = True, **settings: object) -> Reread:
    with watched.store.read() as tx:
        source = replace(get_source(tx, "s"), **settings)  # type: ignore[arg-type]
    if not keep:
        return redecode(watched.ingest, source, by="cli:me", fence=None)
    done = claim_and_redecode(watched.ingest, source, by="cli:me", owner="cli", set_anew=True)
    assert done is not None
    return done


def entries(store: Store) -> list[Entry]:
    with store.read() as tx:
        return sorted(list_entries(tx), key=lambda entry: int(entry.id))


def test_held_entries_are_replaced_in_the_queue_and_a_dry_run_changes_nothing(store: Store) -> None:
    watched = polled(store, AUTO, big5(*TITLES))
    before = entries(store)
    assert {entry.reason for entry in before} == {"garbled"}
    tried = again(watched, keep=False, encoding="big5")
    assert [line.title for line in tried.lines] == list(TITLES)
    assert entries(store) == before
    done = again(watched, encoding="big5")
    assert [(line.outcome, line.reason) for line in done.lines] == [("held", "readable_now")] * 3
    assert [entry.item.title for entry in entries(store)] == list(TITLES)
    with store.read() as tx:
        assert any("read again by cli:me" in note for note in source_polls(tx, "s", limit=1)[0].notes)
    # The next poll fetches the same bytes, reads them as set, and finds what stands here.
    assert [line.reason for line in watched.poll().lines] == ["same"] * 3


@pytest.mark.parametrize("policy", ["auto", "review"])
def test_published_ones_are_corrected_under_auto_and_wait_under_review(store: Store, policy: Policy) -> None:
    # Read as Big5 although it is UTF-8 of few characters: short enough to look honest.
    body = rss("<item><guid>1</guid><title>Caf\xe9 X</title><link>http://site.example/1</link></item>").encode("cp1252")
    watched = polled(store, replace(AUTO, encoding="cp1250"), body.replace(b"\xe9", b"\xea"))
    published = entries(store)[0]
    assert (published.state, published.item.title) == ("published", "Cafę X")
    found = again(watched, encoding="cp1252", policy=policy)
    entry = entries(store)[0]
    with store.read() as tx:
        title = get_article(tx, entry.article_id or "").title
    if policy == "auto":
        assert (found.lines[0].reason, title, entry.pending) == ("corrected", "Cafê X", None)
    else:
        assert (found.lines[0].reason, title, entry.pending and entry.pending.title) == (
            "revision_held", "Cafę X", "Cafê X",
        )  # fmt: skip


def test_what_a_person_edited_stays(store: Store) -> None:
    body = "<item><guid>1</guid><title>Caf\xea X</title><link>http://site.example/1</link></item>"
    watched = polled(store, replace(AUTO, encoding="cp1250"), rss(body).encode("cp1252"))
    article_id = entries(store)[0].article_id or ""
    with store.write() as tx:
        mine = replace(get_article(tx, article_id), title="Mine")
        edit_article(tx, mine, ["title"], now=NOW, by="me")
    again(watched, encoding="cp1252")
    with store.read() as tx:
        assert get_article(tx, article_id).title == "Mine"


def test_dates_move_with_the_zone_that_was_set_right(store: Store) -> None:
    auto = polled(store, AUTO, rss(f"<item><guid>1</guid><title>One</title><pubDate>{DATE}</pubDate></item>").encode())
    auto.clock.pass_(hours=12)
    # It said 08:15Z, hours ahead of 04:00Z: it went out under the time it was first seen.
    assert again(auto).lines[0].outcome == "unchanged"
    assert entries(store)[0].item.published == NOW
    found = again(auto, trust_zone=False)
    assert [line.reason for line in found.lines] == ["date_moved"]
    entry = entries(store)[0]
    with store.read() as tx:
        assert get_article(tx, entry.article_id or "").published == NOW - timedelta(hours=3, minutes=45)
    assert again(auto).lines[0].outcome == "unchanged"


def test_the_bytes_are_kept_with_how_they_were_read(store: Store) -> None:
    watched = polled(store, AUTO, big5(*TITLES))
    with store.read() as tx:
        kept = list_raw(tx, "s")
    assert [(raw.reading, raw.encoding, raw.decision) for raw in kept] == [
        ("feed", None, "gb18030 (declared gb2312 in the HTTP header)")
    ]
    assert again(watched).decisions == ("gb18030 (declared gb2312 in the HTTP header)",)


def test_bounds_and_what_is_kept_longer(store: Store) -> None:
    watched = Watched(store, AUTO)
    for number in range(MOST_OF_A_SOURCE + 3):
        watched.clock.pass_(hours=1)
        watched.poll(answer(body=rss(f"<item><guid>g{number}</guid><title>News number {number}</title></item>")))
    with store.write() as tx:
        assert count_raw(tx, "s")[0] == MOST_OF_A_SOURCE
    # What is older than 90 days and was published goes with the next poll; the last document stays.
    watched.clock.pass_(days=91)
    watched.poll(answer(body=rss("<item><guid>last</guid><title>The last one</title></item>")))
    with store.write() as tx:
        assert count_raw(tx, "s")[0] == 1
        assert bound_raw(tx, most_bytes=10)[0] == 1
        assert count_raw(tx, "s") == (0, 0)


def test_a_held_entry_keeps_its_document(store: Store) -> None:
    watched = polled(store, AUTO, big5(*TITLES))
    watched.clock.pass_(days=200)
    watched.poll(answer(body=rss("<item><guid>last</guid><title>The last one</title></item>")))
    with store.read() as tx:
        assert count_raw(tx, "s")[0] == 2
    assert [line.reason for line in again(watched, encoding="big5").lines if line.outcome == "held"] == [
        "readable_now"
    ] * 3


def test_it_waits_for_the_lease_and_gives_it_back(store: Store) -> None:
    watched = polled(store, AUTO, big5(*TITLES))
    with store.write() as tx:
        assert claim_one(tx, "s", owner="a poll", now=NOW, lease=timedelta(minutes=1)) is not None
        source = replace(get_source(tx, "s"), encoding="big5")
    asked = {"by": "cli:me", "owner": "cli", "set_anew": True}
    assert claim_and_redecode(watched.ingest, source, **asked) is None  # type: ignore[arg-type]
    with store.read() as tx:
        assert get_source(tx, "s").encoding is None, "nothing is set while another polls"
    watched.clock.pass_(minutes=2)
    assert claim_and_redecode(watched.ingest, source, **asked) is not None  # type: ignore[arg-type]
    with store.read() as tx:
        assert get_state(tx, "s").lease_until is None


def test_who_lost_the_lease_meanwhile_writes_nothing(store: Store) -> None:
    watched = polled(store, AUTO, big5(*TITLES))
    before = entries(store)
    with store.read() as tx:
        source, fence = replace(get_source(tx, "s"), encoding="big5"), get_state(tx, "s").fence
    with pytest.raises(Conflict, match="took over"):
        redecode(watched.ingest, source, by="cli:me", fence=fence - 1)
    assert entries(store) == before


def test_what_was_written_before_the_lease_was_lost_has_its_row_in_the_ledger(store: Store) -> None:
    watched = polled(store, AUTO, big5(*TITLES))
    watched.clock.pass_(hours=1)
    more = big5("花蓮舉行音樂會，市民踴躍參加").replace(b"<guid>0", b"<guid>9").replace(b"e/0<", b"e/9<")
    watched.poll(replace(answer(content_type="text/xml; charset=gb2312"), body=more))
    with store.read() as tx:
        kept = list_raw(tx, "s")
    assert len(kept) == 2

    class LostAtTheSecond(Here):
        def parse(self, request: ParseRequest) -> ParsedFeed:
            if request.body == kept[1].body:
                with store.write() as tx:
                    later = watched.clock.now() + timedelta(minutes=6)
                    claim_one(tx, "s", owner="worker", now=later, lease=timedelta(minutes=5))
            return super().parse(request)

    ingest = replace(watched.ingest, parser=LostAtTheSecond())
    with pytest.raises(Conflict):
        claim_and_redecode(ingest, replace(AUTO, encoding="big5"), by="cli:me", owner="cli", set_anew=True)
    readable = [entry for entry in entries(store) if entry.reason == "readable_now"]
    with store.read() as tx:
        ledger = source_polls(tx, "s", limit=1)[0]
    assert readable and {line.entry_id for line in ledger.lines} >= {entry.id for entry in readable}
    assert any("read again by cli:me" in note for note in ledger.notes)


def test_a_text_whose_page_was_let_go_is_not_lost(store: Store) -> None:
    extract = Extract(item="li", title="a", link="a", detail=Detail(body="#text"))
    source = replace(
        AUTO, kind="html", url="http://site.example/l/", extract=extract, encoding="cp1250", licence="ours"
    )
    watched = Watched(store, source)
    said = answer(content_type="text/html")
    watched.web.at = {
        "http://site.example/1.html": replace(said, url="http://site.example/1.html", body=b"<p id=text>Its own words.")
    }
    watched.poll(
        replace(said, url="http://site.example/l/", body="<li><a href='/1.html'>Caf\xea X</a>".encode("cp1252"))
    )
    entry = entries(store)[0]
    assert entry.item.html is not None
    with store.write() as tx:
        pages = [raw.digest for raw in list_raw(tx, "s") if raw.reading == "detail"]
        tx.execute(delete(raw_documents).where(raw_documents.c.digest.in_(pages)))
    done = again(watched, encoding="cp1252")
    assert done.lines == ()
    assert done.notes == (f"entry {entry.id} stays as it is: the bytes of its own page are kept no more",)
    assert entries(store) == [entry]
