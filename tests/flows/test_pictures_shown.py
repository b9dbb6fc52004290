"""Stored pictures where readers meet them: page, list, feeds, and their own address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.flows.conftest import Answer, Home, Origin, rss
from tests.ingest.test_pictures import a_picture

LOCAL = "current-news/hot-news/local"


def test_a_stored_picture_on_the_page_in_the_feeds_and_by_itself(
    small: Home, origin: Origin, chromium: Any, tmp_path: Path
) -> None:
    origin.answers["/a.jpg"] = Answer(a_picture(size=(900, 600), colour="teal"), "image/jpeg")
    body = f'<p>桥上的灯在傍晚亮起来了，行人放慢了脚步。</p><img src="{origin.url("/a.jpg")}" alt="桥与河">'
    origin.answers["/feed.xml"] = Answer(rss(("1", "http://news.example/1", "桥上的灯", body)))
    url = origin.url("/feed.xml")
    small.start()
    small.run(
        *("source", "add", url, "--key", "p", "--section", LOCAL, "--policy", "auto", "--language", "zh"),
        *("--kind", "feed", "--pictures", "store", "--yes"),
    )
    small.wait(lambda: "桥上的灯" in small.titles())
    item = next(one for one in json.loads(small.get(f"/json/{LOCAL}.json").body)["items"] if one["title"] == "桥上的灯")
    address = item["image"]
    assert address.startswith(f"{small.base}/media/")
    assert f'src="{address}" alt="桥与河" width="900" height="600"' in item["content_html"]
    assert address in small.get(f"/rss/{LOCAL}.xml").text
    alone = small.get(address.removeprefix(small.base))
    assert alone.status == 200
    assert alone.headers["content-type"] in ("image/jpeg", "image/png")
    assert alone.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in alone.headers["content-security-policy"]
    assert "immutable" in alone.headers["cache-control"]
    assert small.get("/media/" + "0" * 64).status == 404
    page = chromium.new_page(viewport={"width": 390, "height": 900})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for place in (item["url"], f"{small.base}/sections/{LOCAL}/"):
        page.goto(place, wait_until="networkidle")
        page.screenshot(path=tmp_path / "page.png", full_page=True)
        shown = page.evaluate(
            "[...document.querySelectorAll('main img, img[src*=media]')].map(one => one.naturalWidth)"
        )
        assert shown, place
        assert all(shown), place
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert all(one.startswith(small.base) for one in asked), asked
    page.close()
    small.run("article", "withdraw", item["url"].rpartition("/")[2], "--reason", "test")
    assert small.get(address.removeprefix(small.base)).status == 404
