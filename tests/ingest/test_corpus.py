"""Feeds that others wrote: every Chinese case comes out right, values agree with other parsers, nothing crashes."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest

from feedhub.basics.urls import web_url
from feedhub.errors import HostileDocument, NotAFeed
from feedhub.model.item import Item, ParsedFeed
from tests.ingest.parsing import URL, parsed

AGREEMENT = {"consensus.json": 0.999, "pairs.json": 0.995}


@pytest.fixture(scope="session")
def corpus(material: Path) -> Path:
    """The folder of feeds."""
    folder = material / "corpus"
    if not folder.is_dir():
        pytest.skip(f"there is no corpus in {material}")
    return folder


def test_the_chinese_cases(corpus: Path) -> None:
    cases = json.loads((corpus / "cjk" / "cases.json").read_text(encoding="utf-8"))
    wrong: list[Any] = []
    for name, case in cases.items():
        feed = parsed((corpus / "cjk" / f"{name}.xml").read_bytes(), content_type=case["content_type"])
        wanted = case["expect"]
        got = {
            "title": feed.title,
            "items": [chinese(item, ask) for item, ask in zip(feed.items, wanted["items"], strict=False)],
        }
        if got != wanted or len(feed.items) != len(wanted["items"]):
            wrong.append((name, feed.encoding, got))
        if name == "dates-cn":
            dateless = [item for item, ask in zip(feed.items, wanted["items"], strict=False) if "date" not in ask]
            assert dateless and all(item.published is None for item in dateless)
    assert not wrong
    assert len(cases) >= 25


def chinese(item: Item, ask: dict[str, str]) -> dict[str, str | None]:
    """The values of an item that a case asks for, in its form."""
    date = item.published and item.published.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    values = {"id": item.guid, "title": item.title, "date": date}
    return {key: values[key] for key in ask}


@pytest.mark.parametrize("name", AGREEMENT)
def test_agreement_with_other_parsers(corpus: Path, name: str) -> None:
    right, wrong = 0, []
    for path, document in json.loads((corpus / name).read_text(encoding="utf-8")).items():
        body = (corpus / document["path"]).read_bytes()
        if document.get("error_expected"):
            with pytest.raises((NotAFeed, HostileDocument)):
                parsed(body, time_zone="UTC")
            continue
        for where, agrees in compared(document, parsed(body, time_zone="UTC")):
            right += agrees
            wrong += [] if agrees else [f"{path} {where}"]
    share = right / (right + len(wrong))
    print(f"{name}: {right} of {right + len(wrong)} item values agree, {share:.2%}")
    assert share >= AGREEMENT[name], wrong


def compared(document: dict[str, Any], feed: ParsedFeed) -> Iterator[tuple[str, bool]]:
    """Each expected item value, and whether we have it; links are listed as written, without a last slash."""
    for number, wanted in enumerate(document.get("items", ())):
        item = feed.items[number] if number < len(feed.items) else Item()
        for key, value in wanted.items():
            if value is None:
                continue
            if key == "link":
                may_be = {(web_url(value, base) or "").rstrip("/") for base in (URL, feed.link or URL)}
                agrees = (item.link or "").rstrip("/") in may_be
            elif key == "date":
                agrees = item.published is not None and int(item.published.timestamp()) == value
            else:
                agrees = " ".join(str(value).split()) == (item.title if key == "title" else item.guid)
            yield f"{number} {key}: {value!r}", agrees


@pytest.mark.long
def test_everything_is_taken_in(corpus: Path) -> None:
    outcomes: Counter[str] = Counter()
    slow: list[tuple[str, float]] = []
    for file in sorted(path for path in corpus.rglob("*") if path.is_file() and path.parent != corpus):
        started = time.monotonic()
        try:
            parsed(file.read_bytes())
            outcomes["feed"] += 1
        except (NotAFeed, HostileDocument) as error:
            outcomes[error.code] += 1
        if (took := time.monotonic() - started) > 5:
            slow.append((str(file), took))
    assert not slow
    assert outcomes["feed"] > 2000
    assert outcomes["hostile_document"] < 10
