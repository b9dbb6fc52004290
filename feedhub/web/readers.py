"""The readers that a section can be handed to: links in the form each documents, nothing loaded from any of them."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Reader:
    """A program or service for feeds: `href` hands a feed over to it; of a server, what follows its address."""

    name: str
    href: str
    about: str = ""


def readers_of(feed: str, language: str) -> tuple[Reader, ...]:
    """The readers for a feed's public address, those known best in that interface language first."""
    asked = quote(feed, safe="")
    here = Reader("A reader on this device", f"feed:{feed}", "NetNewsWire, Reeder and others")
    folo = Reader("Folo", f"follow://add?url={asked}", "its app must be installed")
    inoreader = Reader("Inoreader", f"https://www.inoreader.com/?add_feed={asked}", "on the web and on phones")
    feedly = Reader("Feedly", f"https://feedly.com/i/subscription/feed/{asked}", "on the web and on phones")
    others = (
        Reader("NewsBlur", f"https://www.newsblur.com/?url={asked}", "on the web and on phones"),
        Reader("The Old Reader", f"https://theoldreader.com/feeds/subscribe?url={asked}", "on the web"),
        Reader("Feedbin", f"https://feedbin.com/?subscribe={asked}", "on the web"),
    )
    if language == "zh":
        return (here, folo, inoreader, feedly, *others)
    return (here, feedly, inoreader, *others, folo)


def servers_for(feed: str) -> tuple[Reader, ...]:
    """Readers that people run themselves: what follows the server's address to add a feed."""
    asked = quote(feed, safe="")
    return (
        Reader("Miniflux", f"/bookmarklet?uri={asked}"),
        Reader("FreshRSS", f"/i/?c=feed&a=add&url_rss={asked}"),
        Reader("Tiny Tiny RSS", f"/public.php?op=bookmarklets--subscribe&feed_url={asked}"),
        Reader("Nextcloud News", f"/index.php/apps/news/?subscribe_to={asked}"),
    )
