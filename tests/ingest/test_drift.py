"""Every redesign is caught on the first poll and nothing of it is taken; ordinary days are no alarm."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from feedhub.ingest.condition import source_health
from feedhub.ingest.hold import mend_source
from feedhub.model.extract import Extract
from feedhub.model.poll import Poll
from feedhub.ports.web import WebResponse
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from tests.ingest.pages.redesigns import JUDGING, TUNING, judge_days, judge_redesigns
from tests.ingest.polling import Watched
from tests.ingest.test_recognise import seen, xml_of_its_own
from tests.kit import LOCAL, a_source

URL = "http://site.example/xw/"
EXTRACT = Extract(item="ul.l > li", title="a", link="a", date="span")


def test_redesigns_that_nothing_was_tuned_on_are_caught() -> None:
    judged = judge_redesigns(JUDGING[:18])
    assert (judged.caught, judged.junk) == (judged.redesigns, 0), "\n".join(judged.missed)
    assert judged.redesigns > 18 * 20


def test_ordinary_days_are_no_alarm() -> None:
    judged = judge_days(JUDGING[:18])
    assert (judged.alarms, judged.held) == (0, 0), "\n".join(judged.missed)


@pytest.mark.long
@pytest.mark.parametrize("days", [1, 3, 6])
def test_every_page_that_judges(days: int) -> None:
    assert not set(TUNING) & set(JUDGING)
    redesigns, ordinary = judge_redesigns(JUDGING, days), judge_days(JUDGING, days)
    print(redesigns.table(), ordinary.table(), sep="\n")
    assert (redesigns.caught, redesigns.junk) == (redesigns.redesigns, 0), "\n".join(redesigns.missed)
    assert (ordinary.alarms, ordinary.held) == (0, 0), "\n".join(ordinary.missed)


def test_the_judge_sees_a_guard_that_is_blind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("feedhub.ingest.drift.signs_of_page", lambda rows, now, was: ())
    monkeypatch.setattr("feedhub.ingest.drift.signs_of_item", lambda row, was: ())
    judged = judge_redesigns(JUDGING[:2])
    assert judged.caught < judged.redesigns
    assert judged.junk > 0


def page(numbers: range, *, name: str = "l", word: str = "全市重点工作推进会议", host: str = "") -> WebResponse:
    rows = "".join(
        f"<li><a href='{host}/a/{n}.html'>衡阳市召开第{n}次{word}</a><span>2026-11-{n % 24 + 1:02}</span></li>"
        for n in numbers
    )
    menu = "".join(f"<li><a href='/c{n}/'>栏目{n}</a></li>" for n in range(8))
    body = f"<html><body><ul>{menu}</ul><ul class='{name}'>{rows}</ul></body></html>".encode()
    return WebResponse(URL, 200, {"content-type": "text/html; charset=utf-8", "etag": f'"{len(body)}"'}, body)


@pytest.fixture
def watched(store: Store) -> Watched:
    # The pages' dates lie weeks back, which is no matter here: what is stale is tested in test_staleness.py.
    patient = timedelta(days=3650)
    source = a_source(url=URL, kind="html", extract=EXTRACT, language="zh", stale_after=patient)
    return Watched(store, source)


def titles(watched: Watched) -> set[str]:
    with watched.store.read() as tx:
        return {one.item.title for one in list_entries(tx, source="s1", limit=500)}


def word(watched: Watched) -> str:
    return source_health(watched.source, watched.state, watched.clock.now()).name


def assert_halted(watched: Watched, poll: Poll, before: set[str]) -> None:
    assert (poll.outcome, poll.code, poll.lines) == ("failed", "drifted", ())
    assert titles(watched) == before
    assert word(watched) == "drifting"
    assert watched.state.etag is not None, "the validators stay"


def test_a_renamed_class_halts_the_source_and_the_mended_rule_is_proposed(watched: Watched) -> None:
    watched.poll(page(range(12)))
    before, etag = titles(watched), watched.state.etag
    assert (len(before), word(watched)) == (12, "healthy")
    poll = watched.poll(page(range(2, 14), name="list-v2"))
    assert_halted(watched, poll, before)
    assert watched.state.etag == etag
    learned = watched.state.learned
    assert learned is not None
    assert learned.shape is not None, "what was learned stays"
    assert learned.drift is not None
    assert learned.drift.proposed is not None
    assert learned.drift.proposed.item == "ul.list-v2 > li"
    assert len(learned.drift.would_read) == 10
    assert "finds nothing" in learned.drift.signs[0]
    asked = learned.drift
    watched.poll(page(range(2, 14), name="list-v2"))
    assert watched.state.learned is not None
    assert watched.state.learned.drift == asked, "the same page is looked at once"


def test_a_page_that_comes_back_as_it_was_goes_on(watched: Watched) -> None:
    watched.poll(page(range(12)))
    before = titles(watched)
    assert_halted(watched, watched.poll(page(range(12), host="http://ads.example")), before)
    poll = watched.poll(page(range(2, 14)))
    assert (poll.outcome, poll.count("published"), word(watched)) == ("ok", 2, "healthy")
    assert watched.state.learned is not None
    assert watched.state.learned.drift is None


def test_the_same_page_as_before_ends_a_drift_too(watched: Watched) -> None:
    watched.poll(page(range(12)))
    watched.poll(page(range(12), host="http://ads.example"))
    assert watched.poll(page(range(12))).outcome == "same_bytes"
    assert watched.state.learned is not None
    assert (watched.state.learned.drift, word(watched)) == (None, "healthy")


def test_one_item_that_is_unlike_the_others_is_held_and_the_rest_goes_on(watched: Watched) -> None:
    watched.poll(page(range(12)))
    usual = page(range(2, 13))
    advert = "<li><a href='http://ads.example/x'>买房</a><span></span></li>".encode()
    poll = watched.poll(replace(usual, body=usual.body.replace(b"<ul class='l'>", b"<ul class='l'>" + advert)))
    assert poll.outcome == "ok"
    assert [(line.outcome, line.reason, line.rule) for line in poll.lines if line.title == "买房"] == [
        ("held", "unlike_the_others", "guard.drift")
    ]
    assert poll.count("published") == 1
    assert watched.state.learned is not None
    assert watched.state.learned.shape is not None
    assert "ads.example" not in watched.state.learned.shape.hosts, "nothing is learned from it"


def test_a_page_that_never_could_be_read_has_not_drifted(watched: Watched) -> None:
    poll = watched.poll(page(range(12), name="other"))
    assert (poll.code, word(watched)) == ("parse", "failing")


def test_json_that_names_its_fields_otherwise(store: Store) -> None:
    extract = Extract(item="rows", title="t", link="u", date="d")
    watched = Watched(store, a_source(url=URL, kind="json", extract=extract, sections=(LOCAL,), language="zh"))

    def rows(title: str, numbers: range) -> WebResponse:
        said = ",".join(
            f'{{"{title}": "关于第{n}号事项的公告", "u": "/v/{n}.html", "d": "2026-11-{n + 1:02}"}}' for n in numbers
        )
        return WebResponse(URL, 200, {"content-type": "application/json"}, f'{{"rows": [{said}]}}'.encode())

    assert watched.poll(rows("t", range(8))).outcome == "ok"
    halted = watched.poll(rows("headline", range(9))).code
    assert halted == "drifted"
    learned = watched.state.learned
    assert learned is not None and learned.drift is not None and learned.drift.proposed is not None
    assert learned.drift.proposed.title == "headline", "the rule that reads it now is proposed"
    login = WebResponse(URL, 200, {"content-type": "text/html"}, b"<html><form><input type=password></form></html>")
    assert watched.poll(login).code == "drifted"


def test_xml_that_names_its_elements_otherwise(store: Store) -> None:
    found = seen(xml_of_its_own()).proposals[0].extract
    watched = Watched(store, a_source(url=URL, kind="xml", extract=found, language="zh"))

    def said(name: str, numbers: range) -> WebResponse:
        return WebResponse(URL, 200, {"content-type": "text/xml"}, xml_of_its_own(name, numbers).encode())

    assert watched.poll(said("bt", range(8))).count("published") == 8
    assert watched.poll(said("headline", range(9))).code == "drifted"
    learned = watched.state.learned
    assert learned is not None and learned.drift is not None and learned.drift.proposed is not None
    with store.write() as tx:
        mend_source(tx, "s1", learned.drift.proposed, now=watched.clock.now(), by="li")
    assert [line.outcome for line in watched.poll().lines] == ["unchanged"] * 8 + ["published"]


def test_a_sitemap_that_became_a_page_is_halted_and_has_no_rule(store: Store) -> None:
    watched = Watched(store, a_source(url=URL, kind="sitemap", language="zh"))
    rows = "".join(
        f"<url><loc>http://site.example/a/{n}.html</loc><n:news><n:title>第{n}次重点工作推进会</n:title></n:news></url>"
        for n in range(8)
    )
    names = (
        "xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'"
    )
    body = f"<urlset {names}>{rows}</urlset>".encode()
    assert watched.poll(WebResponse(URL, 200, {"content-type": "text/xml"}, body)).count("published") == 8
    assert watched.poll(page(range(12))).code == "drifted"
    learned = watched.state.learned
    assert learned is not None and learned.drift is not None and learned.drift.proposed is None
