"""What polls need to be done with, joined by wiring: the store, the four seams, the tree and its rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from feedhub.ingest.mending import Reader
from feedhub.ingest.promote import Identity
from feedhub.model.section import Section
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.web import Web
from feedhub.store.engine import Store

LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Ingest:
    """What polls need, joined by wiring; `passwords` are those of sources that the environment has."""

    store: Store
    web: Web
    parser: Reader
    clock: Clock
    dice: Dice
    sections: Mapping[str, Section]
    reprints: Literal["any", "listed_only"]
    identity: Identity
    feeds_directory: Path
    robot: str = "FeedHub"
    base_url: str = ""
    passwords: Mapping[str, str] = field(default_factory=dict, repr=False)
