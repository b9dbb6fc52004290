"""How well the recogniser does on generated pages, per page and per field.

`python -m tests.ingest.pages.judged [--hard] [--tuning]`: the pages that judge or those that it was tuned on, of the
first generator or of the hard one.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC

from feedhub.errors import ParseError
from feedhub.ingest.extract import extract_document
from feedhub.ingest.recognise import recognise
from feedhub.ingest.wire import ParseRequest
from feedhub.model.recognised import Proposal
from tests.ingest.pages.adversary import a_hard_page
from tests.ingest.pages.generator import NOW, Page, a_page

TUNING = range(600)
JUDGING = range(20_261_124, 20_261_724)
HARD_TUNING = range(640)
HARD_JUDGING = range(2_026_112_700, 2_026_113_700)
FIELDS = ("item", "title", "link", "date", "next page", "zone", "charset")


@dataclass
class Judgement:
    """Counts over pages; a field counts once per labelled item, the next page once per page."""

    pages: int = 0
    right: int = 0
    found: Counter[str] = field(default_factory=Counter)
    proposed: Counter[str] = field(default_factory=Counter)
    labelled: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def table(self) -> str:
        """The figures as they stand in docs/sources.md."""
        lines = [f"{self.right} of {self.pages} pages right ({self.right / self.pages:.1%})"]
        for name in FIELDS:
            precision = self.found[name] / max(self.proposed[name], 1)
            recall = self.found[name] / max(self.labelled[name], 1)
            lines.append(f"{name}: precision {precision:.1%}, recall {recall:.1%}")
        return "\n".join(lines)


def judge(seeds: Iterable[int], make: Callable[[int], Page] | None = None) -> Judgement:
    """Recognise each page, read it by the best proposal, and compare with its labels."""
    total = Judgement()
    for seed in seeds:
        _judge_page((make or a_page)(seed), total)
    return total


def _judge_page(page: Page, total: Judgement) -> None:
    total.pages += 1
    request = ParseRequest(page.body, page.content_type, page.url, "Asia/Shanghai", None, "zh", NOW.astimezone(UTC))
    wanted = {item.link: item for item in page.items}
    total.labelled += Counter({name: len(wanted) for name in FIELDS[:4]})
    total.labelled["next page"] += page.next_page is not None
    total.labelled += Counter(zone=1, charset=1)
    try:
        recognised = recognise(request)
        proposal = recognised.proposals[0]
        read = extract_document(
            ParseRequest(
                page.body,
                page.content_type,
                page.url,
                proposal.time_zone or "Asia/Shanghai",
                None,
                "zh",
                NOW.astimezone(UTC),
                kind=proposal.kind,
                extract=proposal.extract,
            )
        )
    except ParseError as error:
        total.wrong.append(f"{page.seed} {page.form}: {error}")
        return
    faults: Counter[str] = Counter()
    found = {item.link: item for item in read.items}
    read = replace(read, items=tuple(item for item in read.items if item.link not in page.optional))
    total.proposed += Counter(item=len(read.items), link=len(read.items), title=sum(bool(i.title) for i in read.items))
    total.proposed["date"] += sum(item.published is not None for item in read.items)
    for item in read.items:
        label = wanted.get(item.link or "")
        faults["extra item"] += label is None
        if label is not None:
            total.found["item"] += 1
            total.found["link"] += 1
            total.found["title"] += item.title == label.title
            total.found["date"] += item.published == label.published
            faults["title"] += item.title != label.title
            faults["date"] += item.published != label.published
    faults["missed item"] += len(set(wanted) - set(found))
    following = read.more[0] if read.more else None
    total.proposed["next page"] += following is not None
    total.found["next page"] += following is not None and following == page.next_page
    faults["next page"] += following != page.next_page
    for name, right in (
        ("zone", (proposal.time_zone or "Asia/Shanghai") == page.zone),
        ("charset", recognised.encoding.startswith(page.charset)),
    ):
        total.proposed[name] += 1
        total.found[name] += right
        faults[name] += not right
    if +faults:
        total.wrong.append(f"{page.seed} {page.form}: {dict(+faults)} of {len(wanted)}; {_selectors(proposal)}")
    else:
        total.right += 1


def _selectors(proposal: Proposal) -> str:
    """What was proposed, for people."""
    return "; ".join(f"{one.field} {one.where}" for one in proposal.guesses)


if __name__ == "__main__":
    tuning, hard = "--tuning" in sys.argv, "--hard" in sys.argv
    if hard:
        judged = judge(HARD_TUNING if tuning else HARD_JUDGING, a_hard_page)
    else:
        judged = judge(TUNING if tuning else JUDGING)
    print("\n".join(judged.wrong[:80]))
    print(judged.table())
