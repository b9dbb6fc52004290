"""Apply a poll in ONE write: entries, articles, ledger, validators, next due (DESIGN, poll flow).

gather → decide → APPLY. Killed anywhere, either all of it is there or none: an ETag is never kept without
its entries (PROMISES 105, 108).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.ingest.decide import By, Rules, decide_known, decide_new, decide_twin, settle_date, state_for
from feedhub.ingest.identity import Keys, document_keys, same_words
from feedhub.ingest.promote import Identity, NewArticles, add_sections, correct_article
from feedhub.ingest.reprints import Reprints, find_reprints
from feedhub.ingest.rules import Ruled, apply_rules, guard_held
from feedhub.ingest.withdrawals import came_back, tell_waiting
from feedhub.model.entry import Decision, Entry
from feedhub.model.item import Facts, Item
from feedhub.model.poll import LedgerLine
from feedhub.model.source import Source
from feedhub.store.article_reads import find_by_keys
from feedhub.store.entries import add_entries, find_standing, lock_identities, reserve_entry_ids, update_entry
from feedhub.store.text_marks import keep_marks


@dataclass(slots=True)
class Known:
    """Entries that this document's items may be, by key; grows while its items are recorded."""

    guid: dict[str, Entry]
    path: dict[str, list[Entry]]
    link: dict[str, list[Entry]]
    content: dict[str, list[Entry]]
    digests: dict[str, tuple[str, str | None]]
    imported: dict[str, str]
    guids: frozenset[str | None] = frozenset()
    taken: set[str] = field(default_factory=set)
    reprints: Reprints[Keys] = field(default_factory=Reprints)

    def own(self, item: Item, keys: Keys, source: str) -> Entry | None:
        """The entry that this very source made of this item before."""
        if keys.guid and (found := self.guid.get(keys.guid)):
            return found
        for by in (
            self.path.get(keys.path or ""),
            self.link.get(keys.link or ""),
            self.content.get(keys.content or ""),
        ):
            for entry in by or ():
                if entry.source == source and entry.id not in self.taken and self._may_be(entry, item, keys):
                    return entry
        return None

    def _may_be(self, entry: Entry, item: Item, keys: Keys) -> bool:
        """Under another guid only when the old one is gone from the document and title or text agree (SEMANTICS 9)."""
        if not keys.guid or not entry.item.guid or entry.item.guid == item.guid:
            return True
        return entry.item.guid not in self.guids and same_words(entry.item, item)

    def article(self, keys: Keys) -> str | None:
        """The article, stored before this poll, that tells the same, the link first."""
        return self.imported.get(keys.link or "") or self.imported.get(keys.content or "")

    def twin(self, keys: Keys) -> tuple[Entry | None, By | None]:
        """An entry that tells the same story, and by which key."""
        groups: tuple[tuple[By, list[Entry] | None], ...] = (
            ("link", self.link.get(keys.link or "")),
            ("content", self.content.get(keys.content or "")),
        )
        for by, group in groups:
            group = [entry for entry in group or () if entry.state != "filtered"]
            if group:
                heads = [entry for entry in group if entry.state != "merged"]
                return (heads or group)[0], by
        return None, None


def record_items(
    tx: Connection,
    source: Source,
    items: Sequence[Item],
    *,
    rules: Rules,
    identity: Identity,
    site_link: str | None,
    first_poll: bool,
    now: datetime,
    holds: Mapping[int, Decision] | None = None,
    raws: Sequence[str | None] = (),
    facts: Mapping[Item, Facts],
) -> tuple[LedgerLine, ...]:
    """Decide on every item of a document and write what was decided; one ledger line each, in order.

    `first_poll`: what a source brings on its first poll is its history and announces nothing old
    (SEMANTICS 16). `holds`: what the guards hold, by position. `raws`: the digest of the
    document that each item stood in. `facts`: what was worked out of items as they came.
    """
    lock_identities(tx)
    ruled = [guard_held(apply_rules(item, source), (holds or {}).get(place)) for place, item in enumerate(items)]
    keys = document_keys([one.item for one in ruled], source.key, facts, raws)
    known = gather_known(tx, source, keys)
    known.guids = frozenset(item.guid for item in items)
    known.taken = {known.guid[k.guid].id for k in keys if k.guid and k.guid in known.guid}
    newcomers = {
        k: one.item
        for one, k in zip(ruled, keys, strict=True)
        if known.own(one.item, k, source.key) is None and known.twin(k)[0] is None and not known.article(k)
    }
    known.reprints = find_reprints(tx, source.key, newcomers, known.guids, now, facts)
    links = [item.link for item in newcomers.values() if item.link]
    articles = NewArticles(tx, source, identity, site_link, late=not first_poll, now=now, links=links)
    new = NewEntries(tx, len(items))
    recorder = Recorder(tx, source, rules, identity, site_link, not first_poll, now, new, articles)
    lines = tuple(
        recorder.line(position, one, item_keys, known)
        for position, (one, item_keys) in enumerate(zip(ruled, keys, strict=True))
    )
    articles.write()
    new.write()
    keep_marks(tx, known.reprints.entries, now)
    return lines


