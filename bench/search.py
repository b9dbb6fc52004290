"""Search: 50,000 Chinese articles, common words and rare ones, against LIKE on the same database, in one run.

SQLite always; PostgreSQL where `--postgres URL` names an empty database. Every answer is compared with LIKE's: no hit
is missed. `ARGS="--articles 5000"` takes fewer.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from feedhub.basics.words import folded, words_of
from feedhub.model.question import Question
from feedhub.store.engine import Store
from feedhub.store.schema import upgrade_schema
from feedhub.store.search import search
from feedhub.store.search_index import Searchable, index
from feedhub.store.search_tables import searched

BORN = datetime(2016, 1, 1, tzinfo=UTC)
LIMIT = 50
_VOCABULARY, _CHARACTERS, _WORDS_EACH = 6000, 2500, 160


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with a name for the table."""

    name: str
    question: Question
    held_by: int


def main() -> None:
    """Fill, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=50_000)
    parser.add_argument("--postgres", default="", help="postgresql+psycopg://… of an empty database")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="feedhub-search-") as folder:
        _run("SQLite", f"sqlite:///{Path(folder) / 'search.db'}", given.articles)
    if given.postgres:
        _run("PostgreSQL", given.postgres, given.articles)
    else:
        print("\nPostgreSQL: not run; --postgres URL names an empty database")


def _run(name: str, url: str, many: int) -> None:
    store = Store(url)
    try:
        upgrade_schema(store)
        began = time.perf_counter()
        held = _fill(store, many)
        took = time.perf_counter() - began
        print(f"\n{name}: {many} articles indexed in {took:.1f} s ({1000 * took / many:.2f} ms each)")
        print(f"{'asked':44}{'held by':>9}{'ours ms':>9}{'worst':>9}{'LIKE ms':>9}{'times':>8}")
        for asked in _questions(held):
            _measure(store, asked)
    finally:
        store.close()


def _fill(store: Store, many: int) -> Counter[str]:
    """Index the articles; by how many each word is held."""
    dice = random.Random(7)
    characters = [chr(0x4E00 + place) for place in dice.sample(range(20_000), _CHARACTERS)]
    vocabulary = ["".join(dice.choices(characters, k=dice.choice((2, 2, 2, 3)))) for _ in range(_VOCABULARY)]
    weights = [1 / (place + 3) for place in range(_VOCABULARY)]
    held: Counter[str] = Counter()
    for start in range(0, many, 2000):
        with store.write() as tx:
            for number in range(start, min(many, start + 2000)):
                said = dice.choices(vocabulary, weights, k=_WORDS_EACH)
                body = "，".join("".join(said[place : place + 8]) for place in range(8, _WORDS_EACH, 8))
                piece = _article(number, "".join(said[:8]), body, dice)
                index(tx, piece)
                held.update(set(words_of(folded(f"{piece.title} {body}"))))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.execute(text("VACUUM ANALYZE" if not store.is_sqlite else "ANALYZE"))
    return held


def _article(number: int, title: str, body: str, dice: random.Random) -> Searchable:
    return Searchable(
        id=f"t{number:07}",
        title=title,
        summary="",
        html=f"<p>{body}</p>",
        published=BORN + timedelta(minutes=number * 100 + dice.randrange(100)),
        sections=(dice.choice(("life/health", "life/cuisine", "news/local", "news/world", "tourism")),),
        language="zh",
        source=dice.choice(("衡阳日报", "衡阳晚报", "雁城新闻网")),
        origin="import",
        author=None,
        categories=(),
        enclosures=0,
    )


def _questions(held: Counter[str]) -> list[Asked]:
    """Two characters each: from those that most articles hold to those that none does."""
    pairs = [(word, many) for word, many in held.most_common() if len(word) == 2]
    made = [Asked(f"word {place + 1} of {len(pairs)}", *_of(*pairs[place])) for place in _places(len(pairs))]
    common, other, rare = pairs[0][0], pairs[5][0], pairs[len(pairs) // 2][0]
    return [
        *made,
        Asked("a word of no article", *_of("龘龘", 0)),
        Asked("two common words", Question(terms=(common, other)), 0),
        Asked("a common word and a rare one", Question(terms=(common, rare)), 0),
        Asked("a common word without another", Question(terms=(common,), without=(other,)), 0),
        Asked("a common word of one section", Question(terms=(common,), sections=("life",)), 0),
        Asked("a common word until 2017", Question(terms=(common,), until=BORN + timedelta(days=365)), 0),
        Asked("a common word without all else", Question(terms=(pairs[60][0],), without=(common,)), 0),
        Asked("a section alone", Question(sections=("tourism",)), 0),
        Asked("a phrase of common pairs", Question(terms=(common + other,)), 0),
    ]


def _places(many: int) -> list[int]:
    return sorted(
        {min(many - 1, place) for place in (0, 10, 100, 300, 1000, 3000, 10_000, 30_000, many // 2, many - 1)}
    )


def _of(word: str, many: int) -> tuple[Question, int]:
    return Question(terms=(word,)), many


def _measure(store: Store, asked: Asked) -> None:
    with store.read() as tx:
        search(tx, asked.question, limit=LIMIT)
        times, found = _timed(lambda: search(tx, asked.question, limit=LIMIT), 15)
        plain = asked.question.terms and asked.question.until is None and not asked.question.sections
        if not plain:
            print(f"{asked.name:44}{'':>9}{_ms(times):>9}{max(times) * 1000:>9.2f}")
            return
        like = select(searched.c.place, searched.c.article_id).order_by(searched.c.place.desc()).limit(LIMIT)
        for term in asked.question.terms:
            like = like.where(searched.c.folded.like(f"%{term}%"))
        for term in asked.question.without:
            like = like.where(searched.c.folded.not_like(f"%{term}%"))
        slow, other = _timed(lambda: [(row.place, row.article_id) for row in tx.execute(like)], 3)
    if found != other:
        sys.exit(f"{asked.name}: {len(found)} hits here, {len(other)} by LIKE: they differ")
    many = asked.held_by or len(found)
    ratio = statistics.median(slow) / statistics.median(times)
    print(f"{asked.name:44}{many:>9}{_ms(times):>9}{max(times) * 1000:>9.2f}{_ms(slow):>9}{ratio:>8.0f}")


def _timed(run: Callable[[], list[tuple[int, str]]], times: int) -> tuple[list[float], list[tuple[int, str]]]:
    took, found = [], []
    for _ in range(times):
        began = time.perf_counter()
        found = run()
        took.append(time.perf_counter() - began)
    return took, found


def _ms(times: list[float]) -> str:
    return f"{statistics.median(times) * 1000:.2f}"


if __name__ == "__main__":
    main()
