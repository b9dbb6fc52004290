"""Items' own pages are looked at again: an article is corrected where its list does not say so, or has dropped it.

    page read when its item was new ─→ after 1 h, 6 h, 1 d, 3 d: conditional request ─┬─ 304, or says the same: nothing
                                                                                      └─ edited: a revision of the entry

At most MOST_LOOKS a poll, on polls without news too. What is edited goes to its entry apart from the poll's own
items, which the guards compare with the last poll's. A page that says something else altogether, or several that all
changed at once, are held whatever the policy. An article on several pages is read whole each time, since a 304 of its
first page says nothing of the others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from feedhub.basics.text import plain_text
from feedhub.basics.urls import same_origin
from feedhub.errors import FetchError, ParseError
from feedhub.ingest.decide import Rules
from feedhub.ingest.further import Gathered, may_load, page_reading, reads_pages, shown_extract, whole_article
from feedhub.ingest.garbled_guard import hold_garbled
from feedhub.ingest.identity import document_keys, item_digest
from feedhub.ingest.means import LEASE, Ingest
from feedhub.ingest.next_state import validators
from feedhub.ingest.promote import NewArticles
from feedhub.ingest.reading import read_as
from feedhub.ingest.record import NewEntries, Recorder, gather_known
from feedhub.ingest.rules import apply_rules, guard_held
from feedhub.ingest.sight import Sight
from feedhub.ingest.wire import Reading
from feedhub.model.entry import Decision, Entry
from feedhub.model.item import Item, ParsedFeed
from feedhub.model.learned import Learned
from feedhub.model.poll import LedgerLine
from feedhub.model.raw import RawDocument
from feedhub.model.source import Source, SourceState
from feedhub.ports.web import WebRequest, WebResponse
from feedhub.store.entries import entries_by_id, get_entry, item_digests, lock_identities, raw_of
from feedhub.store.page_looks import PageLook, add_looks, due_looks, end_looks, plan_look

AFTER = (timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))
MOST_LOOKS = 5
RULE = "guard.page"
_LEAST_IN_COMMON = 0.5
_TOO_MANY = 3
_PIECE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A page that was looked at: its entry then, when it is looked at next (None: no more), what was read of it
    (None: the same as before), the revised item where it was edited, and why that is held."""

    entry: Entry
    next: PageLook | None
    page: ParsedFeed | None = None
    item: Item | None = None
    hold: Decision | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The pages that one poll looked at, and sentences."""

    looks: tuple[Look, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def items(self) -> tuple[Item, ...]:
        """The revised items."""
        return tuple(look.item for look in self.looks if look.item is not None)

    @property
    def raws(self) -> list[RawDocument]:
        """The bytes that they were read from."""
        return [look.page.raw for look in self.looks if look.item is not None and look.page and look.page.raw]


def look_again(
    ingest: Ingest, source: Source, state: SourceState, started: datetime, request: Callable[[str], WebRequest]
) -> Looked:
    """Look at the pages of a source that are due; nothing while it is under suspicion, or reads no pages any more."""
    if not reads_pages(source) or (state.learned and (state.learned.suspicion or state.learned.drift)):
        return Looked()
    with ingest.store.read() as tx:
        due = due_looks(tx, source.key, started, MOST_LOOKS)
        entries = entries_by_id(tx, [one.entry_id for one in due])
    looks: list[Look] = []
    notes: list[str] = []
    for one in due:
        if ingest.clock.now() - started >= LEASE / 2:
            break
        try:
            looks.append(_look(ingest, source, entries[one.entry_id], one, started, request))
        except (FetchError, ParseError) as error:
            notes.append(f"{entries[one.entry_id].item.link}: looked at again: {error}")
            gone = isinstance(error, FetchError) and error.code in ("http_404", "http_410")
            entry = entries[one.entry_id]
            looks.append(Look(entry=entry, next=None if gone else _next(one, entry, started)))
    return Looked(looks=tuple(_doubted(source, looks, started)), notes=tuple(notes))


def begin_looks(tx: Connection, source: str, gathered: Gathered, lines: Sequence[LedgerLine], now: datetime) -> None:
    """Have the pages that were read for new items looked at again."""
    looks: list[PageLook] = []
    for line, item, page in zip(lines, gathered.items, gathered.page_of, strict=False):
        if page is None or line.entry_id is None or line.outcome not in ("published", "held"):
            continue
        read = page.items[0]
        looks.append(
            PageLook(
                entry_id=line.entry_id,
                due=now + AFTER[0],
                title=read.title,
                text_digest=_text_digest(read),
                text_taken=read.html is not None and item.html == read.html,
            )
        )
    add_looks(tx, source, looks)


def record_looks(
    tx: Connection,
    ingest: Ingest,
    source: Source,
    looked: Looked,
    site_link: str | None,
    *,
    first_position: int,
    now: datetime,
) -> tuple[LedgerLine, ...]:
    """Write the revisions, and when each page is looked at next; a ledger line for each that was edited."""
    lines: list[LedgerLine] = []
    if not looked.looks:
        return ()
    lock_identities(tx)
    rules = Rules(ingest.sections, ingest.reprints)
    articles = NewArticles(tx, source, ingest.identity, site_link, late=True, now=now)
    recorder = Recorder(tx, source, rules, ingest.identity, site_link, True, now, NewEntries(tx, 0), articles)
    for look in looked.looks:
        entry = get_entry(tx, look.entry.id)
        if entry.revision != look.entry.revision or entry.state not in ("published", "accepted", "held"):
            end_looks(tx, [entry.id])
            continue
        if look.item is not None:
            lines.append(_revise(recorder, look.item, look, entry, first_position + len(lines)))
        if look.next is None:
            end_looks(tx, [entry.id])
        else:
            plan_look(tx, look.next)
    return tuple(lines)


def _look(
    ingest: Ingest, source: Source, entry: Entry, one: PageLook, started: datetime, request: Callable[[str], WebRequest]
) -> Look:
    link = entry.item.link
    if link is None or not may_load(source, link) or entry.state not in ("published", "accepted", "held"):
        return Look(entry=entry, next=None)
    asked = _own_request(source, link, request)
    fields = {"If-None-Match": one.etag, "If-Modified-Since": one.last_modified}
    asked = replace(asked, headers={**asked.headers, **{name: value for name, value in fields.items() if value}})
    response = ingest.web.send(asked)
    onward = _next(one, entry, started)
    if response.status == 304:
        return Look(entry=entry, next=onward)
    first = _read(ingest, source, link, response, started)

    def load(url: str, kind: Reading) -> ParsedFeed:
        return _read(ingest, source, url, ingest.web.send(_own_request(source, url, request)), started)

    whole = whole_article(source, first, link, load, lambda: ingest.clock.now() - started < LEASE / 2)
    if whole.note:
        # A text in part is none to compare: what was cut away by a page that failed is no edit.
        raise FetchError(f"not all of it could be read: {whole.note}", url=link, code="in_part")
    page, read = whole.page, whole.page.items[0]
    item = edited(entry.item, one, read)
    if onward is not None:
        kept = {"etag": None, "last_modified": None} if whole.parts else validators(response.headers)
        onward = replace(onward, etag=kept["etag"], last_modified=kept["last_modified"])
        onward = replace(onward, title=read.title, text_digest=_text_digest(read))
    return Look(entry=entry, next=onward, page=page, item=item)


def _own_request(source: Source, url: str, request: Callable[[str], WebRequest]) -> WebRequest:
    """The request of a page; what is asked of another origin than the source's own goes without its password."""
    asked = request(url)
    return asked if same_origin(url, source.url or "") else replace(asked, credentials=None)


