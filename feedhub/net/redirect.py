"""Where a redirect may lead: the same host give or take `www.`, or one that the request names (SEMANTICS 29).

Only the rule of hosts and schemes is here; that the new address may be connected to is judged like any other hop.
"""

from __future__ import annotations

from urllib.parse import urljoin

from feedhub.errors import AddressRefused, RedirectRefused
from feedhub.net.url import OutboundUrl, canonical_host, has_scheme, parse_outbound, shown
from feedhub.ports.web import WebRequest

STATUSES = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})


def redirect_target(current: OutboundUrl, location: str) -> OutboundUrl:
    """The absolute target of a Location field (RFC 9110 §10.2.2); AddressRefused when it is no address for us."""
    text = location.strip(" \t")
    if "\\" in text or not text.isprintable() or text.startswith("///"):
        # urljoin would fold these away before the strict parser sees them.
        raise AddressRefused(
            f"{current.text} redirects to {shown(text)}, which no address looks like.",
            url=shown(text),
            code="bad_address",
        )
    try:
        joined = text if has_scheme(text) else urljoin(current.text, text)
    except ValueError as error:
        raise AddressRefused(
            f"{current.text} redirects to {shown(text)}, which cannot be read.", url=shown(text), code="bad_address"
        ) from error
    try:
        return parse_outbound(joined)
    except AddressRefused as error:
        raise AddressRefused(f"{current.text} redirects: {error.message}", url=error.url, code=error.code) from error


def check_redirect(current: OutboundUrl, target: OutboundUrl, request: WebRequest) -> None:
    """RedirectRefused unless the request lets a redirect go from `current` to `target`."""
    if not _same_host(current.host, target.host) and not any(
        _same_host(target.host, allowed) for allowed in _canonical(request.allow_hosts)
    ):
        raise RedirectRefused(
            f"{current.text} redirects to another host: {target.text}. If that is right, use the new address or list "
            f"{target.host} under allow_hosts.",
            url=target.text,
        )
    if current.scheme == "https" and target.scheme == "http" and not request.allow_tls_downgrade:
        raise RedirectRefused(
            f"{current.text} redirects from https to plain http: {target.text}. If that is right, use the new address "
            "or allow the downgrade for this source.",
            url=target.text,
            code="tls_downgrade",
        )


def next_method(status: int, method: str) -> str:
    """The method after a redirect (RFC 9110 §15.4): 303 turns all but HEAD into GET, 301 and 302 only POST."""
    if (status == 303 and method != "HEAD") or (status in (301, 302) and method == "POST"):
        return "GET"
    return method


def _same_host(one: str, other: str) -> bool:
    return one.removeprefix("www.") == other.removeprefix("www.")


def _canonical(hosts: frozenset[str]) -> list[str]:
    found = []
    for host in hosts:
        try:
            found.append(canonical_host(host))
        except ValueError:
            continue  # a name that is none allows nothing
    return found
