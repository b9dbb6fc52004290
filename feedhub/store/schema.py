"""Bring the tables up to this program, and say where they stand (alembic)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.command import upgrade as alembic_upgrade
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select

from feedhub.errors import SchemaMismatch
from feedhub.store import (
    canary_tables,
    document_tables,
    hub_tables,
    partner_tables,
    picture_tables,
    push_tables,
    raw_tables,
    search_tables,
    tables,
    webhook_tables,
)
from feedhub.store.engine import Store
from feedhub.store.metadata import metadata
from feedhub.store.settings import get_setting, set_setting
from feedhub.store.tables import counters

# The rows are there from the start: a row that exists can be locked, and that is what they are for.
COUNTERS = ("seq", "ingest", "start", "alerts", "documents")
# Importing them is what hangs every table on the metadata.
TABLE_GROUPS = (
    tables,
    canary_tables,
    document_tables,
    hub_tables,
    partner_tables,
    picture_tables,
    push_tables,
    raw_tables,
    search_tables,
    webhook_tables,
)
_MIGRATIONS = Path(__file__).parent / "migrations"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """`present` is the revision found (None: an empty database), `wanted` this program's; `differences` in words."""

    present: str | None
    wanted: str
    known: bool
    differences: tuple[str, ...]

    @property
    def current(self) -> bool:
        """Whether tables and program fit."""
        return self.present == self.wanted and not self.differences


def upgrade_schema(store: Store) -> str:
    """Run every migration that is missing, in one transaction; returns the revision reached."""
    state = check_schema(store, compare=False)
    if not state.known:
        raise SchemaMismatch(_too_new(state.present))
    config = _config()
    with store.write() as tx:
        config.attributes["connection"] = tx
        alembic_upgrade(config, "head")
        have = set(tx.execute(select(counters.c.name)).scalars())
        for name in COUNTERS:
            if name not in have:
                tx.execute(insert(counters).values(name=name, value=0))
        if get_setting(tx, "installation_id") is None:
            set_setting(tx, "installation_id", str(uuid.uuid4()))
    return state.wanted


def check_schema(store: Store, *, compare: bool = True) -> SchemaState:
    """Compare the database with this program; with `compare` table by table, else the revision only."""
    script = ScriptDirectory.from_config(_config())
    wanted = script.get_current_head()
    assert wanted is not None
    with store.read() as tx:
        context = MigrationContext.configure(tx, opts={"compare_type": False, "include_name": _is_ours})
        present = context.get_current_revision()
        known = present is None or present in {revision.revision for revision in script.walk_revisions()}
        differences = tuple(_words(step) for step in compare_metadata(context, metadata)) if compare else ()
    return SchemaState(present, wanted, known, differences)


def require_schema(store: Store) -> None:
    """SchemaMismatch with what to do, unless tables and program fit."""
    state = check_schema(store, compare=False)
    if not state.known:
        raise SchemaMismatch(_too_new(state.present))
    if state.present != state.wanted:
        raise SchemaMismatch(
            f"The tables are at revision {state.present or 'none'}, this program needs {state.wanted}: "
            "run `feedhub db upgrade`."
        )


def _too_new(present: str | None) -> str:
    return (
        f"The tables are at revision {present}, which this program does not know: they were made by a newer "
        "FeedHub. Start that one, or restore a backup from before the upgrade."
    )


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """Whether a table is one that the metadata describes; those below an FTS5 table are SQLite's own."""
    return kind != "table" or not (name or "").startswith(search_tables.FTS)


def _words(step: object) -> str:
    if isinstance(step, tuple) and len(step) > 1:
        return f"{step[0]}: {getattr(step[1], 'name', step[1])}"
    return str(step)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config
