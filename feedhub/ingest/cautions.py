"""What a person should know of a source beside its health: licence, reprint list, overrides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from feedhub.basics.dates import zone
from feedhub.ingest.licence import may_show_fetched_text
from feedhub.model.source import Source, SourceState

CHECKED_WITHIN = timedelta(days=365)


def cautions(source: Source, state: SourceState, now: datetime) -> tuple[str, ...]:
    """Sentences, gravest first; none for a source that nothing is to be said of."""
    return tuple(_cautions(source, state, now))


def _cautions(source: Source, state: SourceState, now: datetime) -> Iterator[str]:
    if source.robots == "ignore":
        yield f"robots.txt is ignored, as decided by {source.robots_by}: {source.robots_why}"
    yield from _reprint(source, now.astimezone(zone(source.time_zone)).date())
    if source.extract is not None and source.extract.detail is not None and not may_show_fetched_text(source):
        yield "its licence is unknown: the text of items' own pages is not shown"
    if source.pictures == "store" and not may_show_fetched_text(source):
        yield "its licence is unknown: that its pictures may be copied is the word of who set `pictures: store`"
    trusted = state.learned.trusted if state.learned else None
    if trusted is not None:
        yield f"trusted by {trusted.by} on {trusted.at:%Y-%m-%d} although {'; '.join(trusted.what)}"


def _reprint(source: Source, today: date) -> Iterator[str]:
    """Whether its place on the official list is on record and was checked within a year (SEMANTICS 12)."""
    listed = source.reprint
    if not listed.listed:
        return
    missing = [name for name in ("number", "checked_on", "by") if getattr(listed, name) is None]
    if missing:
        yield f"it is marked as listed, but the record lacks {', '.join(missing)}"
    if listed.checked_on is not None and (checked := _day(listed.checked_on)) is not None:
        if checked > today:
            yield f"its place on the reprint list was checked on {checked}, which is ahead"
        elif today - checked > CHECKED_WITHIN:
            yield f"its place on the reprint list was last checked on {checked}, more than a year ago"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
