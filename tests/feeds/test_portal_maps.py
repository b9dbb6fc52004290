"""feeds/portal/ against the real article headers: every address finds its section, every label its source."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

FEEDS = Path(__file__).resolve().parents[2] / "feeds"

ADDRESS = re.compile(
    r"^https?://(?:www\.)?(?:eng\.hengyang|enghengyang)\.gov\.cn/(?P<path>.+?)/"
    r"(?:(?P<ym>\d{6})/t(?P<d1>\d{8})_(?P<id1>\d+)|(?P<d2>\d{8})/i(?P<id2>\d+))\.html$"
)

# The portal's own slip, kept in its addresses for ever; the menu spells it right.
MISSPELT = {"Infrastucture Projects": "Infrastructure Projects"}

# The label as it stands on an article → the source it names (None: unknown).
LABELS = {
    "": None,
    "hy": None,
    "e-Government": None,
    "衡阳新闻网": "衡阳新闻网",
    "www.e0734.com": "衡阳新闻网",
    "衡阳党政门户网": "衡阳党政门户网",
    "衡阳市党政门户网": "衡阳党政门户网",
    "衡阳市电子政务办": "衡阳市电子政务办",
    "湖南省人民政府网": "湖南省人民政府网",
    "湖南省政府网": "湖南省人民政府网",
    "湖南政府网": "湖南省人民政府网",
    "新华网": "新华网",
}


def load(name: str) -> Any:
    return yaml.safe_load((FEEDS / name).read_text(encoding="utf-8"))


def titles_by_id(nodes: list[dict[str, Any]], above: tuple[str, ...] = ()) -> dict[str, tuple[str, ...]]:
    """English titles from the column down, by section id."""
    found: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        path = (*above, node["title"]["en"])
        found[node["id"]] = path
        found |= titles_by_id(node.get("sections", []), path)
    return found


@pytest.fixture(scope="module")
def headers(material: Path) -> list[dict[str, Any]]:
    lines = (material / "portal" / "article-headers.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines if line.strip()]


def test_every_address_leads_to_the_section_its_page_names(headers: list[dict[str, Any]]) -> None:
    paths = load("portal/address-map.yaml")["paths"]
    titles = titles_by_id(load("sections.yaml")["sections"])
    assert len(headers) == 77
    for header in headers:
        address = ADDRESS.match(header["url"])
        assert address, header["url"]
        expected = tuple(MISSPELT.get(title, title) for title in header["section_path"])
        assert titles[paths[address["path"]]] == expected, header["url"]


def test_the_map_holds_the_27_paths_seen_and_no_other(headers: list[dict[str, Any]]) -> None:
    seen = {match["path"] for header in headers if (match := ADDRESS.match(header["url"]))}
    assert set(load("portal/address-map.yaml")["paths"]) == seen
    assert len(seen) == 27


def test_the_twelve_labels_name_their_sources(headers: list[dict[str, Any]]) -> None:
    declared = load("portal/source-aliases.yaml")
    resolved: dict[str, str | None] = dict.fromkeys(declared["unknown"])
    for source in declared["sources"]:
        for label in (source["name"], *source["aliases"]):
            assert label not in resolved, f"{label!r} stands for two sources"
            resolved[label] = source["name"]
    assert resolved == LABELS
    assert {header["source"] for header in headers} == set(LABELS)


def test_sources_state_every_field() -> None:
    for source in load("portal/source-aliases.yaml")["sources"]:
        assert set(source) == {"name", "en", "url", "feed", "aliases"}
        assert source["url"] is None or re.fullmatch(r"https?://[^/]+/", source["url"])
