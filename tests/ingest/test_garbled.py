"""Garbled text is told from honest text, and is held whatever the policy says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.basics.text import plain_text, xml_text
from feedhub.errors import FeedHubError
from feedhub.ingest.garbled import _beyond_ascii, garbled
from feedhub.model.source import Source
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.ingest.labelled_texts import HONEST, SIGNS, garbled_texts
from tests.ingest.parsing import parsed, rss
from tests.ingest.polling import URL, Watched, answer
from tests.kit import LOCAL

AUTO = Source(key="s", name="S", url=URL, policy="auto", sections=(LOCAL,), language="zh")
GOOD = "衡阳市召开重点工作推进会"


def test_precision_and_recall_on_the_labelled_texts() -> None:
    bad = [(done, xml_text(text)) for done, text in garbled_texts()]
    missed = [one for one in bad if garbled(one[1]) is None]
    alarms = [(text, garbled(text)) for text in HONEST if garbled(text)]
    recall = 1 - len(missed) / len(bad)
    print(f"{len(bad)} garbled, {len(HONEST)} honest texts: recall {recall:.1%}, {len(alarms)} false alarms")
    assert not alarms
    assert recall >= 0.98, missed


@pytest.mark.parametrize("text", SIGNS)
def test_each_sign_alone_is_enough(text: str) -> None:
    assert garbled(text)


@given(st.text(st.characters() | st.sampled_from("aé€é的，？ \x85\xa0\u3000\ud800"), max_size=40))
def test_what_is_beyond_ascii_is_what_a_pattern_finds(text: str) -> None:
    assert _beyond_ascii(text) == " ".join(re.findall(r"[^\x00-\x7f]+", text))


def test_honest_feeds_raise_no_alarm(material: Path) -> None:
    texts: list[str] = []
    for file in sorted((material / "corpus" / "real").rglob("*.xml"))[:120]:
        try:
            feed = parsed(file.read_bytes())
        except FeedHubError:
            continue
        texts += [text for item in feed.items for text in (item.title, plain_text(item.html or ""))]
    assert len(texts) > 500
    assert not [(text[:80], garbled(text)) for text in texts if garbled(text)]


def twice(text: str) -> str:
    """UTF-8 taken for GBK and written in UTF-8 once more."""
    return text.encode().decode("gb18030", "replace")


def item(number: int, title: str) -> str:
    return f"<item><guid>{number}</guid><title>{title}</title><link>http://site.example/{number}</link></item>"


def test_garbled_items_are_held_under_auto_and_the_others_go_out(store: Store) -> None:
    watched = Watched(store, AUTO)
    poll = watched.poll(answer(body=rss(item(1, twice(GOOD)) + item(2, GOOD) + item(3, "Plain words"))))
    assert [(line.outcome, line.reason) for line in poll.lines] == [
        ("held", "garbled"), ("published", "auto"), ("published", "auto"),
    ]  # fmt: skip
    assert "the title looks garbled: " in poll.lines[0].note
    assert any("encoding" in note for note in poll.notes)


def test_garbled_text_of_a_source_without_a_section_is_held_as_garbled(store: Store) -> None:
    poll = Watched(store, replace(AUTO, sections=())).poll(answer(body=rss(item(1, twice(GOOD)) + item(2, GOOD))))
    assert [(line.reason, line.rule) for line in poll.lines] == [
        ("garbled", "guard.garbled"), ("no_section", "source.sections"),
    ]  # fmt: skip
    with store.read() as tx:
        assert [entry.reason for entry in list_entries(tx)] == ["no_section", "garbled"]


def test_in_a_garbled_document_what_is_too_short_to_tell_is_held_too(store: Store) -> None:
    titles = (GOOD, "石鼓书院举行国学讲座", "蔡伦竹海旅游区免费开放")
    marks = item(9, "衡阳".encode("gbk").decode("latin-1")) + item(10, "ASCII")
    poll = Watched(store, AUTO).poll(
        answer(body=rss("".join(item(n, twice(title)) for n, title in enumerate(titles)) + marks))
    )
    assert [line.outcome for line in poll.lines] == ["held", "held", "held", "held", "published"]


def test_a_readable_revision_takes_the_place_of_a_garbled_one_and_a_garbled_one_never_goes_out(store: Store) -> None:
    watched = Watched(store, AUTO)
    watched.poll(answer(body=rss(item(1, twice(GOOD)) + item(2, GOOD))))
    poll = watched.poll(answer(body=rss(item(1, GOOD) + item(2, twice(GOOD)))))
    assert [(line.outcome, line.reason) for line in poll.lines] == [("held", "readable_now"), ("held", "garbled")]
    with store.read() as tx:
        two, one = list_entries(tx)
    assert (one.item.title, one.reason) == (GOOD, "readable_now")
    assert (two.state, two.item.title, two.pending and two.pending.title) == ("published", GOOD, twice(GOOD))


def test_the_charset_set_for_a_source_is_used(store: Store) -> None:
    watched = Watched(store, replace(AUTO, encoding="big5"))
    body = rss(item(1, "衡陽市召開重點工作推進會")).encode("big5")
    poll = watched.poll(replace(answer(content_type="text/xml; charset=gbk"), body=body))
    assert [line.title for line in poll.lines] == ["衡陽市召開重點工作推進會"]
