"""When a document was last modified: the stored time of its generation, strictly rising, never ahead (SEMANTICS 3)."""

from __future__ import annotations

from datetime import datetime, timedelta

_SECOND = timedelta(seconds=1)


def next_last_modified(changed_at: datetime, before: datetime | None, now: datetime) -> datetime | None:
    """The next document's Last-Modified in whole seconds, a second later than the last one at least.

    None while that lies ahead by up to 2 s: the next beat will do. Further ahead the clock was set back, and
    a feed that stands still would be the greater harm.
    """
    moment = changed_at.replace(microsecond=0)
    if before is not None:
        moment = max(moment, before + _SECOND)
    return None if now < moment <= now + 2 * _SECOND else moment
