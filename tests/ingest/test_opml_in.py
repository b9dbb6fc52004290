"""OPML of every make is read, outline by outline, and none can cost more than its length (PROMISES 41, 55, 56)."""

from __future__ import annotations

import re
import time
from ipaddress import ip_network
from pathlib import Path

import pytest

from feedhub.errors import HostileDocument, NotAFeed, ParseError
from feedhub.ingest.opml_in import DEEPEST, LARGEST, MOST, Outline, read_opml
from feedhub.ingest.opml_out import sources_opml
from feedhub.ingest.opml_sources import Defaults, ImportedOutline, sources_from_outlines
from feedhub.model.section import Portal
from feedhub.model.source import SourceState
from feedhub.net.address import Reach
from tests.kit import LOCAL, NOW, TREE, a_source

DEFAULTS = Defaults((), "review", "en", "Asia/Shanghai")


def opml(body: str) -> bytes:
    return f'<?xml version="1.0"?>\n<opml version="2.0">\n<body>\n{body}\n</body></opml>'.encode()


def taken(body: str, *here: str, reach: Reach = Reach()) -> list[ImportedOutline]:  # noqa: B008
    present = [a_source(f"s{number}", url=url) for number, url in enumerate(here)]
    return sources_from_outlines(read_opml(opml(body)), present, DEFAULTS, reach)


def outline(url: str, title: str = "T") -> str:
    return f'<outline text="{title}" type="rss" xmlUrl="{url}"/>'


def test_folders_titles_lines_and_entities() -> None:
    (first, second) = read_opml(
        opml(
            "<outline text='News &amp; views'>\n<!-- <outline xmlUrl='http://no.example/'/> -->\n"
            '<outline TEXT=" A&#20013; &mu; " XMLURL=" http://a.example/f?x=1&amp;y=2 " htmlurl="http://a.example/"/>\n'
            "</outline>\n<outline text='A line of text'/>\n<o:outline title='B' xmlUrl='http://b.example/'></o:outline>"
        )
    )
    assert first == Outline(6, "A中 μ", "http://a.example/f?x=1&y=2", "http://a.example/", "", ("News & views",))
    assert (second.line, second.title, second.folders) == (9, "B", ())


def test_quotes_nobody_escaped_are_read_as_they_were_meant() -> None:
    (row,) = read_opml(
        opml(
            '<outline text="The "Daily" Star" description="By <a href="http://x.example/">us</a>, "we"." '
            'xmlUrl="http://a.example/f" type="rss" />'
        )
    )
    assert (row.title, row.url, row.refused) == ('The "Daily" Star', "http://a.example/f", "")


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (outline("javascript:alert(1)"), "[scheme_not_allowed]"),
        (outline("file:///etc/passwd"), "[scheme_not_allowed]"),
        (outline("http://127.0.0.1/feed"), "a loopback address [private_address]"),
        (outline("http://2130706433/"), "[private_address]"),
        (outline("http://[::1]/"), "[private_address]"),
        (outline("http://192.168.1.1/feed"), "[private_address]"),
        (outline("http://169.254.169.254/latest"), "[private_address]"),
        (outline("http://localhost/feed"), "[private_address]"),
        (outline("http://a.localhost/feed"), "[private_address]"),
        (outline("http://a.example:22/"), "[port_not_allowed]"),
        (outline("http://a.example:8081/"), "[port_not_allowed]"),
        (outline("http://me:secret@a.example/"), "[bad_address]"),
        (outline("/feed.xml"), "[bad_address]"),
        (outline("not an address"), "[bad_address]"),
        ('<outline text="T" type="include" url="http://a.example/more.opml"/>', "is not fetched"),
        ('<outline text="T" type="link" url="http://a.example/more.opml"/>', "is not fetched"),
        ('<outline text="T" type="rss" xmlUrl="" htmlUrl="http://a.example/"/>', "source add http://a.example/"),
        ("<outline text=\"T xmlUrl='http://a.example/'/>", "its tag is broken"),
    ],
)
def test_what_cannot_be_a_source_is_refused_with_its_reason(row: str, said: str) -> None:
    report = taken(outline("http://good.example/f") + "\n" + row)
    assert [line.fate for line in report] == ["added", "refused"]
    assert said in report[1].reason
    assert report[1].outline.line == 5


def test_private_networks_that_are_listed_are_taken() -> None:
    reach = Reach((ip_network("127.0.0.0/8"),))
    report = taken(outline("http://127.0.0.1:8001/f") + outline("http://10.0.0.1/f"), reach=reach)
    assert [line.fate for line in report] == ["added", "refused"]


