"""The Flask application: which address is answered by whom, and what stands on every answer.

It holds no cookie, trusts no header about who or where it is, and makes every link from base_url.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, request

from feedhub.web import (
    articles,
    assets,
    codes,
    column,
    embed,
    feeds,
    health,
    hub,
    incoming,
    media,
    metrics,
    outlines,
    pages,
    redirects,
    refusals,
    rsscloud,
    search,
    sitemaps,
    templating,
)
from feedhub.web.front import Front
from feedhub.web.headers import safety_headers


def create_app(site: Front) -> Flask:
    """The application over a site. It serves documents too, so that any WSGI server will do."""
    app = Flask("feedhub.web", static_folder=None, template_folder="templates")
    # Neither FLASK_DEBUG nor anything else in the environment opens a debugger here (PROMISES B6 98).
    app.config.update(DEBUG=False, TESTING=False, PROPAGATE_EXCEPTIONS=False, MAX_CONTENT_LENGTH=1024 * 1024)
    # Werkzeug would redirect to an address made of the Host header.
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    templating.register(app, site)
    rooms = (
        redirects, feeds, search, outlines, pages, articles, column, embed, codes, media, assets, sitemaps, hub,
        rsscloud, incoming, health, metrics, refusals,
    )  # fmt: skip
    for room in rooms:
        room.register(app, site)
    safety = safety_headers(secure=site.secure)

    @app.before_request
    def readable() -> None:
        # No address of ours has a NUL in it, and PostgreSQL would choke on it. In a parameter it means nothing.
        if "\0" in request.path:
            abort(404)

    @app.after_request
    def safe(response: Response) -> Response:
        for name, value in safety:
            response.headers.setdefault(name, value)
        return response

    app.wsgi_app = _AtHome(app.wsgi_app, site.portal.base_url)  # type: ignore[method-assign]
    return app


class _AtHome:
    """Whatever host a client names, the application sees the public one (PROMISES B6 77)."""

    def __init__(self, application: Callable[..., Iterable[bytes]], base_url: str) -> None:
        public = urlsplit(base_url)
        self._application, self._scheme, self._host = application, public.scheme, public.netloc

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        environ["HTTP_HOST"], environ["wsgi.url_scheme"] = self._host, self._scheme
        environ["SCRIPT_NAME"] = ""
        return self._application(environ, start_response)
