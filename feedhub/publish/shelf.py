"""What was made for a request and may be asked for again, within a bound of bytes: the least asked for goes first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from feedhub.model.feed import FeedDocument

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")

# What a thing costs beyond its own bytes: its key, and the place it has here.
_OVERHEAD = 2048


class Shelf(Generic[Key, Value]):
    """Holds `memory` bytes in all, each thing as long as `size` says. Safe to share by threads."""

    def __init__(self, memory: int, size: Callable[[Value], int]) -> None:
        self._memory, self._size = memory, size
        self._held: OrderedDict[Key, Value] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Key) -> Value | None:
        """What is held under the key, or None."""
        with self._lock:
            if (found := self._held.get(key)) is not None:
                self._held.move_to_end(key)
            return found

    def keep(self, key: Key, value: Value) -> Value:
        """Hold a value in the place of what was there, as far as it has room; returns it."""
        with self._lock:
            if (old := self._held.pop(key, None)) is not None:
                self._bytes -= self._cost(old)
            self._held[key] = value
            self._bytes += self._cost(value)
            while self._bytes > self._memory:
                _, dropped = self._held.popitem(last=False)
                self._bytes -= self._cost(dropped)
        return value

    @property
    def bytes(self) -> int:
        """How much is held."""
        return self._bytes

    def _cost(self, value: Value) -> int:
        return self._size(value) + _OVERHEAD


def document_size(document: FeedDocument) -> int:
    """The bytes of a document in all its forms."""
    return len(document.body) + len(document.gzip) + len(document.brotli) + len(document.zstd)