def gather_known(tx: Connection, source: Source, keys: Sequence[Keys]) -> Known:
    """The entries that items of these keys may be."""
    links, contents = [k.link for k in keys if k.link], [k.content for k in keys if k.content]
    asked = {
        "guid_key": [k.guid for k in keys if k.guid],
        "path_key": [k.path for k in keys if k.path],
        "link_key": links,
        "content_key": contents,
    }
    known = Known({}, {}, {}, {}, {}, {})
    standing = find_standing(tx, source.key, asked)
    own_guids, all_links, all_contents = set(asked["guid_key"]), set(links), set(contents)
    for one in standing:
        known.digests[one.entry.id] = one.digests
        guid, link, content = (one.keys[name] for name in ("guid_key", "link_key", "content_key"))
        if guid in own_guids:
            known.guid.setdefault(str(guid), one.entry)
        if link in all_links:
            known.link.setdefault(str(link), []).append(one.entry)
        if content in all_contents:
            known.content.setdefault(str(content), []).append(one.entry)
    # An item that its guid finds needs no second look: only newcomers are known by path.
    paths = {k.path for k in keys if k.path and k.guid not in known.guid}
    for one in standing:
        if one.entry.source == source.key and one.keys["path_key"] in paths:
            known.path.setdefault(str(one.keys["path_key"]), []).append(one.entry)
    # An article without an entry was imported; what this poll publishes is known by its entry first.
    if any(k.guid not in known.guid for k in keys):
        known.imported = find_by_keys(tx, links, contents)
    return known


class NewEntries:
    """New entries of one document: they have their ids at once and are written together."""

    def __init__(self, tx: Connection, most: int) -> None:
        self._tx, self._most = tx, most
        self._ids: Iterator[str] | None = None
        self._waiting: dict[str, tuple[Entry, dict[str, str | None]]] = {}

    def next_id(self) -> str:
        """The id of the next new entry."""
        if self._ids is None:
            self._ids = iter(reserve_entry_ids(self._tx, self._most))
        return next(self._ids)

    def add(self, entry: Entry, keys: Keys) -> None:
        """Have it written."""
        self._waiting[entry.id] = (
            entry,
            {
                "guid_key": keys.guid,
                "path_key": keys.path,
                "link_key": keys.link,
                "content_key": keys.content,
                "item_digest": keys.digest,
                "raw_digest": keys.raw,
            },
        )

    def update(self, entry: Entry, keys: dict[str, str | None] | None = None) -> None:
        """Write an entry's present state, after those that wait if it is one of them."""
        if entry.id in self._waiting:
            self.write()
        update_entry(self._tx, entry, keys=keys)

    def write(self) -> None:
        """Write what waits."""
        waiting, self._waiting = list(self._waiting.values()), {}
        add_entries(self._tx, waiting)


