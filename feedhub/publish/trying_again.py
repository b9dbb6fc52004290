"""Articles that were left out of feeds are tried again: what can be written now goes into every feed it belongs to."""

from __future__ import annotations

from feedhub.model.feed import FORMATS
from feedhub.ports.clock import Clock
from feedhub.publish.fragments import fragment
from feedhub.publish.style import Style
from feedhub.store.article_reads import get_articles
from feedhub.store.engine import Store
from feedhub.store.left_out import articles_left_out, forget_left_out, write_again


def try_left_out(store: Store, style: Style, clock: Clock) -> list[str]:
    """Have the documents made anew of those that can be written now; returns their ids."""
    with store.read() as tx:
        waiting = articles_left_out(tx)
        known = get_articles(tx, list(waiting))
    over, able = [], []
    for article_id in waiting:
        article = known.get(article_id)
        if article is None or article.state != "published":
            over.append(article_id)
            continue
        try:
            for format_ in FORMATS:
                fragment(article, style.portal, format_)
        except Exception:  # noqa: S112 - still not; it is noted already
            continue
        able.append(article_id)
    if not over and not able:
        return []
    with store.write() as tx:
        now = clock.now()
        for article in get_articles(tx, able).values():
            if article.state == "published":
                write_again(tx, article, now)
        forget_left_out(tx, [*over, *able], now)
    return able
