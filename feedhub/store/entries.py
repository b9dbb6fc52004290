"""Entries: items recorded with their decision, and the keys under which a newcomer is known already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, bindparam, func, or_, select, update

from feedhub.errors import NotFound
from feedhub.model.entry import Entry, EntryState, Gone
from feedhub.model.item import Item
from feedhub.store.columns import Json
from feedhub.store.rows import insert_rows
from feedhub.store.tables import counters, entries

_ITEM = TypeAdapter(Item)
_GONE = TypeAdapter(Gone)
_KEYS = ("guid_key", "path_key", "link_key", "content_key")
_OF_SOURCE = ("guid_key", "path_key")
_CHUNK = 500
_NEWEST = select(func.max(entries.c.id))


@dataclass(frozen=True, slots=True)
class Standing:
    """A stored entry with its keys and the digests of its item and of the revision that waits."""

    entry: Entry
    keys: Mapping[str, str | None]
    digests: tuple[str, str | None]


def lock_identities(tx: Connection) -> None:
    """One recorder at a time: nobody else may bring in the same story between our look and our write."""
    if tx.dialect.name == "sqlite":
        return  # whoever writes there is alone as it is
    tx.execute(update(counters).where(counters.c.name == "ingest").values(value=counters.c.value + 1))


def find_standing(tx: Connection, source: str, keys: Mapping[str, Sequence[str]]) -> list[Standing]:
    """Every entry that has one of these keys, oldest first: guid_key and path_key of that source, link_key and
    content_key of any."""
    found: dict[int, Standing] = {}
    for start in range(0, max(map(len, keys.values()), default=0), _CHUNK):
        asked = {name: chunk for name in _KEYS if (chunk := list(keys.get(name, ())[start : start + _CHUNK]))}
        for row in tx.execute(_having(tuple(asked)), asked | {"of_source": source}):
            named = {name: getattr(row, name) for name in _KEYS}
            if row.id not in found:
                found[row.id] = Standing(_entry(row), named, (row.item_digest, row.pending_digest))
    return [found[number] for number in sorted(found)]


def find_by_guid(tx: Connection, source: str, guid_keys: Sequence[str]) -> dict[str, Entry]:
    """Entries of one source by guid key."""
    return _by(tx, guid_keys, "guid_key", entries.c.source == source)


def find_by_path(tx: Connection, source: str, path_keys: Sequence[str]) -> dict[str, list[Entry]]:
    """Entries of one source by the key of their guid's path, oldest first."""
    return _groups(tx, path_keys, "path_key", entries.c.source == source)


def find_by_link(tx: Connection, link_keys: Sequence[str]) -> dict[str, list[Entry]]:
    """Entries of any source by link key, oldest first."""
    return _groups(tx, link_keys, "link_key")


def find_by_content(tx: Connection, content_keys: Sequence[str]) -> dict[str, list[Entry]]:
    """Entries of any source by content key, oldest first."""
    return _groups(tx, content_keys, "content_key")


def reserve_entry_ids(tx: Connection, count: int) -> list[str]:
    """Ids for as many new entries; call it behind `lock_identities`."""
    if tx.dialect.name == "postgresql":
        sequence = func.pg_get_serial_sequence("entries", "id")
        drawn = select(func.nextval(sequence)).select_from(func.generate_series(1, count))
        return [str(number) for number in tx.execute(drawn).scalars()]
    last = tx.execute(_NEWEST).scalar() or 0
    return [str(number) for number in range(last + 1, last + 1 + count)]


def add_entries(tx: Connection, new: Sequence[tuple[Entry, dict[str, str | None]]]) -> None:
    """Record new entries, each under the id it has, with their keys (guid_key, content_key, item_digest…)."""
    if new:
        insert_rows(tx, entries, [_new_row(entry) | keys for entry, keys in new])


def any_entry(tx: Connection, source: str) -> bool:
    """Whether a source has ever brought an entry."""
    return tx.execute(select(entries.c.id).where(entries.c.source == source).limit(1)).first() is not None


def update_entry(tx: Connection, entry: Entry, *, keys: Mapping[str, str | None] | None = None) -> None:
    """Write an entry's present state; `keys` (guid_key, content_key, item_digest…) where they moved."""
    tx.execute(update(entries).where(entries.c.id == int(entry.id)).values(**_row(entry), **(keys or {})))


def item_digests(tx: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str | None]]:
    """(digest of the item, digest of the pending revision) by entry id."""
    if not ids:
        return {}
    rows = tx.execute(
        select(entries.c.id, entries.c.item_digest, entries.c.pending_digest).where(
            entries.c.id.in_([int(entry_id) for entry_id in ids])
        )
    )
    return {str(row.id): (row.item_digest, row.pending_digest) for row in rows}


def find_by_raw(tx: Connection, source: str, raw_digest: str) -> frozenset[str]:
    """The ids of the entries whose newest revision came from a raw document."""
    where = (entries.c.source == source) & (entries.c.raw_digest == raw_digest)
    return frozenset(str(entry_id) for entry_id in tx.execute(select(entries.c.id).where(where)).scalars())


def raw_of(tx: Connection, entry_id: str) -> str | None:
    """The digest of the raw document that an entry's newest revision stood in."""
    return tx.execute(select(entries.c.raw_digest).where(entries.c.id == int(entry_id))).scalar()


