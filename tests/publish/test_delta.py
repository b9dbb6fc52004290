"""A part of a document makes of what a reader held what the whole document says, along random histories."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, replace
from datetime import timedelta

from lxml import etree

from feedhub.model.feed import FORMATS, Edition, FeedDocument, Format
from feedhub.publish.addresses import feed_path
from feedhub.publish.delta import OLDEST_BASE, base_among, delta_since
from feedhub.publish.feedgen_ext import ATOM, TOMBSTONES
from feedhub.publish.render import render_section, restyle
from feedhub.publish.style import Style
from feedhub.store.articles import put_article, restore_article, withdraw_article
from feedhub.store.documents import EDITIONS, get_document
from feedhub.store.engine import Store
from tests.kit import StillClock
from tests.publish.material import NOON, PORTAL, STYLE, article, style

HEALTH = PORTAL.sections()["life/health"]
Read = dict[str, str]


@dataclass
class Held:
    """What a reader holds: the edition, and titles by id."""

    edition: Edition
    items: Read


def load(store: Store, format_: Format) -> FeedDocument:
    with store.read() as tx:
        found = get_document(tx, feed_path(HEALTH.id, format_))
    assert found is not None
    return found


def read(body: bytes, format_: Format) -> tuple[Read, list[str]]:
    """The items in their order, and the ids that are gone."""
    if format_ == "json":
        said = json.loads(body)
        return {it["id"]: it["title"] for it in said["items"]}, [it["id"] for it in said["_feedhub"]["deleted"]]
    root = etree.fromstring(body)
    stones = [str(stone.get("ref")) for stone in root.iterfind(f".//{{{TOMBSTONES}}}deleted-entry")]
    if format_ == "rss":
        return {str(it.findtext("guid")): str(it.findtext("title")) for it in root.iter("item")}, stones
    entries = root.iter(f"{{{ATOM}}}entry")
    return {str(it.findtext(f"{{{ATOM}}}id")): str(it.findtext(f"{{{ATOM}}}title")) for it in entries}, stones


def do_something(store: Store, clock: StillClock, dice: random.Random, live: dict[str, str], gone: set[str]) -> bool:
    """One deed; True when it was a withdrawal."""
    deed = dice.choice(("publish", "publish", "late", "old", "correct", "correct", "withdraw", "restore"))
    able = sorted(gone if deed == "restore" else live)
    name = f"n{len(live) + len(gone):03}" if deed in ("publish", "late", "old") else dice.choice([*able, None])
    if name is None:
        return False
    now = clock.now()
    with store.write() as tx:
        if deed == "withdraw":
            withdraw_article(tx, name, now=now, by="test", reason="wrong")
            del live[name]
            gone.add(name)
        elif deed == "restore":
            restore_article(tx, name, now=now, by="test")
            gone.remove(name)
            live[name] = f"Title of {name}"
        else:
            live[name] = live.get(name, f"Title of {name}") + ("!" if deed == "correct" else "")
            day = now if deed == "publish" else NOON - timedelta(days=300 + int(name[1:]))
            made = replace(article(name), title=live[name], published=day, updated=day)
            put_article(tx, made, now=now, late=deed == "late", by="test")
    return deed == "withdraw"


def test_a_part_is_as_good_as_the_whole(store: Store, clock: StillClock) -> None:
    dice = random.Random(3229)
    live: dict[str, str] = {}
    gone: set[str] = set()
    held: dict[Format, list[Held]] = {format_: [] for format_ in FORMATS}
    withdrawn_at: list[int] = []
    parts = 0
    for _ in range(28):
        clock.pass_(minutes=dice.choice((1, 60, 6000)))
        deeds = [do_something(store, clock, dice, live, gone) for _ in range(dice.randint(1, 4))]
        clock.pass_(seconds=3)
        render_section(store, HEALTH, STYLE, clock)
        for format_ in FORMATS:
            document = load(store, format_)
            if any(deeds) and format_ == "rss":
                withdrawn_at.append(document.generation)
            whole, stones = read(document.body, format_)
            assert len(document.editions) == min(EDITIONS, len({it.edition.etag for it in held[format_]}))
            for reader in held[format_][-EDITIONS:]:
                base = base_among(document, [reader.edition.etag.strip('"')])
                if reader.edition.etag == document.etag:
                    continue
                assert base is not None
                body = delta_since(document, base)
                lies_between = any(base.generation < seq for seq in withdrawn_at)
                if format_ == "rss" and body is None:
                    assert lies_between
                    continue
                assert body is not None
                changed, taken = read(body, format_)
                assert set(taken) <= set(stones)
                order = list(whole)
                assert [order.index(name) for name in changed] == sorted(order.index(name) for name in changed)
                now = {name: it for name, it in {**reader.items, **changed}.items() if name not in taken}
                assert {name: now.get(name) for name in whole} == whole
                assert not {name for name in now if name.rpartition("/")[2] in gone}, "what was withdrawn is gone"
                assert len(body) <= len(document.body)
                parts += len(changed) < len(whole)
            edition = Edition(document.generation, document.etag, document.last_modified)
            held[format_].append(Held(edition, whole))
    assert parts > 200


def test_another_style_is_another_document(store: Store, clock: StillClock) -> None:
    with store.write() as tx:
        put_article(tx, article("a"), now=clock.now(), late=False, by="test")
    clock.pass_(seconds=5)
    render_section(store, HEALTH, STYLE, clock)
    restyle(store, STYLE, clock.now())
    other: Style = style(replace(PORTAL, rights="Ask first."))
    clock.pass_(seconds=5)
    restyle(store, other, clock.now())
    clock.pass_(seconds=5)
    render_section(store, HEALTH, other, clock)
    assert load(store, "atom").editions == ()


def test_a_tombstone_that_has_gone_is_not_missed(store: Store, clock: StillClock) -> None:
    with store.write() as tx:
        put_article(tx, article("a"), now=clock.now(), late=False, by="test")
    clock.pass_(seconds=5)
    render_section(store, HEALTH, STYLE, clock)
    old = load(store, "atom")
    with store.write() as tx:
        withdraw_article(tx, "a", now=clock.now(), by="test", reason="wrong")
        clock.pass_(days=OLDEST_BASE.days + 2)
        put_article(tx, article("b"), now=clock.now(), late=False, by="test")
    clock.pass_(seconds=5)
    render_section(store, HEALTH, STYLE, clock)
    new = load(store, "atom")
    assert new.editions[0].etag == old.etag
    assert base_among(new, [old.etag.strip('"')]) is None


def test_more_withdrawals_than_tombstones_find_room(store: Store, clock: StillClock) -> None:
    names = [f"n{number:02}" for number in range(60)]
    with store.write() as tx:
        for name in names:
            put_article(tx, article(name), now=clock.now(), late=False, by="test")
    clock.pass_(seconds=5)
    render_section(store, HEALTH, STYLE, clock)
    old = load(store, "json")
    with store.write() as tx:
        for name in names[:55]:
            withdraw_article(tx, name, now=clock.now(), by="test", reason="wrong")
    clock.pass_(seconds=5)
    render_section(store, HEALTH, STYLE, clock)
    new = load(store, "json")
    assert delta_since(new, new.editions[0]) is None
    assert old.etag == new.editions[0].etag
