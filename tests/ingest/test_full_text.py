"""The text of items' own pages: found without selectors, whole, alone, and only where it may be shown."""

from __future__ import annotations

import pytest

from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.flows.conftest import Answer, Origin, origin, rss
from tests.ingest.loopback import polled
from tests.ingest.pages.articles import an_article
from tests.ingest.pages.judged_articles import Found, judge, judge_page
from tests.kit import a_source

__all__ = ["origin"]


def test_generated_pages_give_every_block_and_nothing_around_it() -> None:
    found = judge(range(5000, 5080))
    assert (found.kept, found.pictures_kept, found.joined) == (found.blocks, found.pictures, 0), found.wrong
    assert found.let_in == 0, found.wrong


def test_a_judge_that_sees_a_lost_paragraph() -> None:
    page = an_article(9)
    page.blocks.append("这一段不在页面上。")
    found = Found()
    judge_page(page, found)
    assert found.blocks - found.kept == 1


@pytest.mark.parametrize(("licence", "shown"), [("CC BY 4.0", True), ("unknown", False)])
def test_the_text_of_a_feeds_items_comes_from_their_pages(
    store: Store, origin: Origin, licence: str, shown: bool
) -> None:
    page = an_article(12)
    teaser = "<p>只有开头的几个字，更多内容请看原文页面。</p>"
    origin.answers["/a.html"] = Answer(page.body, "text/html")
    link, away = origin.url("/a.html"), "http://elsewhere.example/b.html"
    origin.answers["/feed.xml"] = Answer(rss(("1", link, "第一条", teaser), ("2", away, "第二条", teaser)))
    with polled(store) as hand:
        hand.add(a_source(url=origin.url("/feed.xml"), full_text=True, licence=licence))
        poll = hand.poll("s1")
    with store.read() as tx:
        by_link = {entry.item.link: entry.item for entry in list_entries(tx)}
    assert by_link[away].html == teaser
    assert (by_link[link].html != teaser) is shown
    assert ("/a.html" in {asked for asked, _, _ in origin.requests}) is shown
    assert ("elsewhere.example" if shown else "licence") in " ".join(poll.notes)
    if shown:
        assert all(block[:20] in str(by_link[link].html).replace("&amp;", "&") for block in page.blocks)