def get_entry(tx: Connection, entry_id: str) -> Entry:
    """The entry of that id; NotFound if there is none."""
    number = int(entry_id) if entry_id.isascii() and entry_id.isdigit() and len(entry_id) < 19 else -1
    row = tx.execute(select(entries).where(entries.c.id == number)).first()
    if row is None:
        raise NotFound("entry", entry_id)
    return _entry(row)


def entries_by_id(tx: Connection, ids: Sequence[str]) -> dict[str, Entry]:
    """The entries of those ids, by id; unknown ids are absent."""
    numbers = [int(entry_id) for entry_id in ids]
    rows = tx.execute(select(entries).where(entries.c.id.in_(numbers))) if numbers else ()
    return {str(row.id): _entry(row) for row in rows}


def list_entries(
    tx: Connection, *, source: str | None = None, state: EntryState | None = None, limit: int = 200
) -> list[Entry]:
    """Entries newest first; `held` also finds published ones of which a newer revision, or their source's
    withdrawal, waits."""
    query = select(entries).order_by(entries.c.id.desc()).limit(limit)
    if source is not None:
        query = query.where(entries.c.source == source)
    if state == "held":
        query = query.where(
            (entries.c.state == "held") | entries.c.pending_digest.is_not(None) | (entries.c.gone_verdict == "waits")
        )
    elif state is not None:
        query = query.where(entries.c.state == state)
    return [_entry(row) for row in tx.execute(query)]


def waiting_withdrawals(tx: Connection, source: str) -> list[str]:
    """The ids of a source's published entries that it took back and nobody has decided on."""
    waits = (entries.c.source == source) & (entries.c.gone_verdict == "waits")
    return [str(found) for found in tx.execute(select(entries.c.id).where(waits).order_by(entries.c.id)).scalars()]


def merged_entries(tx: Connection, entry_id: str) -> list[Entry]:
    """The entries that tell the same story as this one, oldest first."""
    rows = tx.execute(select(entries).where(entries.c.merged_into == int(entry_id)).order_by(entries.c.id))
    return [_entry(row) for row in rows]


def mark_released(tx: Connection, article_ids: Sequence[str], now: datetime) -> None:
    """Accepted entries whose article has gone out are published now."""
    if article_ids:
        tx.execute(
            update(entries)
            .where(entries.c.article_id.in_(article_ids), entries.c.state == "accepted")
            .values(state="published", changed_at=now)
        )


@lru_cache(maxsize=16)
def _having(names: tuple[str, ...]) -> Select[Any]:
    """The entries that have one of the keys so named; each name is looked up in its own index."""
    terms = []
    for name in names:
        term = entries.c[name].in_(bindparam(name, expanding=True))
        terms.append((entries.c.source == bindparam("of_source")) & term if name in _OF_SOURCE else term)
    return select(entries).where(or_(*terms))


def _by(tx: Connection, keys: Sequence[str], column: str, *where: Any) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for start in range(0, len(keys), 500):
        query = select(entries).where(entries.c[column].in_(keys[start : start + 500]), *where).order_by(entries.c.id)
        for row in tx.execute(query):
            found.setdefault(getattr(row, column), _entry(row))
    return found


def _groups(tx: Connection, keys: Sequence[str], column: str, *where: Any) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for start in range(0, len(keys), 500):
        query = select(entries).where(entries.c[column].in_(keys[start : start + 500]), *where).order_by(entries.c.id)
        for row in tx.execute(query):
            found.setdefault(getattr(row, column), []).append(_entry(row))
    return found


def _new_row(entry: Entry) -> dict[str, Any]:
    return _row(entry) | {"id": int(entry.id), "source": entry.source, "first_seen": entry.first_seen}


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "state": entry.state,
        "title": entry.item.title,
        "item": Json(_ITEM.dump_json(entry.item), "utf-8"),
        "pending": None if entry.pending is None else Json(_ITEM.dump_json(entry.pending), "utf-8"),
        "reason": entry.reason,
        "rule": entry.rule,
        "sections": list(entry.sections),
        "article_id": entry.article_id,
        "merged_into": None if entry.merged_into is None else int(entry.merged_into),
        "changed_at": entry.changed_at,
        "revision": entry.revision,
        "release_at": entry.release_at,
        "decided_by": entry.decided_by,
        "decided_at": entry.decided_at,
        "gone": None if entry.gone is None else _GONE.dump_python(entry.gone, mode="json"),
        "gone_verdict": None if entry.gone is None else entry.gone.verdict,
        "page_due": entry.page_due,
    }


def _entry(row: Any) -> Entry:
    return Entry(
        id=str(row.id),
        source=row.source,
        state=row.state,
        item=_ITEM.validate_python(row.item),
        reason=row.reason,
        rule=row.rule,
        sections=tuple(row.sections),
        first_seen=row.first_seen,
        changed_at=row.changed_at,
        revision=row.revision,
        pending=None if row.pending is None else _ITEM.validate_python(row.pending),
        article_id=row.article_id,
        merged_into=None if row.merged_into is None else str(row.merged_into),
        release_at=row.release_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        gone=None if row.gone is None else _GONE.validate_python(row.gone),
        page_due=row.page_due,
    )
