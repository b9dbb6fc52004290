"""An article's page tells what corrections changed, and leads to the same in another language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

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
