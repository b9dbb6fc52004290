"""An alert that stands for as long as something of ours cannot be made, and names what.

It is tried again with every beat; only the first time leaves a trace in the log.
"""

from __future__ import annotations

from collections.abc import Sequence

from feedhub.ports.clock import Clock
from feedhub.store.alerts import clear_alert, raise_alert, standing_text
from feedhub.store.engine import Store

MOST_NAMED = 10


def not_made(what: str, names: Sequence[str]) -> str | None:
    """`The feeds of life, news cannot be made…`; None where there are no names."""
    if not names:
        return None
    return f"{what} of {', '.join(names[:MOST_NAMED])} cannot be made; the old ones stand. The log says why."


def is_told(store: Store, code: str, name: str) -> bool:
    """Whether the standing alert of that code names it, or has no room for more names."""
    with store.read() as tx:
        said = standing_text(tx, source=None, code=code) or ""
    named = said.partition(" of ")[2].partition(" cannot be made")[0].split(", ")
    return name in named or len(named) >= MOST_NAMED


def tell_while(store: Store, code: str, trouble: str | None, clock: Clock) -> None:
    """Raise the alert of that code, or renew its text; with no trouble take it back. Writes only where it must."""
    with store.read() as tx:
        standing = standing_text(tx, source=None, code=code)
    if trouble == standing:
        return
    with store.write() as tx:
        if trouble is not None:
            raise_alert(tx, source=None, code=code, text=trouble, now=clock.now())
        else:
            clear_alert(tx, source=None, code=code, now=clock.now())
