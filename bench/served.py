"""Articles for the benchmarks of serving and publishing: the same in every run, 50 of them a feed of about 61 KB."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from bench.sample import _WORDS
from feedhub.model.article import Article, Attribution
from feedhub.model.safehtml import make_safe
from feedhub.store.articles import put_article
from feedhub.store.engine import Store

SECTION = "bench"
_AT_ONCE = 500


def an_article(number: int, newest: datetime) -> Article:
    """The article of that number; higher numbers are newer, a minute apart, up to `newest` for number 0."""
    dice = random.Random(number)
    day = newest + timedelta(minutes=number)
    words = " ".join(dice.choices(_WORDS, k=75))
    return Article(
        id=f"b{number}",
        public_id=f"tag:example.org,2026:article/b{number}",
        title=" ".join(dice.choices(_WORDS, k=7)).title(),
        sections=(SECTION,),
        language="en",
        published=day,
        updated=day,
        summary=" ".join(dice.choices(_WORDS, k=12)),
        html=make_safe(f"<p>{words}</p>"),
        source=Attribution("Hengyang News", "http://news.example/"),
        source_url=f"http://news.example/{number}.html",
    )


def fill(store: Store, count: int, newest: datetime) -> None:
    """Publish `count` articles, the newest at that instant."""
    now = newest + timedelta(days=1)
    for start in range(0, count, _AT_ONCE):
        with store.write() as tx:
            for number in range(start, min(start + _AT_ONCE, count)):
                put_article(tx, an_article(number - count, newest), now=now, late=False, by="bench")
