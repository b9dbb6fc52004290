"""Stored pictures under /media/: bytes that we wrote, while a published article shows them (PROMISES B2 32)."""

from __future__ import annotations

import re

from flask import Flask, Response

from feedhub.errors import NotFound
from feedhub.model.picture import MEDIA
from feedhub.store.pictures import served_picture
from feedhub.web.conditional import Headers, represent
from feedhub.web.front import Front
from feedhub.web.replies import reply

_DIGEST = re.compile(r"[0-9a-f]{64}")
# The bytes of a digest never change. A day, not a year: a picture whose article is withdrawn shall leave caches too.
_FOR_A_DAY = "public, max-age=86400, immutable"
_ALONE: Headers = (("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),)


def register(app: Flask, site: Front) -> None:
    """Add the pictures to the application."""

    @app.get(f"{MEDIA}<digest>")
    def media(digest: str) -> Response:
        with site.store.read() as tx:
            found = served_picture(tx, digest) if _DIGEST.fullmatch(digest) else None
        if found is None:
            raise NotFound("picture", digest[:64])
        made = represent(
            found.body, {}, tag=digest[:32], content_type=found.type, cache_control=_FOR_A_DAY, extra=_ALONE
        )
        return reply(made)
