"""An article on several pages is one text; what says "next page" and is another article is not followed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from feedhub.ingest.article_parts import MOST_PARTS, follows
from feedhub.model.entry import Entry
from feedhub.model.extract import Detail, Extract
from feedhub.model.source import Source
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.raw_documents import list_raw
from tests.ingest.polling import Watched
from tests.ingest.test_redecode import again
from tests.kit import LOCAL

HOST = "http://site.example"
FULL = Source(
    key="s", name="S", kind="html", url=f"{HOST}/l/", policy="auto", sections=(LOCAL,), language="zh", licence="ours",
    extract=Extract(item="li", title="a", link="a", detail=Detail(body="#text")),
)  # fmt: skip


@pytest.mark.parametrize(
    ("first", "address", "number", "same"),
    [
        ("/a/12.html", "/a/12_2.html", 2, True),
        ("/a/12.html", "/a/12_1.html", 2, True),
        ("/a/12.html", "/a/12_2.html", 3, True),
        ("/a/12.html", "/a/12-3.html", 3, True),
        ("/a/t20261120_4711.html", "/a/t20261120_4711_1.html", 2, True),
        ("/a/show-12-34-1.html", "/a/show-12-34-2.html", 2, True),
        ("/a/content.shtml", "/a/content_2.shtml", 2, True),
        ("/show?id=7", "/show?id=7&page=2", 2, True),
        ("/show?id=7&p=1", "/show?id=7&p=2", 2, True),
        ("/a/12.html", "/a/13.html", 2, False),
        ("/a/art_12.html", "/a/art_13.html", 2, False),
        ("/a/t20261120_4711.html", "/a/t20261120_4712.html", 2, False),
        ("/a/12.html", "/b/12_2.html", 2, False),
        ("/a/12.html", "/a/12_5.html", 2, False),
        ("/a/12.html", "/a/12_2.htm", 2, False),
        ("/show?id=7", "/show?id=8", 2, False),
        ("/show?id=7", "/show?id=8&page=2", 2, False),
        ("/show?id=7", "/show?id=7&pos=2", 2, False),
        ("/a/12.html", "http://other.example/a/12_2.html", 2, False),
    ],
)
def test_the_next_page_is_told_from_the_next_article(first: str, address: str, number: int, same: bool) -> None:
    address = address if address.startswith("http") else HOST + address
    assert follows(HOST + first, address, number) is same


def page(number: int, onward: str = "", text: str = "") -> WebResponse:
    link = f"<p class=pages><a href='{onward}'>下一页</a></p>" if onward else ""
    text = text or f"第{number}页的文字，有很多话要说。"
    body = f"<html><h1>一个很长的故事</h1><div id=text><p>{text}</p></div>{link}</html>"
    url = f"{HOST}/a/12{f'_{number}' if number > 1 else ''}.html"
    return WebResponse(url, 200, {"content-type": "text/html; charset=utf-8"}, body.encode())


def polled(store: Store, *pages: WebResponse, source: Source = FULL) -> Watched:
    watched = Watched(store, source)
    listed = "<html><meta charset=utf-8><li><a href='/a/12.html'>一个很长的故事</a></li></html>"
    watched.web.says = WebResponse(f"{HOST}/l/", 200, {"content-type": "text/html"}, listed.encode())
    watched.web.at = {one.url: one for one in pages}
    watched.web.at[f"{HOST}/robots.txt"] = WebResponse(f"{HOST}/robots.txt", 404, {}, b"")
    return watched


def entry(store: Store) -> Entry:
    with store.read() as tx:
        (found,) = list_entries(tx, source="s")
    return found


def test_all_pages_are_one_text_in_their_order(store: Store) -> None:
    watched = polled(store, page(1, "12_2.html"), page(2, "12_3.html"), page(3))
    assert watched.poll().count("published") == 1
    html = str(entry(store).item.html)
    assert [html.count(f"第{number}页的文字") for number in (1, 2, 3)] == [1, 1, 1]
    assert html.index("第1页") < html.index("第2页") < html.index("第3页")
    with store.read() as tx:
        assert sum(raw.reading == "detail" for raw in list_raw(tx, "s")) == 3, "each page is kept"
    assert again(watched).lines[0].outcome == "unchanged", "and read again as a whole"


def test_a_page_that_is_away_for_a_moment_leaves_the_item_to_the_next_poll(store: Store) -> None:
    away = replace(page(2), status=503)
    watched = polled(store, page(1, "12_2.html"), away)
    poll = watched.poll()
    assert poll.lines == ()
    assert any("left to the next poll" in note for note in poll.notes)
    watched.web.at[away.url] = page(2)
    watched.clock.pass_(hours=1)
    assert watched.poll().count("published") == 1
    assert "第2页" in str(entry(store).item.html)


def test_a_page_that_is_gone_is_said_and_what_there_is_is_taken(store: Store) -> None:
    watched = polled(store, page(1, "12_2.html"), replace(page(2), status=404))
    poll = watched.poll()
    assert poll.count("published") == 1
    assert any("12_2.html answered 404" in note for note in poll.notes)


def test_pages_end_at_the_bound_and_where_they_go_round(store: Store) -> None:
    endless = [page(number, f"12_{number + 1}.html") for number in range(1, 40)]
    assert polled(store, *endless).poll().count("published") == 1
    assert str(entry(store).item.html).count("页的文字") == MOST_PARTS


def test_the_first_page_again_is_the_end(store: Store) -> None:
    again_first = page(2, "12_3.html", text="第1页的文字，有很多话要说。")
    polled(store, page(1, "12_2.html"), again_first).poll()
    assert str(entry(store).item.html).count("第1页") == 1


def test_a_selector_is_believed(store: Store) -> None:
    detail = Detail(body="#text", next_page="a.more")
    source = replace(FULL, extract=replace(FULL.extract or Extract(), detail=detail))
    body = page(1).body.replace(b"</div>", b"</div><a class=more href='/rest/of/it.html'>...</a>")
    rest = replace(page(2), url=f"{HOST}/rest/of/it.html")
    polled(store, replace(page(1), body=body), rest, source=source).poll()
    assert "第2页" in str(entry(store).item.html)


def test_a_second_look_at_the_first_page_takes_its_edit_and_does_not_lose_the_others(store: Store) -> None:
    watched = polled(store, page(1, "12_2.html"), page(2))
    watched.poll()
    whole = str(entry(store).item.html)
    watched.clock.pass_(hours=2)
    watched.web.at[f"{HOST}/a/12.html"] = page(1, "12_2.html", text="第1页的文字，改过了，有很多话要说。")
    watched.poll()
    assert watched.web.asked.count(f"{HOST}/a/12.html") == 2, "it was looked at again"
    assert entry(store).item.html == whole.replace("第1页的文字，", "第1页的文字，改过了，")
