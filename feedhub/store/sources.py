"""Sources and what we keep of them between polls; due ones are claimed with a lease and a fence.

A claim is one UPDATE, so two workers never poll the same source at once; whoever comes back after its lease
was taken over holds an old fence and is refused (PROMISES 113).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import Connection, Integer, and_, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.sql.dml import ReturningUpdate
from sqlalchemy.sql.expression import ColumnElement, Select

from feedhub.basics.urls import host_of
from feedhub.errors import Conflict, NotFound, Provisioned
from feedhub.model.extract import Extract
from feedhub.model.learned import Learned
from feedhub.model.source import Condition, FormerAddress, PollHints, SeenMove, Source, SourceState
from feedhub.store.columns import Json
from feedhub.store.rows import update_rows
from feedhub.store.tables import sources
from feedhub.store.webhooks import note_source

Claimed = list[tuple[Source, SourceState]]
_LOOKED_AT = 4
LONGEST_LEASE = timedelta(minutes=5)

_SOURCE = TypeAdapter(Source)
_STATE = TypeAdapter(SourceState)
_STATE_FIELDS = tuple(SourceState.__dataclass_fields__)
_KNOWN = (sources.c.declared, *(sources.c[name] for name in _STATE_FIELDS))
_VALUES = ("hints", "move_seen", "former_urls", "learned")
_PLAIN = TypeAdapter(PollHints | SeenMove | Learned | tuple[FormerAddress, ...])
# The same document is to be read again: what tells it apart as known is forgotten.
_UNREAD: dict[str, Any] = {"etag": None, "last_modified": None, "body_digest": None}
_NOW = bindparam("now", type_=sources.c.next_due.type)
_NO_LEASE: dict[str, Any] = {"lease_owner": None, "lease_until": None}
_FENCE = select(sources.c.fence).where(sources.c.key == bindparam("of_key")).with_for_update()
_SETTLED = update(sources).where(sources.c.key == bindparam("of_key"))
# What was learned at an address is worth nothing at another.
_FRESH: dict[str, Any] = _UNREAD | {"failures": 0, "former_urls": []}
_FRESH |= dict.fromkeys(
    "hints moved_to move_seen proposed_url missing_since news_at stale_seconds stale_at learned".split()
)


def sync_declared(tx: Connection, declared: Sequence[Source], now: datetime) -> tuple[str, ...]:
    """Make the store know what the files declare; their state is ours and stays. Returns keys no file has any more.

    A file's source takes the place of an operator's of the same key. One that vanished from its file is kept
    with its history but polled no more.
    """
    known = {row.key: row for row in tx.execute(select(sources))}
    for source in declared:
        plain = _plain(source)
        values = {"declared": plain, "declared_at": source.declared_at, "present": True}
        row = known.get(source.key)
        if row is None:
            _insert(tx, source, now)
        elif row.declared != plain or row.declared_at != source.declared_at or not row.present:
            fresh: dict[str, Any] = {}
            if _origin(row.declared) != _origin(plain):
                fresh = _FRESH | {"next_due": now, "host": _host(source)}
            elif _reading(row.declared) != _reading(plain):
                fresh = _UNREAD | {"next_due": now}
            tx.execute(update(sources).where(sources.c.key == source.key).values(**values, **fresh))
    keys = {source.key for source in declared}
    vanished = sorted(k for k, row in known.items() if row.declared_at is not None and row.present and k not in keys)
    if vanished:
        tx.execute(update(sources).where(sources.c.key.in_(vanished)).values(present=False))
    return tuple(vanished)


def add_source(tx: Connection, source: Source, now: datetime) -> None:
    """Add an operator's source, due at once; Conflict when the key is taken."""
    taken = tx.execute(select(sources.c.present).where(sources.c.key == source.key)).scalar()
    if taken:
        raise Conflict(f"There is a source {source.key!r} already; choose another --key.")
    if taken is not None:
        tx.execute(delete(sources).where(sources.c.key == source.key))
    _insert(tx, source, now)


