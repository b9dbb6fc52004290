"""Files: our own style sheet and script under /static/, the feeds' style under /style/. Named one by one."""

from __future__ import annotations

from pathlib import Path

from flask import Flask, Response, abort

from feedhub.basics.digests import sha256_hex
from feedhub.publish.style import PODCAST_PICTURES
from feedhub.web.conditional import Headers, Representation, packed, represent
from feedhub.web.front import Front
from feedhub.web.replies import reply
from feedhub.web.templating import STATIC

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".ico": "image/x-icon",
}
_STYLE_NAMES = ("feed.css", "icon.svg", "icon.png", "icon.ico", *PODCAST_PICTURES)
# Who puts a large file there by mistake gets an error, not a large memory.
_LARGEST = 1024 * 1024
_FOR_A_WHILE = "public, max-age=3600"
# A drawing that is opened by itself may run nothing (PROMISES B2 32).
ALONE: Headers = (("content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"),)


def register(app: Flask, site: Front) -> None:
    """Add the files to the application; they are read once, at start."""
    own = _read(STATIC, [file.name for file in STATIC.iterdir()])
    style = _read(site.style_directory, _STYLE_NAMES)
    icon = next((style[name] for name in ("icon.ico", "icon.png", "icon.svg") if name in style), None)
    app.jinja_env.globals["icon"] = next(
        (site.href(f"/style/{name}") for name in ("icon.svg", "icon.png", "icon.ico") if name in style), None
    )

    @app.get("/static/<name>")
    def static_file(name: str) -> Response:
        return reply(own[name]) if name in own else abort(404)

    @app.get("/widget.js")
    def widget() -> Response:
        return reply(own["widget.js"])

    @app.get("/style/<name>")
    def style_file(name: str) -> Response:
        return reply(style[name]) if name in style else abort(404)

    @app.get("/favicon.ico")
    def favicon() -> Response:
        return reply(icon) if icon is not None else abort(404)


def _read(folder: Path, names: list[str] | tuple[str, ...]) -> dict[str, Representation]:
    found: dict[str, Representation] = {}
    for name in names:
        file = folder / name
        kind = _TYPES.get(file.suffix)
        if kind is None or not file.is_file() or file.stat().st_size > _LARGEST:
            continue
        body = file.read_bytes()
        found[name] = represent(
            body,
            packed(body) if kind.startswith(("text/", "image/svg")) else {},
            tag=sha256_hex(body)[:32],
            content_type=kind,
            cache_control=_FOR_A_WHILE,
            extra=ALONE if file.suffix == ".svg" else (),
        )
    return found
