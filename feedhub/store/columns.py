"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer
from sqlalchemy.types import TypeDecorator

from feedhub.basics.dates import aware

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# SQLite gives its own row numbers to INTEGER only; PostgreSQL wants 64 bits.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")


class Json(str):
    """A value of a JSON column that is written as JSON already."""

    __slots__ = ()


class Instant(TypeDecorator[datetime]):
    """An instant as microseconds since 1970 UTC: sorts the same everywhere; naive time is refused."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """An aware datetime as a whole number."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The number as an aware datetime in UTC."""
        # timedelta takes twice as long to read its arguments by name.
        return None if value is None else _EPOCH + timedelta(0, 0, int(value))


def microseconds(moment: datetime) -> int:
    """An instant as it stands in its column, for what goes to the driver as it is."""
    return (aware(moment) - _EPOCH) // _MICROSECOND


def offset_minutes(moment: datetime) -> int:
    """The offset from UTC in minutes, kept beside an Instant so that output keeps it (SEMANTICS 13)."""
    offset = aware(moment).utcoffset()
    return round(offset.total_seconds() / 60) if offset is not None else 0


def with_offset(moment: datetime, minutes: int) -> datetime:
    """The instant as seen under that offset."""
    return moment.astimezone(timezone(timedelta(minutes=minutes)))
