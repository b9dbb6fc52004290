"""Addresses: which may ever be shown, and when two of them are one.

Only absolute http and https addresses leave this house; everything else is dropped at the border.
"""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

LONGEST = 2048
_LEADING = re.compile(r"^[\x00-\x20\u00a0\u2000-\u200f\u2028-\u202f\u3000\ufeff]+|[\x00-\x20\u00a0\u3000]+$")
_INNER_CONTROL = re.compile(r"[\t\n\r]")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f<>\"\\^`{|}]")
_HOST = re.compile(r"^(?:[^\s/?#@:\[\]%\\]+|\[[0-9A-Fa-f:.]+\])$")
_NAME = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?")
# An address that is its own result: what nearly every address looks like, told without taking it apart.
_PLAIN = re.compile(
    r"https?://[a-z0-9_-]+(?:\.[a-z0-9_-]+)*(?::[1-9][0-9]{0,3})?/[A-Za-z0-9/._~%+=-]*(?:\?[A-Za-z0-9/._~%+=&-]+)?(?:#[A-Za-z0-9/._~%+=&-]+)?"
)
# A path of the same host, likewise told at a glance: no segment begins with a dot, and none is empty.
_ROOTED = re.compile(
    r"/(?:[A-Za-z0-9_~%+=-][A-Za-z0-9._~%+=-]*/)*(?:[A-Za-z0-9_~%+=-][A-Za-z0-9._~%+=-]*)?(?:\?[A-Za-z0-9/._~%+=&-]+)?"
)
_ORIGIN = re.compile(r"https?://[^/]+(?=/)")
_BARE = re.compile(r"https?://([a-z0-9_-]+(?:\.[a-z0-9_-]+)*)(?::([1-9][0-9]{0,3}))?(/[A-Za-z0-9/._~%+=-]*)?")
_TRACKING = re.compile(
    r"^(?:utm_\w+|spm|isappinstalled|fbclid|gclid|yclid|mc_[ce]id|share_\w+|ref_src|_ga|bd_vid)$", re.I
)


def web_url(address: str | None, base: str | None = None) -> str | None:
    """The absolute http(s) address, resolved against `base` (RFC 3986 §5), or None when it is none.

    Characters that cannot stand in a URI are percent-encoded; more than 2,048 characters are refused.
    """
    if not address:
        return None
    if len(address) <= LONGEST and _PLAIN.fullmatch(address):
        return address
    if base and _ROOTED.fullmatch(address) and (origin := _plain_origin(base)):
        return origin + address if len(origin) + len(address) <= LONGEST else None
    return _resolved(address, base)


def _resolved(address: str, base: str | None) -> str | None:
    text = _INNER_CONTROL.sub("", _LEADING.sub("", address))
    try:
        joined = urljoin(base, text) if base else text
        parts = urlsplit(joined)
        port = parts.port
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or "\\" in parts.netloc:
        return None
    netloc_host = parts.netloc.rpartition("@")[2]
    bare = (
        netloc_host[: -len(str(port)) - 1]
        if port is not None and netloc_host.endswith(f":{port}")
        else netloc_host.rstrip(":")
    )
    if not _HOST.match(bare):
        return None
    # A name in front of @ only ever hides where a link goes: it is dropped.
    netloc = _ascii_host(bare) + (f":{port}" if port is not None else "")
    if not netloc or netloc.startswith(":"):
        return None
    path = _escape(parts.path, "/")
    result = urlunsplit((parts.scheme.lower(), netloc, path, _escape(parts.query, "?/"), _escape(parts.fragment, "?/")))
    return result if len(result) <= LONGEST else None


@lru_cache(maxsize=256)  # all addresses of a document have the same base as a rule
def _plain_origin(base: str) -> str:
    found = _ORIGIN.match(base) if _PLAIN.fullmatch(base) else None
    return found[0] if found else ""


def _ascii_host(host: str) -> str:
    if host.startswith("["):
        return host.lower()
    try:
        name = (host if host.isascii() else host.encode("idna").decode("ascii")).lower()
    except UnicodeError:
        return ""
    return name if _NAME.fullmatch(name) else ""


def _escape(part: str, extra: str) -> str:
    return quote(_FORBIDDEN.sub(lambda found: quote(found[0], safe=""), part), safe="%" + extra + ":@!$&'()*+,;=-._~[]")


@lru_cache(maxsize=4096)  # an item's link is asked for five times on its way to an entry
def canonical_url(address: str) -> str:
    """The form under which two addresses are one: no fragment, no tracking parameters, default port or `www.`.

    The scheme is left out too: http and https lead to the same piece.
    """
    if bare := _BARE.fullmatch(address):
        port = f":{bare[2]}" if bare[2] not in (None, "80", "443") else ""
        return f"{bare[1].removeprefix('www.')}{port}{(bare[3] or '').rstrip('/') or '/'}"
    return _canonical_by_parts(address)


def _canonical_by_parts(address: str) -> str:
    parts = urlsplit(address)
    host = (parts.hostname or "").removeprefix("www.")
    port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.match(k)])
    path = parts.path.rstrip("/") or "/"
    return f"{host}{port}{path}" + (f"?{query}" if query else "")


def same_origin(one: str, other: str) -> bool:
    """Whether two absolute addresses have one scheme, host and port: secrets stay within that (RFC 6454 §4)."""
    origin = _origin(one)
    return origin is not None and origin == _origin(other)


def host_of(address: str) -> str:
    """The host name of an address, lower case, or the empty string."""
    try:
        return (urlsplit(address).hostname or "").lower()
    except ValueError:
        return ""


def _origin(address: str) -> tuple[str, str, int | None] | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    return scheme, (parts.hostname or "").lower(), port or {"http": 80, "https": 443}.get(scheme)