def change_reading(tx: Connection, source: Source, now: datetime) -> None:
    """Set an operator's source to be read otherwise (charset, zone); its document is read again at the next poll."""
    declared = get_source(tx, source.key)
    if declared.declared_at is not None:
        raise Provisioned("source", source.key, declared.declared_at)
    values = {"declared": _plain(source), "next_due": now, **_UNREAD}
    tx.execute(update(sources).where(sources.c.key == source.key).values(**values))


def remove_source(tx: Connection, key: str) -> None:
    """Forget an operator's source; its entries, articles and ledger stay. One declared in a file is refused."""
    source = get_source(tx, key)
    if source.declared_at is not None:
        raise Provisioned("source", key, source.declared_at)
    tx.execute(update(sources).where(sources.c.key == key).values(present=False))


def get_source(tx: Connection, key: str) -> Source:
    """What a source declares; NotFound if there is none."""
    if (row := tx.execute(select(sources.c.declared).where(sources.c.key == key, sources.c.present)).first()) is None:
        raise NotFound("source", key)
    return _SOURCE.validate_python(row.declared)


def recall_source(tx: Connection, key: str) -> tuple[Source, SourceState]:
    """A source with its state, also one that was removed or that no file declares any more; NotFound if never known."""
    if (row := tx.execute(select(*_KNOWN).where(sources.c.key == key)).first()) is None:
        raise NotFound("source", key)
    return _known(row)


def get_state(tx: Connection, key: str) -> SourceState:
    """The state kept of a source; NotFound if there is none."""
    if (row := tx.execute(select(*_KNOWN).where(sources.c.key == key, sources.c.present)).first()) is None:
        raise NotFound("source", key)
    return _known(row)[1]


def list_sources(tx: Connection) -> list[tuple[Source, SourceState]]:
    """Every source with its state, by key."""
    return [_known(row) for row in tx.execute(select(*_KNOWN).where(sources.c.present).order_by(sources.c.key))]


def list_suspects(
    tx: Connection, also: Sequence[str], *, due_before: datetime, now: datetime
) -> list[tuple[Source, SourceState]]:
    """Sources that may not be well, and those of the keys `also`: the rest need no look at their health."""
    suspect = or_(
        sources.c.condition != "active",
        sources.c.failures > 0,
        sources.c.next_due < due_before,
        sources.c.stale_at < now,
        sources.c.learned[("suspicion", "since")].as_string().is_not(None),
        sources.c.learned[("drift", "since")].as_string().is_not(None),
        sources.c.key.in_(also),
    )
    query = select(*_KNOWN).where(sources.c.present, suspect)
    return [_known(row) for row in tx.execute(query.order_by(sources.c.key))]


def set_condition(tx: Connection, key: str, condition: Condition, *, now: datetime) -> SourceState:
    """Pause, resume, freeze or stop a source; resuming makes it due at once with a clean record of failures.

    That also takes back what a source asked for too much of, such as a Retry-After of a day.
    """
    if get_state(tx, key).condition != condition:
        note_source(tx, key, condition, now)
    values: dict[str, Any] = {"condition": condition}
    if condition == "frozen":
        # Whoever is polling it just now holds an old fence and writes nothing.
        values |= _NO_LEASE | {"fence": sources.c.fence + 1}
    if condition == "active":
        values |= {"next_due": now, "failures": 0, "missing_since": None}
    tx.execute(update(sources).where(sources.c.key == key).values(**values))
    return get_state(tx, key)


def claim_due(tx: Connection, *, owner: str, now: datetime, lease: timedelta, most: int, per_host: int) -> Claimed:
    """Claim up to `most` sources that are due, longest overdue first, but only `per_host` of one host at a time.

    A host with hundreds of sources due, or a slow one, so never takes the hands that others need (PROMISES 121).
    """
    claimed: Claimed = []
    statement = _claim_nearest(tx.dialect.name == "sqlite")
    # Looked at are the longest overdue, several times as many as are claimed. Where few hosts have all of them, these
    # hosts are full after one round, and the next looks at others.
    while (left := most - len(claimed)) > 0:
        bounds = {"most": left, "looked_at": _LOOKED_AT * left, "per_host": per_host}
        if not (found := _taken(tx, statement, owner, now, lease, **bounds)):
            break
        claimed += found
    return claimed


