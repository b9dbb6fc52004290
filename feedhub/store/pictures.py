"""Stored pictures: their bytes by digest, what became of each address, and which articles show them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, delete, exists, func, insert, or_, select

from feedhub.basics.digests import digest, sha256_hex
from feedhub.model.article import Article
from feedhub.model.picture import MEDIA, Image, Picture, PictureAddress, Shown
from feedhub.store.picture_tables import picture_addresses, picture_uses, pictures
from feedhub.store.rows import upsert
from feedhub.store.tables import articles

_SHOWN = re.compile(rf'<img[^<]*?\ssrc="{MEDIA}([0-9a-f]{{64}})"')
_USED_NO_MORE = delete(picture_uses).where(picture_uses.c.article_id.in_(bindparam("ids", expanding=True)))


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """The small picture of an article in lists, sizes in pixels."""

    digest: str
    width: int
    height: int


def find_addresses(tx: Connection, source: str, urls: Sequence[str]) -> dict[str, PictureAddress]:
    """What became of a source's pictures at these addresses; one never heard of is absent."""
    found: dict[str, PictureAddress] = {}
    keys = [_key(url) for url in urls]
    for start in range(0, len(keys), 500):
        where = picture_addresses.c.address_key.in_(keys[start : start + 500])
        found |= {one.url: one for one in _addresses(tx, source, where)}
    return found


def waiting_addresses(tx: Connection, source: str, now: datetime, most: int) -> list[PictureAddress]:
    """Pictures of a source that are to be tried, those that waited longest first."""
    due = and_(picture_addresses.c.state == "waits", picture_addresses.c.next_try <= now)
    return _addresses(tx, source, due, most)


def _addresses(tx: Connection, source: str, where: object, most: int | None = None) -> list[PictureAddress]:
    a, p = picture_addresses.c, pictures.c
    query = (
        select(a.url, a.state, a.digest, a.note, a.tries, a.next_try, p.type, p.width, p.height, p.length)
        .select_from(picture_addresses.outerjoin(pictures, p.digest == a.digest))
        .where(a.source == source, where)  # type: ignore[arg-type]
        .order_by(a.next_try, a.address_key)
        .limit(most)
    )
    return [
        PictureAddress(
            url=row.url,
            state=row.state,
            digest=row.digest,
            type=row.type,
            width=row.width or 0,
            height=row.height or 0,
            length=row.length or 0,
            note=row.note,
            tries=row.tries,
            next_try=row.next_try,
        )
        for row in tx.execute(query)
    ]


def put_addresses(tx: Connection, source: str, addresses: Sequence[PictureAddress]) -> None:
    """Remember what became of addresses."""
    rows = [
        {
            "source": source,
            "address_key": _key(one.url),
            "url": one.url,
            "state": one.state,
            "digest": one.digest,
            "note": one.note,
            "tries": one.tries,
            "next_try": one.next_try,
        }
        for one in addresses
    ]
    upsert(tx, picture_addresses, rows)


def put_picture(tx: Connection, picture: Picture, now: datetime) -> str:
    """Store a picture with its thumbnail; returns its digest. The same bytes are stored once."""
    small = None if picture.thumbnail is None else _put(tx, picture.thumbnail, None, now)
    return _put(tx, picture.image, small, now)


def picture_bytes(tx: Connection) -> int:
    """How many bytes all pictures take."""
    return int(tx.execute(select(func.coalesce(func.sum(pictures.c.length), 0))).scalar_one())


def note_uses(tx: Connection, shown_by: Sequence[Article]) -> None:
    """Remember which stored pictures these articles show from now on."""
    tx.execute(_USED_NO_MORE, {"ids": [article.id for article in shown_by]})
    rows = [
        {"article_id": article.id, "place": place, "digest": one}
        for article in shown_by
        for place, one in enumerate(_digests(article))
    ]
    if rows:
        tx.execute(insert(picture_uses), rows)


