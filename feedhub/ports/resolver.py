"""Names to addresses: one call per hop, the whole answer is what the guard judges (SEMANTICS 29)."""

from __future__ import annotations

import socket
from typing import Protocol


class Resolver(Protocol):
    """Resolves a host name."""

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Every address of `host` as literal text, in the system's order; OSError if there is none."""
        ...


class SystemResolver:
    """The system's resolver (getaddrinfo)."""

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Every address of `host` as literal text, in the system's order; OSError if there is none."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
