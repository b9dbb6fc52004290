"""What guards hold is held, whatever the policy; what they learn is there at the next poll."""

from __future__ import annotations

from dataclasses import replace

from feedhub.ingest.decide import Rules, decide_new
from feedhub.ingest.further import Gathered
from feedhub.ingest.guards import look
from feedhub.ingest.rules import Ruled, guard_held
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision
from feedhub.model.item import Item
from feedhub.model.learned import Learned
from feedhub.model.source import Source
from tests.kit import NOW, sections

FIRST, SECOND = Decision("held", "one", "guard"), Decision("held", "two", "guard")


def sight() -> Sight:
    gathered = Gathered(feeds=(), items=(), notes=())
    return Sight(source=Source(key="s", name="S"), gathered=gathered, response=None, learned=Learned(), now=NOW)


def test_the_first_guard_to_hold_an_item_gives_the_reason_and_all_notes_are_kept() -> None:
    def one(seen: Sight) -> Findings:
        return Findings(learned=seen.learned, holds={0: FIRST}, notes=("a",))

    def two(seen: Sight) -> Findings:
        return Findings(learned=seen.learned, holds={0: SECOND, 1: SECOND}, notes=("b",))

    found = look(sight(), (one, two))
    assert (found.holds, found.notes) == ({0: FIRST, 1: SECOND}, ("a", "b"))


def test_a_guard_holds_what_a_rule_would_hold_but_not_what_one_filtered() -> None:
    plain = Ruled(Item(title="T"), ("a",))
    filtered = replace(plain, verdict=Decision("filtered", "dropped_by_rule", "rules[0]"))
    assert guard_held(plain, FIRST).guard == FIRST
    assert guard_held(filtered, FIRST) == filtered
    assert guard_held(plain, None) == plain


def test_what_a_guard_says_stands_before_every_other_reason_to_hold() -> None:
    review = Source(key="s", name="S", sections=("news",))
    rules = Rules(sections(), "listed_only")
    held = Decision("held", "held_by_rule", "rules[0]")
    for item, to, verdict in (
        (Item(title="T"), (), None),
        (Item(title="T"), ("closed",), None),
        (Item(title="T", language="xx"), ("news",), None),
        (Item(title="T"), ("news",), held),
        (Item(title="T"), ("news",), None),
    ):
        ruled = Ruled(item, to, verdict)
        assert decide_new(ruled, review, rules).reason != FIRST.reason
        assert decide_new(guard_held(ruled, FIRST), review, rules) == FIRST
