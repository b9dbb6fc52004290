"""Archives (RFC 5005 §4, SEMANTICS 17): every article once, closed ones keep their ids, changes touch few."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import feedparser
import pytest
from lxml import etree

from feedhub.model.article import Article
from feedhub.model.feed import ARCHIVE_SIZE, FORMATS, FeedDocument, Format, Slot
from feedhub.publish import archiving, render
from feedhub.publish.addresses import archive_path, feed_path
from feedhub.publish.history import next_slots
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.store.alerts import list_alerts
from feedhub.store.archives import archive_slots, archives_due
from feedhub.store.articles import put_article, restore_article, withdraw_article
from feedhub.store.documents import document_versions, documents_stamp, get_document
from feedhub.store.engine import Store
from tests.kit import POSTGRESQL_LATER, StillClock
from tests.publish.material import NOON, PORTAL, article
from tests.publish.material import style as style_of

HEALTH, CUISINE, LIFE, ALL = "life/health", "life/cuisine", "life", "all"
LONG_AGO = NOON - timedelta(days=1000)
HISTORY = "{http://purl.org/syndication/history/1.0}"
ATOM = "{http://www.w3.org/2005/Atom}"


def put(store: Store, clock: StillClock, *articles: Article, late: bool = False) -> None:
    with store.write() as tx:
        for it in articles:
            put_article(tx, it, now=clock.now(), late=late, by="test")


def withdraw(store: Store, clock: StillClock, *names: str) -> None:
    with store.write() as tx:
        for name in names:
            withdraw_article(tx, name, now=clock.now(), by="test", reason="wrong figures")


def dated(first: int, end: int, **changed: Any) -> list[Article]:
    """Articles a day apart."""
    days = {n: LONG_AGO + timedelta(days=n) for n in range(first, end)}
    return [article(f"n{n:03}", published=day, updated=day, **changed) for n, day in days.items()]


def beat(store: Store, style: Style, clock: StillClock) -> int:
    clock.pass_(seconds=2)
    return render_due(store, style, clock)


def loaded(store: Store, path: str) -> FeedDocument | None:
    with store.read() as tx:
        return get_document(tx, path)


def archive(store: Store, number: int, section: str = HEALTH, format_: Format = "json") -> FeedDocument:
    found = loaded(store, archive_path(section, format_, number))
    assert found is not None
    return found


def ids(document: FeedDocument) -> list[str]:
    """The ids of a document's items, by a reader of its format."""
    if document.format == "json":
        return [item["id"].rpartition("/")[2] for item in json.loads(document.body)["items"]]
    found = feedparser.parse(io.BytesIO(document.body))  # type: ignore[arg-type]
    assert not found.bozo, found.get("bozo_exception")
    return [entry.id.rpartition("/")[2] for entry in found.entries]


def links(document: FeedDocument) -> dict[str, str]:
    """What a document says of its history, by rel."""
    if document.format == "json":
        said = json.loads(document.body)
        assert said.get("next_url") == said["_feedhub"].get("prev_archive")
        names = ("prev_archive", "next_archive", "current")
        return {name.replace("_", "-"): said["_feedhub"][name] for name in names if name in said["_feedhub"]}
    root = etree.fromstring(document.body)
    head = root[0] if document.format == "rss" else root
    found = {it.get("rel"): it.get("href") for it in head.findall(f"{ATOM}link")}
    assert found.get("next") == found.get("prev-archive")
    return {rel: href for rel, href in found.items() if rel in ("prev-archive", "next-archive", "current")}


def mark(document: FeedDocument) -> str | None:
    if document.format == "json":
        return next((name for name in ("archive", "complete") if json.loads(document.body)["_feedhub"].get(name)), None)
    root = etree.fromstring(document.body)
    head = root[0] if document.format == "rss" else root
    return next((name for name in ("archive", "complete") if head.find(HISTORY + name) is not None), None)


