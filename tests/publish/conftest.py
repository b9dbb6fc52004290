"""A store of each kind with the sections of the small portal, and its own style."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedhub.publish.style import Style
from feedhub.store.engine import Store
from tests.kit import StillClock, open_store
from tests.publish import material


@pytest.fixture
def clock() -> StillClock:
    return StillClock(material.NOON)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url, material.NOON, material.PORTAL.sections())
    yield opened
    opened.close()


@pytest.fixture
def style() -> Style:
    return material.STYLE
