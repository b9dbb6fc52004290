"""What tests of several rooms build with: a clock that stands still, a store with its tables, sample values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from feedhub.model.article import Article
from feedhub.model.safehtml import make_safe
from feedhub.model.section import Section
from feedhub.model.source import Source
from feedhub.store.engine import Store
from feedhub.store.schema import upgrade_schema
from feedhub.store.sections import sync_sections

NOW = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
TREE = (
    Section(
        "current-news",
        "Current News",
        "新闻",
        ("en", "zh"),
        (
            Section(
                "current-news/hot-news",
                "Hot News",
                None,
                ("en", "zh"),
                (Section("current-news/hot-news/local", "Local", "本地", ("en", "zh")),),
            ),
        ),
    ),
    Section("life", "Life", None, ("en",), (Section("life/health", "Health", None, ("en",)),)),
    Section("all", "AllDocsList", None, ("any",)),
)
LOCAL = "current-news/hot-news/local"
# On SQLite at once, on PostgreSQL with the long tests: for a test whose neighbours ask the same of both.
POSTGRESQL_LATER = pytest.mark.parametrize(
    "store_url", ["sqlite", pytest.param("postgresql", marks=pytest.mark.long)], indirect=True
)


class StillClock:
    """A clock that moves only when told to."""

    def __init__(self, now: datetime = NOW) -> None:
        self.instant = now
        self._back = timedelta(0)

    def now(self) -> datetime:
        return self.instant

    def monotonic(self) -> float:
        return (self.instant + self._back - NOW).total_seconds()

    def set_back(self, **span: float) -> None:
        """Set wall time back; monotonic time knows nothing of it."""
        self.instant -= timedelta(**span)
        self._back += timedelta(**span)

    def pass_(self, **span: float) -> None:
        self.instant += timedelta(**span)


class LoadedDice:
    """Dice that always fall the same."""

    def __init__(self, fraction: float = 0.0) -> None:
        self.value = fraction

    def fraction(self) -> float:
        return self.value

    def token(self) -> str:
        return "t" * 43


def sections() -> dict[str, Section]:
    """Every section of TREE by id."""
    found: dict[str, Section] = {}

    def walk(nodes: tuple[Section, ...]) -> None:
        for node in nodes:
            found[node.id] = node
            walk(node.children)

    walk(TREE)
    return found


def open_store(url: str, now: datetime = NOW, known: Iterable[str] | None = None) -> Store:
    """A store with these sections, else those of TREE, on a new SQLite file or a database that has its tables."""
    file = url.removeprefix("sqlite:///")
    if file != url and not Path(file).exists():
        Path(file).write_bytes(sqlite_tables())
    store = Store(url)
    with store.write() as tx:
        sync_sections(tx, tuple(sections() if known is None else known), now)
    return store


@cache
def sqlite_tables() -> bytes:
    """An SQLite database that has today's tables: a copy takes a hundredth of what the migrations take."""
    with TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/tables.db")
        upgrade_schema(store)
        store.close()
        return Path(folder, "tables.db").read_bytes()


def an_article(id_: str = "a1", **values: Any) -> Article:
    """An article of yesterday in LOCAL."""
    day = NOW - timedelta(days=1)
    plain: dict[str, Any] = {
        "id": id_,
        "public_id": f"tag:example.org,2018:article/{id_}",
        "title": f"Title {id_}",
        "sections": (LOCAL,),
        "language": "en",
        "published": day,
        "updated": day,
        "html": make_safe(f"<p>The body of {id_}, long enough to be told apart from others.</p>"),
    }
    return Article(**(plain | values))


def a_source(key: str = "s1", **values: Any) -> Source:
    """A source of kind feed with policy auto into LOCAL."""
    plain: dict[str, Any] = {
        "key": key,
        "name": f"Source {key}",
        "url": f"http://127.0.0.1:9/{key}.xml",
        "sections": (LOCAL,),
        "policy": "auto",
        "language": "en",
    }
    return Source(**(plain | values))
