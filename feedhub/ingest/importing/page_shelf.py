"""The portal's pages that wait for their header: read first, so that the order of files does not matter.

A page whose header comes in the same import is its body at once. A page that comes later corrects the article
that its header made.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from feedhub.errors import RecordError
from feedhub.ingest.importing.pieces import InputFile
from feedhub.ingest.importing.portal_page import PageKey, PageText, page_key, read_page
from feedhub.ingest.importing.records import body_of_text
from feedhub.ingest.importing.report import Tally
from feedhub.ingest.reprints import mark_article
from feedhub.model.article import Article
from feedhub.store.article_reads import get_articles
from feedhub.store.engine import Store
from feedhub.store.imports import find_by_title, put_imported


@dataclass(slots=True)
class PageShelf:
    """Pages by title and Date Add in; `joined` says which article took each."""

    pages: dict[PageKey, PageText] = field(default_factory=dict)
    joined: dict[PageKey, str] = field(default_factory=dict)

    def take(self, title: str, added: datetime, article_id: str) -> PageText | None:
        """The page of a header; RecordError when another article has taken it in this import."""
        key = page_key(title, added)
        page = self.pages.get(key)
        if page is None:
            return None
        owner = self.joined.setdefault(key, article_id)
        if owner != article_id:
            raise RecordError(page.where, f"the page fits two headers, {owner!r} and {article_id!r}")
        return page

    def left(self) -> list[PageText]:
        """The pages that no header of this import took."""
        return [page for key, page in self.pages.items() if key not in self.joined]


def read_pages(files: Iterable[InputFile], home: tzinfo, tally: Tally) -> PageShelf:
    """Read every page; one that is none is counted in `tally` as failed."""
    shelf = PageShelf()
    for file in files:
        try:
            page = read_page(file, home)
        except RecordError as error:
            tally.fail(error)
            continue
        key = page_key(page.title, page.added)
        if key in shelf.pages:
            tally.superseded += 1
            tally.note(f"{page.where}: is the same page as {shelf.pages[key].where}; this one counts")
        shelf.pages[key] = page
    return shelf


def put_pages(store: Store, shelf: PageShelf, tally: Tally, now: datetime) -> None:
    """Give the pages that are left to the articles whose headers were taken in before."""
    for page in shelf.left():
        with store.write() as tx:
            named = get_articles(tx, find_by_title(tx, page.title)).values()
            fitting = [article for article in named if _fits(page, article)]
            if len(fitting) != 1:
                tally.fail(RecordError(page.where, _no_article(page, fitting)))
                continue
            article = fitting[0]
            if article.state == "withdrawn":
                tally.count("withdrawn_kept")
                continue
            body, summary = body_of_text(page.text)
            whole = replace(article, html=body, summary=summary)
            kind = put_imported(tx, whole, now=now, by="import")
            mark_article(tx, whole, now)
            tally.count("unchanged" if kind is None else "corrected")


def _fits(page: PageText, article: Article) -> bool:
    """Whether the article's header named this Date Add in, of which a day-precise article kept less."""
    if article.precision == "day":
        return article.published.date() < page.added.date()
    return article.published == page.added


def _no_article(page: PageText, fitting: list[Article]) -> str:
    if fitting:
        return f"the page fits several articles: {', '.join(article.id for article in fitting)}"
    return f"no article has the title {page.title!r} and this Date Add in: import its header first"