@dataclass(frozen=True, slots=True)
class Recorder:
    """Decides on items and writes what is decided, in one transaction of the caller's."""

    tx: Connection
    source: Source
    rules: Rules
    identity: Identity
    site_link: str | None
    late: bool
    now: datetime
    new: NewEntries
    articles: NewArticles

    def line(self, position: int, ruled: Ruled, keys: Keys, known: Known) -> LedgerLine:
        """Decide on one item, write it, and say so."""
        item = ruled.item
        own = known.own(item, keys, self.source.key)
        entry_id: str | None
        if own is not None:
            decision, entry_id = self.known_item(ruled, keys, own, known)
        else:
            decision, entry_id = self._new_item(ruled, keys, known)
        return LedgerLine(
            position, item.title, item.guid, decision.outcome, decision.reason, decision.rule, decision.note, entry_id
        )

    def known_item(self, ruled: Ruled, keys: Keys, entry: Entry, known: Known) -> tuple[Decision, str]:
        """Decide on a newer revision of an entry and write it; the decision and the entry's id."""
        known.taken.add(entry.id)
        item, former = ruled.item, entry.item.guid
        if entry.gone is not None and (again := came_back(entry)) is not entry:
            entry = again
            self.new.update(entry)
            tell_waiting(self.tx, self.source.key, self.now)
        standing, waiting = known.digests.get(entry.id, ("", None))
        if keys.guid and item.guid != former:
            entry = replace(entry, item=replace(entry.item, guid=item.guid))
            self.new.update(entry, keys={"guid_key": keys.guid, "path_key": keys.path})
        own = decide_new(ruled, self.source, self.rules)
        decision = decide_known(own, standing == keys.digest, waiting == keys.digest, entry)
        if decision.reason == "same" and former and item.guid != former:
            decision = replace(decision, reason="guid_changed", note=f"its guid was {former[:200]}")
        settled = self._settled(item, entry)
        changed = replace(entry, changed_at=self.now, revision=entry.revision + 1)
        moved: dict[str, str | None] = {"content_key": keys.content, "item_digest": keys.digest, "raw_digest": keys.raw}
        if decision.outcome == "held" and entry.state != "held":
            waits_for = {"pending_digest": keys.digest, "raw_digest": keys.raw}
            self.new.update(replace(changed, pending=item), keys=waits_for)
            known.digests[entry.id] = (standing, keys.digest)
        elif decision.reason == "revision_taken_back":
            self.new.update(replace(entry, pending=None, changed_at=self.now), keys={"pending_digest": None})
            known.digests[entry.id] = (standing, None)
        elif decision.outcome == "held":
            waits = replace(changed, item=settled, reason=decision.reason, rule=decision.rule)
            self.new.update(waits, keys=moved)
            known.digests[entry.id] = (keys.digest, None)
        elif decision.outcome == "merged":
            self.new.update(replace(changed, item=settled), keys=moved)
            known.digests[entry.id] = (keys.digest, None)
        elif decision.outcome == "published":
            corrected = replace(changed, item=settled, pending=None)
            self.new.update(corrected, keys=moved | {"pending_digest": None})
            known.digests[entry.id] = (keys.digest, None)
            self.articles.write()
            correct_article(self.tx, corrected, self.source, self.identity, self.site_link, self.now, "rule:auto")
        return decision, entry.id

    def _settled(self, item: Item, entry: Entry) -> Item:
        """The newer revision under the date that was settled before, or under its own where that is a date to keep."""
        if item.published is None or entry.state != "held":
            return replace(item, published=entry.item.published)
        return settle_date(item, self.now).settled

    def _new_item(self, ruled: Ruled, keys: Keys, known: Known) -> tuple[Decision, str | None]:
        dated = settle_date(ruled.item, self.now)
        own = decide_new(ruled, self.source, self.rules)
        if own.outcome == "dropped":
            return own, None
        # What a rule filtered is no story of ours: it neither joins another nor holds a later one back.
        filtered = own.outcome == "filtered"
        twin, by = (None, None) if filtered else known.twin(keys)
        imported = None if twin or filtered else known.article(keys)
        decision = own
        near = None if twin or imported or filtered else known.reprints.of(keys)
        if near is not None and near.how.same:
            twin, by = near.entry, "story"
        alike = None if twin or imported or filtered else known.reprints.article(keys)
        if alike is not None:
            imported, by = alike[0], "story"
        if twin is not None or imported is not None:
            decision = decide_twin(own, twin, by or "link")
        share = f"{alike[1].share:.0%} the same text" if alike else ""
        said = (near.words if near else share, dated.note if decision.outcome in ("published", "held") else "")
        if any(said):
            decision = replace(decision, note="; ".join(filter(None, (decision.note, *said))))
        merged_with = twin if decision.outcome == "merged" else None
        release_at = dated.release_at if decision.outcome == "published" else None
        entry = Entry(
            id=self.new.next_id(),
            source=self.source.key,
            state=state_for(decision, release_at),
            item=dated.settled,
            reason=decision.reason,
            rule=decision.rule,
            sections=ruled.sections,
            first_seen=self.now,
            changed_at=self.now,
            article_id=(merged_with.article_id if merged_with else imported if decision.outcome == "merged" else None),
            merged_into=(merged_with.merged_into or merged_with.id) if merged_with else None,
            release_at=release_at,
            decided_by=f"rule:{decision.rule}" if decision.outcome != "held" else None,
            decided_at=self.now if decision.outcome != "held" else None,
        )
        if decision.outcome == "published":
            entry = self.articles.announce(entry, "rule:auto")
            if twin is not None and twin.state == "held":
                merged = replace(twin, state="merged", merged_into=entry.id, article_id=entry.article_id)
                self.new.update(merged)
        elif decision.outcome == "merged" and own.outcome == "published" and entry.article_id:
            self.articles.write()
            add_sections(self.tx, entry.article_id, ruled.sections, self.now, self.late)
        self.new.add(entry, keys)
        self._remember(known, keys, entry)
        return decision, entry.id

    def _remember(self, known: Known, keys: Keys, entry: Entry) -> None:
        known.taken.add(entry.id)
        known.reprints.became(keys, entry)
        known.digests[entry.id] = (keys.digest, None)
        if keys.guid:
            known.guid[keys.guid] = entry
        if keys.link:
            known.link.setdefault(keys.link, []).append(entry)
        if keys.content:
            known.content.setdefault(keys.content, []).append(entry)
