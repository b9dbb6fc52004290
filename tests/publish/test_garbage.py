"""Garbage in, valid out: whatever feed of others can be taken in is republished by us without a fault in it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from feedhub.basics.digests import digest
from feedhub.errors import HostileDocument, NotAFeed
from feedhub.ingest.promote import Identity, article_from_item
from feedhub.model.article import Article
from feedhub.model.feed import FORMATS
from feedhub.model.ids import public_id
from feedhub.model.item import ParsedFeed
from feedhub.publish.document import assemble
from feedhub.publish.fragments import fragment
from feedhub.publish.views import make_view
from tests.ingest.parsing import NOW, parsed
from tests.kit import a_source
from tests.publish.material import INSTALLATION, PORTAL, STYLE
from tests.publish.valid import errors

HEALTH = PORTAL.sections()["life/health"]
IDENTITY = Identity(PORTAL.id_authority, INSTALLATION)


def republished(feed: ParsedFeed) -> list[Article]:
    """The articles of a feed's items, as its first poll under `auto` makes them; one without a date is of now."""
    source = a_source("others", sections=(HEALTH.id,))
    made: dict[str, Article] = {}
    for place, item in enumerate(feed.items):
        it = article_from_item(
            item, source, sections=(HEALTH.id,), published=item.published or NOW - timedelta(seconds=place),
            identity=IDENTITY, site_link=feed.link, now=NOW,
        )  # fmt: skip
        if it.id in made:
            own = digest("entry", str(place))[:16]
            it = replace(it, id=own, public_id=public_id(own, PORTAL.id_authority, INSTALLATION))
        made[it.id] = it
    return list(made.values())[:150]


def judged(file: Path) -> list[str] | None:
    """What is wrong with our three documents of it; None where the file is no feed that can be taken in."""
    try:
        feed = parsed(file.read_bytes())
    except (NotAFeed, HostileDocument):
        return None
    articles = republished(feed)
    wrong = []
    for format_ in FORMATS:
        view = make_view(PORTAL, HEALTH, articles, generation=1, changed_at=NOW)
        pieces = [fragment(it, PORTAL, format_) for it in articles]
        body = assemble(view, pieces, format_, STYLE, last_modified=NOW).body
        wrong += [f"{file}: {format_}: {one.name}: {one.where}" for one in errors(body, format_)]
    return wrong


def all_files(material: Path) -> list[Path]:
    corpus = material / "corpus"
    if not corpus.is_dir():
        pytest.skip(f"there is no corpus in {material}")
    return sorted(path for path in corpus.rglob("*") if path.is_file() and path.parent != corpus)


def count(files: list[Path]) -> Counter[str]:
    outcomes: Counter[str] = Counter()
    wrong: list[str] = []
    for file in files:
        found = judged(file)
        outcomes["no feed" if found is None else "invalid" if found else "valid"] += 1
        wrong += found or []
    assert not wrong, "\n".join(wrong[:40])
    return outcomes


def test_a_sample_of_others_feeds_is_valid_in_three_formats(material: Path) -> None:
    assert count(all_files(material)[::40])["valid"] > 40


@pytest.mark.long
def test_all_of_others_feeds_are_valid_in_three_formats(material: Path) -> None:
    outcomes = count(all_files(material))
    print(f"garbage in, valid out: {dict(outcomes)}")
    assert outcomes["valid"] > 2000
