"""What the recogniser makes of pages: the labelled ones of the generator, and some written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from feedhub.errors import NotAFeed
from feedhub.ingest.extract import next_of_pages_call
from feedhub.ingest.list_pages import next_page
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.recognise import recognise
from feedhub.ingest.select import html_page
from feedhub.model.recognised import Proposal, Recognised
from tests.ingest.pages.adversary import a_hard_page
from tests.ingest.pages.generator import a_page
from tests.ingest.pages.judged import HARD_JUDGING, HARD_TUNING, JUDGING, TUNING, judge
from tests.ingest.parsing import a_request, rss

MENU = "<ul class='menu'>" + "".join(f"<li><a href='/c{n}/'>栏目名称{n}</a></li>" for n in range(8)) + "</ul>"


def seen(body: bytes | str, **values: object) -> Recognised:
    return recognise(a_request(body.encode() if isinstance(body, str) else body, kind="recognise", **values))


def page_of(row: Callable[[str, str, str], str], head: str = "") -> str:
    rows = "".join(
        row(f"/a/{n}.html", f"衡阳市召开第{n}次全市重点工作推进会议", f"2026-11-{24 - n:02}") for n in range(12)
    )
    return f"<html><head><title>工作动态</title>{head}</head><body>{MENU}<div class='c'>{rows}</div></body></html>"


def best(body: str) -> Proposal:
    return seen(body).proposals[0]


def test_pages_that_nothing_was_tuned_on() -> None:
    judged = judge(JUDGING[:108])
    assert judged.right >= 0.95 * judged.pages, "\n".join([*judged.wrong, judged.table()])


def test_hard_pages_that_nothing_was_tuned_on() -> None:
    judged = judge(HARD_JUDGING[:64], a_hard_page)
    assert judged.right >= 0.95 * judged.pages, "\n".join([*judged.wrong, judged.table()])


@pytest.mark.long
def test_every_page_that_judges() -> None:
    assert not set(TUNING) & set(JUDGING) and not set(HARD_TUNING) & set(HARD_JUDGING)
    for judged in (judge(JUDGING), judge(HARD_JUDGING, a_hard_page)):
        print(judged.table())
        assert judged.right >= 0.95 * judged.pages, "\n".join([*judged.wrong, judged.table()])


def test_a_page_is_the_same_every_time() -> None:
    assert a_page(7).body == a_page(7).body != a_page(25).body


def test_a_judge_sees_a_wrong_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.ingest.pages.judged.a_page", lambda seed: _mislabelled(seed))
    assert judge(range(3)).right == 0


def _mislabelled(seed: int) -> object:
    from dataclasses import replace

    page = a_page(seed)
    first, *others = page.items
    return replace(page, items=(replace(first, title="Another title"), *others))


def test_a_feed_is_a_feed() -> None:
    found = seen(rss("<item><title>A</title></item>"))
    (proposal,) = found.proposals
    assert (proposal.kind, proposal.total, proposal.title) == ("feed", 1, "T")


def test_a_page_with_feeds_offers_them_before_its_list() -> None:
    links = (
        "<link rel='alternate' type='application/rss+xml' title='全部' href='/rss.xml'>"
        "<link rel='alternate' type='application/atom+xml' href='https://other.example/atom'>"
        "<link rel='alternate' hreflang='en' href='/en/'>"
    )
    found = seen(page_of(lambda url, title, day: f"<p><a href='{url}'>{title}</a><i>{day}</i></p>", links))
    assert [(one.kind, one.url) for one in found.proposals] == [
        ("feed", "http://feeds.example/rss.xml"),
        ("feed", "https://other.example/atom"),
        ("html", "http://feeds.example/feed.xml"),
    ]
    assert found.proposals[0].title == "全部"
    assert found.page == "a page with links to feeds and a list"


def test_a_sitemap_is_a_sitemap() -> None:
    text = (
        "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<url><loc>http://a.example/1</loc></url></urlset>"
    )
    assert [one.kind for one in seen(text).proposals] == ["sitemap"]


def xml_of_its_own(name: str = "bt", numbers: range = range(8)) -> str:
    rows = "".join(
        f"<news id='{n}'><{name}>全市第{n}次重点工作推进会召开</{name}><d:url>/art/{n}.html</d:url>"
        f"<fbsj>2026-11-{n + 1:02} 08:15</fbsj><pic src='/i/{n}.jpg'/></news>"
        for n in numbers
    )
    return f"<?xml version='1.0'?><data xmlns='urn:x' xmlns:d='urn:d'><name>衡阳</name><list>{rows}</list></data>"


def test_a_prefix_of_the_document_is_not_taken_for_another_namespace() -> None:
    document = (
        xml_of_its_own()
        .replace("xmlns:d=", "xmlns:n2=")
        .replace("d:", "n2:")
        .replace("<data xmlns='urn:x'", "<n2:data")
    )
    document = document.replace("</data>", "</n2:data>").replace("<list>", "<list xmlns='urn:x'>")
    proposal = best(document)
    assert proposal.extract is not None
    prefixes = [prefix for prefix, _ in proposal.extract.namespaces]
    assert len(set(prefixes)) == len(prefixes) == 2
    assert proposal.total == 8 and proposal.samples


def test_xml_that_is_neither_feed_nor_sitemap_is_read_by_xpath() -> None:
    proposal = best(xml_of_its_own())
    assert proposal.extract is not None
    assert (proposal.kind, proposal.total, proposal.time_zone, proposal.language) == ("xml", 8, "Asia/Shanghai", "zh")
    assert (proposal.extract.item, proposal.extract.title) == ("/n1:data/n1:list/n1:news", "./n1:bt")
    assert (proposal.extract.link, proposal.extract.date) == ("./d:url", "./n1:fbsj")
    first = proposal.samples[0]
    assert (first.title, first.link) == ("全市第0次重点工作推进会召开", "http://feeds.example/art/0.html")
    assert first.published is not None and first.published.hour == 8


@pytest.mark.parametrize(
    "body",
    [
        "<?xml version='1.0'?><opml><body>"
        + "".join(f"<outline text='The feed of number {n}' xmlUrl='http://a.example/{n}.xml'/>" for n in range(5))
        + "</body></opml>",
        "<?xml version='1.0'?><data><a><b>1</b></a><a><b>2</b></a><a><b>3</b></a></data>",
        "<html><body><h1>Welcome</h1><p>Nothing here.</p></body></html>",
        f"<html><body>{MENU}</body></html>",
        "<html><body><form><input type='password'></form></body></html>",
        '{"items": 3}',
        "%PDF-1.7",
        "",
    ],
)
def test_what_is_no_source_is_refused(body: str) -> None:
    with pytest.raises(NotAFeed):
        seen(body)


def test_the_proposal_is_complete_and_shows_ten_samples() -> None:
    proposal = best(page_of(lambda url, title, day: f"<p><a href='{url}'>{title}</a><i>[{day}]</i></p>"))
    assert proposal.extract is not None
    assert proposal.extract.item == "div.c > p"
    assert (proposal.extract.title, proposal.extract.link, proposal.extract.date) == ("a", "a", "i")
    assert {one.field for one in proposal.guesses} == {"item", "title", "link", "date"}
    assert all(0.9 < one.confidence <= 1 for one in proposal.guesses)
    assert (len(proposal.samples), proposal.total, proposal.time_zone) == (10, 12, "Asia/Shanghai")
    assert str(proposal.samples[0].published) == "2026-11-24 00:00:00+08:00"


def test_of_two_dates_the_later_is_when_it_was_put_here() -> None:
    proposal = best(page_of(lambda u, t, d: f"<p><a href='{u}'>{t}</a><b>2026-01-{d[-2:]}</b><b>{d}</b></p>"))
    assert str(proposal.samples[0].published)[:10] == "2026-11-24"


def test_day_first_is_told_from_month_first() -> None:
    proposal = best(page_of(lambda u, t, d: f"<p><a href='{u}'>{t}</a><b>{d[-2:]}/11/2026</b></p>"))
    assert proposal.extract is not None
    assert proposal.extract.date_forms == ("%d/%m/%Y",)
    assert str(proposal.samples[9].published)[:10] == "2026-11-15"


def test_a_leaf_of_a_calendar_and_a_summary() -> None:
    prose = "全市上下认真落实。" * 5

    def row(url: str, title: str, day: str) -> str:
        leaf = f"<span class='d'><em>{day[-2:]}</em><i>{day[:7]}</i></span>"
        return f"<div>{leaf}<h3><a href='{url}'>{title}</a></h3><p>{prose}</p></div>"

    proposal = best(page_of(row))
    assert str(proposal.samples[0].published)[:10] == "2026-11-24"
    assert proposal.samples[0].summary == prose


def test_a_list_without_dates_is_proposed_with_half_the_confidence() -> None:
    assert best(page_of(lambda url, title, day: f"<p><a href='{url}'>{title}</a></p>")).confidence <= 0.5


def test_a_date_above_a_group_is_that_of_its_items() -> None:
    groups = "".join(
        f"<h3>2026-11-{24 - day}</h3><ul><li><a href='/a/{day}.html'>衡阳市召开第{day}次重点工作推进会</a></li>"
        f"<li><a href='/b/{day}.html'>第{day}批便民服务事项清单公布</a></li></ul>"
        for day in range(5)
    )
    proposal = best(f"<html><body>{MENU}<div class=c>{groups}</div></body></html>")
    assert [str(one.published)[:10] for one in proposal.samples[:3]] == ["2026-11-24", "2026-11-24", "2026-11-23"]


@pytest.mark.parametrize(
    ("pager", "following"),
    [
        ("<a href='?p=2'>下一页</a>", "?p=2"),
        ("[<a href='?p=2'>Older posts »</a>]", "?p=2"),
        ("<a href='?p=2' title='下一页'>&gt;</a>", "?p=2"),
        ("<a href='?p=2'><img alt='下一页'></a>", "?p=2"),
        ("<a class='pn next' href='?p=2'><i></i></a>", "?p=2"),
        ("<b>1</b><a href='?p=2'>2</a><a href='?p=3'>3</a>", "?p=2"),
        ("<li class='active'><a href='?p=1'>1</a></li><li><a href='?p=2'>2</a></li>", "?p=2"),
        ("<script>createPageHTML(5, 0, 'index', 'html')</script>", "index_1.html"),
        ("<script>createPageHTML('pages', 5, 1, 'index', 'html', 90)</script>", "index_2.html"),
        ("<script>createPageHTML('pages', 1, 1, 'index', 'html', 9)</script>", None),
        ("<a href='javascript:next()'>下一页</a>", None),
        ("<a href='/2.html'>2</a>", None),
    ],
)
def test_the_next_page_is_found_in_any_pager(pager: str, following: str | None) -> None:
    page = html_page(f"<html><body><div class='fy'>{pager}</div></body></html>")
    selector, _ = next_page(page, "http://a.example/x/", "http://a.example/x/")
    if following is None:
        assert selector is None
    elif selector == "createPageHTML":
        assert next_of_pages_call(page, "http://a.example/x/") == (f"http://a.example/x/{following}",)
    else:
        assert page.address(selector, "http://a.example/x/") == f"http://a.example/x/{following}"


ROWS = [
    {
        "id": 400_000_000 + n,
        "bt": f"云溪街道第{n}批便民服务事项清单公布",
        "url": f"/v/{n}.html",
        "rq": f"2026-11-{24 - n:02}",
    }
    for n in range(9)
]
MARKUP = "".join(f"<li><a href='{row['url']}'>{row['bt']}</a><span>{row['rq']}</span></li>" for row in ROWS)


@pytest.mark.parametrize(
    ("body", "extract"),
    [
        (
            json.dumps({"code": 0, "data": {"total": 9, "rows": ROWS}}),
            {"item": "data.rows", "title": "bt", "date": "rq"},
        ),
        (json.dumps([{"node": {"fields": row}} for row in ROWS]), None),
        (json.dumps([{"attributes": row} for row in ROWS]), {"item": "@", "link": "attributes.url"}),
        (json.dumps({"d": {"html": f"<ul>{MARKUP}</ul>"}}), {"inside": "d.html", "item": "ul > li", "date": "span"}),
        (json.dumps({"records": MARKUP.split("</li>")[:-1]}), {"inside": "join('', records)", "link": "a"}),
        (f"jQuery3310_12({json.dumps({'list': ROWS})})", {"item": "list", "script": "("}),
        (f"callback({json.dumps(ROWS)});", {"item": "@", "script": "callback("}),
        (
            "<html><script>var q = {a: 1};</script><script>\nvar rows = ["
            + ",".join(f"{{t: '{row['bt']}', u: '{row['url']}', d: '{row['rq']}',}}" for row in ROWS)
            + "];\nshow(rows)</script></html>",
            {"item": "@", "title": "t", "link": "u", "date": "d", "script": "var rows ="},
        ),
        (
            f'<html><div id="app"></div><script type="application/json">{json.dumps({"p": {"posts": ROWS}})}</script>',
            {"item": "p.posts", "script": '<script type="application/json">'},
        ),
    ],
)
def test_lists_in_data_are_recognised(body: str, extract: dict[str, str] | None) -> None:
    if extract is None:
        with pytest.raises(NotAFeed):
            seen(body)
        return
    proposal = best(body)
    assert proposal.kind == "json" and proposal.extract is not None
    assert {name: getattr(proposal.extract, name) for name in extract} == extract
    first = proposal.samples[0]
    assert (first.title, first.link) == (ROWS[0]["bt"], "http://feeds.example/v/0.html")
    assert str(first.published) == "2026-11-24 00:00:00+08:00"
    assert (proposal.total, proposal.time_zone, proposal.confidence) == (9, "Asia/Shanghai", 1.0)


def test_a_link_of_a_script_leads_where_the_script_says() -> None:
    proposal = best(page_of(lambda u, t, d: f"<p><a href='javascript:;' onclick=\"go('{u}')\">{t}</a><i>{d}</i></p>"))
    assert proposal.samples[0].link == "http://feeds.example/a/0.html"


def test_a_page_that_sends_its_readers_on_says_where_to() -> None:
    found = seen("<html><meta http-equiv='REFRESH' content='0; URL=html/2026-11/24/node_1.htm'></html>")
    assert (found.onward, found.proposals) == ("http://feeds.example/html/2026-11/24/node_1.htm", ())


def test_it_runs_in_the_parser_child() -> None:
    page = a_page(3)
    pool = ParserPool(1)
    try:
        request = a_request(page.body, content_type=page.content_type, url=page.url, kind="recognise")
        assert pool.recognise(request) == recognise(request)
    finally:
        pool.close()
