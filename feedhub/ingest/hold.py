"""An operator's hand on a source: freeze it, withdraw what came from it, trust it again, mend its rule.

Each is one transaction: frozen and withdrawn are so together or not at all.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.errors import Conflict
from feedhub.model.extract import Extract
from feedhub.model.learned import Learned
from feedhub.model.shape import Drift
from feedhub.model.standing import Trusted
from feedhub.store.article_reads import articles_of_origin
from feedhub.store.articles import withdraw_article
from feedhub.store.entries import get_entry
from feedhub.store.sources import change_extract, get_state, recall_source, relearn, set_condition


def freeze_source(tx: Connection, key: str, *, now: datetime) -> None:
    """No polls, and nothing of it is accepted; a poll that is under way writes nothing any more."""
    set_condition(tx, key, "frozen", now=now)


def withdraw_from(tx: Connection, key: str, *, now: datetime, by: str, reason: str) -> int:
    """Withdraw every article that came from a source, scheduled ones too; how many there were."""
    found = articles_of_origin(tx, f"source:{key}")
    for article_id in found:
        withdraw_article(tx, article_id, now=now, by=by, reason=reason)
    return len(found)


def refuse_frozen(tx: Connection, entry_id: str) -> None:
    """Conflict when the entry's source is frozen."""
    entry = get_entry(tx, entry_id)
    if recall_source(tx, entry.source)[1].condition == "frozen":
        raise Conflict(
            f"The source {entry.source!r} of the entry {entry_id} is frozen: `feedhub source resume {entry.source}` "
            "thaws it, --force accepts this entry all the same."
        )


def trust_source(tx: Connection, key: str, *, now: datetime, by: str) -> tuple[str, ...]:
    """What looked suspicious or redesigned is right: it is learned anew from the next poll. Returns what was lifted."""
    learned = get_state(tx, key).learned or Learned()
    lifted = (
        *(learned.suspicion.why if learned.suspicion else ()),
        *(learned.drift.signs if learned.drift else ()),
    )
    if not lifted:
        raise Conflict(f"Nothing is held against the source {key!r}.")
    if learned.suspicion:
        learned = replace(learned, suspicion=None, standing=None)
    if learned.drift:
        learned = replace(learned, drift=None, shape=None)
    relearn(tx, key, replace(learned, trusted=Trusted(by=by, at=now, what=lifted)), now)
    return lifted


def drift_of(tx: Connection, key: str) -> Drift:
    """What was seen when the source last looked otherwise; Conflict when it looks as it was learned."""
    learned = get_state(tx, key).learned
    if learned is None or learned.drift is None:
        raise Conflict(f"The source {key!r} looks as it was learned; there is nothing to mend.")
    return learned.drift


def mend_source(tx: Connection, key: str, extract: Extract, *, now: datetime, by: str) -> None:
    """Give an operator's source the rule that was proposed; it is polled at once. Provisioned for a file's."""
    drift = drift_of(tx, key)
    learned = get_state(tx, key).learned or Learned()
    change_extract(tx, key, extract)
    mended = replace(learned, drift=None, shape=None, trusted=Trusted(by=by, at=now, what=drift.signs))
    relearn(tx, key, mended, now)
