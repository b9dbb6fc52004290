"""Errors as answers: which status each has, HTML for pages, plain text on the addresses of feeds and of the hub."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from feedhub.basics.text import near_names
from feedhub.errors import FeedHubError, Gone, NotFound, StoreError, UsageError
from feedhub.model.section import Section
from feedhub.web.conditional import Headers
from feedhub.web.embed import embedded_refusal, is_embed_path
from feedhub.web.feeds import is_feed_path
from feedhub.web.front import Front
from feedhub.web.replies import refusal_page, refusal_text

log = logging.getLogger(__name__)

_WORDS = {
    400: "This request cannot be read.",
    404: "There is no page at this address.",
    405: "This address only answers GET and HEAD.",
    413: "This is more than is taken here.",
    500: "Something went wrong here. It was written to the log.",
    503: "The database does not answer at this moment. The feeds are still served.",
}
_NOT_HERE = "This address does not answer this method."
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def register(app: Flask, site: Front) -> None:
    """Add the handlers of errors to the application."""

    @app.errorhandler(NotFound)
    def not_found(error: NotFound) -> Response:
        words = f"There is no {error.kind} by this name."
        return _answer(404, words, near=[site.sections[name] for name in error.near if name in site.sections])

    @app.errorhandler(Gone)
    def gone(error: Gone) -> Response:
        return _answer(410, str(error))

    @app.errorhandler(UsageError)
    def wrong_use(error: UsageError) -> Response:
        return _answer(400, str(error))

    @app.errorhandler(StoreError)
    def store_away(error: StoreError) -> Response:
        log.warning("%s: %s", _shown(request.path), error)
        return _answer(503, _WORDS[503], extra=(("retry-after", "5"),))

    @app.errorhandler(FeedHubError)
    def ours(error: FeedHubError) -> Response:
        log.error("%s: %s", _shown(request.path), error, exc_info=error)
        return _answer(500, _WORDS[500])

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        words = _WORDS.get(status, error.name)
        allowed: Headers = ()
        if status == 405:
            methods = set(getattr(error, "valid_methods", None) or ("GET", "HEAD"))
            allowed = (("allow", ", ".join(sorted(methods))),)
            words = _NOT_HERE if "POST" in methods else words
        near = near_names(request.path.strip("/")[:200], site.sections) if status == 404 else ()
        return _answer(status, words, [site.sections[name] for name in near], allowed)

    @app.errorhandler(Exception)
    def unforeseen(error: Exception) -> Response:
        log.error("%s %s failed", request.method, _shown(request.path), exc_info=error)
        return _answer(500, _WORDS[500])

    def _answer(status: int, words: str, near: Sequence[Section] = (), extra: Headers = ()) -> Response:
        if is_feed_path(request.path):
            lines = [words, *(f"Did you mean {section.id}?" for section in near)]
            return refusal_text(status, "\n".join(lines), extra)
        if _for_programs(request.path):
            return refusal_text(status, words, extra)
        if is_embed_path(request.path):
            return embedded_refusal(site, status)
        response = refusal_page(status, "refused.html", words=words, near=near)
        response.headers.extend(list(extra))
        return response


def _for_programs(path: str) -> bool:
    """Whether an address belongs to the hub, which says what is wrong in plain text (WebSub §5.1.2)."""
    return path in ("/hub", "/RPC2") or path.startswith(("/hub/", "/rsscloud/"))


def _shown(path: str) -> str:
    """A path as one line of a log."""
    return _CONTROL.sub("?", path)[:200]
