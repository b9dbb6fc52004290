"""What a source brings of ours: two hubs that take from each other must not tell their own stories as news.

Pure. An item is ours when it leads to one of our article pages, or names one of our feeds or articles as where it comes
from. Such items are dropped; a document of nothing else fails the poll as `self_reference`, after that one request.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from feedhub.errors import SelfReference
from feedhub.ingest.sight import Findings, Sight
from feedhub.model.entry import Decision
from feedhub.model.item import Item

_PUBLISHED = ("articles", "sections", "rss", "atom", "json")


def guard_own(sight: Sight) -> Findings:
    """Drop what is ours; SelfReference when all of a document is."""
    items = sight.gathered.items
    ours = list(own_places(items, sight.base_url)) if sight.base_url else []
    if not ours:
        return Findings(learned=sight.learned)
    if len(ours) == len(items):
        raise SelfReference(
            f"All {len(items)} items of it are articles of our own ({items[0].link or items[0].origin_url}): it takes "
            "from here what would be taken from it. Nothing was."
        )
    dropped = Decision("dropped", SelfReference.code, "guard.own", "it is an article of our own that comes back")
    said = f"{len(ours)} of {len(items)} items are articles of our own that come back; they are dropped"
    return Findings(learned=sight.learned, holds=dict.fromkeys(ours, dropped), notes=(said,))


def own_places(items: tuple[Item, ...], base_url: str) -> Iterator[int]:
    """The places of items that are ours."""
    home = _place(base_url)
    for place, item in enumerate(items):
        if _within(item.link, home, ("articles",)) or _within(item.origin_url, home, _PUBLISHED):
            yield place


def _within(address: str | None, home: tuple[str, str], parts: tuple[str, ...]) -> bool:
    if not address:
        return False
    host, path = _place(address)
    inside = path.startswith(f"{home[1]}/")
    return host == home[0] and inside and path[len(home[1]) + 1 :].partition("/")[0] in parts


def _place(address: str) -> tuple[str, str]:
    """The host, with a port that is not the usual one, and the path."""
    parts = urlsplit(address)
    host = parts.netloc.rpartition("@")[2].lower()
    return host.removesuffix(":80").removesuffix(":443"), parts.path.rstrip("/")
