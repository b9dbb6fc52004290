"""Randomness: jitter and unguessable tokens."""

from __future__ import annotations

import secrets
from typing import Protocol


class Dice(Protocol):
    """Throws what must not be foreseen."""

    def fraction(self) -> float:
        """A number in [0, 1)."""
        ...

    def token(self) -> str:
        """256 unguessable bits as 43 URL-safe characters."""
        ...


class SystemDice:
    """The operating system's randomness."""

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return secrets.randbelow(1 << 53) / (1 << 53)

    def token(self) -> str:
        """256 unguessable bits as 43 URL-safe characters."""
        return secrets.token_urlsafe(32)
