"""A site whose every article came from a source that attacks: real poll, real store, real documents, real server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from feedhub.ports.clock import SystemClock
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.store.article_reads import list_articles
from feedhub.store.engine import Store
from feedhub.web.cache import DocumentCache
from feedhub.web.front import Front
from tests.ingest.polling import Watched, answer
from tests.kit import NOW, StillClock, a_source, open_store
from tests.promises.vectors import BAD_ADDRESSES
from tests.web.conftest import STYLE, Running, a_portal, free_port, served, the_style

_INVALID = dict.fromkeys((*range(9), 11, 12, *range(14, 32)))


def hostile_feed(vectors: Sequence[str], *, title: str, naked: bool = False) -> str:
    """RSS with a vector in every field of every item: escaped and in CDATA by turns, or naked in the document."""
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/">'
        f"<channel><title>{escape(title)}</title><link>http://site.example/</link><description>d</description>"
        + "".join(_item(number, vector, naked) for number, vector in enumerate(vectors))
        + "</channel></rss>"
    )


def _item(number: int, vector: str, naked: bool) -> str:
    vector = vector.translate(_INVALID)
    text, bad = escape(vector), BAD_ADDRESSES[number % len(BAD_ADDRESSES)].translate(_INVALID)
    body = f"<p>Story {number} is long enough to be told apart.</p>{vector}<p>after</p>"
    cdata = f"<![CDATA[{body.replace(']]>', ']]]]><![CDATA[>')}]]>"
    written = body if naked else (escape(body), cdata)[number % 2]
    link = f"http://site.example/{number}?x=" + escape(vector) if number % 2 else escape(bad)
    return (
        f"<item><guid isPermaLink='false'>{number}-{text}</guid><title>{number} {text}</title><link>{link}</link>"
        f"<description>{text}</description><content:encoded>{written}</content:encoded>"
        f"<author>{text}</author><dc:creator>{text}</dc:creator><category>{text}</category>"
        f"<media:content url={quoteattr(bad)} type='image/png'><media:description>{text}</media:description>"
        f"</media:content><enclosure url={quoteattr(bad)} type={quoteattr(vector)} length='1'/>"
        f"<enclosure url={quoteattr('http://site.example/' + vector)} type='audio/mpeg' length='1'/>"
        f"<source url={quoteattr(bad)}>{text}</source><comments>{escape(bad)}</comments>"
        f"<dc:rights>{text}</dc:rights><pubDate>{(NOW - timedelta(minutes=number)):%a, %d %b %Y %H:%M:%S} GMT</pubDate>"
        "</item>"
    )


@contextmanager
def hostile_site(folder: Path, vectors: Sequence[str], *, naked: bool = False) -> Iterator[tuple[Running, list[str]]]:
    """The running site and the ids of its articles, after one poll of a source that sends these vectors."""
    store = open_store(f"sqlite:///{folder / 'web.db'}", NOW - timedelta(days=9))
    watched = Watched(store, a_source(name=vectors[0], url="http://site.example/feed.xml"))
    poll = watched.poll(answer(body=hostile_feed(vectors, title=vectors[1], naked=naked)))
    assert poll.outcome == "ok", poll
    with store.read() as tx:
        ids = [article.id for article in list_articles(tx, limit=10_000)]
    site, style = _site(store)
    render_due(store, style, StillClock())
    with served(site, style) as running:
        yield running, ids
    store.close()


def _site(store: Store) -> tuple[Front, Style]:
    portal = a_portal(free_port())
    clock = SystemClock()
    site = Front(portal=portal, store=store, clock=clock, cache=DocumentCache(store, clock), style_directory=STYLE)
    return site, the_style(store, portal)
