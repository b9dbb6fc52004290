"""What becomes of an item: pure decisions over values, given `now`.

gather → DECIDE → apply. Nothing here reads or writes; `record.py` applies what is decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from feedhub.ingest.rules import Ruled
from feedhub.model.entry import Decision, Entry, EntryState
from feedhub.model.item import Item
from feedhub.model.section import Section
from feedhub.model.source import Source

AHEAD = timedelta(minutes=15)
# What a selector found, and that is no item: a rule between two, an empty row.
BLANK = Decision("dropped", "empty_item", "extract.item", "neither title nor address")
By = Literal["link", "content", "story"]


@dataclass(frozen=True, slots=True)
class Rules:
    """What decisions rest on besides the item: the tree, and whether only listed sources may be reprinted."""

    sections: Mapping[str, Section]
    reprints: Literal["any", "listed_only"]


@dataclass(frozen=True, slots=True)
class Dated:
    """An item with the date it will be published under, and what was done to it (SEMANTICS 14)."""

    item: Item
    published: datetime
    release_at: datetime | None = None
    note: str = ""

    @property
    def settled(self) -> Item:
        """The item under that date."""
        return self.item if self.item.published is self.published else replace(self.item, published=self.published)


def settle_date(item: Item, now: datetime) -> Dated:
    """No date: first seen. Up to 15 minutes ahead: held until then. Further ahead: first seen, and marked."""
    if item.published is None:
        return Dated(item, now, note="no_date: published is when it was first seen")
    if item.published <= now:
        return Dated(item, item.published)
    if item.published - now <= AHEAD:
        return Dated(item, item.published, release_at=item.published, note="ahead: goes out at its own time")
    marked = replace(item, notes=(*item.notes, "future_date"))
    return Dated(marked, now, note=f"future_date: says {item.published.isoformat()}, set to when it was first seen")


def decide_new(ruled: Ruled, source: Source, rules: Rules) -> Decision:
    """The decision on an item nobody has brought before, after the source's own rules."""
    item = ruled.item
    if not item.title and not item.html and not item.summary:
        return Decision("dropped", "empty_item", "empty", "no title and no text")
    if ruled.verdict is not None and ruled.verdict.outcome == "filtered":
        return ruled.verdict
    decision = _decide_kept(ruled, source, rules)
    if not ruled.applied or decision is ruled.verdict or decision is ruled.guard:
        return decision
    return replace(decision, note="; ".join(filter(None, (decision.note, ", ".join(ruled.applied)))))


def _decide_kept(ruled: Ruled, source: Source, rules: Rules) -> Decision:
    if ruled.guard is not None:
        # Before every other reason to hold: whoever gives held items a section is to know that this one is not sound.
        return ruled.guard
    if not ruled.sections:
        return Decision("held", "no_section", "source.sections", "the source names no section; accept with --section")
    language = ruled.item.language or source.language or ""
    named = [rules.sections[section] for section in ruled.sections if section in rules.sections]
    if not named:
        return Decision("held", "no_section", "source.sections", "the source's sections are no longer in the tree")
    if language and not any(section.carries(language) for section in named):
        return Decision("held", "language", "section.languages", f"none of its sections carries {language}")
    if rules.reprints == "listed_only" and not source.reprint.listed:
        note = "the source is not marked as listed, and portal.reprints is listed_only"
        return Decision("held", "not_on_reprint_list", "portal.reprints", note)
    if ruled.verdict is not None:
        return ruled.verdict
    if source.policy == "review":
        return Decision("held", "review", "source.policy", "waits for an editor")
    return Decision("published", "auto", "source.policy")


def decide_known(own: Decision, same: bool, pending_same: bool, entry: Entry) -> Decision:
    """The decision on an item that this source brought before; `same` when it says nothing new.

    `own` is what would become of it if it were new: what would be held then (for review, for its language, by a
    rule) or filtered waits now, while the published revision stands (SEMANTICS 10). What an editor rejected stays
    rejected.
    """
    if same and entry.pending is None:
        return Decision("unchanged", "same", "identity")
    if entry.state in ("rejected", "filtered"):
        return Decision("unchanged", f"{entry.state}_before", "identity", "it was decided on already")
    if pending_same:
        return Decision("unchanged", "revision_held", "identity", "that revision waits for an editor already")
    if same:
        return Decision("unchanged", "revision_taken_back", "identity", "the source went back to what stands here")
    if entry.state == "merged":
        return Decision("merged", "edited", "identity", f"tells the same story as entry {entry.merged_into}")
    if entry.state == "held":
        if own.reason == "garbled":
            return own
        if entry.reason == "garbled":
            return Decision("held", "readable_now", own.rule, "its garbled text was replaced by a readable one")
        return Decision("held", entry.reason, entry.rule, "a newer revision took its place in the queue")
    if own.outcome == "published":
        return Decision("published", "corrected", own.rule)
    reason = "revision_held" if own.reason in ("review", "held_by_rule", "dropped_by_rule") else own.reason
    return Decision("held", reason, own.rule, "the published revision stands until this is accepted")


def decide_twin(own: Decision, twin: Entry | None, by: By) -> Decision:
    """The decision on an item whose story is here already, from another source or under another guid.

    `own` is what would have become of it alone; `twin` None means an article that was imported. A twin that
    merely waits does not hold back a source that may publish.
    """
    if twin is None:
        return Decision("merged", f"same_{by}", "identity", "the story is here as an imported article")
    if twin.state == "rejected":
        return Decision("held", "rejected_elsewhere", "identity", f"entry {twin.id} with the same {by} was rejected")
    if twin.state == "held" and own.outcome == "published":
        return Decision(
            "published", "auto", "source.policy", f"takes the place of entry {twin.id}, which waits for review"
        )
    return Decision("merged", f"same_{by}", "identity", f"tells the same story as entry {twin.id} of {twin.source}")


def state_for(decision: Decision, release_at: datetime | None) -> EntryState:
    """The state an entry gets by a decision."""
    if decision.outcome == "published":
        return "accepted" if release_at is not None else "published"
    states: dict[str, EntryState] = {"held": "held", "merged": "merged", "filtered": "filtered"}
    return states[decision.outcome]
