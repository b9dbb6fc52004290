"""A store of each kind, and a recorder that brings items in as a poll would."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

import pytest

from feedhub.ingest.decide import Rules
from feedhub.ingest.facts import facts_of
from feedhub.ingest.promote import Identity
from feedhub.ingest.record import record_items
from feedhub.model.item import Item
from feedhub.model.poll import LedgerLine
from feedhub.model.safehtml import make_safe
from feedhub.model.source import Source
from feedhub.store.engine import Store
from feedhub.store.sources import add_source, list_sources
from tests.kit import NOW, open_store, sections

IDENTITY = Identity("example.org,2018", UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"))
Bring = Callable[..., tuple[LedgerLine, ...]]


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def bring(store: Store) -> Bring:
    def bring(
        source: Source, items: Sequence[Item], *, now: datetime = NOW, reprints: str = "any", first_poll: bool = False
    ) -> tuple[LedgerLine, ...]:
        with store.write() as tx:
            if source.key not in {known.key for known, _ in list_sources(tx)}:
                add_source(tx, source, now)
            return record_items(
                tx,
                source,
                items,
                rules=Rules(sections(), reprints),  # type: ignore[arg-type]
                identity=IDENTITY,
                site_link="http://site.example/",
                first_poll=first_poll,
                now=now,
                facts={item: facts_of(item) for item in items},
            )

    return bring


def an_item(name: str = "1", **values: object) -> Item:
    plain: dict[str, object] = {
        "guid": f"guid-{name}",
        "link": f"http://site.example/{name}.html",
        "title": f"Story {name}",
        "html": make_safe(f"<p>What story {name} has to say is long enough to be told from others.</p>"),
        "published": NOW.replace(hour=1),
    }
    return Item(**(plain | values))  # type: ignore[arg-type]
