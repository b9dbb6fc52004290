"""The pictures of a source that stores them: fetched and decoded before a poll's one write, bounded, the rest later.

    items ─→ addresses not heard of, and those that wait ─→ fetch ─→ decode in a child ─→ haul ─→ (in the ONE write)
    pictures, addresses ─→ articles that had a link in their place are corrected

A picture may stand on any host, as it may in a browser; the outbound client's rules hold, no password is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import Connection

from feedhub.errors import AddressRefused, FetchError, ParseError
from feedhub.ingest.place_pictures import picture_urls
from feedhub.ingest.promote import Identity, correct_article
from feedhub.ingest.robots import obey_robots
from feedhub.model.item import Item
from feedhub.model.picture import Picture, PictureAddress
from feedhub.model.source import Source
from feedhub.ports.clock import Clock
from feedhub.ports.web import Bounds, Web, WebRequest
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.pictures import find_addresses, picture_bytes, put_addresses, put_picture, waiting_addresses

MOST_PICTURES = 20
MOST_REMEMBERED = 500
MOST_TRIES = 3
MOST_BYTES = 2 * 1024 * 1024 * 1024
_BOUNDS = Bounds(seconds=8.0, wire_bytes=5 * 1024 * 1024, plain_bytes=5 * 1024 * 1024, redirects=3)
_FIRST_WAIT = timedelta(minutes=30)
_CORRECTED = 200


class Decoder(Protocol):
    """Decodes hostile bytes in a child."""

    def picture(self, body: bytes, now: datetime) -> Picture:
        """The picture; ParseError when it is none."""
        ...


class Needs(Protocol):
    """What gathering needs of a poll's means."""

    @property
    def store(self) -> Store: ...

    @property
    def web(self) -> Web: ...

    @property
    def parser(self) -> Decoder: ...

    @property
    def robot(self) -> str: ...

    @property
    def clock(self) -> Clock: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What one poll brought of pictures: every address with what became of it, the bytes, sentences."""

    addresses: tuple[PictureAddress, ...] = ()
    pictures: tuple[tuple[str, Picture], ...] = ()
    notes: tuple[str, ...] = ()


def gather_pictures(
    needs: Needs, source: Source, items: Sequence[Item], started: datetime, patience: timedelta
) -> Haul:
    """Fetch what there is time for until `patience` after `started`; nothing unless `pictures` is `store`."""
    if source.pictures != "store":
        return Haul()
    wanted = tuple(dict.fromkeys(url for item in items for url in picture_urls(item)))[:MOST_REMEMBERED]
    with needs.store.read() as tx:
        known = find_addresses(tx, source.key, wanted)
        waiting = waiting_addresses(tx, source.key, started, MOST_PICTURES)
        full = picture_bytes(tx) >= MOST_BYTES
    fresh = [PictureAddress(url=url, state="waits", next_try=started) for url in wanted if url not in known]
    if full and (fresh or waiting):
        return Haul(
            addresses=tuple(fresh), notes=(f"pictures are not stored: there are {MOST_BYTES >> 30} GiB already",)
        )
    done: list[PictureAddress] = []
    tried = 0
    pictures: list[tuple[str, Picture]] = []
    for address in (*fresh, *waiting):
        if tried == MOST_PICTURES or needs.clock.now() - started >= patience:
            done.append(address)
            continue
        tried += 1
        became, picture = _fetched(source, address, needs, started)
        done.append(became)
        if picture is not None:
            pictures.append((address.url, picture))
    left = sum(one.state == "waits" for one in done)
    notes = [f"{one.url}: the picture is not stored: {one.note}" for one in done if one.note]
    if left:
        notes.append(f"{left} pictures wait for the next poll; links stand in their place")
    return Haul(addresses=tuple(done), pictures=tuple(pictures), notes=tuple(notes))


def store_pictures(tx: Connection, source: Source, haul: Haul, now: datetime) -> None:
    """Write a haul, before the items that show it."""
    digests = {url: put_picture(tx, picture, now) for url, picture in haul.pictures if not picture.pixel}
    put_addresses(tx, source.key, [replace(one, digest=digests.get(one.url)) for one in haul.addresses])


def correct_late(
    tx: Connection, source: Source, haul: Haul, identity: Identity, site_link: str | None, now: datetime
) -> None:
    """Bring pictures that have come into the source's newest articles; one that says the same is left alone."""
    come = {url for url, _ in haul.pictures}
    if not come:
        return
    for entry in list_entries(tx, source=source.key, limit=_CORRECTED):
        if entry.state == "published" and come & set(picture_urls(entry.item)):
            correct_article(tx, entry, source, identity, site_link, now, "rule:pictures")


def _fetched(
    source: Source, address: PictureAddress, needs: Needs, now: datetime
) -> tuple[PictureAddress, Picture | None]:
    """What became of an address, and the picture where one came."""
    tried = replace(address, tries=address.tries + 1, next_try=None, note="")
    request = WebRequest(
        address.url,
        headers={"Accept": "image/jpeg, image/png, image/webp, image/gif;q=0.9"},
        reach="source",
        allow_hosts=frozenset(source.allow_hosts),
        allow_tls_downgrade=source.allow_tls_downgrade,
        bounds=_BOUNDS,
    )
    try:
        obey_robots(source, address.url, robot=needs.robot, store=needs.store, web=needs.web, clock=needs.clock)
        response = needs.web.send(request)
        if response.status != 200:
            said = f"{response.url} answered {response.status}."
            raise FetchError(said, url=response.url, code=f"http_{response.status}")
        picture = needs.parser.picture(response.body, now)
    except (AddressRefused, ParseError) as error:
        return replace(tried, state="failed", note=str(error)), None
    except FetchError as error:
        if tried.tries >= MOST_TRIES:
            return replace(tried, state="failed", note=str(error)), None
        return replace(tried, note=str(error), next_try=now + _FIRST_WAIT * 4**address.tries), None
    return replace(tried, state="pixel" if picture.pixel else "stored"), picture
