"""Read a source's kept documents again under its present settings, and re-issue what now says something else.

    kept bytes ─→ as they were read then ─→ which entry is which item
             └──→ as they are read now ──→ rules, guards ─→ decide as for a newer revision ─→ ONE write per document,
                                                                                    with its row of the ledger

A held entry is replaced in the queue, a published one is corrected under `auto`, under `review` its revision waits;
what a person edited stays (SEMANTICS 10, 34). Dates may move too, where the source's zone was set right. An entry
whose text came from its own page stays as it is where the bytes of that page were let go. It takes the source's lease,
so that no poll writes beside it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from feedhub.errors import ParseError
from feedhub.ingest.article_parts import Whole, read_whole
from feedhub.ingest.decide import AHEAD, Rules, decide_new
from feedhub.ingest.further import Gathered, names_next, wants_detail, with_detail
from feedhub.ingest.garbled_guard import hold_garbled
from feedhub.ingest.identity import document_keys
from feedhub.ingest.means import Ingest
from feedhub.ingest.promote import NewArticles
from feedhub.ingest.reading import read_as
from feedhub.ingest.record import NewEntries, Recorder, gather_known
from feedhub.ingest.rules import Ruled, apply_rules, guard_held
from feedhub.ingest.sight import Sight
from feedhub.model.entry import Decision, Entry
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.learned import Learned
from feedhub.model.poll import LedgerLine, Poll
from feedhub.model.raw import RawDocument
from feedhub.model.source import Source
from feedhub.store.article_reads import find_article
from feedhub.store.articles import put_article
from feedhub.store.entries import find_by_raw, lock_identities, update_entry
from feedhub.store.polls import record_poll
from feedhub.store.raw_documents import list_raw
from feedhub.store.sources import LONGEST_LEASE, change_reading, claim_one, give_back, hold_fence, recall_source

_OWN_PAGES = ("detail", "full_text")


@dataclass(frozen=True, slots=True)
class Reread:
    """What became of the items of the documents that were read again, which charset each was read in, and notes."""

    documents: int
    decisions: tuple[str, ...]
    lines: tuple[LedgerLine, ...]
    notes: tuple[str, ...]


class _OnlyTrying(Exception):
    """Undoes a write that was only to show what it would do."""


def claim_and_redecode(ingest: Ingest, source: Source, *, by: str, owner: str, set_anew: bool = False) -> Reread | None:
    """Read again what is kept of `source` and re-issue it, under its lease; None while another holds that.

    `set_anew` writes how the source is read from now on, in the transaction of the claim.
    """
    with ingest.store.write() as tx:
        claimed = claim_one(tx, source.key, owner=owner, now=ingest.clock.now(), lease=LONGEST_LEASE)
        if claimed is None:
            return None
        if set_anew:
            change_reading(tx, source, ingest.clock.now())
    fence = claimed[1].fence
    try:
        return redecode(ingest, source, by=by, fence=fence)
    finally:
        with ingest.store.write() as tx:
            give_back(tx, source.key, fence)


def redecode(ingest: Ingest, source: Source, *, by: str, fence: int | None) -> Reread:
    """Read again what is kept of `source`; without a claim's `fence` everything is worked out, nothing is written."""
    with ingest.store.read() as tx:
        kept = list_raw(tx, source.key)
    pages = {raw.asked: raw for raw in kept if raw.reading in _OWN_PAGES}
    documents = [raw for raw in kept if raw.reading not in _OWN_PAGES]
    lines: list[LedgerLine] = []
    notes: list[str] = []
    decisions: dict[str, None] = {}
    for raw in documents:
        try:
            before, _ = _items(ingest, replace(source, encoding=raw.encoding), raw, pages)
            now_read, pageless = _items(ingest, source, raw, pages)
        except ParseError as error:
            notes.append(f"{raw.url}, read {raw.read_at:%Y-%m-%d %H:%M}Z: {error}")
            continue
        decisions[now_read.encoding] = None
        found, left = _apply(ingest, source, raw, before, now_read, pageless, by, fence)
        notes += left
        lines += [replace(line, position=len(lines) + number) for number, line in enumerate(found)]
    return Reread(len(documents), tuple(decisions), tuple(lines), tuple(notes))


def _items(
    ingest: Ingest, source: Source, raw: RawDocument, pages: Mapping[str, RawDocument]
) -> tuple[ParsedFeed, frozenset[int]]:
    """A kept document read under the source's settings, items with what their own kept pages add; and the places of
    those whose own page is wanted but kept no more."""
    feed = _read(ingest, source, raw)
    items: list[Item] = []
    pageless: set[int] = set()
    for place, item in enumerate(feed.items):
        wanted = wants_detail(source, item)
        page = pages.get(item.link or "") if wanted else None
        article = _article(ingest, source, page, pages) if page is not None else None
        items.append(with_detail(item, article.page.items[0]) if article is not None else item)
        if wanted and (article is None or article.note):
            pageless.add(place)
    return replace(feed, items=tuple(items)), frozenset(pageless)


def _article(ingest: Ingest, source: Source, first: RawDocument, pages: Mapping[str, RawDocument]) -> Whole:
    """An item's own page with those that its article goes on in, as far as they are kept."""

    def load(address: str) -> ParsedFeed:
        if address not in pages:
            raise ParseError("it is kept no more")
        return _read(ingest, source, pages[address])

    return read_whole(_read(ingest, source, first), first.asked, load, believed=names_next(source))