def walk(store: Store, section: str = HEALTH, format_: Format = "json") -> list[list[str]]:
    """The ids of the current document, then of every archive, newest first."""
    found, path = [], feed_path(section, format_)
    while path:
        document = loaded(store, path)
        assert document is not None, path
        found.append(ids(document))
        path = urlsplit(links(document).get("prev-archive", "")).path
    return found


def flat(pages: list[list[str]]) -> list[str]:
    return [name for page in pages for name in page]


def test_slots_follow_one_another() -> None:
    first = next_slots(None, [f"a{n}" for n in range(51)])
    assert (first["a0"], first["a49"], first["a50"]) == (Slot(1, 1), Slot(1, 50), Slot(2, 1))
    assert next_slots(Slot(2, 49), ["x", "y"]) == {"x": Slot(2, 50), "y": Slot(3, 1)}


def test_the_walk_yields_every_article_exactly_once(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *dated(0, 173))
    beat(store, style, clock)
    for format_ in FORMATS:
        check_the_walk(store, format_)


def check_the_walk(store: Store, format_: Format) -> None:
    pages = walk(store, HEALTH, format_)
    assert [len(page) for page in pages] == [50, 23, 50, 50]
    assert sorted(flat(pages)) == [f"n{n:03}" for n in range(173)]
    assert flat(walk(store, LIFE, format_)) == flat(walk(store, ALL, format_)) == flat(pages)
    assert walk(store, CUISINE, format_) == [[]]

    current = loaded(store, feed_path(HEALTH, format_))
    assert current is not None
    end = "json" if format_ == "json" else "xml"
    at = f"http://127.0.0.1:8080/{format_}/life/health"
    assert links(current) == {"prev-archive": f"{at}/archive/3.{end}?ids=23"}
    assert links(archive(store, 3, format_=format_)) == {
        "prev-archive": f"{at}/archive/2.{end}", "current": f"{at}.{end}"
    }  # fmt: skip
    assert links(archive(store, 1, format_=format_)) == {
        "next-archive": f"{at}/archive/2.{end}", "current": f"{at}.{end}"
    }  # fmt: skip
    assert (mark(current), mark(archive(store, 2, format_=format_))) == (None, "archive")
    empty = loaded(store, feed_path(CUISINE, format_))
    assert empty is not None
    assert mark(empty) == "complete"
    made = archive(store, 2, format_=format_)
    assert (made.kind, made.name, made.number) == ("archive", HEALTH, 2)
    assert made.cache_control == "public, max-age=3600"
    assert f'<{at}/archive/2.{end}>; rel="self"' in made.link
    assert f'<{at}/archive/1.{end}>; rel="prev-archive"' in made.link


@POSTGRESQL_LATER
def test_a_publication_touches_the_open_archive_alone(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *dated(0, 199))
    beat(store, style, clock)
    before = {number: archive(store, number) for number in (1, 2, 3)}
    put(store, clock, *dated(199, 200))
    beat(store, style, clock)
    assert archive(store, 1) == before[1]
    assert archive(store, 2) == before[2]
    assert ids(archive(store, 3)) == ["n149", *ids(before[3])]
    assert "next-archive" not in links(archive(store, 3)), "full, and none behind it yet"
    put(store, clock, *dated(200, 201))
    beat(store, style, clock)
    closed = archive(store, 3)
    assert links(closed)["next-archive"].endswith("/archive/4.json")
    assert ids(archive(store, 4)) == ["n150"]
    for n in range(201, 204):
        put(store, clock, *dated(n, n + 1))
        beat(store, style, clock)
    assert archive(store, 3) == closed, "next-archive is added once"
    assert sorted(flat(walk(store))) == [f"n{n:03}" for n in range(204)]


