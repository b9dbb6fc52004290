"""Pictures of a source: left out, linked, or stored; what fails leaves a link; none chooses for another source."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from feedhub.errors import ParseError
from feedhub.ingest.pictures import MOST_PICTURES
from feedhub.ingest.read_picture import LONGEST_SIDE, read_picture
from feedhub.model.article import Article
from feedhub.store.article_reads import get_article
from feedhub.store.articles import withdraw_article
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.pictures import find_addresses, forget_pictures, served_picture, thumbnails
from tests.flows.conftest import Answer, Origin, origin, rss
from tests.ingest.loopback import Polled, polled
from tests.kit import a_source

__all__ = ["origin"]


def a_picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), colour: str = "navy", **options: object) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, form, **options)
    return out.getvalue()


def an_article(store: Store, source: str) -> Article:
    with store.read() as tx:
        (entry,) = list_entries(tx, source=source)
        assert entry.article_id is not None
        return get_article(tx, entry.article_id)


def served(store: Store, article: Article) -> list[str]:
    """The digests an article shows that are served."""
    shown = [piece[:64] for piece in (article.html or "").split('src="/media/')[1:]]
    with store.read() as tx:
        return [digest for digest in shown if served_picture(tx, digest)]


def feed(origin: Origin, *pictures: str) -> None:
    body = "<p>A text that is long enough to be told from others.</p>" + "".join(pictures)
    origin.answers["/feed.xml"] = Answer(rss(("1", "http://news.example/1", "One", body)))


def store_source(hand: Polled, origin: Origin, key: str = "s1", **values: object) -> None:
    hand.add(a_source(key, url=origin.url("/feed.xml"), pictures="store", **values))


def test_a_picture_is_written_anew_and_tells_nothing_but_its_pixels() -> None:
    exif = Image.Exif()
    exif[0x010E] = "who took it"
    exif[0x0112] = 6
    found = read_picture(a_picture(size=(3000, 2000), exif=exif) + b"<script>alert(1)</script>")
    assert (found.image.width, found.image.height) == (LONGEST_SIDE * 2 // 3 + 1, LONGEST_SIDE), (
        "turned upright, fitted"
    )
    assert b"who took it" not in found.image.body
    assert b"script" not in found.image.body
    assert found.thumbnail is not None
    assert max(found.thumbnail.width, found.thumbnail.height) == 320


@pytest.mark.parametrize(
    "body",
    [
        b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        b"<html><script>alert(1)</script></html>",
        a_picture("BMP"),
        a_picture("TIFF"),
        a_picture()[:200],
        b"",
    ],
    ids=["svg", "html", "bmp", "tiff", "cut", "empty"],
)
def test_what_is_no_picture_of_the_four_kinds_is_refused(body: bytes) -> None:
    with pytest.raises(ParseError):
        read_picture(body)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    out = BytesIO()
    Image.new("1", (30_000, 30_000)).save(out, "PNG")
    assert len(out.getvalue()) < 200_000
    with pytest.raises(ParseError, match="more pixels"):
        read_picture(out.getvalue())


def test_stored_pictures_stand_in_the_article_and_failed_ones_leave_a_link(store: Store, origin: Origin) -> None:
    origin.answers["/a.jpg"] = Answer(a_picture(), "image/jpeg")
    origin.answers["/count.gif"] = Answer(a_picture("GIF", (1, 1)), "image/gif")
    origin.answers["/evil.jpg"] = Answer(b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/jpeg")
    private = "http://10.0.0.1/x.jpg"
    feed(
        origin,
        f'<img src="{origin.url("/a.jpg")}" alt="The &quot;bridge&quot; > river">',
        f'<img src="{origin.url("/count.gif")}">',
        f'<img src="{origin.url("/evil.jpg")}" alt="Evil">',
        f'<img src="{private}" alt="Inside">',
        f'<img src="{origin.url("/gone.jpg")}">',
    )
    with polled(store) as hand:
        store_source(hand, origin)
        poll = hand.poll("s1")
        article = an_article(store, "s1")
        (digest,) = served(store, article)
        html = str(article.html)
        assert 'width="640" height="480"' in html
        assert "&quot;bridge&quot;" in html
        assert "count.gif" not in html
        assert f'<a href="{origin.url("/evil.jpg")}" rel="noopener noreferrer nofollow">Picture: Evil</a>' in html
        assert html.count("<img") == 1
        assert sum("the picture is not stored" in note for note in poll.notes) == 3
        with store.read() as tx:
            small = thumbnails(tx, [article.id])[article.id]
            assert (small.width, small.height) == (320, 240)
            assert served_picture(tx, small.digest) is not None
            (entry,) = list_entries(tx)
            assert origin.url("/a.jpg") in str(entry.item.html), "the entry is what the source said"
        # The next poll asks for nothing that was answered, and what failed for a time is tried again in time.
        hand.poll("s1")
        assert len(origin.statuses("/a.jpg")) == len(origin.statuses("/evil.jpg")) == 1
        origin.answers["/gone.jpg"] = Answer(a_picture(colour="red"), "image/jpeg")
        hand.clock.pass_(minutes=31)
        hand.poll("s1")
        assert len(served(store, an_article(store, "s1"))) == 2, "a poll that brings nothing new brings a late picture"
        with store.write() as tx:
            assert forget_pictures(tx, hand.clock.now()) == 0
            withdraw_article(tx, article.id, now=hand.clock.now(), by="me", reason="test")
            assert served_picture(tx, digest) is None
            hand.clock.pass_(days=1)
            assert forget_pictures(tx, hand.clock.now()) == 4
            assert find_addresses(tx, "s1", [origin.url("/a.jpg")]) == {}


def test_a_poll_fetches_so_many_and_the_rest_next_time(store: Store, origin: Origin) -> None:
    names = [f"/{number}.png" for number in range(MOST_PICTURES + 3)]
    for place, name in enumerate(names):
        origin.answers[name] = Answer(a_picture("PNG", (10, 10 + place)), "image/png")
    feed(origin, *(f'<img src="{origin.url(name)}">' for name in names))
    with polled(store) as hand:
        store_source(hand, origin)
        assert any("3 pictures wait for the next poll" in note for note in hand.poll("s1").notes)
        assert len(served(store, an_article(store, "s1"))) == MOST_PICTURES
        assert hand.poll("s1").outcome == "same_bytes"
        assert len(served(store, an_article(store, "s1"))) == len(names)


def test_one_source_does_not_choose_what_another_shows(store: Store, origin: Origin) -> None:
    """PROMISES B4 60: what is kept of an address is kept per source."""
    feed(origin, f'<img src="{origin.url("/a.png")}">')
    origin.answers["/a.png"] = Answer(a_picture("PNG", colour="red"), "image/png")
    with polled(store) as hand:
        store_source(hand, origin)
        hand.poll("s1")
        origin.answers["/a.png"] = Answer(a_picture("PNG", colour="blue"), "image/png")
        origin.answers["/feed.xml"] = Answer(
            rss(("2", "http://other.example/2", "Two", f'<p>Quite another text.</p><img src="{origin.url("/a.png")}">'))
        )
        hand.add(a_source("s2", url=origin.url("/feed.xml"), pictures="store"))
        hand.poll("s2")
    assert served(store, an_article(store, "s1")) != served(store, an_article(store, "s2"))


def test_pictures_left_out_and_linked(store: Store, origin: Origin) -> None:
    feed(origin, f'<img src="{origin.url("/a.png")}" alt="A">')
    with polled(store) as hand:
        hand.add(a_source("s1", url=origin.url("/feed.xml"), pictures="drop"))
        hand.poll("s1")
        assert "<img" not in str(an_article(store, "s1").html)
        hand.add(a_source("s2", url=origin.url("/feed.xml") + "?2", pictures="link", sections=()))
        origin.answers["/feed.xml?2"] = origin.answers["/feed.xml"]
        hand.poll("s2")
    with store.read() as tx:
        (entry,) = list_entries(tx, source="s1")
    assert f'<img src="{origin.url("/a.png")}" alt="A">' in str(entry.item.html), "the entry is what the source said"
    assert origin.statuses("/a.png") == []