def shown_pictures(tx: Connection, article: Article) -> tuple[Shown, ...]:
    """The stored pictures that an article shows, in their order, each with its thumbnail."""
    wanted = _digests(article)
    if not wanted:
        return ()
    p, small = pictures.c, pictures.alias("small").c
    query = (
        select(p.digest, p.type, p.width, p.height, p.length, small.digest, small.width, small.height)
        .join_from(pictures, small.digest.table, small.digest == func.coalesce(p.thumbnail, p.digest))
        .where(p.digest.in_(wanted))
    )
    found = {row[0]: Shown(*row) for row in tx.execute(query)}
    return tuple(found[one] for one in wanted if one in found)


def _digests(article: Article) -> list[str]:
    """The stored pictures of the body, then the attached ones, each once."""
    shown = _SHOWN.findall(article.html) if article.html and MEDIA in article.html else []
    shown += [one.url.removeprefix(MEDIA) for one in article.enclosures if one.url.startswith(MEDIA)]
    return list(dict.fromkeys(shown))


def served_picture(tx: Connection, picture: str) -> Image | None:
    """The picture or thumbnail of that digest while a published article shows it; else None."""
    p, shown = pictures.c, pictures.alias().c
    used = (
        exists()
        .where(shown.digest == picture_uses.c.digest, picture_uses.c.article_id == articles.c.id)
        .where(articles.c.state == "published", or_(shown.digest == picture, shown.thumbnail == picture))
    )
    row = tx.execute(select(p.type, p.width, p.height, p.body).where(p.digest == picture, used)).first()
    return None if row is None else Image(type=row.type, width=row.width, height=row.height, body=bytes(row.body))


def thumbnails(tx: Connection, article_ids: Sequence[str]) -> dict[str, Thumbnail]:
    """The thumbnail of the first stored picture of each article that shows any."""
    shown, small = pictures.alias("shown"), pictures.alias("small")
    query = (
        select(picture_uses.c.article_id, small.c.digest, small.c.width, small.c.height)
        .join(shown, shown.c.digest == picture_uses.c.digest)
        .join(small, small.c.digest == func.coalesce(shown.c.thumbnail, shown.c.digest))
        .where(picture_uses.c.article_id.in_(list(article_ids)), picture_uses.c.place == 0)
    )
    return {row.article_id: Thumbnail(row.digest, row.width, row.height) for row in tx.execute(query)}


def forget_pictures(tx: Connection, before: datetime) -> int:
    """Drop pictures stored before then that no article shows, but one withdrawn since; returns how many."""
    standing = or_(articles.c.state != "withdrawn", articles.c.withdrawn_at >= before)
    shown = pictures.alias().c
    used = (
        exists()
        .where(picture_uses.c.article_id == articles.c.id, standing, picture_uses.c.digest == shown.digest)
        .where(or_(shown.digest == pictures.c.digest, shown.thumbnail == pictures.c.digest))
    )
    gone = select(pictures.c.digest).where(pictures.c.added_at < before, ~used).limit(1000)
    digests = list(tx.execute(gone).scalars())
    if digests:
        tx.execute(delete(picture_addresses).where(picture_addresses.c.digest.in_(digests)))
        tx.execute(delete(pictures).where(pictures.c.digest.in_(digests)))
    return len(digests)


def _put(tx: Connection, image: Image, thumbnail: str | None, now: datetime) -> str:
    name = sha256_hex(image.body)
    have = tx.execute(select(pictures.c.digest).where(pictures.c.digest == name)).first()
    if have is None:
        row = {
            "digest": name,
            "type": image.type,
            "width": image.width,
            "height": image.height,
            "length": len(image.body),
            "body": image.body,
            "thumbnail": thumbnail,
            "added_at": now,
        }
        upsert(tx, pictures, [row])
    return name


def _key(url: str) -> str:
    return digest("picture", url)
