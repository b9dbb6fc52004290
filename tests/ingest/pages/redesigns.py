"""How the drift guard does on redesigns and on ordinary days, as `python -m tests.ingest.pages.redesigns`.

A redesign counts when it changes what the rules read: one after which they still read every item right is none. It
is caught when the first poll that meets it takes nothing.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC

from feedhub.errors import Drifted, ParseError
from feedhub.ingest.drift import guard_drift
from feedhub.ingest.extract import extract_document
from feedhub.ingest.further import Gathered
from feedhub.ingest.recognise import recognise
from feedhub.ingest.sight import Findings, Sight
from feedhub.ingest.wire import ParseRequest
from feedhub.model.extract import Extract
from feedhub.model.item import ParsedFeed
from feedhub.model.learned import Learned
from feedhub.model.source import Source
from tests.ingest.pages.days import a_day
from tests.ingest.pages.generator import NOW, Page
from tests.ingest.pages.mutations import REDESIGNS, other_pages, redesigned, text_of

TUNING = range(180)
JUDGING = range(20_270_000, 20_270_180)


@dataclass
class Verdicts:
    """Counts over pages: redesigns that matter, those caught, items published that are none, alarms on plain days."""

    redesigns: int = 0
    caught: int = 0
    junk: int = 0
    days: int = 0
    alarms: int = 0
    held: int = 0
    harmless: int = 0
    missed: list[str] = field(default_factory=list)
    by_name: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        """The figures as they stand in docs/sources.md."""
        return (
            f"{self.caught} of {self.redesigns} redesigns caught on the first poll, {self.junk} items of them taken "
            f"({self.harmless} more changed nothing that is read); "
            f"{self.alarms} alarms on {self.days} ordinary days, {self.held} items held on them"
        )


class Site:
    """A page whose shape was learned over some days, and its selectors."""

    def __init__(self, seed: int, days: int) -> None:
        self.seed = seed
        first = a_day(seed)
        self.url, self.extract = first.url, Extract()
        proposal = recognise(self.request(first.body, first.content_type, "recognise")).proposals[0]
        assert proposal.extract is not None
        self.extract = proposal.extract
        self.source = Source(key="s", name="S", kind="html", url=first.url, extract=self.extract)
        self.learned = Learned()
        for new in range(0, days * 2, 2):
            self.learned = self.look(self.read(a_day(seed, new=new)), self.learned).learned

    def request(self, body: bytes, content_type: str | None, kind: str) -> ParseRequest:
        return ParseRequest(
            body,
            content_type,
            self.url,
            "Asia/Shanghai",
            None,
            "zh",
            NOW.astimezone(UTC),
            kind,
            self.extract,  # type: ignore[arg-type]
        )

    def read(self, page: Page) -> ParsedFeed:
        return extract_document(self.request(page.body, page.content_type, "html"))

    def look(self, feed: ParsedFeed, learned: Learned) -> Findings:
        gathered = Gathered(feeds=(feed,), items=feed.items, notes=())
        sight = Sight(source=self.source, gathered=gathered, response=None, learned=learned, now=NOW.astimezone(UTC))
        return guard_drift(sight)


def judge_redesigns(seeds: Iterable[int], days: int = 3) -> Verdicts:
    """Every redesign of every page, met by a guard that knows the page for some days."""
    total = Verdicts()
    for seed in seeds:
        site = Site(seed, days)
        today = a_day(seed, new=2 * days)
        before = site.read(today)
        html = text_of(today)
        pages = {name: redesigned(name, html, site.extract) for name in REDESIGNS} | other_pages(seed)
        for name, page in pages.items():
            _judge(site, name, page, before, total)
    return total


def judge_days(seeds: Iterable[int], days: int = 3) -> Verdicts:
    """Ordinary days of every page."""
    total = Verdicts()
    for seed in seeds:
        site = Site(seed, days)
        size = len(a_day(seed).items)
        plain = {
            "many new": a_day(seed, new=2 * size, size=3 * size),
            "all new": a_day(seed, new=size + 6),
            "a few items": a_day(seed, new=1, size=3),
            "one without a date": a_day(seed, new=3, undated=1),
            "long titles": a_day(seed, new=size + 2 * days, longer=2 * days),
            "a holiday": a_day(seed, new=2 * days - 2),
            "one new": a_day(seed, new=2 * days - 1),
        }
        for name, page in plain.items():
            total.days += 1
            try:
                found = site.look(site.read(page), site.learned)
            except ParseError as error:
                total.alarms += 1
                total.missed.append(f"{seed} {page.form}, {name}: {error}")
                continue
            total.held += len(found.holds)
            if found.holds:
                total.missed.append(f"{seed} {page.form}, {name}, held: {[one.note for one in found.holds.values()]}")
    return total


def _judge(site: Site, name: str, html: str, before: ParsedFeed, total: Verdicts) -> None:
    total.redesigns += 1
    wanted = {(item.link, item.title, item.published) for item in before.items}
    try:
        feed = extract_document(site.request(html.encode(), "text/html; charset=utf-8", "html"))
    except ParseError:
        total.caught += 1
        return
    read = {(item.link, item.title, item.published) for item in feed.items}
    if name != "another template" and read == wanted:
        total.redesigns -= 1
        total.harmless += 1
        return
    try:
        found = site.look(feed, site.learned)
    except Drifted:
        total.caught += 1
        return
    taken = [item for place, item in enumerate(feed.items) if place not in found.holds]
    wrong = [item for item in taken if (item.link, item.title, item.published) not in wanted]
    total.junk += len(wrong)
    total.by_name[name] += 1
    total.missed.append(
        f"{site.seed} {name}: {len(feed.items)} read, {len(wrong)} wrong, {len(found.holds)} held; "
        f"{[(item.title, item.link, str(item.published)) for item in wrong[:2]]} {site.extract}"
    )


if __name__ == "__main__":
    seeds = TUNING if "--tuning" in sys.argv else JUDGING
    for known in (1, 3):
        redesigns, ordinary = judge_redesigns(seeds, known), judge_days(seeds, known)
        print("\n".join((redesigns.missed + ordinary.missed)[:40]))
        print(redesigns.by_name)
        for judged in (redesigns, ordinary):
            print(f"known for {known} polls: {judged.table()}")
