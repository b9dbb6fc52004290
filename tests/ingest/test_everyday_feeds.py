"""Feeds in the forms that widespread programs write, one file in `everyday/` for each: the quick way takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.ingest.parse import parse_document
from tests.ingest.test_plain_rss import a_request, same_both_ways

FORMS = sorted((Path(__file__).parent / "everyday").glob("*.feed"))


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.stem)
def test_the_quick_way_takes_it_and_says_what_feedparser_says(form: Path) -> None:
    assert same_both_ways(form.read_bytes())


def test_there_are_all_of_them_and_each_has_its_items() -> None:
    assert len(FORMS) == 22
    for form in FORMS:
        feed = parse_document(a_request(form.read_bytes()))
        assert feed.title and feed.items and all(item.title and item.link and item.published for item in feed.items)


def test_what_media_rss_adds_is_there() -> None:
    film = parse_document(a_request((FORMS[0].parent / "youtube.feed").read_bytes())).items[0]
    assert film.summary == "The bridge, filmed from above."
    talk = parse_document(a_request((FORMS[0].parent / "podcast.feed").read_bytes())).items[0]
    assert (talk.author, talk.enclosures[0].type) == ("Gil Example", "audio/mpeg")
