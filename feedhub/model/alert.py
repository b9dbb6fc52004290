"""An alert: something an operator has to hear of; and a notice, which carries alerts to one channel."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

NoticeKind = Literal["raised", "cleared", "still", "digest", "test"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """`code` is stable, `text` a sentence for a person; `source` None where it is about no source.

    Raised, then cleared when it is over. `noticed_at`: the last notice of it was made; `told_at`: a channel took
    the first; `closed_at`: its end was said too, or need not be. `tries` counts what failed on the way.
    """

    id: str
    source: str | None
    code: str
    text: str
    raised_at: datetime
    cleared_at: datetime | None = None
    noticed_at: datetime | None = None
    told_at: datetime | None = None
    closed_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message to one channel; `id` is the same over all tries, `next_try` None when it is sent or given up."""

    id: str
    channel: str
    kind: NoticeKind
    alert_ids: tuple[str, ...]
    message: dict[str, Any]
    made_at: datetime
    next_try: datetime | None
    tries: int = 0
    sent_at: datetime | None = None
    last_error: str | None = None
