"""Outbound URLs: one strict parser, and the request is rebuilt from what it found (RFC 3986, UTS #46).

Whatever two parsers could read differently is refused: userinfo, backslashes, control characters, a percent sign in
the host. An IPv4 address in another spelling (2130706433, 0177.0.0.1, 127.1, full-width digits) is judged by its true
value and, where that is public, still refused: nobody writes one in good faith.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

from feedhub.errors import AddressRefused
from feedhub.net.address import why_not_public

LONGEST = 8192
_DEFAULT_PORTS = {"http": 80, "https": 443, "smtp": 587, "smtps": 465, "imap": 143, "imaps": 993}
_WEB = frozenset({"http", "https"})
MAIL = frozenset({"smtp", "smtps"})
MAILBOX = frozenset({"imap", "imaps"})
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_AUTHORITY = re.compile(r"//([^/?#]*)")
_HOST_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::(\d{0,5}))?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LABEL = re.compile(r"[a-z0-9_-]{1,63}")
_NUMBER = re.compile(r"0[xX][0-9A-Fa-f]*|[0-9]+")
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_SAFE = "%:@!$&'()*+,;=-._~/"
_USERINFO = re.compile(r"(//)[^/?#]*@")


@dataclass(frozen=True, slots=True)
class OutboundUrl:
    """A checked address: `host` is lower-case ASCII without brackets, `address` the same when it is a literal one."""

    scheme: str
    host: str
    port: int
    target: str
    address: str | None = None

    @property
    def text(self) -> str:
        """The URL that is requested, made from the parts that were checked."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        # curl's own default for smtp is 25.
        port = "" if self.scheme in _WEB and self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{self.target}"

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port: secrets stay within one (RFC 6454 §4)."""
        return self.scheme, self.host, self.port


def parse_outbound(text: str, schemes: frozenset[str] = _WEB) -> OutboundUrl:
    """The parts of an absolute URL of one of the `schemes`, http and https; the fragment is dropped.

    AddressRefused: `scheme_not_allowed`, `bad_address`, or `private_address` for an odd spelling of one.
    """
    text = text.strip(" ")
    if len(text) > LONGEST:
        raise _bad(text, f"it is longer than {LONGEST:,} characters")
    if _CONTROL.search(text):
        raise _bad(text, "it has control characters in it")
    scheme_found = _SCHEME.match(text)
    if not scheme_found:
        raise _bad(text, f"it does not begin with {' or '.join(f'{name}://' for name in sorted(schemes))}")
    scheme = scheme_found[1].lower()
    if scheme not in schemes:
        raise AddressRefused(
            f"{shown(text)} is refused: only {' and '.join(sorted(schemes))} are fetched, not {scheme}.",
            url=shown(text),
            code="scheme_not_allowed",
        )
    if "\\" in text:
        raise _bad(text, "it has a backslash in it")
    authority_found = _AUTHORITY.match(text, scheme_found.end())
    if not authority_found:
        raise _bad(text, "there is no // after the scheme")
    host, port, address = _authority(authority_found[1], text, scheme)
    rest = text[authority_found.end() :].partition("#")[0]
    path, question, query = rest.partition("?")
    target = (_escaped(path, _SAFE) or "/") + question + _escaped(query, _SAFE + "?")
    return OutboundUrl(scheme, host, port, target, address)


def canonical_host(name: str) -> str:
    """A host name as it is asked for: folded, IDNA labels as punycode, no dot at the end; ValueError if it is none."""
    host, _ = _host(name)
    return host


def has_scheme(text: str) -> bool:
    """Whether the text names a scheme, so that it is absolute or nothing: `http:x` is no relative reference for us."""
    return _SCHEME.match(text) is not None


def shown(text: str) -> str:
    """A URL fit for a message: printable, without userinfo, at most 300 characters."""
    bare = _USERINFO.sub(r"\1…@", text)
    printable = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in bare[:300])
    return printable + ("…" if len(bare) > 300 else "")


def _authority(authority: str, text: str, scheme: str) -> tuple[str, int, str | None]:
    if "@" in authority:
        raise _bad(text, "it has a name in front of @; give credentials by their own keys")
    found = _HOST_PORT.fullmatch(authority)
    if not found:
        raise _bad(text, "its host and port cannot be read")
    port = int(found[2]) if found[2] else _DEFAULT_PORTS[scheme]
    if not 1 <= port <= 65535:
        raise _bad(text, f"{port} is no port")
    try:
        host, address = _host(found[1])
    except _PrivateSpelling as error:
        raise AddressRefused(f"{shown(text)} is refused: {error}.", url=shown(text)) from error
    except ValueError as error:
        raise _bad(text, str(error)) from error
    return host, port, address


class _PrivateSpelling(ValueError):
    """An odd spelling of an address that is not public."""


def _host(text: str) -> tuple[str, str | None]:
    """The canonical host, and again as `address` when it is a literal."""
    if text.startswith("["):
        return _ipv6(text[1:-1])
    if "%" in text:
        raise ValueError("it has a percent sign in its host")
    folded = _folded(text)
    name = folded.removesuffix(".")
    if not name:
        raise ValueError("it has no host")
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        address = _ipv4(name)
        if text == address:
            return address, address
        if special := why_not_public(address):
            raise _PrivateSpelling(f"its host is {address}, {special}")
        raise ValueError(f"its host is an odd spelling of {address}")
    host = ".".join(_label(label) for label in name.split("."))
    if len(host) > 253:
        raise ValueError("its host name is longer than 253 characters")
    return host, None


def _folded(text: str) -> str:
    # UTS #46: compatibility characters are folded first, then the ideographic full stop is a dot like any other.
    folded = unicodedata.normalize("NFKC", text).replace("\u3002", ".")
    return unicodedata.normalize("NFKC", folded.lower())


def _ipv6(text: str) -> tuple[str, str]:
    if "%" in text:
        raise _PrivateSpelling("its address has a scope, so it is a link-local one")
    try:
        address = str(IPv6Address(text))
    except ValueError:
        raise ValueError("its address in brackets is no IPv6 address") from None
    return address, address


def _ipv4(name: str) -> str:
    """The address that a numeric host means by the rules of inet_aton: 1 to 4 parts, octal and hexadecimal too."""
    parts = name.split(".")
    try:
        if len(parts) > 4 or not all(_NUMBER.fullmatch(part) for part in parts):
            raise ValueError
        *head, tail = [_number(part) for part in parts]
        if any(value > 255 for value in head) or tail >= 256 ** (4 - len(head)):
            raise ValueError
    except ValueError:
        raise ValueError("its host ends in a number but is no IPv4 address") from None
    value = tail
    for place, part in enumerate(head):
        value += part << (8 * (3 - place))
    return str(IPv4Address(value))


def _number(part: str) -> int:
    if part[:2] in ("0x", "0X"):
        return int(part[2:] or "0", 16)
    return int(part, 8) if part.startswith("0") and len(part) > 1 else int(part)


def _label(label: str) -> str:
    if not label.isascii():
        if any(unicodedata.category(c)[0] not in "LMN" and c != "-" for c in label):
            raise ValueError("its host name has characters that no name has")
        label = "xn--" + label.encode("punycode").decode("ascii")
    elif label.startswith("xn--"):
        _check_punycode(label[4:])
    if not _LABEL.fullmatch(label):
        raise ValueError("its host is no host name")
    return label


def _check_punycode(encoded: str) -> None:
    """A label that says it is punycode decodes to something that needed it, and back again."""
    try:
        decoded = encoded.encode("ascii").decode("punycode")
        again = decoded.encode("punycode").decode("ascii")
    except (UnicodeError, ValueError, OverflowError):
        raise ValueError("its host name has a broken xn-- label") from None
    odd = any(unicodedata.category(c)[0] in "CZ" or c in ".:/@" for c in decoded)
    if odd or decoded.isascii() or again != encoded or _folded(decoded) != decoded:
        raise ValueError("its host name has a misleading xn-- label")


def _escaped(part: str, safe: str) -> str:
    return quote(_STRAY_PERCENT.sub("%25", part), safe=safe)


def _bad(text: str, why: str) -> AddressRefused:
    return AddressRefused(f"{shown(text)} is refused: {why}.", url=shown(text), code="bad_address")
