"""Addresses that feeds had on the portal before: each leads to its successor in one step, for ever (301)."""

from __future__ import annotations

from flask import Flask, Response, request

from feedhub.web.front import Front
from feedhub.web.replies import moved


def register(app: Flask, site: Front) -> None:
    """Add the redirects of feeds/redirects.yaml to the application."""
    successors = site.portal.former_addresses
    if not successors:
        return

    @app.before_request
    def successor() -> Response | None:
        found = successors.get(request.path.rstrip("/")) if request.method in ("GET", "HEAD") else None
        return moved(site.href(found)) if found else None
