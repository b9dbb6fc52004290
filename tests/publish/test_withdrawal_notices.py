"""What feeds show of an article withdrawn in the form `notice`, and when its tombstone comes (SEMANTICS 22)."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from feedhub.model.article import Article, Attribution, Correction
from feedhub.model.feed import FORMATS, FeedDocument
from feedhub.model.item import Enclosure
from feedhub.publish.addresses import archive_path, feed_path
from feedhub.publish.announcing import announcement_since
from feedhub.publish.fragments import fragment
from feedhub.publish.limited import Cut, cut_document
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.store.articles import put_article, release_due, restore_article, withdraw_article
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from feedhub.store.sections import section_states
from tests.kit import StillClock
from tests.publish.material import NOON, PORTAL, article

HEALTH = "life/health"
STONE = "{http://purl.org/atompub/tombstones/1.0}deleted-entry"
FULL = article(
    "old",
    summary="The old summary.", author="The old author", categories=("Old",), rights="Old rights",
    source=Attribution("Old source", "https://old.example"), source_url="https://old.example/1", licence="CC BY 4.0",
    enclosures=(Enclosure("https://old.example/1.mp3", "audio/mpeg", 9),), corrections=(Correction(NOON, "Old note"),),
)  # fmt: skip


def beat(store: Store, style: Style, clock: StillClock) -> None:
    clock.pass_(seconds=2)
    with store.write() as tx:
        release_due(tx, now=clock.now())
    render_due(store, style, clock)


def put(store: Store, clock: StillClock, *articles: Article) -> None:
    with store.write() as tx:
        for it in articles:
            put_article(tx, it, now=clock.now(), late=False, by="test")


def withdraw(store: Store, clock: StillClock, name: str) -> int:
    with store.write() as tx:
        return withdraw_article(tx, name, now=clock.now(), by="test", reason="wrong figures", form="notice")


def document(store: Store, path: str) -> FeedDocument:
    with store.read() as tx:
        found = get_document(tx, path)
    assert found is not None, path
    return found


def read(store: Store, path: str) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """The items of a JSON document by the end of their id, and those of its tombstones."""
    said = json.loads(document(store, path).body)
    items = {it["id"].rpartition("/")[2]: it for it in said["items"]}
    return items, [it["id"].rpartition("/")[2] for it in said["_feedhub"]["deleted"]]


@pytest.mark.parametrize(
    ("language", "title", "text"),
    [
        ("en", "Withdrawn", "This article was withdrawn on 2026-11-20: wrong &lt;figures&gt;."),
        ("zh-CN", "已撤稿", "此文已于2026-11-20撤稿：wrong &lt;figures&gt;。"),
    ],
)
def test_a_notice_says_one_sentence_and_nothing_of_the_old(language: str, title: str, text: str) -> None:
    gone = replace(
        FULL, language=language, state="withdrawn", withdrawn_at=NOON, withdrawn_reason="wrong <figures>.",
        updated=NOON.astimezone(FULL.updated.tzinfo), notice_until=NOON + timedelta(days=7),
    )  # fmt: skip
    item = json.loads(fragment(gone, PORTAL, "json"))
    live = json.loads(fragment(FULL, PORTAL, "json"))
    assert (item["id"], item["url"], item["date_published"]) == (live["id"], live["url"], live["date_published"])
    assert item.keys() == {
        "id", "url", "title", "content_html", "summary", "date_published", "date_modified", "language",
    }  # fmt: skip
    assert (item["title"], item["content_html"]) == (title, f"<p>{text}</p>")
    assert item["date_modified"] == "2026-11-20T20:00:00+08:00"
    for format_ in FORMATS:
        said = fragment(gone, PORTAL, format_).decode()
        assert title in said and "2026-11-20" in said
        assert "old" not in said.lower().replace("article/old", "").replace("articles/old", ""), said


def test_the_item_is_overwritten_for_a_week_then_a_tombstone_takes_its_place(
    store: Store, style: Style, clock: StillClock
) -> None:
    put(store, clock, FULL, article("other"))
    beat(store, style, clock)
    seq = withdraw(store, clock, "old")
    beat(store, style, clock)
    for section in (HEALTH, "all"):
        items, stones = read(store, feed_path(section, "json"))
        assert (items["old"]["title"], stones) == ("Withdrawn", [])
        for format_ in ("rss", "atom"):
            made = document(store, feed_path(section, format_)).body
            found = feedparser.parse(io.BytesIO(made))  # type: ignore[arg-type]
            entry = next(it for it in found.entries if it.id == FULL.public_id)
            assert (entry.title, entry.link) == ("Withdrawn", "http://127.0.0.1:8080/articles/old")
            assert entry.updated_parsed[:5] == (2026, 11, 20, 12, 0)
            assert etree.fromstring(made).find(STONE) is None and b"text of <b>old" not in made
    with store.read() as tx:
        state = section_states(tx)[HEALTH]
        cut = cut_document(tx, PORTAL.feeds()[HEALTH], state, "json", Cut(language="en"), style)
        told = announcement_since(tx, document(store, feed_path(HEALTH, "json")), seq - 1, PORTAL).changes
    assert "Withdrawn" in [it["title"] for it in json.loads(cut.body)["items"]]
    assert [json.loads(it)["kind"] for it in told] == ["withdrawn"], "those who listen hear of a withdrawal"
    before = document(store, feed_path(HEALTH, "atom")).generation
    clock.pass_(days=7)
    beat(store, style, clock)
    items, stones = read(store, feed_path(HEALTH, "json"))
    assert (set(items), stones) == ({"other"}, ["old"])
    atom = document(store, feed_path(HEALTH, "atom"))
    (stone,) = etree.fromstring(atom.body).findall(STONE)
    assert stone.get("ref") == FULL.public_id and stone.findtext("*") == "wrong figures"
    assert atom.generation == before + 1
    assert atom.layout is not None and [part[0] for part in atom.layout.stones] == [before + 1], "a delta tells it"
    rss = document(store, feed_path(HEALTH, "rss"))
    assert rss.layout is not None and rss.layout.unsaid == before + 1


def test_restored_within_the_week_it_stands_as_before(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, FULL)
    beat(store, style, clock)
    withdraw(store, clock, "old")
    beat(store, style, clock)
    clock.pass_(days=3)
    with store.write() as tx:
        restore_article(tx, "old", now=clock.now(), by="test")
    for _ in range(2):
        beat(store, style, clock)
        items, stones = read(store, feed_path(HEALTH, "json"))
        assert (items["old"]["title"], items["old"]["date_modified"][:10], stones) == (FULL.title, "2026-11-23", [])
        clock.pass_(days=5)


def test_an_archive_shows_the_notice_in_place_and_then_takes_it_out(
    store: Store, style: Style, clock: StillClock
) -> None:
    days = [NOON - timedelta(days=200 - n) for n in range(60)]
    put(store, clock, *(article(f"n{n:02}", published=day, updated=day) for n, day in enumerate(days)))
    beat(store, style, clock)
    withdraw(store, clock, "n03")
    beat(store, style, clock)
    archive = archive_path(HEALTH, "json", 1)
    order = list(read(store, archive)[0])
    items, stones = read(store, archive)
    assert (items["n03"]["title"], stones, len(items)) == ("Withdrawn", [], 10)
    assert order == [f"n{n:02}" for n in range(9, -1, -1)]
    assert read(store, feed_path(HEALTH, "json"))[0]["n03"]["title"] == "Withdrawn", "shown anew, as a correction is"
    clock.pass_(days=7)
    beat(store, style, clock)
    for path in (archive, feed_path(HEALTH, "json")):
        items, stones = read(store, path)
        assert ("n03" in items, stones) == (False, ["n03"])
