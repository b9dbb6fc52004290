"""What a document depends on besides its articles, and the digest that shows when any of it changed.

When the digest differs from the stored one, every section's generation moves once (SEMANTICS 2).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from feedgen.version import version_str

from feedhub.basics.digests import digest
from feedhub.model.section import Portal

ContentTypes = Literal["browser", "exact"]

# Raise it whenever the same article would be written otherwise: it is what makes stored fragments old.
WRITER = 4
PODCAST_PICTURES = ("podcast.png", "podcast.jpg")


@dataclass(frozen=True, slots=True, kw_only=True)
class Style:
    """The portal as its feeds show it; `installation` names feeds of a portal without an id_authority, `licences` is a
    digest of those that sources declare, which partners' documents depend on, `podcast_picture` names the style file
    that podcast directories show."""

    portal: Portal
    content_type: ContentTypes
    installation: uuid.UUID
    digest: str
    licences: str = ""
    podcast_picture: str | None = None


def make_style(
    portal: Portal, *, content_type: ContentTypes, style_files: Mapping[str, bytes], installation: uuid.UUID
) -> Style:
    """The style of a portal; `style_files` as `read_style_files` gives them."""
    made = style_digest(portal, content_type=content_type, style_files=style_files, installation=installation)
    picture = next((name for name in PODCAST_PICTURES if name in style_files), None)
    return Style(
        portal=portal, content_type=content_type, installation=installation, digest=made, podcast_picture=picture
    )


def read_style_files(directory: Path) -> dict[str, bytes]:
    """The files of feeds/style/ by name; none when there is no such directory."""
    return {file.name: file.read_bytes() for file in sorted(directory.glob("*")) if file.is_file()}


def style_digest(
    portal: Portal, *, content_type: ContentTypes, style_files: Mapping[str, bytes], installation: uuid.UUID
) -> str:
    """64 hex digits over the addresses, titles, languages, rights, contact, style files and the writer itself."""
    parts: list[str | bytes | None] = [
        f"writer {WRITER}, archives with next, codings, hub, cloud, feedgen {version_str}",
        content_type, str(installation),
        portal.base_url,
        portal.name, portal.title, portal.language, portal.time_zone, portal.rights, portal.contact,
        portal.id_authority, str(portal.longest_text),
    ]  # fmt: skip
    for section in portal.sections().values():
        parts += [section.id, section.title, section.title_zh, ",".join(section.languages), ">".join(section.podcast)]
    for feed in portal.saved:
        parts += [feed.id, feed.title, feed.title_zh]
    for name in sorted(style_files):
        parts += [name, style_files[name]]
    return digest(*parts)
