"""A partner: someone who pulls or is pushed under a key, and what the key is for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

# For what a key is: to subscribe, and to read what one has subscribed to.
Scope = Literal["subscribe", "read"]
SCOPES: tuple[Scope, ...] = ("subscribe", "read")


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """`rotated_at` is when its key was last changed; `revoked_at` when it lost it."""

    name: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    rotated_at: datetime | None = None
    revoked_at: datetime | None = None
