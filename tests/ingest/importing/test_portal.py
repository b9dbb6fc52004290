"""The portal's headers and pages: addresses, dates, joining; with made-up input, and with the real 77."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from feedhub.errors import RecordError
from feedhub.ingest.importing.pieces import InputFile
from feedhub.ingest.importing.portal import id_of_header, read_address, read_header
from feedhub.ingest.importing.portal_page import page_of_text, read_page
from feedhub.ingest.importing.records import ImportContext, article_from_record
from feedhub.model.article import Article, Attribution
from feedhub.store.article_reads import find_article, list_articles, section_articles
from feedhub.store.articles import withdraw_article
from feedhub.store.changes import latest_seq
from feedhub.store.engine import Store
from feedhub.store.tables import changes
from tests.ingest.importing.conftest import NOW, ImportCall

HOST = "http://www.enghengyang.gov.cn"
HEADER: dict[str, Any] = {
    "url": f"{HOST}/SpecialColumn/PictureNews/20240225/i99.html",
    "title": "Geese over the river",
    "source": "hy",
    "date_added": "2023-12-06 11:33:20",
    "section_path": ["not", "used"],
}
PAGE = """-
Special Column
  • Tourism
    • Travel Tips
  • AllDocsList
Geese over  the river |
From:hy | Date Add in:2023-12-06 11:33:20 [A  A] |

First paragraph,
of two lines & <b>.


                 Centred

Sponsored by nobody: a body may say so.
Line a
Line b
Line c
Line d
Line e

