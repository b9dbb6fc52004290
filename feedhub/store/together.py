"""Writes of many threads in one transaction: whoever comes first takes along what waits behind it.

    poll ─┐
    poll ─┼─→ waiting ─→ BEGIN, a savepoint for each, COMMIT ─→ everybody is told
    poll ─┘

Each write stays all or nothing: one that raises is taken back and hears of it, and the others go on. Nobody is told
before the commit. A commit waits for the disk, and on SQLite writers that do not queue here sleep in turns until the
lock happens to be free.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AbstractContextManager
from typing import Any, TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError

MOST = 50
# Seconds: whoever else wants to write waits no longer than that, and what the last one in it takes.
LONGEST = 0.25
Result = TypeVar("Result")
_Apply = Callable[[Connection], Any]
_Waiting = tuple[_Apply, "Future[Any]"]


class Together:
    """The writes of one process that may share a transaction; `transaction` opens one."""

    def __init__(self, transaction: Callable[[], AbstractContextManager[Connection]]) -> None:
        self._transaction = transaction
        self._waiting: deque[_Waiting] = deque()
        self._turn = threading.Lock()

    def write(self, apply: Callable[[Connection], Result]) -> Result:
        """Apply in a transaction that others may share; its result once that is committed.

        Raises what `apply` raises, with nothing of it written. It may be called again after a write beside it failed.
        """
        told: Future[Result] = Future()
        self._waiting.append((apply, told))
        with self._turn:
            while not told.done():  # in the order of arrival: ours may be behind others'
                late = self._write([self._waiting.popleft() for _ in range(min(MOST, len(self._waiting)))])
                self._waiting.extendleft(reversed(late))
        return told.result()

    def _write(self, batch: list[_Waiting]) -> list[_Waiting]:
        """Write what there is time for; returns the rest."""
        outcomes: list[tuple[Any, Exception | None]] = []
        at: int | None = None
        try:
            with self._transaction() as tx:
                until = time.monotonic() + LONGEST
                for at, (apply, _) in enumerate(batch):  # noqa: B007 (who was at it is asked below)
                    if outcomes and time.monotonic() > until:
                        break
                    # One that is alone is taken back with the transaction, and needs no savepoint.
                    outcomes.append(_applied(tx, apply) if len(batch) > 1 else (apply(tx), None))
                at = None
        except Exception as error:
            if at is None or len(batch) == 1:
                for _, told in batch:
                    told.set_exception(error)
            else:
                # One broke the transaction itself, such as by a deadlock: the others are written without it.
                batch.pop(at)[1].set_exception(error)
                return self._write(batch)
            return []
        for (_, told), (result, raised) in zip(batch, outcomes, strict=False):
            if raised is None:
                told.set_result(result)
            else:
                told.set_exception(raised)
        return batch[len(outcomes) :]


def _applied(tx: Connection, apply: _Apply) -> tuple[Any, Exception | None]:
    """What one write gave, or what it raised when it could be taken back."""
    savepoint = tx.begin_nested()
    try:
        result = apply(tx)
    except Exception as error:
        if isinstance(error, OperationalError | InterfaceError):
            raise
        savepoint.rollback()
        return None, error
    savepoint.commit()
    return result, None
