"""A source's rules, in their order: keep, drop, hold, route, tag, rewrite (docs/sources.md, Rules).

Pure: an item in, the item and what was decided out. A later rule sees what an earlier one rewrote; `keep` and
`drop` end the list. Whatever rules make of an item is as clean as before: markup goes through its one maker again.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

from feedhub.basics.patterns import compiled, substitute
from feedhub.basics.text import plain_text
from feedhub.ingest import bounds
from feedhub.model.entry import Decision
from feedhub.model.item import Item
from feedhub.model.rule import Field, Rule
from feedhub.model.source import Source


@dataclass(frozen=True, slots=True)
class Ruled:
    """An item as the rules left it, where it goes, what they decided (None: nothing), which of them applied, and
    why a guard holds it."""

    item: Item
    sections: tuple[str, ...]
    verdict: Decision | None = None
    applied: tuple[str, ...] = ()
    guard: Decision | None = None


def apply_rules(item: Item, source: Source) -> Ruled:
    """The item after every rule of its source."""
    routed: dict[str, None] = {}
    verdict: Decision | None = None
    applied: list[str] = []
    for place, rule in enumerate(source.rules):
        why = match(rule, item, source)
        if why is None:
            continue
        name = f"rules[{place}]"
        applied.append(f"{name} {rule.action}")
        note = f"{rule.reason}: {why}" if rule.reason else why
        if rule.action == "keep":
            break
        if rule.action == "drop":
            verdict = Decision("filtered", "dropped_by_rule", name, note)
            break
        if rule.action == "hold":
            verdict = verdict or Decision("held", "held_by_rule", name, note)
        elif rule.action == "route":
            routed |= dict.fromkeys(rule.sections)
        elif rule.action == "tag":
            item = replace(item, categories=bounds.categories_of((*item.categories, *rule.tags)))
        else:
            item = _rewritten(item, rule)
    return Ruled(item, tuple(routed) or source.sections, verdict, tuple(applied))


def rule_words(rule: Rule) -> str:
    """A rule as a phrase: what it does, and when."""
    what = {
        "route": f"to {', '.join(rule.sections)}",
        "tag": ", ".join(rule.tags),
        "rewrite": f"as {rule.replacement!r}",
    }.get(rule.action, rule.reason)
    when = [f"has {' or '.join(rule.any)}"] if rule.any else []
    when += [f"fits {rule.pattern}"] if rule.pattern is not None else []
    return f"{rule.action} {what}".rstrip() + f", where {' or '.join(rule.fields)} {' or '.join(when)}"


def guard_held(ruled: Ruled, hold: Decision | None) -> Ruled:
    """The item held by a guard, unless a rule filtered it: what nobody wants needs no review."""
    if hold is None or (ruled.verdict is not None and ruled.verdict.outcome == "filtered"):
        return ruled
    return replace(ruled, guard=hold)


def match(rule: Rule, item: Item, source: Source) -> str | None:
    """Why the rule matches, in words; None when it does not."""
    for name in rule.fields:
        for value in _values(item, name, source):
            folded = fold(value) if rule.any else ""
            for keyword in rule.any:
                if fold(keyword) in folded:
                    return f"{name} has {keyword!r}"
            if rule.pattern is not None and compiled(rule.pattern).search(value):
                return f"{name} fits {rule.pattern!r}"
    return None


def fold(text: str) -> str:
    """Text for comparing keywords: upper and lower case, full and half width are one."""
    return unicodedata.normalize("NFKC", text).casefold()


def _values(item: Item, name: Field, source: Source) -> Iterable[str]:
    if name == "text":
        return (plain_text(item.html),) if item.html else ()
    if name == "category":
        return item.categories
    if name == "language":
        return (item.language or source.language or "",)
    if name == "origin":
        return tuple(filter(None, (item.origin_title, item.origin_url)))
    if name == "file":
        return tuple(one.url for one in item.enclosures)
    value = {
        "title": item.title,
        "summary": item.summary,
        "link": item.link,
        "author": item.author,
        "guid": item.guid,
    }[name]
    return (value,) if value else ()


def _rewritten(item: Item, rule: Rule) -> Item:
    for name in rule.fields:
        item = _rewrite(item, name, rule)
    return item


def _rewrite(item: Item, name: Field, rule: Rule) -> Item:
    """One field rewritten; a value that is none any more (an address, a language) stays as it was."""

    def changed(text: str) -> str:
        return substitute(rule.pattern or "", rule.replacement, text)

    if name == "title":
        return replace(item, title=bounds.line(changed(item.title), bounds.TITLE))
    if name == "summary":
        return replace(item, summary=bounds.line(changed(item.summary), bounds.SUMMARY))
    if name == "text":
        return replace(item, html=bounds.clean_html(changed(item.html), item.link) if item.html else None)
    if name == "author":
        return replace(item, author=bounds.line(changed(item.author or ""), bounds.TITLE) or None)
    if name == "category":
        return replace(item, categories=bounds.categories_of(changed(one) for one in item.categories))
    if name == "link":
        return replace(item, link=bounds.address(changed(item.link or "")) or item.link)
    return replace(item, language=bounds.language_of(changed(item.language or "")) or item.language)
