"""Partners' documents: which were asked for, which are stored, and under which licences their sources stand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from feedhub.model.feed import FeedDocument
from feedhub.store.document_tables import documents, profile_pairs, profile_states
from feedhub.store.documents import put_documents
from feedhub.store.rows import upsert
from feedhub.store.tables import sources

MOST_ASKED = 100


@dataclass(frozen=True, slots=True)
class StoredProfile:
    """What is stored of a partner's document: generation, the digest of all it depends on, Last-Modified.

    `renew_at` is when time alone makes it another one; `left_out` are articles of which no item could be written.
    """

    generation: int
    style: str
    last_modified: datetime
    renew_at: datetime | None = None
    left_out: tuple[str, ...] = ()


def ask_for_profile(tx: Connection, profile: str, section: str, now: datetime) -> None:
    """Have a section's document made for a partner from now on; beyond `MOST_ASKED` the one asked for first goes."""
    upsert(tx, profile_pairs, [{"profile": profile, "section": section, "asked_at": now}])
    over = int(tx.execute(select(func.count()).select_from(profile_pairs)).scalar_one()) - MOST_ASKED
    if over > 0:
        p = profile_pairs.c
        oldest = tx.execute(select(p.profile, p.section).order_by(p.asked_at, p.profile, p.section).limit(over)).all()
        for row in oldest:
            tx.execute(delete(profile_pairs).where(p.profile == row.profile, p.section == row.section))


def profiles_asked_for(tx: Connection) -> list[tuple[str, str]]:
    """(profile, section) of the documents that somebody asked for."""
    rows = tx.execute(select(profile_pairs.c.profile, profile_pairs.c.section))
    return [(row.profile, row.section) for row in rows]


def stored_profiles(tx: Connection) -> dict[str, StoredProfile]:
    """Every partner's document by its path."""
    d, state = documents.c, profile_states.c
    query = (
        select(d.path, d.generation, d.style, d.last_modified, state.renew_at, state.left_out)
        .outerjoin(profile_states, state.path == d.path)
        .where(d.kind == "profile")
    )
    return {
        row.path: StoredProfile(row.generation, row.style, row.last_modified, row.renew_at, tuple(row.left_out or ()))
        for row in tx.execute(query)
    }


def store_profile(
    tx: Connection, made: FeedDocument, style: str, *, renew_at: datetime | None, left_out: Sequence[str]
) -> None:
    """Store a partner's document; what the last two are says `StoredProfile`."""
    put_documents(tx, [made], style)
    upsert(tx, profile_states, [{"path": made.path, "renew_at": renew_at, "left_out": list(left_out)}])


def drop_documents(tx: Connection, paths: Collection[str]) -> None:
    """Forget documents that nobody is to get any more."""
    for table in (documents, profile_states):
        tx.execute(delete(table).where(table.c.path.in_(list(paths))))


def licences_of(tx: Connection, keys: Sequence[str]) -> dict[str, str]:
    """The licence of each source, by key."""
    rows = tx.execute(select(sources.c.key, sources.c.declared).where(sources.c.key.in_(list(keys))))
    return {row.key: str(row.declared.get("licence") or "") for row in rows}
