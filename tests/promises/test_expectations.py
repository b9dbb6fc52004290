"""feedparser's own cases, as far as they ask for what an item or a feed of ours has (corpus, expect/)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from feedhub.errors import ParseError
from feedhub.ingest import bounds
from feedhub.model.item import ParsedFeed
from tests.ingest.parsing import URL, parsed

EXPECT = re.compile(rb"Expect:\s+(.*)")
HEADER = re.compile(rb"Header:\s+Content-type:\s*(.*)", re.I)
ASKED = re.compile(r"^(?:not bozo and )?(feed|entries\[0\])((?:\[[^\]]+\])+) == u?(['\"].*['\"])$")
AGREEMENT = 0.97


def expectations(folder: Path) -> Iterator[tuple[Path, str, str, str]]:
    """(file, feed or item, key, value) of every case that asks for one of our values."""
    for file in sorted(folder.rglob("*.xml")):
        found = EXPECT.search(file.read_bytes())
        asked = ASKED.match(found[1].decode("utf-8", "replace").strip()) if found else None
        if asked is None:
            continue
        try:
            value = ast.literal_eval(asked[3])
        except (SyntaxError, ValueError):
            continue
        key = "".join(re.findall(r"\w+|\[", asked[2])).replace("[", ".").lstrip(".")
        if key in OURS and isinstance(value, str) and value:
            yield file, asked[1], key, value


OURS = {
    "title": lambda feed, one: one.title,
    "title_detail.value": lambda feed, one: one.title,
    "link": lambda feed, one: one.link,
    "id": lambda feed, one: one.id if one is feed else one.guid,
    "guid": lambda feed, one: one.guid,
    "author": lambda feed, one: one.author,
    "author_detail.name": lambda feed, one: one.author,
    "tags.0.term": lambda feed, one: one.categories[0] if one.categories else "",
    "category": lambda feed, one: one.categories[0] if one.categories else "",
    "language": lambda feed, one: one.language,
    "rights": lambda feed, one: one.rights,
    "source.title": lambda feed, one: one.origin_title,
    "enclosures.0.href": lambda feed, one: one.enclosures[0].url if one.enclosures else "",
    "description": lambda feed, one: bounds.summary_of(one.html) if one.html else one.summary,
    "summary": lambda feed, one: one.summary,
}
_OF_ITEMS = {"guid", "author", "author_detail.name", "tags.0.term", "category", "source.title", "enclosures.0.href",
             "description", "summary"}  # fmt: skip


def agrees(file: Path, feed: ParsedFeed, whose: str, key: str, value: str) -> bool:
    one = feed if whose == "feed" else feed.items[0] if feed.items else None
    got = OURS[key](feed, one) if one is not None else None
    if key in ("link", "enclosures.0.href"):
        return got == bounds.address(value, feed.link or URL) or got == bounds.address(value, URL)
    wanted = bounds.unwrapped(bounds.words(value, 2000))
    return (got or "") in (wanted, value) or " ".join((got or "").split()) == " ".join(value.split())


def test_what_feedparser_expects_of_itself(material: Path) -> None:
    right, wrong = 0, []
    for file, whose, key, value in expectations(material / "corpus" / "expect"):
        if whose == "feed" and key in _OF_ITEMS:
            continue
        header = HEADER.search(file.read_bytes())
        try:
            feed = parsed(file.read_bytes(), content_type=header[1].decode("latin-1").strip() if header else None)
            fits = agrees(file, feed, whose, key, value)
        except ParseError as error:
            fits = False
            value = f"{value} ({error})"
        right += fits
        wrong += [] if fits else [f"{file.parent.name}/{file.name} {whose} {key}: {value!r}"]
    print(f"{right} of {right + len(wrong)} of feedparser's expectations, {right / (right + len(wrong)):.2%}")
    print("\n".join(wrong))
    assert right / (right + len(wrong)) >= AGREEMENT, wrong
