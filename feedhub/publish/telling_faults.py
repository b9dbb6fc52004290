"""An alert that stands for as long as something of ours cannot be made."""

from __future__ import annotations

from feedhub.ports.clock import Clock
from feedhub.store.alerts import clear_alert, is_standing, raise_alert
from feedhub.store.engine import Store


def tell_while(store: Store, code: str, trouble: str | None, clock: Clock) -> None:
    """Raise the alert of that code, or renew its text; with no trouble take it back. Writes only where it must."""
    with store.read() as tx:
        standing = is_standing(tx, source=None, code=code)
    if trouble is None and not standing:
        return
    with store.write() as tx:
        if trouble is not None:
            raise_alert(tx, source=None, code=code, text=trouble, now=clock.now())
        else:
            clear_alert(tx, source=None, code=code, now=clock.now())
