"""`/qr/<section>.svg`: the address of a section's page as a QR code (ISO/IEC 18004), drawn here.

It names the page, not the feed: a phone's camera opens it in a browser, where readers are to choose from, and a
reader finds the feed from it.
"""

from __future__ import annotations

import io

import segno
from flask import Flask, Response, abort

from feedhub.basics.digests import sha256_hex
from feedhub.web.assets import ALONE
from feedhub.web.conditional import Representation, packed, represent
from feedhub.web.front import Front
from feedhub.web.replies import moved, reply

_FOR_A_DAY = "public, max-age=86400"


def register(app: Flask, site: Front) -> None:
    """Add the codes to the application; each is drawn once, when somebody first asks for it."""
    drawn: dict[str, Representation] = {}

    @app.get("/qr/<path:name>.svg")
    def code(name: str) -> Response:
        if name not in site.feeds:
            former = site.portal.former_ids.get(name)
            return moved(site.href(code_path(former))) if former else abort(404)
        if name not in drawn:
            body = draw(site.absolute(site.page_of(name)))
            drawn[name] = represent(
                body,
                packed(body),
                tag=sha256_hex(body)[:32],
                content_type="image/svg+xml",
                cache_control=_FOR_A_DAY,
                extra=ALONE,
            )
        return reply(drawn[name])


def code_path(section_id: str) -> str:
    """The address of a section's code."""
    return f"/qr/{section_id}.svg"


def draw(address: str) -> bytes:
    """The code as SVG: black on white whatever the page's colours, with the quiet zone a camera needs."""
    file = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        file, kind="svg", scale=8, border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None
    )
    return file.getvalue()
