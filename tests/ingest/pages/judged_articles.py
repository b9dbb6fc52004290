"""How well the text of generated article pages is found, as `python -m tests.ingest.pages.judged_articles`."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC
from html import unescape

from feedhub.ingest.detail_page import read_full_text
from feedhub.ingest.wire import ParseRequest
from tests.ingest.pages.articles import ArticlePage, an_article
from tests.ingest.pages.generator import NOW

TUNING = range(800)
JUDGING = range(20_261_127, 20_261_927)
_ENDS = re.compile(
    r"</?(?:p|div|li|ul|ol|tr|td|th|table|tbody|h[1-6]|br|blockquote|figure|figcaption|section|article)\b[^>]*>"
)
_TAG = re.compile(r"<[^>]*>")
_SPACE = re.compile(r"[\s　]+")


@dataclass
class Found:
    """Counts over pages: blocks of text, pictures, and strings around the text that were let in."""

    pages: int = 0
    whole: int = 0
    blocks: int = 0
    kept: int = 0
    joined: int = 0
    pictures: int = 0
    pictures_kept: int = 0
    around: int = 0
    let_in: int = 0
    clean: int = 0
    wrong: list[str] = field(default_factory=list)
    by_form: Counter[str] = field(default_factory=Counter)

    def table(self) -> str:
        """The figures as they stand in docs/sources.md."""
        kept, let_in = self.kept / self.blocks, self.let_in / self.around
        return (
            f"{self.pages} pages, {self.whole} with every block and picture, {self.clean} with nothing around it\n"
            f"blocks kept as they are: {self.kept} of {self.blocks} ({kept:.2%}), joined {self.joined}\n"
            f"pictures with alt: {self.pictures_kept} of {self.pictures}\n"
            f"strings around the text let in: {self.let_in} of {self.around} ({let_in:.2%})"
        )


def judge(seeds: Iterable[int]) -> Found:
    """Read each page without selectors and compare."""
    total = Found()
    for seed in seeds:
        judge_page(an_article(seed), total)
    return total


def judge_page(page: ArticlePage, total: Found) -> None:
    """Add one page to the counts."""
    request = ParseRequest(
        page.body, "text/html", page.url, "Asia/Shanghai", None, "zh", NOW.astimezone(UTC), kind="full_text"
    )
    html = str(read_full_text(request).items[0].html or "")
    blocks = Counter(filter(None, (_flat(unescape(_TAG.sub("", one))) for one in _ENDS.split(html))))
    text = _flat(unescape(_TAG.sub("", html)))
    missing = [one for one in page.blocks if not blocks[_flat(one)]]
    joined = [one for one in missing if _flat(one) in text]
    lost = [one for one in page.pictures if f'src="{one[0]}"' not in html or f'alt="{one[1]}"' not in html]
    let_in = [one for one in page.around if _flat(one) in text]
    total.pages += 1
    total.blocks += len(page.blocks)
    total.kept += len(page.blocks) - len(missing)
    total.joined += len(joined)
    total.pictures += len(page.pictures)
    total.pictures_kept += len(page.pictures) - len(lost)
    total.around += len(page.around)
    total.let_in += len(let_in)
    total.whole += not missing and not lost
    total.clean += not let_in
    if missing or lost or let_in:
        total.by_form[page.form] += 1
        total.wrong.append(
            f"{page.seed} {page.form}: missing {missing[:3]} of {len(page.blocks)}, {lost[:1]}; let in {let_in[:3]}"
        )


def _flat(text: str) -> str:
    return _SPACE.sub("", text)


if __name__ == "__main__":
    found = judge(TUNING if "--tuning" in sys.argv else JUDGING)
    print("\n".join(found.wrong[:40]))
    print(found.by_form)
    print(found.table())
