"""Whether a document of ours is valid: well-formed, of the schema, and of the rules that no schema can say.

`judge(body, format)` gives every finding by the name of its rule (those of the W3C feed validator where it has one).
Warnings are expected only where `REASONS` says why.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from lxml import etree

from feedhub.basics.text import xml_text
from feedhub.model.feed import Format
from feedhub.publish.feedgen_ext import ATOM
from tests.publish import strict_content as check
from tests.publish.strict_content import Finding
from tests.publish.strict_rss import judge_rss

SCHEMAS = Path(__file__).parent / "schemas"
# The warnings that our feeds may give rise to, and why they stand. docs/feeds.md lists them for partners.
REASONS = {
    "UnknownLength": "RSS must state a length; of one nobody knows it says 0 (SEMANTICS 23)",
    "ContainsHTML": "a title that looks like markup is escaped twice, so that readers of either kind show its text",
    "MissingSourceElement": "a source that has no feed has no id and no date of one (SEMANTICS 7)",
    "DuplicateUpdated": "articles published in the same second say so; their order is by id",
}
_NS = {"a": ATOM}


def judge(body: bytes, format_: Format) -> list[Finding]:
    """Everything wrong or doubtful in a document."""
    if format_ == "json":
        return list(_json(body))
    try:
        text = body.decode("utf-8")
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (UnicodeDecodeError, etree.XMLSyntaxError) as error:
        return [Finding("SAXError", str(error))]
    found = [] if xml_text(text) == text else [Finding("BadCharacters", "characters that readers stumble on")]
    return found + list(judge_rss(root) if format_ == "rss" else _atom(root))


def errors(body: bytes, format_: Format) -> list[Finding]:
    """The errors, and the warnings that no reason is given for."""
    return [one for one in judge(body, format_) if not one.warning or one.name not in REASONS]


@cache
def _relax() -> etree.RelaxNG:
    return etree.RelaxNG(etree.parse(SCHEMAS / "atom.rng"))


@cache
def _json_schema() -> Any:
    return Draft202012Validator(json.loads((SCHEMAS / "jsonfeed.json").read_text("utf-8")))


def _atom(root: etree._Element) -> Iterator[Finding]:
    if not _relax().validate(root):
        yield from (Finding("RelaxNG", str(one)) for one in list(_relax().error_log)[:3])
        return
    if [link.get("rel") for link in root.findall("a:link", _NS)].count("self") != 1:
        yield Finding("MissingSelf", "feed")
    yield from check.instant(root.findtext("a:updated", "", _NS), "feed/updated")
    entries = root.findall("a:entry", _NS)
    for name, times in Counter(entry.findtext("a:id", "", _NS) for entry in entries).items():
        if times > 1:
            yield Finding("DuplicateEntries", name)
    moments = [entry.findtext("a:updated", "", _NS) for entry in entries]
    if len(set(moments)) < len(moments):
        yield Finding("DuplicateUpdated", "entries", warning=True)
    for number, entry in enumerate(entries, start=1):
        yield from _entry(entry, f"entry {number}")


def _entry(entry: etree._Element, where: str) -> Iterator[Finding]:
    links = entry.findall("a:link", _NS)
    if [link.get("rel") for link in links].count("alternate") != 1:
        yield Finding("DuplicateAtomLink", f"{where}: not one alternate")
    yield from check.markup(entry.findtext("a:content", "", _NS), f"{where}/content")
    for name in ("updated", "published"):
        yield from check.instant(entry.findtext(f"a:{name}", "", _NS), f"{where}/{name}")
    source = entry.find("a:source", _NS)
    if source is not None and source.find("a:id", _NS) is None:
        yield Finding("MissingSourceElement", f"{where}/source", warning=True)
    for link in links:
        # A length is of a file; feed readers take rel=enclosure alone for one.
        if link.get("length") and link.get("rel") != "enclosure":
            yield Finding("UnexpectedAttribute", f"{where}/link length")


def _json(body: bytes) -> Iterator[Finding]:
    try:
        read = json.loads(body.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant)
    except ValueError as error:
        yield Finding("JSON", str(error))
        return
    text = body.decode("utf-8")
    if xml_text(text) != text:
        yield Finding("BadCharacters", "characters that readers stumble on")
    broken = list(_json_schema().iter_errors(read))
    if broken:
        yield from (Finding("JSONSchema", f"{one.json_path}: {one.message[:200]}") for one in broken[:3])
        return
    for name, times in Counter(item["id"] for item in read["items"]).items():
        if times > 1:
            yield Finding("DuplicateEntries", name)
    for number, item in enumerate(read["items"], start=1):
        yield from check.markup(item.get("content_html", ""), f"item {number}/content_html")
        for name in ("date_published", "date_modified"):
            yield from check.instant(item[name], f"item {number}/{name}")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError(f"a key stands twice: {[key for key, _ in pairs]}")
    return dict(pairs)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")