def _read(ingest: Ingest, source: Source, asked: str, response: WebResponse, started: datetime) -> ParsedFeed:
    if response.status != 200:
        said = f"{response.url} answered {response.status}."
        raise FetchError(said, url=response.url, code=f"http_{response.status}")
    return read_as(
        source,
        ingest.parser.parse,
        body=response.body,
        content_type=response.headers.get("content-type"),
        asked=asked,
        url=response.url,
        now=started,
        kind=page_reading(source),
        extract=shown_extract(source),
    )


def edited(item: Item, before: PageLook, page: Item) -> Item | None:
    """The item as its page says now; None where that says the same as before, white space apart."""
    now = item
    if page.title and page.title != before.title and item.title == before.title:
        now = replace(now, title=page.title)
    if page.html and before.text_taken and _text_digest(page) != before.text_digest:
        now = replace(now, html=page.html)
    return None if item_digest(now) == item_digest(item) else now


def _doubted(source: Source, looks: Sequence[Look], now: datetime) -> list[Look]:
    """The looks with those held that no person should find published."""
    changed = [look for look in looks if look.item is not None]
    if not changed:
        return list(looks)
    items = tuple(look.item for look in changed if look.item is not None)
    gathered = Gathered(feeds=tuple(look.page for look in changed if look.page), items=items, notes=())
    found = hold_garbled(Sight(source=source, gathered=gathered, response=None, learned=Learned(), now=now))
    read = sum(look.page is not None for look in looks)
    redesigned = len(changed) >= _TOO_MANY and len(changed) == read
    holds = dict(found.holds)
    for place, look in enumerate(changed):
        if redesigned:
            said = f"all {read} pages that were looked at again say something else: their form may have changed"
            holds.setdefault(place, Decision("held", "pages_unlike", RULE, said))
        elif _in_common(look.entry.item, items[place]) < _LEAST_IN_COMMON:
            said = "the page has less than half of the text it had: it may be another page"
            holds.setdefault(place, Decision("held", "page_unlike", RULE, said))
    judged = iter(holds.get(place) for place in range(len(changed)))
    return [replace(look, hold=next(judged)) if look.item is not None else look for look in looks]


def _in_common(before: Item, after: Item) -> float:
    """How much of a text is still there in another, from 0 to 1."""
    old, new = (plain_text(one.html) if one.html else one.title for one in (before, after))
    pieces = {old[at : at + _PIECE] for at in range(max(len(old) - _PIECE + 1, 1))}
    kept = {new[at : at + _PIECE] for at in range(max(len(new) - _PIECE + 1, 1))}
    return len(pieces & kept) / len(pieces)


def _revise(recorder: Recorder, item: Item, look: Look, entry: Entry, position: int) -> LedgerLine:
    ruled = guard_held(apply_rules(item, recorder.source), look.hold)
    keys = document_keys([ruled.item], recorder.source.key)[0]
    known = gather_known(recorder.tx, recorder.source, [keys])
    known.digests |= item_digests(recorder.tx, [entry.id])
    # It still stands in the document that it came in; its page's new bytes take the place of the old.
    raw = raw_of(recorder.tx, entry.id)
    decision, _ = recorder.known_item(ruled, replace(keys, raw=raw), entry, known)
    note = "; ".join(filter(None, ("its own page was edited", decision.note)))
    said = (decision.outcome, decision.reason, decision.rule, note)
    return LedgerLine(position, item.title, item.guid, *said, entry.id)


def _next(one: PageLook, entry: Entry, now: datetime) -> PageLook | None:
    """The next look at a page; None after the last."""
    due = next((entry.first_seen + span for span in AFTER if entry.first_seen + span > now), None)
    return None if due is None else replace(one, due=due)


def _text_digest(page: Item) -> str:
    return item_digest(Item(html=page.html))
