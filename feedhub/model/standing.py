"""What a source usually brings, and the suspicion it is under when it suddenly brings something else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What was usual over `polls` polls with `titles` new titles.

    `page_host` answered, `home_host` is what its document names as its home; `link_hosts` are those of its items,
    `script` the writing of its titles and `script_share` how much of them; `words` are the commonest of its titles,
    joined by spaces; `most_items` of one document; `seen` are short digests of the last items.
    """

    polls: int = 0
    titles: int = 0
    page_host: str = ""
    home_host: str = ""
    link_hosts: tuple[str, ...] = ()
    script: str = ""
    script_share: float = 0.0
    words: str = ""
    most_items: int = 0
    seen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Why all that a source brings is held, and since when; lifted by an operator."""

    since: datetime
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusted:
    """An operator's word that what looked suspicious or redesigned is right."""

    by: str
    at: datetime
    what: tuple[str, ...]
