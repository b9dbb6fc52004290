"""An editor's word on entries: accept, reject; each with name, reason and one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.basics.text import near_names
from feedhub.errors import Conflict, NotFound, UsageError
from feedhub.ingest.identity import item_digest
from feedhub.ingest.promote import Identity, correct_article, publish_entry
from feedhub.ingest.withdrawals import tell_waiting
from feedhub.model.entry import Entry, Gone
from feedhub.model.keys import content_key
from feedhub.model.section import Section
from feedhub.store.article_reads import find_article
from feedhub.store.articles import withdraw_article
from feedhub.store.entries import get_entry, lock_identities, update_entry
from feedhub.store.sources import recall_source


def accept_entry(
    tx: Connection,
    entry_id: str,
    *,
    tree: Mapping[str, Section],
    identity: Identity,
    now: datetime,
    by: str,
    sections: Sequence[str] = (),
) -> Entry:
    """Publish a held entry, or one that was filtered or merged wrongly, or bring the revision that waits in.

    `sections` replace its own.
    What waits because its source took it back is withdrawn here too.
    """
    lock_identities(tx)
    entry = get_entry(tx, entry_id)
    if entry.gone is not None and entry.gone.verdict == "waits":
        return _follow(tx, entry, entry.gone, now=now, by=by)
    source, state = recall_source(tx, entry.source)
    site_link = state.site_link
    if entry.pending is not None:
        revised = replace(
            entry,
            item=replace(entry.pending, published=entry.item.published),
            pending=None,
            revision=entry.revision + 1,
            changed_at=now,
            decided_by=by,
            decided_at=now,
        )
        keys = {
            "item_digest": item_digest(entry.pending),
            "content_key": content_key(entry.pending.title, entry.pending.html or entry.pending.summary),
            "pending_digest": None,
        }
        update_entry(tx, revised, keys=keys)
        correct_article(tx, revised, source, identity, site_link, now, by)
        return revised
    if entry.state not in ("held", "rejected", "filtered", "merged"):
        raise Conflict(f"The entry {entry_id} is {entry.state}; there is nothing to accept.")
    chosen = tuple(dict.fromkeys(sections)) or entry.sections
    for section in chosen:
        if section not in tree:
            raise NotFound("section", section, near_names(section, tree))
    if not chosen:
        raise UsageError(f"The entry {entry_id} has no section; name one with --section.")
    # A piece that waited over its own date comes out with that date; one from a time ahead comes out then.
    # A wrong merge is undone so: the entry has an article of its own from now on.
    if entry.state == "merged":
        entry = replace(entry, merged_into=None, article_id=None)
    kept = None if entry.gone is None else replace(entry.gone, verdict="kept")
    accepted = replace(entry, sections=chosen, decided_by=by, decided_at=now, reason="accepted", gone=kept)
    return publish_entry(tx, accepted, source, identity, site_link, late=True, now=now, by=by)


def reject_entry(tx: Connection, entry_id: str, *, reason: str, now: datetime, by: str) -> Entry:
    """Reject a held entry for good, or the revision or the source's withdrawal that waits (the article stands)."""
    entry = get_entry(tx, entry_id)
    if entry.gone is not None and entry.gone.verdict == "waits":
        kept = replace(entry, gone=replace(entry.gone, verdict="kept"), changed_at=now, decided_by=by, decided_at=now)
        update_entry(tx, kept)
        tell_waiting(tx, entry.source, now)
        return kept
    if entry.pending is not None:
        # The digest of the refused revision stays, so that the source's next poll does not bring it back.
        kept = replace(entry, pending=None, changed_at=now, decided_by=by, decided_at=now)
        update_entry(tx, kept, keys={"item_digest": item_digest(entry.pending), "pending_digest": None})
        return kept
    if entry.state not in ("held", "accepted"):
        raise Conflict(f"The entry {entry_id} is {entry.state}; only a held one can be rejected.")
    out = replace(entry, state="rejected", reason=reason, decided_by=by, decided_at=now, changed_at=now)
    update_entry(tx, out)
    return out


def _follow(tx: Connection, entry: Entry, gone: Gone, *, now: datetime, by: str) -> Entry:
    article = find_article(tx, entry.article_id) if entry.article_id else None
    if article is not None and article.state != "withdrawn":
        reason = "; ".join(filter(None, ("withdrawn by its source", gone.reason if gone.how == "tombstone" else "")))
        withdraw_article(tx, article.id, now=now, by=by, reason=reason)
    done = replace(entry, gone=replace(gone, verdict="followed"), changed_at=now, decided_by=by, decided_at=now)
    update_entry(tx, done)
    tell_waiting(tx, entry.source, now)
    return done
