"""What was learned of a source over its polls, kept with its state; each part belongs to one guard."""

from __future__ import annotations

from dataclasses import dataclass

from feedhub.model.mailbox import ReadTo
from feedhub.model.shape import Drift, Shape
from feedhub.model.skew import Skew
from feedhub.model.standing import Standing, Suspicion, Trusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Empty for a source that was never read. A part that is None has not been learned yet.

    `read_to` is how far a mailbox was read.
    """

    shape: Shape | None = None
    drift: Drift | None = None
    skew: Skew | None = None
    standing: Standing | None = None
    suspicion: Suspicion | None = None
    trusted: Trusted | None = None
    read_to: ReadTo | None = None
