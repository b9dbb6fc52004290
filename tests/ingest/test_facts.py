"""What the child says of items is what would be worked out here, and only of the very items it saw."""

from __future__ import annotations

from dataclasses import replace

from feedhub.ingest.facts import facts_by_item, facts_of
from feedhub.ingest.identity import document_keys
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.rules import apply_rules
from feedhub.model.rule import Rule
from tests.ingest.parsing import a_request, rss
from tests.kit import a_source

WORDS = "衡阳市人民政府召开常务会议，研究部署经济工作。" * 12
ITEMS = f"<item><title>one</title><description>{WORDS}</description></item><item><title>锟斤拷锟斤拷</title></item>"


def test_a_child_says_the_facts_of_its_items_and_nothing_else_is_taken_for_them() -> None:
    pool = ParserPool(1, seconds=30)
    feed = pool.parse(a_request(rss(ITEMS).encode()))
    pool.close()
    assert feed.facts == tuple(map(facts_of, feed.items))
    assert feed.facts[0].marks and feed.facts[0].content and not feed.facts[0].garbled
    assert "锟斤拷" in feed.facts[1].garbled
    facts = facts_by_item([feed])
    assert document_keys(feed.items, "s", facts) == document_keys(feed.items, "s")
    rewrites = Rule(action="rewrite", fields=("title",), pattern="one", replacement="another")
    changed = [apply_rules(item, a_source(rules=(rewrites,))).item for item in feed.items]
    assert changed[0].title == "another"
    assert document_keys(changed, "s", facts) == document_keys(changed, "s") != document_keys(feed.items, "s")
    assert replace(feed.items[0], author="A") not in facts
