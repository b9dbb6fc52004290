"""Randomness: jitter and unguessable tokens."""

from __future__ import annotations

import random
import secrets
from typing import Protocol


class Dice(Protocol):
    """Throws what must not be foreseen, and what need not be."""

    def fraction(self) -> float:
        """A number in [0, 1), for spreading times and for nothing secret."""
        ...

    def token(self) -> str:
        """256 unguessable bits as 43 URL-safe characters."""
        ...


class SystemDice:
    """The operating system's randomness; for jitter, of which every poll takes some, what it once was the seed of."""

    def fraction(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311 - it only spreads times

    def token(self) -> str:
        """256 unguessable bits as 43 URL-safe characters."""
        return secrets.token_urlsafe(32)
