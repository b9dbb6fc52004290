"""A source that suddenly is another is reviewed: everything new is held until an operator trusts it again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from feedhub.errors import Conflict
from feedhub.ingest.condition import source_health
from feedhub.ingest.health_alerts import health_changes, troubles
from feedhub.ingest.hold import trust_source
from feedhub.ingest.tripwire import signs
from feedhub.model.item import Item
from feedhub.model.standing import Standing
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.sources import list_suspects
from tests.ingest.parsing import rss
from tests.ingest.polling import URL, Watched, answer
from tests.kit import a_source

USUAL = Standing(
    polls=9,
    titles=90,
    page_host="site.example",
    home_host="site.example",
    link_hosts=("site.example",),
    script="Latin",
    script_share=1.0,
    words="council school water county health street festival library",
    most_items=20,
)


def figures(title: str) -> str:
    return "".join(filter(str.isdigit, title))


def feed(*titles: str, host: str = "site.example", home: str = "site.example") -> WebResponse:
    items = "".join(
        f"<item><guid>http://{host}/{title}</guid><title>{title}</title><link>http://{host}/{len(title)}/{figures(title)}</link>"
        f"<description>All about it: {title} and what came of it.</description></item>"
        for title in titles
    )
    return answer(body=rss(items).replace("http://site.example/</link>", f"http://{home}/</link>", 1))


def news(first: int, last: int) -> list[str]:
    return [f"The council opens school number {n} in the county" for n in range(first, last)]


def new_items(*titles: str, host: str = "site.example") -> list[Item]:
    return [Item(title=title, link=f"http://{host}/{n}") for n, title in enumerate(titles)]


SPAM = [f"Best online casino number {n}: play slots" for n in range(4)]
CASES: dict[str, tuple[Standing, list[Item], int, str]] = {
    "page host": (replace(USUAL, page_host="bought.example"), [], 20, "answered by site.example, now by bought"),
    "home host": (replace(USUAL, home_host="bought.example"), [], 20, "as its home site.example, now bought"),
    "link host": (USUAL, new_items(*news(0, 4), host="bought.example"), 20, "items led to site.example, now to bought"),
    "language": (USUAL, new_items("衡阳市召开会议", "县区动态一览", "教育局通知"), 20, "100% in Chinese"),
    "what is sold": (USUAL, new_items(*SPAM, *news(0, 4)), 20, "4 of 8 new titles are what bought domains bring"),
    "topic": (
        USUAL,
        new_items(*["Ergonomic pillow offers today"] * 6),
        20,
        "0 of 6 new titles",
    ),
    "volume": (USUAL, new_items(*news(0, 150)), 150, "20 items at most, now 150"),
}


@pytest.mark.parametrize("name", CASES)
def test_each_sudden_change_is_a_sign_and_the_usual_is_none(name: str) -> None:
    now, fresh, total, words = CASES[name]
    (sign,) = signs(USUAL, now, fresh, total)
    assert words in sign
    assert not list(signs(Standing(), now, fresh, total)), "nobody knows yet what is usual"


@pytest.mark.parametrize("name", ["page host", "home host", "link host", "language", "what is sold"])
def test_a_source_of_six_items_is_known_well_enough_for_what_never_varied(name: str) -> None:
    now, fresh, total, words = CASES[name]
    (sign,) = signs(replace(USUAL, polls=1, titles=6), now, fresh, total)
    assert words in sign


def test_what_varies_in_a_source_of_six_items_is_no_sign() -> None:
    was = replace(USUAL, polls=1, titles=6, link_hosts=("site.example", "else.example"), script_share=0.95)
    strangers = [
        *new_items("衡阳市召开会议", host="a.example"),
        *new_items("县区动态一览", "教育局通知", host="b.example"),
    ]
    assert not list(signs(was, was, strangers, len(strangers)))


@pytest.mark.parametrize(
    "fresh",
    [
        new_items(*news(0, 30)),
        new_items(),
        new_items("Photo of the day"),
        new_items("衡阳", "Casino fined"),
        new_items(*news(0, 80)),
    ],
)
def test_a_busy_day_is_no_sign(fresh: list[Item]) -> None:
    assert not list(signs(USUAL, USUAL, fresh, len(fresh)))


def test_a_hijacked_feed_is_reviewed_until_it_is_trusted(store: Store) -> None:
    watched = Watched(store, a_source(url=URL))

    def word() -> str:
        return source_health(watched.source, watched.state, watched.clock.now()).name

    assert watched.poll(feed(*news(0, 12))).count("published") == 12
    assert watched.poll(feed(*news(3, 15))).count("published") == 3
    poll = watched.poll(feed(*SPAM, *news(3, 15), host="bought.example"))
    assert (poll.outcome, poll.count("published")) == ("ok", 0)
    assert {line.reason for line in poll.lines if line.outcome == "held"} == {"suspect"}
    assert "source trust s1" in " ".join(poll.notes)
    assert word() == "suspect"
    with store.read() as tx:
        past = watched.clock.now() - timedelta(days=9)
        found = list_suspects(tx, (), due_before=past, now=past)
    (alert,) = health_changes(troubles(found, watched.clock.now()), ())
    assert (alert.act, alert.code) == ("raise", "suspect")
    assert watched.poll(feed(*news(20, 24))).count("held") == 4, "one good day does not lift it"
    with store.write() as tx:
        lifted = trust_source(tx, "s1", now=watched.clock.now(), by="li")
    assert "casino" in lifted[-1] or "bought.example" in lifted[0]
    assert word() == "healthy"
    state = watched.state
    assert state.learned is not None
    assert state.learned.trusted is not None
    assert state.learned.trusted.by == "li"
    assert watched.poll(feed(*news(24, 28))).count("published") == 4
    with store.write() as tx, pytest.raises(Conflict):
        trust_source(tx, "s1", now=watched.clock.now(), by="li")
