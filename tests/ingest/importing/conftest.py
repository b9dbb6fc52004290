"""What the tests of the import share: a context from the shipped feeds/, a store with tables, an import in one call."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedhub.basics.dates import zone
from feedhub.config.tree import read_tree
from feedhub.ingest.importing.portal_tables import load_portal_tables
from feedhub.ingest.importing.records import ImportContext
from feedhub.ingest.importing.report import ImportReport
from feedhub.ingest.importing.take_in import import_path
from feedhub.model.section import Portal
from feedhub.store.engine import Store
from tests.kit import open_store

FEEDS = Path(__file__).resolve().parents[3] / "feeds"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)

ImportCall = Callable[..., ImportReport]


@pytest.fixture(scope="session")
def context() -> ImportContext:
    columns, former, faults = read_tree(FEEDS / "sections.yaml", "feeds/sections.yaml", "en")
    assert not faults
    tables = load_portal_tables(FEEDS / "portal")
    portal = Portal("P", "Portal", "en", "Asia/Shanghai", "", "", None, "http://127.0.0.1", columns)
    return ImportContext(
        home=zone("Asia/Shanghai"),
        language="en",
        id_authority="example.org,2018",
        installation_id=uuid.UUID("11111111-2222-4333-8444-555555555555"),
        sections=frozenset(portal.sections()),
        now=NOW,
        sources=tables.sources,
        addresses=tables.addresses,
        former_ids={"life/wellness": "life/health", **former},
    )


@pytest.fixture
def store(store_url: str, context: ImportContext) -> Iterator[Store]:
    store = open_store(store_url, NOW, sorted(context.sections))
    yield store
    store.close()


@pytest.fixture
def take_in(store: Store, context: ImportContext) -> ImportCall:
    """`take_in(path, form=None, now=NOW)`: one import."""

    def call(path: Path, form: Any = None, now: datetime = NOW) -> ImportReport:
        then = replace(context, now=now)
        return import_path(store, path, form, then, progress=lambda done, total: None, now=now)

    return call
