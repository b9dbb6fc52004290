"""Whether the pages of reprints are still there: asked once a day for WATCHED_FOR after publication (SEMANTICS 10).

    claim MOST pages ─→ HEAD ─→ gone? GET says so too? ─→ 410: to review · 404: to review when it is missing again later

The client keeps its manners towards each host, and robots.txt is obeyed as in polls. Whatever else goes wrong means
nothing: the page is asked again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feedhub.errors import FetchError
from feedhub.ingest.means import Ingest
from feedhub.ingest.robots import obey_robots
from feedhub.ingest.withdrawals import bring_to_review
from feedhub.model.entry import Gone
from feedhub.model.poll import Poll
from feedhub.model.source import Source
from feedhub.ports.web import Bounds, WebRequest
from feedhub.store.article_reads import find_article
from feedhub.store.entries import get_entry, lock_identities
from feedhub.store.page_checks import DueCheck, claim_checks, plan_check
from feedhub.store.polls import record_poll
from feedhub.store.sources import recall_source

MOST = 10
EVERY = timedelta(days=1)
WATCHED_FOR = timedelta(days=30)
# A page that is missing is asked once more after this long before it is believed.
MISSING_AGAIN = timedelta(hours=2)
_GONE = frozenset({404, 410})
_HEAD_TELLS = _GONE | {200, 204, 301, 302, 303, 304, 307, 308}


def check_pages(ingest: Ingest) -> list[str]:
    """Ask for the pages that are due; returns the ids of entries that came back to review."""
    now = ingest.clock.now()
    with ingest.store.write() as tx:
        due = claim_checks(tx, now=now, most=MOST, again=now + EVERY)
    if not due:
        return []
    with ingest.store.read() as tx:
        sources = {one.source: recall_source(tx, one.source)[0] for one in due}
    statuses = _ask(ingest, [(one.link, sources[one.source]) for one in due])
    brought: list[str] = []
    for one, status in zip(due, statuses, strict=True):
        if _settle(ingest, one, status, ingest.clock.now()):
            brought.append(one.entry_id)
    return brought


def _ask(ingest: Ingest, pages: Sequence[tuple[str, Source]]) -> list[int | None]:
    """The status of each page, None where nobody can tell; all at once, as the client lets them go."""
    heads = [
        ingest.web.submit(_request(link, source, "HEAD")) if _may_ask(ingest, link, source) else None
        for link, source in pages
    ]
    statuses: list[int | None] = []
    for head, (link, source) in zip(heads, pages, strict=True):
        if head is None:
            statuses.append(None)
            continue
        try:
            status = head.result().status
            if status not in _HEAD_TELLS or status in _GONE:
                # Some servers answer HEAD with 404 or 405 and have the page all the same.
                status = ingest.web.send(_request(link, source, "GET")).status
            statuses.append(status)
        except FetchError:
            statuses.append(None)
    return statuses


def _may_ask(ingest: Ingest, link: str, source: Source) -> bool:
    """Whether robots.txt of the page's host lets it be asked for, for the kinds that obey one."""
    try:
        obey_robots(source, link, robot=ingest.robot, store=ingest.store, web=ingest.web, clock=ingest.clock)
    except FetchError:
        return False
    return True


def _request(link: str, source: Source, method: str) -> WebRequest:
    return WebRequest(
        link, method=method, allow_hosts=frozenset(source.allow_hosts), bounds=Bounds(seconds=15, wire_bytes=512 * 1024)
    )


def _settle(ingest: Ingest, check: DueCheck, status: int | None, now: datetime) -> bool:
    """Write what a page's answer means; True when its entry came back to review."""
    with ingest.store.write() as tx:
        lock_identities(tx)  # a poll or an editor may have the entry in hand
        entry = get_entry(tx, check.entry_id)
        article = find_article(tx, entry.article_id) if entry.article_id else None
        if entry.gone is not None or article is None or article.state != "published":
            plan_check(tx, check.entry_id, due=None, misses=0)
            return False
        if status not in _GONE:
            over = now - (entry.decided_at or entry.first_seen) > WATCHED_FOR
            plan_check(tx, check.entry_id, due=None if over else now + EVERY, misses=0)
            return False
        if status == 404 and not check.misses:
            plan_check(tx, check.entry_id, due=now + MISSING_AGAIN, misses=1)
            return False
        plan_check(tx, check.entry_id, due=None, misses=check.misses + 1)
        line = bring_to_review(
            tx, replace(entry, page_due=None), Gone(now, f"http_{status}", f"{check.link} answers {status}")
        )
        note = f"the page of entry {entry.id} answers {status}: its source has withdrawn it"
        poll = Poll(
            source=entry.source, started_at=now, finished_at=now, outcome="ok", status=status, url=check.link,
            lines=(replace(line, position=0),), notes=(note,),
        )  # fmt: skip
        record_poll(tx, poll)
        return True
