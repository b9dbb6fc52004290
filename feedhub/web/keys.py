"""Whose key a request carries, in `Authorization: Bearer fhk_…`."""

from __future__ import annotations

from flask import request

from feedhub.access.keys import partner_of
from feedhub.model.partner import Partner, Scope
from feedhub.web.front import Front


def partner_here(site: Front, scope: Scope) -> Partner | None:
    """The partner of this request; None when it carries no key. AccessRefused when its key does not open this."""
    with site.store.read() as tx:
        return partner_of(tx, request.headers.get("Authorization"), scope, site.clock.now())