Sponsored by the people, undertaken by a school
Co-sponsored by an office
ICP NO:05002289"""


def article(context: ImportContext, **keys: Any) -> Article:
    header = read_header(HEADER | keys, "h.jsonl:1", context)
    return article_from_record(header.record, "h.jsonl:1", context)


class TestHeaders:
    @pytest.mark.parametrize(
        ("url", "key", "path"),
        [
            ("http://eng.hengyang.gov.cn/a/b/201904/t20190413_2828021.html", "t2828021", "a/b"),
            ("http://eng.hengyang.gov.cn/c24019/20200118/i213946.html", "i213946", "c24019"),
            (f"{HOST}/A/B/20200118/i2828021.html", "i2828021", "A/B"),
            ("https://enghengyang.gov.cn/A/20240517/i3373346.html", "i3373346", "A"),
        ],
    )
    def test_four_eras_of_addresses(self, url: str, key: str, path: str) -> None:
        address = read_address(url)
        assert (address.id, address.path) == (key, path)
        assert id_of_header({"url": url}) == key

    @pytest.mark.parametrize(
        ("day", "era", "published", "precision", "updated"),
        [
            # the day in the address: earlier, the same, later than Date Add in
            ("20231205", "t", "2023-12-05T00:00:00+08:00", "day", "2023-12-06T11:33:20+08:00"),
            ("20231206", "t", "2023-12-06T11:33:20+08:00", "second", "2023-12-06T11:33:20+08:00"),
            ("20240225", "t", "2023-12-06T11:33:20+08:00", "second", "2023-12-06T11:33:20+08:00"),
            ("20231205", "i", "2023-12-05T00:00:00+08:00", "day", "2023-12-05T00:00:00+08:00"),
            ("20231206", "i", "2023-12-06T11:33:20+08:00", "second", "2023-12-06T11:33:20+08:00"),
            ("20240225", "i", "2023-12-06T11:33:20+08:00", "second", "2023-12-06T11:33:20+08:00"),
        ],
    )
    def test_the_date_rules(
        self, context: ImportContext, day: str, era: str, published: str, precision: str, updated: str
    ) -> None:
        tail = f"{day[:6]}/t{day}_5.html" if era == "t" else f"{day}/i5.html"
        found = article(context, url=f"{HOST}/tebielanmu/TopNews/{tail}")
        assert (found.published.isoformat(), found.precision) == (published, precision)
        assert found.updated.isoformat() == updated

    def test_days_are_compared_in_the_portals_zone(self, context: ImportContext) -> None:
        """01:00 in Beijing is the day before in UTC."""
        found = article(
            context, url=f"{HOST}/SpecialColumn/PictureNews/20231206/i9.html", date_added="2023-12-06 01:00:00"
        )
        assert (found.published.isoformat(), found.precision) == ("2023-12-06T01:00:00+08:00", "second")

    def test_the_section_is_that_of_the_whole_path(self, context: ImportContext) -> None:
        assert article(context).sections == ("special-column/picturenews",)
        assert article(context).url == HEADER["url"]

    @pytest.mark.parametrize(
        ("keys", "told"),
        [
            ({"url": None}, "url: is missing"),
            ({"url": f"{HOST}/index.html"}, "has none of the forms"),
            ({"url": f"{HOST}/SpecialColumn/PictureNews/20240231/i9.html"}, "20240231 in"),
            ({"url": f"{HOST}/SpecialColumn/PictureNew/20240225/i9.html"}, "near paths: SpecialColumn/PictureNews"),
            ({"url": f"{HOST}/dongtaixinxi/20240225/i9.html"}, "the path 'dongtaixinxi' is not in the address map"),
            ({"date_added": None}, "date_added: is missing"),
            ({"date_added": "6 December"}, "date_added: '6 December' is not a date"),
            ({"date_added": "2023-12-06"}, "date_added: '2023-12-06' has no time of day"),
            ({"title": ""}, "title: is missing"),
            ({"from": "x"}, "from: is not a key"),
        ],
    )
    def test_a_fault_is_named(self, context: ImportContext, keys: dict[str, Any], told: str) -> None:
        with pytest.raises(RecordError) as caught:
            article(context, **keys)
        assert told in str(caught.value)

    def test_another_host_is_refused_where_the_map_names_hosts(self, context: ImportContext) -> None:
        pinned = replace(context, addresses=replace(context.addresses, hosts=frozenset({"enghengyang.gov.cn"})))
        assert article(pinned).id == "i99"
        with pytest.raises(RecordError, match=r"'example\.org' is none of the portal's hosts"):
            article(pinned, url="http://example.org/SpecialColumn/PictureNews/20240225/i99.html")


class TestPages:
    def test_menu_and_footer_are_left_out(self, context: ImportContext) -> None:
        page = page_of_text(PAGE, "p.txt", context.home)
        assert (page.where, page.title, page.label) == ("p.txt:7", "Geese over the river", "hy")
        assert page.added.isoformat() == "2023-12-06T11:33:20+08:00"
        assert page.text == (
            "First paragraph,\nof two lines & <b>.\n\nCentred\n\n"
            "Sponsored by nobody: a body may say so.\nLine a\nLine b\nLine c\nLine d\nLine e"
        )

    @pytest.mark.parametrize(
        "line",
        [
            "From:| Date Add in:2023-12-06 11:33:20 [A  A]",
            "From: | Date Add in: 2023-12-06 11:33:20 [A A] |",
            "From:x  |  Date Add in:2023-12-06 11:33:20",
        ],
    )
    def test_header_lines_as_seen(self, context: ImportContext, line: str) -> None:
        page = page_of_text(f"Title |\n\n{line}\nbody", "p.txt", context.home)
        assert (page.title, page.text) == ("Title", "body")

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("", "is no page of the portal"),
            ("Title\nbody", "is no page of the portal"),
            ("  • Menu\nFrom:x | Date Add in:2023-12-06 11:33:20", "no title stands above"),
            ("T\nFrom:x | Date Add in:2023-13-06 11:33:20", "is not a date"),
        ],
    )
    def test_what_is_no_page_is_said(self, context: ImportContext, text: str, told: str) -> None:
        with pytest.raises(RecordError, match=told):
            page_of_text(text, "p.txt", context.home)


def header_file(folder: Path, *headers: dict[str, Any]) -> Path:
    path = folder / "headers.jsonl"
    path.write_text("".join(json.dumps(header) + "\n" for header in headers))
    return path


def page_file(folder: Path, text: str = PAGE, name: str = "page.txt") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def stored(store: Store, key: str) -> Article:
    with store.read() as tx:
        found = find_article(tx, key)
    assert found is not None
    return found


class TestJoining:
    def test_together_they_are_one_article(self, take_in: ImportCall, tmp_path: Path, store: Store) -> None:
        header_file(tmp_path, HEADER)
        page_file(tmp_path)
        report = take_in(tmp_path, "portal")
        assert (report.new, report.corrected, report.failed) == (1, 0, 0)
        found = stored(store, "i99")
        assert found.html is not None and found.html.startswith(
            "<p>First paragraph,\nof two lines &amp; &lt;b&gt;.</p>"
        )
        assert found.summary.startswith("First paragraph, of two lines & <b>. Centred")
        again = take_in(tmp_path, "portal")
        assert (again.unchanged, again.changed) == (1, False)

    @pytest.mark.parametrize("day", ["20240225/i99", "202312/t20231205_99"])
    def test_a_page_that_comes_later_is_a_correction(
        self, take_in: ImportCall, tmp_path: Path, store: Store, day: str
    ) -> None:
        path = "SpecialColumn/PictureNews" if "i" in day else "tebielanmu/TopNews"
        headers = header_file(tmp_path, HEADER | {"url": f"{HOST}/{path}/{day}.html"})
        page = page_file(tmp_path)
        assert take_in(headers, "portal").new == 1
        assert take_in(page, "portal").corrected == 1
        with store.read() as tx:
            [whole] = list_articles(tx)
            before = latest_seq(tx)
        assert whole.html is not None and "Centred" in whole.html
        # Neither the page, nor the header alone, nor both together change anything now.
        for path_again in (page, headers, tmp_path):
            report = take_in(path_again, "portal")
            assert (report.unchanged, report.changed, report.failed) == (1, False, 0)
        with store.read() as tx:
            assert latest_seq(tx) == before

    def test_a_page_without_a_header_is_an_error(self, take_in: ImportCall, tmp_path: Path) -> None:
        report = take_in(page_file(tmp_path), "portal")
        assert report.failed == 1
        assert "no article has the title 'Geese over the river' and this Date Add in" in str(report.errors[0])

    def test_a_page_of_another_time_is_not_joined(self, take_in: ImportCall, tmp_path: Path, store: Store) -> None:
        header_file(tmp_path, HEADER)
        page_file(tmp_path, PAGE.replace("11:33:20", "11:33:21"))
        report = take_in(tmp_path, "portal")
        assert (report.new, report.failed) == (1, 1)
        assert stored(store, "i99").html is None

    def test_a_page_that_fits_two_headers_is_an_error(self, take_in: ImportCall, tmp_path: Path) -> None:
        header_file(tmp_path, HEADER, HEADER | {"url": HEADER["url"].replace("i99", "i98")})
        page_file(tmp_path)
        report = take_in(tmp_path, "portal")
        assert (report.new, report.failed) == (1, 1)
        assert "the page fits two headers, 'i99' and 'i98'" in str(report.errors[0])

    def test_a_withdrawn_article_stays_withdrawn(self, take_in: ImportCall, tmp_path: Path, store: Store) -> None:
        take_in(header_file(tmp_path, HEADER), "portal")
        with store.write() as tx:
            withdraw_article(tx, "i99", now=NOW, by="ann", reason="wrong")
        assert take_in(page_file(tmp_path), "portal").withdrawn_kept == 1
        assert stored(store, "i99").state == "withdrawn"

    def test_what_is_no_page_is_one_error(self, take_in: ImportCall, tmp_path: Path) -> None:
        header_file(tmp_path, HEADER)
        page_file(tmp_path, "shopping list")
        report = take_in(tmp_path, "portal")
        assert (report.new, report.failed) == (1, 1)


class TestTheRealHeaders:
    @pytest.fixture
    def folder(self, material: Path, tmp_path: Path) -> Path:
        folder = tmp_path / "portal"
        folder.mkdir()
        for name in ("article-headers.jsonl", "seed-page.txt"):
            shutil.copy(material / "portal" / name, folder)
        return folder

    @pytest.fixture
    def headers(self, folder: Path) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (folder / "article-headers.jsonl").read_text().splitlines()]

    def test_all_77_go_in_and_one_has_a_body(
        self, folder: Path, take_in: ImportCall, store: Store, headers: list[dict[str, Any]], context: ImportContext
    ) -> None:
        report = take_in(folder, "portal")
        assert (report.new, report.failed, report.superseded, report.notes) == (77, 0, 0, ())
        with store.read() as tx:
            found = list_articles(tx, limit=1000)
            everything = section_articles(tx, "all", limit=1000)
            local = section_articles(tx, "current-news/hot-news/local", limit=1000)
        assert {article.id for article in found} == {header["doc_id"] for header in headers}
        assert [article.id for article in found if article.html] == ["i3262150"]
        [whole] = [article for article in found if article.html]
        assert whole.html is not None and whole.html.count("<p>") == 5
        assert whole.html.startswith("<p>In recent years, the Shigu District")
        assert whole.html.endswith("speak out for the people.</p>")
        assert "Sponsored" not in whole.html and "AllDocsList" not in whole.html
        # dates
        assert Counter(article.precision for article in found) == {"day": 22, "second": 55}
        assert all(article.published.isoformat().endswith("+08:00") for article in found)
        assert all(article.updated >= article.published for article in found)
        added = {header["doc_id"]: header["date_added_iso"] for header in headers}
        assert all(
            article.published.isoformat() == added[article.id] for article in found if article.precision == "second"
        )
        # order: newest first by (published, id), whatever the order of arrival
        assert [a.id for a in everything] == [a.id for a in sorted(found, key=lambda a: (a.published, a.id))[::-1]]
        # sections
        assert {section for article in found for section in article.sections} == set(context.addresses.paths.values())
        assert local and all(article.sections == ("current-news/hot-news/local",) for article in local)

    def test_the_labels(
        self, folder: Path, take_in: ImportCall, store: Store, headers: list[dict[str, Any]], context: ImportContext
    ) -> None:
        take_in(folder, "portal")
        with store.read() as tx:
            sources = {article.id: article.source for article in list_articles(tx, limit=1000)}
        assert {key: source.as_seen for key, source in sources.items()} == {
            header["doc_id"]: header["source"] for header in headers
        }
        unknown = [source for source in sources.values() if source.label is None]
        assert {source.as_seen for source in unknown} == {"", "hy", "e-Government"}
        assert sum(source.as_seen == "" for source in unknown) == 17
        assert len({source.as_seen for source in sources.values()}) == 12
        assert len({source.label for source in sources.values()} - {None}) == 5
        assert sources["i3262150"] == Attribution("衡阳新闻网", "http://www.e0734.com/", None, "衡阳新闻网")

    def test_again_writes_no_change(self, folder: Path, take_in: ImportCall, store: Store) -> None:
        take_in(folder, "portal")
        report = take_in(folder, "portal", NOW.replace(year=2027))
        assert (report.unchanged, report.changed) == (77, False)
        with store.read() as tx:
            assert tx.execute(select(func.count()).select_from(changes)).scalar() == 77

    def test_the_order_of_files_and_lines_does_not_matter(
        self, folder: Path, take_in: ImportCall, store: Store, material: Path
    ) -> None:
        lines = (folder / "article-headers.jsonl").read_text().splitlines(keepends=True)
        (folder / "article-headers.jsonl").unlink()
        (folder / "z.jsonl").write_text("".join(lines[:40][::-1]))
        (folder / "a.jsonl").write_text("".join(lines[40:][::-1]))
        assert take_in(folder, "portal").new == 77
        report = take_in(material / "portal", "portal")
        assert (report.unchanged, report.changed, report.failed) == (77, False, 0)

    def test_the_seed_page(self, material: Path, context: ImportContext) -> None:
        path = material / "portal" / "seed-page.txt"
        page = read_page(InputFile(path, "seed-page.txt", "portal", path.stat().st_size), context.home)
        assert page.title.startswith("Three Transformations to Promote")
        assert page.label == "衡阳新闻网"
        assert "Build a strong performance platform and transform" in page.text.split("\n\n")[1]
