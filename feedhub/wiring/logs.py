"""Log lines on standard error: one event, one line, whatever an address or a header tried to put into it."""

from __future__ import annotations

import logging
import re
import sys

_UNSAFE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
LONGEST = 4000


class OneLine(logging.Formatter):
    """Formats a record as one capped line; a traceback's lines are joined by ` | `."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        text = super().format(record).replace("\n", " | ")
        text = _UNSAFE.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
        return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def start_logging(level: int = logging.INFO) -> None:
    """Send our own log lines to standard error; libraries speak up from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("feedhub").setLevel(level)
    # A beat that finds the last one still at work is how a metronome is meant to go.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
