"""A stored picture: decoded and written anew by us, known by the digest of its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

MEDIA = "/media/"
PictureState = Literal["waits", "stored", "pixel", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """Bytes of a picture as we wrote them: `type` is image/jpeg or image/png, sizes in pixels."""

    type: str
    width: int
    height: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture and its thumbnail (None for one that is small itself); `pixel` when it only counts readers."""

    image: Image
    thumbnail: Image | None = None
    pixel: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureAddress:
    """What a source's picture at an address has become; `digest`, `width` and `height` once it is stored.

    Kept per source, so that no source chooses what another shows (PROMISES 60). `next_try` is None when nothing is
    tried any more; `note` says why it failed.
    """

    url: str
    state: PictureState
    digest: str | None = None
    type: str | None = None
    width: int = 0
    height: int = 0
    length: int = 0
    note: str = ""
    tries: int = 0
    next_try: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A stored picture that an article shows; `small` is its thumbnail's digest, its own where it is small itself."""

    digest: str
    type: str
    width: int
    height: int
    length: int
    small: str
    small_width: int
    small_height: int


def media_path(digest: str) -> str:
    """Where a stored picture is served, below base_url."""
    return f"{MEDIA}{digest}"