@lru_cache  # to make it takes longer than to run it
def _claim_nearest(alone: bool) -> ReturningUpdate[Any]:
    busy, per_host = sources.alias(), bindparam("per_host", type_=Integer)
    under_way = select(func.count()).where(busy.c.host == sources.c.host, busy.c.lease_until > _NOW).scalar_subquery()
    near = (
        select(sources.c.key, sources.c.host, sources.c.next_due, under_way.label("under_way"))
        .where(_due(_NOW), or_(sources.c.host.is_(None), under_way < per_host))
        .order_by(sources.c.next_due, sources.c.key)
        .limit(bindparam("looked_at", type_=Integer))
        .subquery()
    )
    turn = func.row_number().over(partition_by=near.c.host, order_by=(near.c.next_due, near.c.key))
    ready = select(near.c.key, near.c.host, near.c.next_due, near.c.under_way, turn.label("turn")).subquery()
    in_turn = (
        select(ready.c.key)
        .where(or_(ready.c.host.is_(None), ready.c.turn + ready.c.under_way <= per_host))
        .order_by(ready.c.next_due, ready.c.key)
        .limit(bindparam("most", type_=Integer))
    )
    if alone:  # as SQLite's writers are; a second look at what is due would read all that is due
        return _claim(sources.c.key.in_(in_turn))
    due = select(sources.c.key).where(sources.c.key.in_(in_turn), _due(_NOW)).with_for_update(skip_locked=True)
    return _claim(sources.c.key.in_(due.scalar_subquery()))


def first_due(tx: Connection, *, now: datetime, before: datetime) -> datetime | None:
    """When the first free source is due, if that is not after `before`: a look that spares the write lock."""
    return tx.execute(_first_due(), {"now": now, "before": before}).scalar()


@lru_cache
def _first_due() -> Select[Any]:
    comes_due = sources.c.next_due <= bindparam("before", type_=_NOW.type)
    return select(sources.c.next_due).where(_free(_NOW), comes_due).order_by(sources.c.next_due).limit(1)


def _due(now: Any) -> ColumnElement[bool]:
    return and_(_free(now), sources.c.next_due <= now)


def _free(now: Any) -> ColumnElement[bool]:
    unleased = or_(sources.c.lease_until.is_(None), sources.c.lease_until <= now)
    return and_(sources.c.condition == "active", sources.c.present, unleased)


def claim_one(
    tx: Connection, key: str, *, owner: str, now: datetime, lease: timedelta
) -> tuple[Source, SourceState] | None:
    """Claim one source whether due or not; None while another holds its lease. Conflict for a frozen one."""
    if get_state(tx, key).condition == "frozen":
        raise Conflict(f"The source {key!r} is frozen; `feedhub source resume {key}` thaws it.")
    free = or_(sources.c.lease_until.is_(None), sources.c.lease_until <= _NOW)
    return next(iter(_taken(tx, _claim((sources.c.key == key) & free), owner, now, lease)), None)


def _claim(where: Any) -> ReturningUpdate[Any]:
    leased = {"lease_owner": bindparam("owner"), "lease_until": bindparam("until"), "fence": sources.c.fence + 1}
    return update(sources).where(where).values(leased).returning(*_KNOWN)


def _taken(tx: Connection, claim: Any, owner: str, now: datetime, lease: timedelta, **bounds: int) -> Claimed:
    rows = tx.execute(claim, {"owner": owner, "now": now, "until": now + lease, **bounds})
    return sorted(map(_known, rows), key=lambda pair: (pair[1].next_due, pair[1].key))


