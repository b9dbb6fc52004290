"""A store of each kind with its tables."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from feedhub.store.engine import Store
from tests.kit import open_store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()
