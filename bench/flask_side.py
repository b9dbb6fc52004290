"""The peers in Flask, on granian's WSGI with one thread: `/plain` returns prebuilt bytes, `/feedgen` makes them anew.

Run by `bench.serve` as `granian --interface wsgi bench.flask_side:app`, with FEED naming the file of the feed.
"""

from __future__ import annotations

import gzip
import os
from hashlib import sha256
from pathlib import Path

from feedgen.feed import FeedGenerator
from flask import Flask, Response, request
from lxml import etree

BODY = Path(os.environ["FEED"]).read_bytes()
PACKED = gzip.compress(BODY, 6, mtime=0)
ETAG = sha256(BODY).hexdigest()[:32]
TYPE = "application/xml; charset=utf-8"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
# What a program of its own would have at hand: the articles as values.
ITEMS = [
    {child.tag: child.text or "" for child in item} for item in etree.fromstring(BODY).iter("item")
]  # fmt: skip
app = Flask("bench")


@app.get("/plain")
def plain() -> Response:
    """A route over prebuilt bytes, with conditions and gzip as one writes them."""
    return _answer(BODY, PACKED, ETAG)


@app.get("/feedgen")
def made_anew() -> Response:
    """A route that has feedgen write the feed at each request."""
    feed = FeedGenerator()
    feed.title("Bench")
    feed.link(href="http://127.0.0.1/")
    feed.description("Bench")
    for item in ITEMS:
        entry = feed.add_entry(order="append")
        entry.title(item["title"])
        entry.link(href=item["link"])
        entry.guid(item["guid"])
        entry.pubDate(item["pubDate"])
        entry.description(item["description"])
        entry.content(item.get(_CONTENT, ""), type="CDATA")
    body = feed.rss_str()
    return _answer(body, None, sha256(body).hexdigest()[:32])


def _answer(body: bytes, packed: bytes | None, tag: str) -> Response:
    response = Response(body, content_type=TYPE)
    response.set_etag(tag)
    response.headers["Cache-Control"] = "public, max-age=60"
    response.vary.add("Accept-Encoding")
    response.make_conditional(request)
    if response.status_code == 200 and "gzip" in request.headers.get("Accept-Encoding", ""):
        response.set_data(packed if packed is not None else gzip.compress(body, 6))
        response.headers["Content-Encoding"] = "gzip"
    return response
