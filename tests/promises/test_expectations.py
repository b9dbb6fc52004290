"""feedparser's own cases, as far as they ask for what an item or a feed of ours has (corpus, expect/)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from feedhub.errors import ParseError
from feedhub.ingest import bounds
from feedhub.model.item import ParsedFeed
from tests.ingest.parsing import parsed

EXPECT = re.compile(rb"Expect:\s+(.*)")
HEADER = re.compile(rb"Header:\s+Content-type:\s*(.*)", re.I)
ASKED = re.compile(r"^(?:not bozo and )?(feed|entries\[0\])((?:\[[^\]]+\])+) == u?(['\"].*['\"])$")
# Where feedparser's own cases were served: what has no base is resolved against that.
SERVED = "http://127.0.0.1:8097/tests/"
ON_PURPOSE = {
    "atom/entry_author_map_author.xml": "the address of a person is not shown",
    "atom10/entry_author_map_author.xml": "the address of a person is not shown",
    "atom10/entry_category_term.xml": "a category is called by its label, which is for people (RFC 4287 §4.2.2.3)",
    "atom10/entry_category_term_non_ascii.xml": "a category is called by its label",
    "atom10/entry_summary_base64.xml": "a summary is text or markup, bytes are none (RFC 4287 §3.1.1)",
    "base/http_entry_id_base_content_location.xml": "an id is kept as it was written: it is no address (SEMANTICS 9)",
    "base/http_entry_id_base_docuri.xml": "an id is kept as it was written",
    "base/http_feed_id_base_content_location.xml": "an id is kept as it was written",
    "lang/http_content_language.xml": "servers say Content-Language by default, whatever the text is in",
    "sanitize/xml_declaration_unexpected_character.xml": "markup of a DOCTYPE alone has no words",
}


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
        return got == bounds.address(value, feed.link or SERVED) or got == bounds.address(value, SERVED)
    wanted = bounds.unwrapped(bounds.words(value, 2000))
    return (got or "") in (wanted, value) or " ".join((got or "").split()) == " ".join(value.split())


def test_what_feedparser_expects_of_itself(material: Path) -> None:
    """All of it, but for the cases that are named with the reason why."""
    right, wrong = 0, {}
    for file, whose, key, value in expectations(material / "corpus" / "expect"):
        if whose == "feed" and key in _OF_ITEMS:
            continue
        header = HEADER.search(file.read_bytes())
        kind = header[1].decode("latin-1").strip() if header else None
        try:
            fits = agrees(file, parsed(file.read_bytes(), content_type=kind, url=SERVED), whose, key, value)
        except ParseError as error:
            fits, value = False, f"{value} ({error})"
        right += fits
        if not fits:
            wrong[f"{file.parent.name}/{file.name}"] = f"{whose} {key}: {value!r}"
    print(f"{right} of {right + len(wrong)} of feedparser's expectations, {right / (right + len(wrong)):.2%}")
    assert set(wrong) == set(ON_PURPOSE), wrong
