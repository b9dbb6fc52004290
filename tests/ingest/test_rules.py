"""A source's rules: which matches, in which order, and what becomes of items and their entries."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from feedhub.ingest.decide import Rules
from feedhub.ingest.dry_run import judge_stored
from feedhub.ingest.review import accept_entry
from feedhub.ingest.rules import apply_rules, rule_words
from feedhub.model.item import Enclosure
from feedhub.model.rule import Rule
from feedhub.model.safehtml import make_safe
from feedhub.model.source import Source
from feedhub.store.article_reads import list_articles
from feedhub.store.engine import Store
from feedhub.store.entries import get_entry
from tests.ingest.conftest import IDENTITY, Bring, an_item
from tests.kit import LOCAL, NOW, a_source, sections

LATER = NOW + timedelta(hours=1)


def a_rule(action: str, **values: Any) -> Rule:
    return Rule(action=action, **({"fields": ("title", "summary", "text")} | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (a_rule("drop", reason="advert", any=("a", "b")), "drop advert, where title or summary or text has a or b"),
        (a_rule("route", fields=("link",), sections=("x", "y"), pattern="/h/"), "route to x, y, where link fits /h/"),
        (a_rule("rewrite", fields=("title",), pattern="^a", replacement="b"), "rewrite as 'b', where title fits ^a"),
    ],
)
def test_a_rule_is_shown_as_it_acts(rule: Rule, words: str) -> None:
    assert rule_words(rule) == words


def ruled_by(*rules: Rule, **values: Any) -> Source:
    return a_source(rules=rules, **values)


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        (a_rule("drop", any=("推广",)), "title has '推广'"),
        (a_rule("drop", any=("ＡＤＶＥＲＴＩＳＥ",)), "summary has 'ＡＤＶＥＲＴＩＳＥ'"),
        (a_rule("drop", any=("nothing", "sponsored by")), "text has 'sponsored by'"),
        (a_rule("drop", pattern=r"^\d+ things"), "summary fits '^\\\\d+ things'"),
        (a_rule("drop", fields=("link",), pattern=r"/sports?/"), "link fits '/sports?/'"),
        (a_rule("drop", fields=("author",), any=("editor",)), "author has 'editor'"),
        (a_rule("drop", fields=("category",), any=("sport",)), "category has 'sport'"),
        (a_rule("drop", fields=("language",), pattern="^en"), "language fits '^en'"),
        (a_rule("drop", fields=("guid",), pattern="^guid-"), "guid fits '^guid-'"),
        (a_rule("drop", fields=("origin",), any=("新华社",)), "origin has '新华社'"),
        (a_rule("drop", fields=("file",), pattern=r"\.mp3$"), r"file fits '\\.mp3$'"),
        (a_rule("drop", fields=("title",), any=("sponsored",)), None),
        (a_rule("drop", fields=("text",), any=("<p>",)), None),
        (a_rule("drop", any=("__class__", "{0.__init__}")), None),
    ],
)
def test_a_rule_sees_the_fields_it_names(rule: Rule, why: str | None) -> None:
    item = an_item(
        title="商家推广",
        summary="7 things to advertise",
        html=make_safe("<p>This was <b>sponsored</b> by nobody.</p>"),
        link="http://site.example/sport/1.html",
        author="Night Editor",
        categories=("Local", "Sports"),
        origin_title="新华社",
        enclosures=(Enclosure("http://site.example/a.mp3", "audio/mpeg"),),
    )
    verdict = apply_rules(item, ruled_by(rule)).verdict
    assert (verdict.note if verdict else None) == why


def test_order_decides_and_keep_ends_the_list() -> None:
    keep = a_rule("keep", fields=("category",), any=("official",))
    drop = a_rule("drop", any=("story",), reason="advertorial")
    official = an_item(categories=("Official",))
    assert apply_rules(official, ruled_by(keep, drop)).verdict is None
    dropped = apply_rules(official, ruled_by(drop, keep))
    assert dropped.verdict is not None
    assert (dropped.verdict.rule, dropped.verdict.note) == ("rules[0]", "advertorial: title has 'story'")
    assert dropped.applied == ("rules[0] drop",)


def test_tag_rewrite_and_route_each_see_what_came_before() -> None:
    source = ruled_by(
        a_rule("rewrite", fields=("title",), pattern=r"^\[?(\w+)\]\s*", replacement=r"\1: "),
        a_rule("tag", fields=("title",), any=("health:",), tags=("Medicine", "Life")),
        a_rule("route", fields=("category",), any=("medicine",), sections=("life/health",)),
        a_rule("route", fields=("link",), pattern="site", sections=("life",)),
    )
    ruled = apply_rules(an_item(title="[Health] Sleep more", categories=("Life",)), source)
    assert ruled.item.title == "Health: Sleep more"
    assert ruled.item.categories == ("Life", "Medicine")
    assert ruled.sections == ("life/health", "life")
    assert apply_rules(an_item(link=None), source).sections == (LOCAL,)


def test_what_rewrite_makes_is_as_clean_as_before() -> None:
    def rewritten(field: str, pattern: str, replacement: str) -> Any:
        rule = a_rule("rewrite", fields=(field,), pattern=pattern, replacement=replacement)
        return apply_rules(an_item(author="A", categories=("x", "y"), language="en"), ruled_by(rule)).item

    assert "script" not in str(rewritten("text", "long", "<script>alert(1)</script>").html)
    assert "<b>told</b>" in str(rewritten("text", "told", "<b>told</b>").html)
    assert rewritten("link", "^http://.*", "javascript:alert(1)").link == "http://site.example/1.html"
    assert rewritten("link", "^http:", "https:").link == "https://site.example/1.html"
    assert rewritten("title", "Story", "\x00\x1b").title == "1"
    assert rewritten("language", "^.*", "no language at all").language == "en"
    assert rewritten("language", "^.*", "zh_cn").language == "zh-CN"
    assert rewritten("author", "^.*", "").author is None
    assert rewritten("category", "x", "y").categories == ("y",)


def test_dropped_items_are_entries_an_editor_can_still_take(store: Store, bring: Bring) -> None:
    source = ruled_by(a_rule("drop", any=("广告",), reason="advertorial"))
    advert = an_item("1", title="广告 Story 1")
    (line, other) = bring(source, [advert, an_item("2")])
    assert (line.outcome, line.reason, line.rule) == ("filtered", "dropped_by_rule", "rules[0]")
    assert other.outcome == "published"
    (line,) = bring(source, [replace(advert, title="广告 Story 1 again")])
    assert (line.outcome, line.reason) == ("unchanged", "filtered_before")
    # The same text from elsewhere is that source's own affair.
    (line2,) = bring(a_source("s2"), [replace(advert, guid="x")])
    assert line2.outcome == "published"
    with store.write() as tx:
        assert get_entry(tx, str(line.entry_id)).state == "filtered"
        taken = accept_entry(tx, str(line.entry_id), tree=sections(), identity=IDENTITY, now=NOW, by="editor")
    assert taken.state == "published"


def test_hold_holds_new_items_and_later_revisions(store: Store, bring: Bring) -> None:
    source = ruled_by(a_rule("hold", any=("rumour",)))
    (line, other) = bring(source, [an_item("1", title="A rumour"), an_item("2")])
    assert (line.outcome, line.reason, line.rule) == ("held", "held_by_rule", "rules[0]")
    assert other.outcome == "published"
    (line,) = bring(source, [an_item("2", title="Story 2, a rumour")], now=LATER)
    assert (line.outcome, line.reason, line.rule) == ("held", "revision_held", "rules[0]")
    with store.read() as tx:
        assert [piece.title for piece in list_articles(tx)] == ["Story 2"]


def test_a_routed_item_stands_where_it_was_routed(store: Store, bring: Bring) -> None:
    source = ruled_by(a_rule("route", fields=("category",), any=("health",), sections=("life/health",)))
    bring(source, [an_item("1", categories=("Health",)), an_item("2")])
    with store.read() as tx:
        assert {piece.title: piece.sections for piece in list_articles(tx)} == {
            "Story 1": ("life/health",),
            "Story 2": (LOCAL,),
        }


def test_rules_survive_the_store(store: Store, bring: Bring) -> None:
    from feedhub.store.sources import get_source

    source = ruled_by(a_rule("tag", pattern=r"x\d", tags=("T",)), a_rule("drop", any=("a",)))
    bring(source, [])
    with store.read() as tx:
        assert get_source(tx, "s1").rules == source.rules


def test_rules_are_tried_on_what_is_stored_and_change_nothing(store: Store, bring: Bring) -> None:
    bring(a_source(), [an_item("1"), an_item("2", title="A rumour")])
    stricter = ruled_by(a_rule("hold", any=("rumour",), reason="unproved"))
    with store.read() as tx:
        judged = judge_stored(tx, stricter, Rules(sections(), "any"), limit=10)
        assert [(entry.item.title, decision.outcome, decision.rule, decision.note) for entry, decision in judged] == [
            ("A rumour", "held", "rules[0]", "unproved: title has 'rumour'"),
            ("Story 1", "published", "source.policy", ""),
        ]
        assert {entry.state for entry, _ in judged} == {"published"}
