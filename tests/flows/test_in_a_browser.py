"""Every page in a real browser: it renders, runs no script of anybody else's, and loads nothing from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.axe import AXE, violations
from tests.flows.conftest import Home

LOCAL = "current-news/hot-news/local"
PAGES = (
    "/",
    "/rss/",
    f"/sections/{LOCAL}/",
    "/articles/sample-zh-xiangjiang",
    "/rss/zh/",
    f"/rss/subscribe/{LOCAL}",
    "/search?q=%E6%B9%98%E6%B1%9F&language=zh",
    f"/rss/{LOCAL}.xml",
    f"/atom/{LOCAL}.xml",
)

# What is on the page for a person: the text of elements that take up room (XML documents have no innerText).
SHOWN = """[...document.querySelectorAll('*')]
  .filter(node => node.getClientRects().length && !node.children.length).map(node => node.textContent).join('\\n')"""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_whole_and_loads_nothing_from_elsewhere(
    shipped: Home, chromium: Any, path: str, tmp_path: Path
) -> None:
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    asked: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    answer = page.goto(shipped.base + path, wait_until="load")
    assert answer.status == 200
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        assert len(page.evaluate(SHOWN)) > 200
        if not path.endswith(".xml"):
            overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overflow <= 0, "nothing sticks out at the side"
        picture = tmp_path / f"{width}.png"
        page.screenshot(path=picture)
        assert picture.stat().st_size > 10_000
    assert all(url.startswith(shipped.base) for url in asked), asked
    assert not troubles
    page.close()


@pytest.mark.long
def test_axe_finds_nothing_on_the_shipped_portal(shipped: Home, chromium: Any) -> None:
    items = json.loads(shipped.get("/json/all.json?limit=500").body)["items"]
    articles = [item["url"].removeprefix(shipped.base) for item in items if item["url"].startswith(shipped.base)]
    assert len(articles) >= 30
    column = ("/rss/", "/rss/zh/", f"/rss/subscribe/{LOCAL}", "/rss/zh/subscribe/all", "/rss/embed", "/rss/zh/embed")
    page = chromium.new_page()
    for path in ("/", *column, f"/sections/{LOCAL}/", "/sections/e-government/", f"/embed/{LOCAL}", *articles):
        page.goto(shipped.base + path)
        page.evaluate(AXE)
        for width, scheme in ((1280, "light"), (390, "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            assert not violations(page), f"{path} {width} {scheme}"
            assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.close()


def test_a_feed_is_a_readable_page_and_its_markup_is_not(shipped: Home, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{shipped.base}/rss/{LOCAL}.xml")
    shown = page.evaluate(SHOWN)
    title = json.loads(shipped.get(f"/json/{LOCAL}.json").body)["items"][0]["title"]
    assert title in shown
    assert "<p>" not in shown, "the full text in its markup is not what a person wants to see"
    assert "tag:enghengyang" not in shown
    page.close()


def test_the_text_size_is_a_control_that_works(shipped: Home, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{shipped.base}/articles/sample-zh-xiangjiang")
    size = "parseFloat(getComputedStyle(document.querySelector('article .body p')).fontSize)"
    before = page.evaluate(size)
    page.get_by_label("Large text").click()
    assert page.evaluate(size) > before
    page.close()


def test_a_page_names_the_feeds_of_its_section_and_of_all_above(shipped: Home, chromium: Any) -> None:
    page = chromium.new_page()
    page.goto(f"{shipped.base}/sections/{LOCAL}/")
    found = page.eval_on_selector_all(
        "link[rel=alternate][type]", "nodes => nodes.map(n => [n.type, new URL(n.href).pathname])"
    )
    for section in (LOCAL, "current-news/hot-news", "current-news", "all"):
        assert ["application/rss+xml", f"/rss/{section}.xml"] in found
        assert ["application/atom+xml", f"/atom/{section}.xml"] in found
        assert ["application/feed+json", f"/json/{section}.json"] in found
    page.close()
