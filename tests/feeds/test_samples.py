"""The texts we ship: thirty sample articles, a drop folder of feeds, the stylesheet and the mark."""

from __future__ import annotations

import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import feedparser
import podcast_picture
import pytest
import yaml
from lxml import etree
from PIL import Image, ImageChops

FEEDS = Path(__file__).resolve().parents[2] / "feeds"
ARTICLES = sorted((FEEDS / "articles").glob("*.md"))
FOOTER = "*Sample article written for FeedHub; it is not an official text of the portal.*"
REQUIRED = {"id", "title", "section", "published", "source", "licence", "language", "summary", "categories"}


def front_matter(path: Path) -> tuple[dict[str, Any], str]:
    """The fields above the second `---`, and the Markdown below it."""
    _, fields, body = path.read_text(encoding="utf-8").split("---\n", 2)
    loaded = yaml.safe_load(fields)
    assert isinstance(loaded, dict)
    return loaded, body.strip()


def languages_by_section() -> dict[str, list[str]]:
    """The languages each section's feed carries; the portal's own where none are stated."""
    found: dict[str, list[str]] = {}

    def walk(nodes: list[dict[str, Any]]) -> None:
        for node in nodes:
            found[node["id"]] = node.get("languages", ["en"])
            walk(node.get("sections", []))

    walk(yaml.safe_load((FEEDS / "sections.yaml").read_text(encoding="utf-8"))["sections"])
    return found


def test_there_are_thirty_over_at_least_ten_sections_and_every_part_of_the_year() -> None:
    fields = [front_matter(path)[0] for path in ARTICLES]
    assert len(fields) == 30
    assert len({field["id"] for field in fields}) == 30
    assert len({field["section"] for field in fields}) >= 10
    moments = [field["published"] for field in fields]
    assert len(set(moments)) == 30, "two articles share one second"
    assert {moment[:7] for moment in moments} == {f"2026-{month:02d}" for month in range(3, 12)}


@pytest.mark.parametrize("path", ARTICLES, ids=lambda path: path.stem)
def test_an_article_is_well_formed_and_says_that_it_is_a_sample(path: Path) -> None:
    fields, body = front_matter(path)
    assert set(fields) - {"author", "updated"} == REQUIRED
    assert fields["id"].startswith("sample-") and "sample" in fields["categories"]
    assert fields["language"] in languages_by_section()[fields["section"]]
    assert datetime.fromisoformat(fields["published"]).tzinfo is None
    assert fields.get("updated", fields["published"]) >= fields["published"]
    assert fields["summary"] and fields["title"]
    assert body.endswith(FOOTER)
    prose = re.sub(r"https?://\S+", "", body.removesuffix(FOOTER))
    # A Chinese word is about a character and a half.
    words = len(re.findall("[\u4e00-\u9fff]", prose)) // 1.5 if fields["language"] == "zh" else len(prose.split())
    assert 120 <= words <= 350
    assert "http://" not in body and "![" not in body and not re.search(r"<\w", body)


def test_the_drop_folder_mixes_three_kinds_of_feeds() -> None:
    entries: list[tuple[str, str, str]] = []
    for name, version, count in (("partner-sample.xml", "rss20", 6), ("partner-sample-atom.xml", "atom10", 2)):
        parsed = feedparser.parse(io.BytesIO((FEEDS / "inbox" / name).read_bytes()))
        assert (parsed.bozo, parsed.version, len(parsed.entries)) == (False, version, count)
        for entry in parsed.entries:
            assert entry.author == "FeedHub samples" and entry.summary and entry.content[0].value
            assert entry.published.endswith(("+0800", "+08:00"))
            assert "sample" in [tag.term for tag in entry.tags]
            entries.append((entry.id, entry.link, entry.title))
    document = json.loads((FEEDS / "inbox" / "partner-sample.json").read_text(encoding="utf-8"))
    assert document["version"] == "https://jsonfeed.org/version/1.1" and len(document["items"]) == 2
    entries += [(item["id"], item["url"], item["title"]) for item in document["items"]]
    for values in zip(*entries, strict=True):
        assert len(set(values)) == 10, "an id, link or title stands twice"
    assert all(link.startswith("https://partner.example/") for _, link, _ in entries)


def test_the_stylesheet_loads_nothing_from_elsewhere_and_has_the_banner() -> None:
    css = (FEEDS / "style" / "feed.css").read_text(encoding="utf-8")
    assert css.count("{") == css.count("}")
    assert re.findall(r"url\(([^)]*)\)", css) == ['"icon.svg"']
    rules = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    assert "@import" not in rules and "@namespace" not in rules
    assert "This is a web feed. Copy its address into a feed reader." in rules and "订阅源" in rules
    assert "prefers-color-scheme: dark" in rules and "max-width: 46rem" in rules


def test_the_picture_of_podcasts_is_what_directories_take_and_what_its_program_draws(tmp_path: Path) -> None:
    file = FEEDS / "style" / "podcast.png"
    with Image.open(file) as shipped, podcast_picture.draw() as drawn:
        assert (shipped.format, shipped.mode) == ("PNG", "RGB"), "nothing transparent"
        assert shipped.width == shipped.height
        assert 1400 <= shipped.width <= 3000
        assert not ImageChops.difference(shipped, drawn).getbbox()
    assert file.stat().st_size < 60_000


def test_the_mark_is_a_plain_drawing_and_a_picture_of_144_pixels() -> None:
    drawing = etree.fromstring((FEEDS / "style" / "icon.svg").read_bytes())
    for element in drawing.iter(etree.Element):
        assert etree.QName(element).localname in {"svg", "rect", "circle", "path", "g"}
        assert not any(name.startswith("on") or name.endswith("href") for name in element.attrib)
    picture = (FEEDS / "style" / "icon.png").read_bytes()
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    assert (int.from_bytes(picture[16:20], "big"), int.from_bytes(picture[20:24], "big")) == (144, 144)
    assert len(picture) < 20_000