def _read(ingest: Ingest, source: Source, raw: RawDocument) -> ParsedFeed:
    return read_as(
        source,
        ingest.parser.parse,
        body=raw.body,
        content_type=raw.content_type,
        asked=raw.asked,
        url=raw.url,
        now=raw.read_at,
        kind=raw.reading,  # type: ignore[arg-type]
        extract=source.extract,
    )


def _apply(
    ingest: Ingest,
    source: Source,
    raw: RawDocument,
    before: ParsedFeed,
    after: ParsedFeed,
    pageless: frozenset[int],
    by: str,
    fence: int | None,
) -> tuple[list[LedgerLine], list[str]]:
    started = ingest.clock.now()
    lines: list[LedgerLine] = []
    left: list[str] = []
    try:
        with ingest.store.write() as tx:
            if fence is not None:
                hold_fence(tx, source.key, fence)
            lock_identities(tx)
            lines, left = _reissue(tx, ingest, source, raw, before, after, pageless)
            if fence is None:
                raise _OnlyTrying
            if lines:
                said = f"read again by {by} from the document kept of {raw.url}, as {after.encoding}"
                _record(tx, ingest, source, started, tuple(lines), (said, *left))
    except _OnlyTrying:
        pass
    return lines, left


def _reissue(
    tx: Connection,
    ingest: Ingest,
    source: Source,
    raw: RawDocument,
    before: ParsedFeed,
    after: ParsedFeed,
    pageless: frozenset[int],
) -> tuple[list[LedgerLine], list[str]]:
    """One ledger line for each item whose entry's newest revision came from this document, or says just the same; and
    a sentence for each that cannot be read as it was, since its own page is gone."""
    now = ingest.clock.now()
    # Where another charset makes another number of items, the new ones are looked for under their own keys.
    old = before.items if len(before.items) == len(after.items) else after.items
    ruled = _ruled(source, after, now)
    keys = document_keys([one.item for one in ruled], source.key)
    old_ruled = [apply_rules(item, source).item for item in old]
    old_keys = document_keys(old_ruled, source.key)
    known = gather_known(tx, source, old_keys)
    known.guids = frozenset(item.guid for item in old_ruled)
    came_from_it = find_by_raw(tx, source.key, raw.digest)
    rules = Rules(ingest.sections, ingest.reprints)
    _, state = recall_source(tx, source.key)
    site_link = source.home or state.site_link
    articles = NewArticles(tx, source, ingest.identity, site_link, late=True, now=now)
    recorder = Recorder(tx, source, rules, ingest.identity, site_link, True, now, NewEntries(tx, 0), articles)
    lines: list[LedgerLine] = []
    left: list[str] = []
    for place, one in enumerate(ruled):
        entry = known.own(old_ruled[place], old_keys[place], source.key)
        if entry is None or not (entry.id in came_from_it or old_keys[place].digest in known.digests[entry.id]):
            continue
        if place in pageless and old_keys[place].digest not in known.digests[entry.id]:
            left.append(f"entry {entry.id} stays as it is: the bytes of its own page are kept no more")
            continue
        one = replace(one, item=_trusted(one.item, entry))
        decision, _ = recorder.known_item(one, replace(keys[place], raw=raw.digest), entry, known)
        if decision.reason == "same":
            decision = _redate(tx, decide_new(one, source, rules), one.item, entry, decision, now)
        said = (decision.outcome, decision.reason, decision.rule, decision.note)
        lines.append(LedgerLine(place, one.item.title, one.item.guid, *said, entry.id))
    return lines, left


def _ruled(source: Source, feed: ParsedFeed, now: datetime) -> list[Ruled]:
    gathered = Gathered(feeds=(feed,), items=feed.items, notes=())
    found = hold_garbled(Sight(source=source, gathered=gathered, response=None, learned=Learned(), now=now))
    return [guard_held(apply_rules(item, source), found.holds.get(place)) for place, item in enumerate(feed.items)]


def _trusted(item: Item, entry: Entry) -> Item:
    """Without a date that lay ahead when the entry was first seen: that was set aside then, and is so for good."""
    ahead = item.published is not None and item.published > entry.first_seen + AHEAD
    return replace(item, published=None) if ahead else item


def _redate(tx: Connection, own: Decision, item: Item, entry: Entry, same: Decision, now: datetime) -> Decision:
    """The same text under another date: moved in the queue, and under `auto` in the article too."""
    if item.published is None or item.published == entry.item.published or entry.pending is not None:
        return same
    moved = replace(entry.item, published=item.published, precision=item.precision, notes=item.notes)
    dated = replace(entry, item=moved, changed_at=now)
    note = f"its date is {item.published.isoformat()} now"
    if entry.state == "held":
        update_entry(tx, dated)
        return Decision("held", "date_moved", own.rule, note)
    article = find_article(tx, entry.article_id) if entry.article_id else None
    if own.outcome != "published" or article is None or entry.state not in ("published", "accepted"):
        return same
    update_entry(tx, dated)
    dated_article = replace(article, published=item.published, precision=item.precision)
    put_article(tx, dated_article, now=now, late=False, by="rule:auto", reason=f"entry {entry.id}: date")
    return Decision("published", "date_moved", own.rule, note)


def _record(
    tx: Connection,
    ingest: Ingest,
    source: Source,
    started: datetime,
    lines: tuple[LedgerLine, ...],
    notes: tuple[str, ...],
) -> None:
    """The ledger has it as a poll that asked nobody."""
    poll = Poll(
        source=source.key, started_at=started, finished_at=ingest.clock.now(), outcome="ok", lines=lines, notes=notes
    )
    record_poll(tx, poll)
