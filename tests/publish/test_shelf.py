"""The shelf: what was asked for last stays, and the bytes held never exceed the bound."""

from __future__ import annotations

from feedhub.publish.shelf import _OVERHEAD, Shelf


def test_the_least_asked_for_goes_first() -> None:
    shelf: Shelf[str, bytes] = Shelf(3 * (_OVERHEAD + 100), len)
    for name in "abc":
        shelf.keep(name, b"x" * 100)
    assert shelf.get("a") is not None
    shelf.keep("d", b"x" * 100)
    assert [name for name in "abcd" if shelf.get(name) is not None] == ["a", "c", "d"]
    shelf.keep("d", b"y" * 50)
    assert shelf.bytes == 3 * _OVERHEAD + 250
    shelf.keep("huge", b"x" * 100_000)
    assert shelf.bytes == 0
    assert shelf.get("huge") is None
