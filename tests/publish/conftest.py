"""A store of each kind with the sections of the small portal, and its own style."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedhub.publish.style import Style
from feedhub.store.engine import Store
from feedhub.store.schema import upgrade_schema
from feedhub.store.sections import sync_sections
from tests.kit import StillClock
from tests.publish import material


@pytest.fixture
def clock() -> StillClock:
    return StillClock(material.NOON)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = Store(store_url)
    upgrade_schema(opened)
    with opened.write() as tx:
        sync_sections(tx, tuple(material.PORTAL.sections()), material.NOON)
    yield opened
    opened.close()


@pytest.fixture
def style() -> Style:
    return material.STYLE
