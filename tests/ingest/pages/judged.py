"""How well the recogniser does on generated pages: per page and per field, as `python -m tests.ingest.pages.judged`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC

from feedhub.errors import ParseError
from feedhub.ingest.extract import extract_document
from feedhub.ingest.recognise import recognise
from feedhub.ingest.wire import ParseRequest
from tests.ingest.pages.generator import NOW, Page, a_page

TUNING = range(600)
JUDGING = range(20_261_124, 20_261_724)
FIELDS = ("item", "title", "link", "date", "next page")


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


def judge(seeds: Iterable[int]) -> Judgement:
    """Recognise each page, read it by the best proposal, and compare with its labels."""
    total = Judgement()
    for seed in seeds:
        _judge_page(a_page(seed), total)
    return total


def _judge_page(page: Page, total: Judgement) -> None:
    total.pages += 1
    request = ParseRequest(page.body, page.content_type, page.url, "Asia/Shanghai", None, "zh", NOW.astimezone(UTC))
    wanted = {item.link: item for item in page.items}
    total.labelled += Counter({name: len(wanted) for name in FIELDS[:4]})
    total.labelled["next page"] += page.next_page is not None
    try:
        proposal = recognise(request).proposals[0]
        read = extract_document(
            ParseRequest(
                page.body,
                page.content_type,
                page.url,
                proposal.time_zone or "Asia/Shanghai",
                None,
                "zh",
                NOW.astimezone(UTC),
                kind="html",
                extract=proposal.extract,
            )
        )
    except ParseError as error:
        total.wrong.append(f"{page.seed} {page.form}: {error}")
        return
    faults: Counter[str] = Counter()
    found = {item.link: item for item in read.items}
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
    if +faults:
        total.wrong.append(f"{page.seed} {page.form}: {dict(+faults)} of {len(wanted)}; {proposal.extract}")
    else:
        total.right += 1


if __name__ == "__main__":
    judged = judge(TUNING if "--tuning" in sys.argv else JUDGING)
    print("\n".join(judged.wrong[:40]))
    print(judged.table())
