"""Rows written by a compiled statement are those that SQLAlchemy would have written, and JSON that is JSON stays so."""

from __future__ import annotations

import zlib
from datetime import timedelta
from typing import Any

from sqlalchemy import insert, select, text, update

from feedhub.model.raw import RawDocument
from feedhub.store.columns import Json
from feedhub.store.engine import Store
from feedhub.store.raw_documents import keep_raw, list_raw
from feedhub.store.raw_tables import raw_documents
from feedhub.store.rows import insert_rows, update_rows, upsert
from feedhub.store.tables import entries, text_marks
from tests.kit import NOW

ITEM = {"title": 'ü „衡阳“ 100 % \\ "so" \n', "notes": [], "none": None}


def an_entry(number: int, **values: Any) -> dict[str, Any]:
    row = dict.fromkeys(column.name for column in entries.c)
    row |= {"id": number, "source": "s", "state": "held", "title": "100 % ? :so", "item": ITEM, "reason": "review"}
    row |= {
        "rule": "r",
        "sections": ["a", "b"],
        "first_seen": NOW,
        "changed_at": NOW,
        "revision": 1,
        "item_digest": "d",
    }
    return row | values


def test_rows_are_the_same_either_way(store: Store) -> None:
    values = {"release_at": NOW + timedelta(microseconds=1), "gone": {"how": "tombstone"}, "pending": None}
    one, other = an_entry(1, **values), an_entry(2, **values)
    with store.write() as tx:
        tx.execute(insert(entries), [one])
        insert_rows(tx, entries, [other, an_entry(3, item=Json('{"title":"as it is"}'))])
        insert_rows(tx, entries, [])
        columns = ", ".join(f'"{column.name}"' for column in entries.c if column.name != "id")
        plain = tx.execute(text(f"SELECT {columns} FROM entries WHERE id < 3 ORDER BY id"))
        assert len({repr(row) for row in plain}) == 1, "also as the database has them"
        found = {row.id: row for row in tx.execute(select(entries))}
    assert found[2].item == ITEM and found[2].release_at == values["release_at"] and found[2].pending is None
    assert found[3].item == {"title": "as it is"}


def test_only_what_is_named_of_a_row_is_changed(store: Store) -> None:
    with store.write() as tx:
        insert_rows(tx, entries, [an_entry(number) for number in (1, 2, 3)])
        update_rows(tx, entries, [{"id": id_, "item": {"n": id_}, "release_at": NOW, "gone": None} for id_ in (1, 3)])
        update_rows(tx, entries, [])
        found = {row.id: row for row in tx.execute(select(entries))}
    assert {id_: (row.item, row.release_at) for id_, row in found.items()} == {
        1: ({"n": 1}, NOW), 2: (ITEM, None), 3: ({"n": 3}, NOW)
    }  # fmt: skip
    assert all((row.title, row.sections) == ("100 % ? :so", ["a", "b"]) for row in found.values())


def test_what_is_there_is_replaced(store: Store) -> None:
    row = {"mark": 1, "slot": 2, "entry_id": 3, "seen_at": NOW}
    with store.write() as tx:
        insert_rows(tx, entries, [an_entry(number) for number in (3, 4)])
        upsert(tx, text_marks, [row, row | {"slot": 0}])
        upsert(tx, text_marks, [row | {"entry_id": 4}])
        found = tx.execute(select(text_marks).order_by(text_marks.c.slot)).all()
    assert [(one.slot, one.entry_id, one.seen_at) for one in found] == [(0, 3, NOW), (2, 4, NOW)]


def test_a_document_that_was_packed_by_zlib_is_read(store: Store) -> None:
    raw = RawDocument(
        digest="d", asked="u", url="u", content_type=None, reading="feed", encoding=None, decision="utf-8", read_at=NOW,
        body="<rss>衡阳</rss>".encode() * 99,
    )  # fmt: skip
    with store.write() as tx:
        keep_raw(tx, "s", [raw], NOW)
        assert list_raw(tx, "s") == [raw]
        tx.execute(update(raw_documents).values(packed=zlib.compress(raw.body, 1)))
        assert list_raw(tx, "s") == [raw]