def test_a_correction_replaces_in_place_and_a_withdrawal_takes_out(
    store: Store, style: Style, clock: StillClock
) -> None:
    put(store, clock, *dated(0, 160))
    beat(store, style, clock)
    before = {number: archive(store, number) for number in (1, 2, 3)}
    put(store, clock, replace(dated(0, 60)[57], title="Corrected"))
    beat(store, style, clock)
    made = archive(store, 2)
    assert made.etag != before[2].etag
    assert made.last_modified > before[2].last_modified
    assert ids(made) == ids(before[2])
    assert b"Corrected" in made.body
    assert (archive(store, 1), archive(store, 3)) == (before[1], before[3])

    withdraw(store, clock, "n057")
    beat(store, style, clock)
    gone = archive(store, 2)
    assert ids(gone) == [name for name in ids(made) if name != "n057"]
    assert [it["reason"] for it in json.loads(gone.body)["_feedhub"]["deleted"]] == ["wrong figures"]
    atom = archive(store, 2, format_="atom").body
    assert atom.count(b"<at:deleted-entry ") == 1
    assert atom.index(b"<at:deleted-entry ") > atom.rindex(b"</entry>")
    assert b"n057" not in archive(store, 2, format_="rss").body
    assert (archive(store, 1), archive(store, 3)) == (before[1], before[3])
    assert "n057" not in flat(walk(store))

    with store.write() as tx:
        restore_article(tx, "n057", now=clock.now(), by="test")
    beat(store, style, clock)
    assert ids(archive(store, 2)) == ids(made), "back in its old place"
    clock.pass_(days=9)
    put(store, clock, *dated(160, 161))
    beat(store, style, clock)
    assert len(flat(walk(store))) == len(set(flat(walk(store)))) == 161, "its week in the current document is over"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_moved_out_leaves_without_a_tombstone_and_moved_back_has_its_place(
    store: Store, style: Style, clock: StillClock
) -> None:
    put(store, clock, *dated(0, 120))
    beat(store, style, clock)
    before = ids(archive(store, 1))
    put(store, clock, replace(dated(0, 9)[8], sections=(CUISINE,)))
    beat(store, style, clock)
    assert ids(archive(store, 1)) == [name for name in before if name != "n008"]
    assert json.loads(archive(store, 1).body)["_feedhub"]["deleted"] == []
    assert flat(walk(store, CUISINE)) == ["n008"]
    assert sorted(flat(walk(store, LIFE))) == [f"n{n:03}" for n in range(120)]
    put(store, clock, *dated(8, 9))
    beat(store, style, clock)
    assert ids(archive(store, 1)) == before


@POSTGRESQL_LATER
def test_an_import_of_years_is_archived_over_several_beats(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *dated(300, 420))
    beat(store, style, clock)
    put(store, clock, *dated(0, 300))
    clock.pass_(seconds=2)
    render.render_section(store, PORTAL.sections()[HEALTH], style, clock)
    with store.read() as tx:
        due = [state.number for state in archives_due(tx, 99)]
    assert len(due) == 6 + 1 - archiving.AT_ONCE, "two archives stood already; the rest waits its turn"
    assert len(ids(archive(store, 2))) == ARCHIVE_SIZE, "an archive that stands is never behind"
    assert archive(store, 8).number == 8
    for _ in range(4):
        beat(store, style, clock)
    for section in (HEALTH, LIFE, ALL):
        found = flat(walk(store, section))
        assert len(found) == 420
        assert set(found) == {f"n{n:03}" for n in range(420)}
    with store.read() as tx:
        assert archives_due(tx, 99) == []
        stamp = documents_stamp(tx)
    beat(store, style, clock)
    with store.read() as tx:
        assert documents_stamp(tx) == stamp


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_new_style_renders_every_archive_anew(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *dated(0, 260))
    for _ in range(4):
        beat(store, style, clock)
    before = walk(store)
    moved = style_of(replace(PORTAL, base_url="https://feeds.example.org"))
    for _ in range(4):
        beat(store, moved, clock)
    assert walk(store) == before
    for number in range(1, 6):
        assert b"127.0.0.1" not in archive(store, number).body