def hold_fence(tx: Connection, key: str, fence: int) -> None:
    """Conflict unless the claim with that fence still stands; locks the source's row to the commit."""
    found = tx.execute(_FENCE, {"of_key": key}).scalar()
    if found != fence:
        raise Conflict(f"Another worker took over the source {key!r} meanwhile; this poll's result is thrown away.")


def settle_poll(tx: Connection, key: str, values: dict[str, Any]) -> None:
    """Write what a poll left behind (validators, next due, failures) and give the lease back."""
    tx.execute(_SETTLED, _plain_state(values) | _NO_LEASE | {"of_key": key})


def settle_polls(tx: Connection, settled: Sequence[tuple[SourceState, dict[str, Any]]]) -> frozenset[str]:
    """`settle_poll` for many claims together; the keys of those that still stand, the others are left alone."""
    keys = [state.key for state, _ in settled]
    held = select(sources.c.key, sources.c.fence).where(sources.c.key.in_(keys)).order_by(sources.c.key)
    fences: dict[str, int] = {row.key: row.fence for row in tx.execute(held.with_for_update())}
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    standing = set()
    for state, values in settled:
        if fences.get(state.key) == state.fence:
            standing.add(state.key)
            alike.setdefault(tuple(sorted(values)), []).append(_plain_state(values) | _NO_LEASE | {"key": state.key})
    for rows in alike.values():
        update_rows(tx, sources, rows)
    return frozenset(standing)


def give_back(tx: Connection, key: str, fence: int) -> None:
    """Give a lease back without a poll; nothing when another holds it by now."""
    tx.execute(update(sources).where(sources.c.key == key, sources.c.fence == fence).values(**_NO_LEASE))


def change_extract(tx: Connection, key: str, extract: Extract) -> Source:
    """Give an operator's source other selectors. One declared in a file is refused."""
    source = get_source(tx, key)
    if source.declared_at is not None:
        raise Provisioned("source", key, source.declared_at)
    changed = replace(source, extract=extract)
    tx.execute(update(sources).where(sources.c.key == key).values(declared=_plain(changed)))
    return changed


def relearn(tx: Connection, key: str, learned: Learned, now: datetime) -> None:
    """Replace what is known of a source; its document is read again, at once."""
    plain = _PLAIN.dump_python(learned, mode="json")
    fresh = {name: _FRESH[name] for name in ("etag", "last_modified", "body_digest", "failures")}
    again = {"next_due": now, "last_error": None, "last_error_code": None}
    tx.execute(update(sources).where(sources.c.key == key).values(learned=plain, **fresh, **again))


def make_due(tx: Connection, key: str, now: datetime) -> None:
    """Make a source due at once."""
    get_state(tx, key)
    tx.execute(update(sources).where(sources.c.key == key).values(next_due=now))


def _insert(tx: Connection, source: Source, now: datetime) -> None:
    tx.execute(
        insert(sources).values(
            key=source.key,
            declared=_plain(source),
            declared_at=source.declared_at,
            present=True,
            condition="active",
            next_due=now,
            fence=0,
            failures=0,
            host=_host(source),
            former_urls=[],
        )
    )


def _plain(source: Source) -> dict[str, Any]:
    plain: dict[str, Any] = _SOURCE.dump_python(source, mode="json")
    return plain


def _plain_state(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: Json(_PLAIN.dump_json(value), "utf-8") if name in _VALUES and value is not None else value
        for name, value in values.items()
    }


def _origin(declared: dict[str, Any]) -> tuple[Any, ...]:
    return tuple(declared.get(part) for part in ("kind", "url", "path", "extract"))


def _reading(declared: dict[str, Any]) -> tuple[Any, ...]:
    """How its documents are read; a source stored before a key was there has that key's default."""
    return declared.get("encoding"), declared.get("time_zone"), declared.get("trust_zone", True)


def _known(row: Sequence[Any]) -> tuple[Source, SourceState]:
    declared, *state = row
    return _SOURCE.validate_python(declared), _STATE.validate_python(dict(zip(_STATE_FIELDS, state, strict=True)))


def _host(source: Source) -> str | None:
    return host_of(source.url)[:255] if source.url else None
