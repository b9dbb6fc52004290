"""Who stands in a section's current document (SEMANTICS 16).

The document shows the 50 newest by (published, id), and besides them, for 7 days, whatever was accepted late
or corrected; 150 at most. What has left stays out: a withdrawal leaves a gap that only newer pieces fill, and
importing history announces nothing that is older than a piece already outside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from feedhub.model.article import ChangeKind

SHOWN = 50
MOST = 150
PINNED_FOR = timedelta(days=7)

Place = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Member:
    """An article in the current document; `pinned_until` keeps it there whatever its date."""

    article_id: str
    published: datetime
    pinned_until: datetime | None = None

    @property
    def place(self) -> Place:
        """Where it stands in the order of time."""
        return self.published, self.article_id


@dataclass(frozen=True, slots=True)
class WindowChange:
    """One change of the section's subtree since the document was made.

    `published` is the article's date as it is now, None when the section does not show it any more;
    `arrives` is false for a move within the subtree, which announces nothing.
    """

    kind: ChangeKind
    article_id: str
    at: datetime
    late: bool
    published: datetime | None
    arrives: bool = True


def next_window(
    members: Sequence[Member], changes: Sequence[WindowChange], now: datetime, outside: Place | None = None
) -> tuple[Member, ...]:
    """The members after `changes` (in order of seq), newest first.

    `outside` is the place of the newest article that the section holds and the document does not show, before
    the changes; None when the document shows all. `now` ends the pins: give the stored instant of the latest
    change, so that the outcome depends on stored content alone.
    """
    standing = {member.article_id: member for member in members}
    for change in changes:
        _apply(standing, change, outside)
        for member in _surplus(standing.values(), now):
            del standing[member.article_id]
            outside = member.place if outside is None else max(outside, member.place)
    for member in _surplus(standing.values(), now):
        del standing[member.article_id]
    return tuple(sorted(standing.values(), key=lambda member: member.place, reverse=True))


def _apply(standing: dict[str, Member], change: WindowChange, outside: Place | None) -> None:
    present = standing.get(change.article_id)
    if change.published is None:
        standing.pop(change.article_id, None)
    elif change.late:
        pinned = change.at + PINNED_FOR
        if present is not None and present.pinned_until is not None:
            pinned = max(pinned, present.pinned_until)
        standing[change.article_id] = Member(change.article_id, change.published, pinned)
    elif present is not None:
        standing[change.article_id] = replace(present, published=change.published)
    elif change.arrives and (outside is None or (change.published, change.article_id) > outside):
        standing[change.article_id] = Member(change.article_id, change.published)


def _surplus(members: Iterable[Member], now: datetime) -> list[Member]:
    """Who has to leave: behind the newest 50 without a pin, then the pins that end first beyond 150."""
    order = sorted(members, key=lambda member: member.place, reverse=True)
    pinned = [m for m in order[SHOWN:] if m.pinned_until is not None and m.pinned_until > now]
    leaving = [m for m in order[SHOWN:] if m.pinned_until is None or m.pinned_until <= now]
    over = len(pinned) - (MOST - SHOWN)
    if over > 0:
        leaving += sorted(pinned, key=lambda m: (m.pinned_until or now, m.place))[:over]
    return leaving
