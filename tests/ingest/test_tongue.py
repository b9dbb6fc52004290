"""The language of an item is the one it is written in, whatever its feed declares."""

from __future__ import annotations

import pytest

from feedhub.ingest.tongue import own_languages, written_in
from feedhub.model.item import Item, ParsedFeed
from feedhub.store.engine import Store
from tests.ingest.parsing import rss
from tests.ingest.polling import URL, Watched, answer
from tests.kit import a_source

CHINESE = "衡阳市召开城市建设工作会议，部署明年任务。"
ENGLISH = "The council of the county opens a school for children in the north of the city"


@pytest.mark.parametrize(
    ("text", "declared", "found"),
    [
        (CHINESE, "en-US", "zh"),
        (CHINESE, None, "zh"),
        (CHINESE, "zh-CN", "zh-CN"),
        (CHINESE, "yue", "yue"),
        ("華為 Mate 70 Pro 發布 the new phone of the year", "en", "en"),
        ("Visiting 南岳衡山 by train", "en", "en"),
        ("市の図書館は明日から開館時間を延長します", "en", "ja"),
        ("東京都議会選挙開票速報", "ja", "ja"),
        ("도서관은 내일부터 운영 시간을 연장합니다", "zh", "ko"),
        (ENGLISH, "zh", "en"),
        (ENGLISH, "en-GB", "en-GB"),
        (ENGLISH, "fr", "fr"),
        ("COVID-19 Update", "zh", "zh"),
        ("Der Rat der Stadt hat gestern eine neue Schule am Fluss eröffnet", "zh", "zh"),
        ("Совет города открыл новую школу", "en", "en"),
        ("", "en", "en"),
    ],
)
def test_letters_refute_a_declaration_or_let_it_stand(text: str, declared: str | None, found: str) -> None:
    assert written_in(text, declared) == found


def test_a_feed_that_is_right_stays_the_same() -> None:
    feed = ParsedFeed(version="rss20", items=(Item(title=ENGLISH, language="en"), Item(title=CHINESE, language="zh")))
    assert own_languages(feed) is feed


def test_a_chinese_item_under_an_english_declaration_is_in_no_english_feed(store: Store) -> None:
    watched = Watched(store, a_source(url=URL, language="en", sections=("life/health",)))
    items = "".join(
        f"<item><guid>{n}</guid><title>{title}</title><link>http://site.example/{n}</link>"
        f"<description>{title}</description></item>"
        for n, title in enumerate((ENGLISH, CHINESE))
    )
    poll = watched.poll(answer(body=rss(f"<language>en-US</language>{items}")))
    assert [(line.outcome, line.reason) for line in poll.lines] == [("published", "auto"), ("held", "language")]
    assert "none of its sections carries zh" in poll.lines[1].note
