"""feeds/sections.yaml against the portal's menu, node by node: titles, order, identifiers, count."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

FEEDS = Path(__file__).resolve().parents[2] / "feeds"

# The three titles the menu states in Chinese, and the identifiers CONTRACT names for them.
CHINESE = {"信息构建": "information-architecture", "可用性": "usability", "语言规范": "language-norms"}


def walk(nodes: list[dict[str, Any]], depth: int = 1) -> Iterator[tuple[int, dict[str, Any]]]:
    """Every node with its depth, parents first, in file order."""
    for node in nodes:
        yield depth, node
        yield from walk(node.get("sections", []), depth + 1)


def menu_paths(material: Path) -> list[tuple[str, ...]]:
    """The titles from the column down for every node of the menu, in menu order, parents first."""
    menu = json.loads((material / "portal" / "menu.json").read_text(encoding="utf-8"))
    third = json.loads((material / "portal" / "third-level.json").read_text(encoding="utf-8"))
    paths: list[tuple[str, ...]] = []
    for column, sections in menu.items():
        paths.append((column,))
        for section in sections:
            paths.append((column, section))
            paths.extend((column, section, leaf) for leaf in third.get(column, {}).get(section, []))
    return paths


def segment(title: str) -> str:
    """The rule of CONTRACT "Section identifiers", written a second time on purpose."""
    if title == "AllDocsList":
        return "all"
    if title in CHINESE:
        return CHINESE[title]
    letters = "".join(c for c in unicodedata.normalize("NFKD", title) if ord(c) < 128)
    return re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    loaded = yaml.safe_load((FEEDS / "sections.yaml").read_text(encoding="utf-8"))
    assert isinstance(loaded, dict)
    return loaded


@pytest.fixture(scope="module")
def nodes(document: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    return list(walk(document["sections"]))


def test_the_tree_is_the_menu_node_by_node(nodes: list[tuple[int, dict[str, Any]]], material: Path) -> None:
    expected = menu_paths(material)
    assert [node["id"] for _, node in nodes] == ["/".join(map(segment, path)) for path in expected]
    for (depth, node), path in zip(nodes, expected, strict=True):
        assert depth == len(path), node["id"]
        language = "zh" if path[-1] in CHINESE else "en"
        assert node["title"][language] == path[-1], node["id"]


def test_counts_are_those_of_the_portal(nodes: list[tuple[int, dict[str, Any]]]) -> None:
    depths = [depth for depth, _ in nodes]
    assert (depths.count(1), depths.count(2), depths.count(3)) == (10, 53, 53)
    assert len({node["id"] for _, node in nodes}) == 116


def test_every_node_has_a_title_in_both_languages(nodes: list[tuple[int, dict[str, Any]]]) -> None:
    for _, node in nodes:
        assert set(node["title"]) == {"en", "zh"}, node["id"]
        assert node["title"]["en"].isascii() and node["title"]["en"].strip(), node["id"]
        assert re.search("[\u4e00-\u9fff]", node["title"]["zh"]), node["id"]


def test_languages_are_stated_only_where_they_differ(nodes: list[tuple[int, dict[str, Any]]]) -> None:
    stated = {node["id"]: node["languages"] for _, node in nodes if "languages" in node}
    assert stated == {
        "current-news": ["en", "zh"],
        "current-news/hot-news": ["en", "zh"],
        "current-news/hot-news/local": ["en", "zh"],
        "all": ["any"],
    }


def test_nothing_has_been_renamed_and_no_key_is_foreign(
    document: dict[str, Any], nodes: list[tuple[int, dict[str, Any]]]
) -> None:
    assert set(document) == {"sections", "former_ids"}
    assert document["former_ids"] == {}
    for _, node in nodes:
        assert set(node) <= {"id", "title", "languages", "podcast", "sections"}, node["id"]
