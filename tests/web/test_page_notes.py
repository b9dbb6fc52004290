"""An article's page tells what corrections changed, and leads to the same in another language."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from lxml import html

from feedhub.model.safehtml import make_safe
from feedhub.store.article_reads import get_article
from feedhub.store.articles import edit_article, put_article
from tests.kit import LOCAL, NOW, an_article
from tests.web.conftest import Running


def test_the_page_tells_of_corrections_and_twins(start: Callable[..., Running]) -> None:
    running = start()
    with running.site.store.write() as tx:
        put_article(tx, an_article("zh", language="zh", sections=(LOCAL,)), now=NOW, late=False, by="test")
        put_article(tx, an_article("en", translation_of="zh"), now=NOW, late=False, by="test")
        edited = replace(get_article(tx, "en"), title="Better")
        edit_article(tx, edited, ["title"], now=NOW, by="lin", note="The river is the <Xiang>.")
    page = running.get("/articles/en").text
    assert "The river is the &lt;Xiang&gt;." in page
    assert '<a href="' + running.site.portal.base_url + '/articles/zh" hreflang="zh" lang="zh">中文</a>' in page
    assert 'hreflang="en" lang="en">English</a>' in running.get("/articles/zh").text


def test_an_article_without_a_title_has_a_headline_everywhere(start: Callable[..., Running]) -> None:
    """A picture alone, or a short note of a source: the beginning of its text stands for a title, else its day."""
    running = start()
    with running.site.store.write() as tx:
        said = an_article(
            "said", title="", sections=(LOCAL,), published=NOW, html=make_safe("<p>The bridge is open.</p>")
        )
        put_article(tx, said, now=NOW, late=False, by="test")
        drawn = an_article("drawn", title="", sections=("life",), published=NOW, html=make_safe("<p>…</p>"))
        put_article(tx, replace(drawn, html=None, summary=""), now=NOW, late=False, by="test")
    for path in ("/", f"/sections/{LOCAL}/", "/sections/life/", "/rss/", "/search?section=life"):
        page = html.document_fromstring(running.get(path).body)
        assert all(link.text_content().strip() for link in page.xpath("//main//a[starts-with(@href, '/articles/')]"))
    for name, headline in (("said", "The bridge is open."), ("drawn", "2026-11-24")):
        page = html.document_fromstring(running.get(f"/articles/{name}").body)
        assert page.xpath("string(//h1)") == headline
        assert json.loads(page.xpath("string(//script[@type='application/ld+json'])"))["headline"] == headline
