"""Archives over a real door: their answers, and a walk by a real reader while articles are being published."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import feedparser
import pytest

from feedhub.model.feed import Format
from feedhub.ports.clock import SystemClock
from feedhub.publish.render import render_due
from feedhub.store.articles import put_article
from tests.kit import LOCAL, NOW, an_article
from tests.web.conftest import Running

ONE = f"/atom/{LOCAL}/archive/1.xml"


def test_an_archive_is_answered_like_any_document(running: Running) -> None:
    found = running.get(ONE)
    assert found.status == 200
    assert found.headers["cache-control"] == "public, max-age=3600"
    assert found.headers["content-type"] == "application/xml; charset=utf-8"
    assert f'<{running.site.portal.base_url}{ONE}>; rel="self"' in found.headers["link"]
    assert running.get(f"{ONE}?ids=11").body == running.get(f"{ONE}?limit=1").body == found.body
    again = running.get(ONE, If_None_Match=found.headers["etag"])
    assert (again.status, again.headers["etag"]) == (304, found.headers["etag"])
    packed = running.get(ONE, Accept_Encoding="gzip")
    assert packed.headers["etag"] == found.headers["etag"][:-1] + '-gz"'
    assert running.get(f"/json/{LOCAL}/archive/1.json").headers["content-type"] == "application/feed+json"


@pytest.mark.parametrize("rest", ["archive/2.xml", "archive/0.xml", "archive/01.xml", "archive/x.xml", "archive.xml"])
def test_where_there_is_no_archive_text_says_where_the_feed_is(running: Running, rest: str) -> None:
    found = running.get(f"/rss/{LOCAL}/{rest}")
    assert (found.status, found.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert f"/rss/{LOCAL}.xml" in found.text or "/rss/" in found.text
    assert running.get("/rss/no-such/archive/1.xml").status == 404
    moved = running.get("/rss/old-news/local/archive/1.xml")
    assert (moved.status, moved.headers["location"].endswith(f"/rss/{LOCAL}/archive/1.xml")) == (301, True)


def walked(running: Running, format_: Format) -> list[str]:
    """The ids that feedparser finds from the current document along prev-archive."""
    path, found = f"/{format_}/{LOCAL}.xml", list[str]()
    while path:
        reply = running.get(path)
        assert reply.status == 200, (path, reply.text)
        read = feedparser.parse(io.BytesIO(reply.body))  # type: ignore[arg-type]
        assert not read.bozo
        found += [entry.id for entry in read.entries]
        before = [urlsplit(link.href) for link in read.feed.links if link.rel == "prev-archive"]
        path = f"{before[0].path}?{before[0].query}" if before else ""
    return found


def test_a_walk_misses_nothing_while_articles_are_published(start: Callable[..., Running]) -> None:
    running = start()
    ended = threading.Event()
    rendered: list[str] = []

    def publish() -> None:
        fresh: list[str] = []
        for number in range(30):
            day = NOW - timedelta(minutes=300 - number)
            piece = an_article(f"more{number:03}", published=day, updated=day)
            with running.store.write() as tx:
                put_article(tx, piece, now=SystemClock().now(), late=False, by="test")
            fresh.append(piece.public_id)
            if number % 5 == 4:
                render_due(running.store, running.style, _Hurried(number))
                rendered.extend(fresh)
                fresh.clear()
        ended.set()

    publisher = threading.Thread(target=publish)
    publisher.start()
    walks: list[Format] = ["rss", "atom"]
    while not ended.is_set() or walks:
        sure = set(rendered)
        running.site.cache.refresh()  # as it does by itself four times a second
        found = walked(running, walks.pop() if walks else "rss")
        assert sure <= set(found), "what was published before the walk began is found"
    publisher.join()
    running.site.cache.refresh()
    for format_ in ("rss", "atom"):
        found = walked(running, format_)
        assert len(found) == len(set(found)) == 30 + 61, "when nothing moves, every article exactly once"
        assert set(rendered) <= set(found)


class _Hurried(SystemClock):
    """A clock that is ahead by more at each beat, so that documents may change more than once a second."""

    def __init__(self, beat: int) -> None:
        self._ahead = timedelta(seconds=2 * beat)

    def now(self) -> datetime:
        return super().now() + self._ahead