def test_counts_add_up_and_keys_are_distinct() -> None:
    body = "".join(
        outline(url, title)
        for title, url in [
            ("Star", "http://a.example/1"),
            ("Star", "http://a.example/2"),
            ("星", "feed://www.c.example/x"),
            ("Again", "https://www.a.example/1/"),
            ("Known", "http://known.example/f"),
            ("Bad", "ftp://a.example/"),
        ]
    )
    report = taken(body, "https://known.example/f")
    assert [line.fate for line in report] == ["added", "added", "added", "repeated", "known", "refused"]
    sources = [line.source for line in report if line.source]
    assert [(source.key, source.url, source.policy) for source in sources] == [
        ("star", "http://a.example/1", "review"),
        ("star-2", "http://a.example/2", "review"),
        ("c-example", "http://www.c.example/x", "review"),
    ]


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE opml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE opml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE opml SYSTEM "http://127.0.0.1/x.dtd">',
    ],
)
def test_a_document_type_is_refused(declared: str) -> None:
    with pytest.raises(HostileDocument):
        read_opml(f"{declared}<opml>{outline('http://a.example/')}</opml>".encode())


@pytest.mark.parametrize("body", [b"", b"just words", b"<html><body></body></html>", b"<rss></rss>", b"\x00\xff\xfe"])
def test_what_is_no_opml_is_said_to_be_none(body: bytes) -> None:
    with pytest.raises(NotAFeed):
        read_opml(body)


def test_size_depth_and_number_are_bounded() -> None:
    with pytest.raises(ParseError, match="is not read"):
        read_opml(b"<opml>" + b" " * LARGEST)
    deep = "".join(f'<outline text="{n}">' for n in range(300)) + outline("http://a.example/") + "</outline>" * 300
    (row,) = read_opml(opml(deep + ""))
    assert f"deeper than {DEEPEST}" in row.refused
    assert len(row.folders) == DEEPEST
    rows = read_opml(opml('<outline xmlUrl="http://a.example/1"/>' * (MOST + 50)))
    assert len(rows) == MOST + 50
    assert sum(bool(row.refused) for row in rows) == 50


@pytest.mark.parametrize(
    "piece", ['<outline a="', "<!--", '<outline x="1', "<", '<outline text="x">', " a=' ", "<![CDATA["]
)
def test_nothing_costs_more_than_its_length(piece: str) -> None:
    body = ("<opml><outline " + piece * (1_000_000 // len(piece))).encode()
    start = time.perf_counter()
    read_opml(body)
    assert time.perf_counter() - start < 5


def test_encodings_are_those_of_feeds() -> None:
    text = '<?xml version="1.0" encoding="gb2312"?><opml><outline text="衡阳新闻" xmlUrl="http://a.example/"/></opml>'
    assert read_opml(text.encode("gb18030"))[0].title == "衡阳新闻"
    assert read_opml(text.replace("gb2312", "utf-16").encode("utf-16"))[0].title == "衡阳新闻"


def test_what_is_written_is_read_again() -> None:
    portal = Portal("p", "The <Portal>", "en", "Asia/Shanghai", "", "", None, "http://127.0.0.1", TREE, {})
    moved = SourceState(key="b", next_due=NOW, moved_to="https://b.example/new.xml", site_link="http://b.example/")
    sources = [
        (a_source("a", name='A & "B" <c>', url="http://a.example/?x=1&y=2"), SourceState(key="a", next_due=NOW)),
        (a_source("b", url="http://b.example/old.xml"), moved),
        (a_source("f", kind="files", path="inbox", url=None), SourceState(key="f", next_due=NOW)),
    ]
    written = sources_opml(portal, sources, NOW)
    rows = read_opml(written)
    assert [(row.title, row.url, row.home, row.language) for row in rows] == [
        ('A & "B" <c>', "http://a.example/?x=1&y=2", "", "en"),
        ("Source b", "https://b.example/new.xml", "http://b.example/", "en"),
    ]
    assert f'category="/{LOCAL}"'.encode() in written


def test_every_outline_of_the_corpus_is_counted(material: Path) -> None:
    files = sorted((material / "corpus" / "opml").rglob("*.opml"))
    assert files
    for file in files:
        body = file.read_bytes()
        named = len(re.findall(rb"xmlUrl\s*=\s*[\"']\s*[^\"'\s]", body))
        rows = read_opml(body)
        assert (len(rows), [row.refused for row in rows if row.refused]) == (named, []), file.name


def test_the_cases_of_listparser(material: Path) -> None:
    files = sorted((material / "corpus" / "expect" / "listparser").rglob("*.xml"))
    assert files
    for file in files:
        text = file.read_text("utf-8")
        try:
            rows = read_opml(file.read_bytes())
        except NotAFeed:
            # Lists in RDF (FOAF) are another format.
            assert "<opml" not in text, file.name
            continue
        feeds = [line for line in sources_from_outlines(rows, [], DEFAULTS, Reach()) if line.fate == "added"]
        for count in re.findall(r"Eval: len\(result\['feeds'\]\) == (\d+)", text):
            assert len(feeds) == int(count), file.name
        for place, title in re.findall(r"Eval: result\[.feeds.\]\[(\d)\]\[.title.\] == [\"'](\w+)[\"']", text):
            assert feeds[int(place)].outline.title == title, file.name
        for place, url in re.findall(r"Eval: result\[.feeds.\]\[(\d)\]\[.url.\] == [\"']([^\"']+)[\"']", text):
            assert feeds[int(place)].outline.url == url, file.name