def test_what_was_there_before_archives_were_gets_into_them(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *dated(0, 130))
    beat(store, style, clock)
    with store.write() as tx:
        tx.exec_driver_sql("DELETE FROM archive_members")
        tx.exec_driver_sql("DELETE FROM archives")
        tx.exec_driver_sql("DELETE FROM documents WHERE kind = 'archive'")
    newer = style_of(replace(PORTAL, rights="Other words."))
    for _ in range(3):
        beat(store, newer, clock)
    assert sorted(flat(walk(store))) == [f"n{n:03}" for n in range(130)]


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_a_language_that_a_section_begins_to_carry_is_archived(store: Store, style: Style, clock: StillClock) -> None:
    put(store, clock, *dated(0, 60), *dated(200, 203, language="zh"))
    beat(store, style, clock)
    assert len(flat(walk(store))) == 60
    both = tuple(replace(it, languages=("en", "zh")) if it.id == HEALTH else it for it in PORTAL.columns[0].children)
    life = replace(PORTAL.columns[0], children=both)
    for _ in range(3):
        beat(store, style_of(replace(PORTAL, columns=(life, *PORTAL.columns[1:]))), clock)
    assert len(set(flat(walk(store)))) == 63


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_the_cost_of_a_publication_does_not_grow_with_the_archives(
    store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[int, int]] = []
    real = render.make_archive

    def count(it: archiving.Archive, *rest: Any) -> Any:
        made.append((it.state.number, len(it.articles)))
        return real(it, *rest)

    put(store, clock, *dated(0, 220))
    for _ in range(3):
        beat(store, style, clock)
    monkeypatch.setattr(render, "make_archive", count)
    put(store, clock, *dated(220, 221))
    beat(store, style, clock)
    assert made == [(4, 21)] * 3, "one archive in each of the three sections"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_an_archive_that_cannot_be_made_is_told_and_holds_up_no_other(
    store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, clock, *dated(0, 130))
    for _ in range(3):
        beat(store, style, clock)
    real, before = render.make_archive, {number: archive(store, number) for number in (1, 2)}

    def fails(it: archiving.Archive, *rest: Any) -> Any:
        if (it.section.id, it.state.number) == (HEALTH, 1):
            raise RuntimeError("a fault of ours")
        return real(it, *rest)

    monkeypatch.setattr(render, "make_archive", fails)
    for _ in range(3):
        beat(store, style_of(replace(PORTAL, title="Another")), clock)
    assert archive(store, 1).body == before[1].body, "the old one stands"
    assert archive(store, 2).body != before[2].body
    with store.read() as tx:
        assert archives_due(tx, 1) == []
        (told,) = list_alerts(tx)
    assert told.code == render.ARCHIVE_NOT_RENDERED
    assert told.text.startswith(f"Archive 1 of {HEALTH} cannot be made")


def test_two_renderers_give_one_place_to_each(
    store: Store, style: Style, clock: StillClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, clock, *dated(0, 60))
    beat(store, style, clock)
    put(store, clock, *dated(60, 62))
    clock.pass_(seconds=2)
    section = PORTAL.sections()[HEALTH]
    real, seen = render.gather_turn, []

    def gather_then_lose(*arguments: Any) -> Any:
        turn = real(*arguments)
        if not seen:
            seen.append(1)
            put(store, clock, *dated(62, 63))
            assert render.render_section(store, section, style, clock)
        return turn

    monkeypatch.setattr(render, "gather_turn", gather_then_lose)
    assert not render.render_section(store, section, style, clock)
    with store.read() as tx:
        slots = archive_slots(tx, HEALTH, [1])
    assert sorted(slot.position for slot in slots.values()) == list(range(1, 14))
    assert sorted(flat(walk(store))) == [f"n{n:03}" for n in range(63)]
    with store.read() as tx:
        assert archive_path(HEALTH, "rss", 1) in document_versions(tx, [archive_path(HEALTH, "rss", 1)])
