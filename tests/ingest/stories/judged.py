"""How well reprints are told apart: `.venv/bin/python -m tests.ingest.stories.judged [--beside] FIRST COUNT [SHOWN]`.

`--beside`: as if both stood in one document.
"""

from __future__ import annotations

import sys
from collections import Counter

from feedhub.ingest.likeness import likeness, marks_of, text_of
from feedhub.ingest.reprints import beside
from tests.ingest.stories.generator import Pair, pairs


def verdict(pair: Pair, *, one_document: bool) -> tuple[bool, str]:
    """Whether the two are found to be one story, by marks and by likeness, and why not."""
    known, newcomer = text_of(pair.known.item("a")), text_of(pair.newcomer.item("b"))
    if not set(marks_of(known)) & set(marks_of(newcomer)):
        return False, "no mark in common"
    found = likeness(newcomer, known)
    found = beside(found) if one_document else found
    return found.same, found.why


def judge(first: int, count: int, show: int = 0, *, one_document: bool = False) -> Counter[tuple[str, str, bool, bool]]:
    """By (language, kind, same, found) how many pairs."""
    table: Counter[tuple[str, str, bool, bool]] = Counter()
    for seed in range(first, first + count):
        for pair in pairs(seed):
            found, why = verdict(pair, one_document=one_document)
            table[pair.language, pair.kind, pair.same, found] += 1
            if found and not pair.same and show:
                show -= 1
                print(f"--- {seed} {pair.language} {pair.kind}: {why}\n{pair.known}\n{pair.newcomer}")
    return table


def main() -> None:
    first, count, show = (int(word) for word in (*(one for one in sys.argv[1:] if one[0] != "-"), "0")[:3])
    table = judge(first, count, show, one_document="--beside" in sys.argv)
    for language in ("zh", "en"):
        cells = {key: number for key, number in table.items() if key[0] == language}
        right = sum(number for (_, _, same, found), number in cells.items() if same and found)
        wrong = sum(number for (_, _, same, found), number in cells.items() if found and not same)
        missed = sum(number for (_, _, same, found), number in cells.items() if same and not found)
        precision, recall = right / max(1, right + wrong), right / (right + missed)
        print(f"{language}: precision {precision:.4f} ({wrong} wrong merges), recall {recall:.4f}")
        for kind in dict.fromkeys(key[1] for key in cells):
            hits = {key[3]: number for key, number in cells.items() if key[1] == kind}
            print(f"  {kind:<26} {hits.get(True, 0):>5} of {sum(hits.values())} found to be one")


if __name__ == "__main__":
    main()
