"""What a receiver is to be sent: the document current at this moment when it holds all that the receiver misses, else
a catch-up document of the oldest it misses (SEMANTICS 25).

What was withdrawn is in neither. History that a section's document never announced is missed by nobody (SEMANTICS 16).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from feedhub.hub.rsscloud import ping_of
from feedhub.hub.rules import Rules
from feedhub.model.feed import FeedDocument
from feedhub.model.hub import Content, Cursor
from feedhub.store.changes import Announced, announced_since
from feedhub.store.documents import get_document
from feedhub.store.topics import foreign_content
from feedhub.store.windows import window

ITEMS = 50
# So many are looked at at once; more than a current document can hold: whoever misses them is caught up in any case.
_LOOKED_AT = 500

# Makes a document like the first one, of the articles named, oldest first; None when none of them can be shown.
MakeCatchUp = Callable[[Connection, FeedDocument, Sequence[str]], FeedDocument | None]
# Whether a section's feed carries articles of a language.
Carries = Callable[[str, str], bool]


class Contents:
    """Contents for receivers in one view of the store; those at the same place get the same bytes."""

    def __init__(self, tx: Connection, rules: Rules, carries: Carries, make_catch_up: MakeCatchUp) -> None:
        self._tx, self._rules, self._carries, self._make = tx, rules, carries, make_catch_up
        self._documents: dict[str, FeedDocument | None] = {}
        self._windows: dict[str, frozenset[str]] = {}
        self._made: dict[tuple[str, int], Content | None] = {}

    def for_receiver(self, one: Cursor) -> Content | None:
        """What to send to the receiver at its cursor; None when the topic has nothing to send at all."""
        if one.dialect == "rsscloud":
            return self._ping(one)
        place = (one.topic, one.acked_seq)
        if place not in self._made:
            self._made[place] = self._foreign(one) if one.foreign else self._ours(one.topic, one.acked_seq)
        return self._made[place]

    def _ping(self, one: Cursor) -> Content | None:
        """A ping carries the address alone, however much there is to fetch (SEMANTICS 28)."""
        whole = self._foreign(one) if one.foreign else self._current(one.topic)
        if whole is None:
            return None
        body, content_type = ping_of(whole.address, one.procedure)
        return replace(whole, body=body, content_type=content_type)

    def _current(self, path: str) -> Content | None:
        if path not in self._documents:
            self._documents[path] = get_document(self._tx, path)
        found = self._documents[path]
        if found is None:
            return None
        address = self._rules.address_of(path, foreign=False)
        return Content(address=address, seq=found.generation, body=found.body, content_type=found.content_type)

    def _foreign(self, one: Cursor) -> Content | None:
        found = foreign_content(self._tx, one.topic_id)
        return None if found is None else Content(address=one.topic, seq=found[0], body=found[1], content_type=found[2])

    def _ours(self, path: str, since: int) -> Content | None:
        current = self._current(path)
        document = self._documents[path]
        if current is None or document is None:
            return None
        missed = self._missed(document, since) if document.kind == "current" else []
        if not all(one.article_id in self._window(document.name) for one in missed):
            return self._catch_up(current, document, missed) or current
        return current

    def _catch_up(self, current: Content, document: FeedDocument, missed: Sequence[Announced]) -> Content | None:
        """A document of the oldest that are missed; None when none of them can be shown."""
        for first in range(0, len(missed), ITEMS):
            batch = missed[first : first + ITEMS]
            made = self._make(self._tx, document, [one.article_id for one in batch])
            if made is not None:
                return Content(
                    address=current.address,
                    seq=batch[-1].seq,
                    body=made.body,
                    content_type=document.content_type,
                    catch_up=True,
                    newest=document.generation,
                )
        return None

    def _missed(self, document: FeedDocument, since: int) -> list[Announced]:
        """What was announced since, the oldest first: all of it, or more than a current document can hold."""
        missed: list[Announced] = []
        while len(missed) < _LOOKED_AT:
            found = announced_since(self._tx, document.name, since, document.generation, _LOOKED_AT)
            missed += [one for one in found if self._carries(document.name, one.language)]
            if len(found) < _LOOKED_AT:
                break
            since = found[-1].seq
        return missed

    def _window(self, section: str) -> frozenset[str]:
        if section not in self._windows:
            self._windows[section] = frozenset(row.article_id for row in window(self._tx, section))
        return self._windows[section]
