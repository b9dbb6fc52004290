"""What nginx has to say of each exported file beside its bytes: generated maps, for deploy/nginx.conf to include.

Every value is what the service itself answers at such an address, so that the two cannot differ. Content-Type and
Accept-Ranges belong to a 200 alone; the key of their maps begins with 1 then.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from feedhub.basics.digests import sha256_hex
from feedhub.publish.file_tree import OWN, Exported
from feedhub.publish.manifest import Written
from feedhub.web.site_files import Ask

FOLDER = f"{OWN}/nginx"
# The kinds of addresses, as nginx's patterns; what is of none has an entry of its own.
_PAGES = "~/$"
_KINDS = (
    "~^/articles/[^/]+$",
    "~^/rss/.+/archive/[0-9]+\\.xml$",
    "~^/atom/.+/archive/[0-9]+\\.xml$",
    "~^/json/.+/archive/[0-9]+\\.json$",
    "~^/rss/profile/.+\\.xml$",
    "~^/rss/.+\\.xml$",
    "~^/atom/.+\\.xml$",
    "~^/json/.+\\.json$",
    "~^/rss/(?:[a-z]+/)?embed$",
    "~^/rss/[^.]+[^./]$",
    "~^/opml[./].*xml$",
    "~^/qr/.+\\.svg$",
    "~^/sitemap.*\\.xml$",
    "~^/media/",
    _PAGES,
)
_MAPS = {
    "content-type": "type",
    "cache-control": "cache",
    "content-security-policy": "policy",
    "access-control-allow-origin": "origin",
    "access-control-expose-headers": "exposed",
    "last-modified": "modified",
}
_WHOLE_ANSWER = ("content-type",)
# What pages say stands on everything that says nothing else of its own.
_USUAL = ("content-security-policy",)


def nginx_maps(ask: Ask, paths: Mapping[str, Written], links: Iterable[tuple[str, str]]) -> list[Exported]:
    """The files to be included: `maps.conf` (http), `headers.conf` (every location), `links.conf` (http)."""
    examples = _examples(paths)
    answers = {pattern: dict(ask(address).headers) for pattern, address in examples.items()}
    common = answers[_PAGES]
    usual = {name: common[name] for name in _USUAL}
    texts = [_map(name, f"$feedhub_{variable}", answers, usual.get(name, "")) for name, variable in _MAPS.items()]
    headers = "".join(
        f"add_header {name} {_quoted(common[name])} always;\n"
        for name in ("x-content-type-options", "referrer-policy", "strict-transport-security")
        if name in common
    )
    return [
        _file("maps.conf", "\n".join([_kinds(answers), *texts])),
        _file("headers.conf", headers),
        _file("links.conf", _links([it for it in links if _plain(it[0]) and _plain(it[1])], list(answers))),
    ]


def _examples(paths: Mapping[str, Written]) -> dict[str, str]:
    """An address of each kind that there is, by its pattern, in the order of the kinds; others by themselves."""
    found: dict[str, str] = {}
    for path in paths:
        if not path.startswith(f"{OWN}/"):
            address = "/" + _address(path)
            kind = next((pattern for pattern in _KINDS if re.search(pattern[1:], address)), address)
            found.setdefault(kind, address)
    order = {pattern: place for place, pattern in enumerate(_KINDS)}
    return {kind: found[kind] for kind in sorted(found, key=lambda kind: (order.get(kind, len(order)), kind))}


def _address(path: str) -> str:
    if path.endswith("index.html"):
        return path.removesuffix("index.html")
    if path.endswith(".html"):
        return path.removesuffix(".html")
    return path.removesuffix(".jpg").removesuffix(".png") if path.startswith("media/") else path


def _map(name: str, variable: str, answers: Mapping[str, Mapping[str, str]], usual: str) -> str:
    """A map from the kind to one field."""
    first = "1" if name in _WHOLE_ANSWER else ""
    lines = [f"    default {_quoted(usual)};\n"]
    for number, fields in enumerate(answers.values()):
        value = fields.get(name, "")
        if name == "last-modified" and value:
            lines.append(f"    {first}{number} $sent_http_last_modified;\n")
        elif value != usual and _plain(value):
            lines.append(f"    {first}{number} {_quoted(value)};\n")
    source = '"$feedhub_whole$feedhub_kind"' if first else "$feedhub_kind"
    return f"map {source} {variable} {{\n" + "".join(lines) + "}\n"


def _kinds(answers: Mapping[str, Mapping[str, str]]) -> str:
    """The maps from an address to its kind, a number; patterns are tried once and in their order, and for none of the
    documents that links.conf knows: most requests are for one."""
    lines = (f"    {_quoted(pattern)} {number};\n" for number, pattern in enumerate(answers))
    return (
        "map $feedhub_known $feedhub_kind {\n    default $feedhub_known;\n    '' $feedhub_other;\n}\n"
        "map $feedhub_doc $feedhub_other {\n    default none;\n" + "".join(lines) + "}\n"
    )


def _links(links: Sequence[tuple[str, str]], kinds: Sequence[str]) -> str:
    """The maps from a document's address to its Link field and to its kind."""
    patterns = [(number, re.compile(kind[1:])) for number, kind in enumerate(kinds) if kind.startswith("~")]
    known = [(path, next((number for number, it in patterns if it.search(path)), None)) for path, _ in links]
    return (
        "map $feedhub_doc $feedhub_link {\n"
        + "".join(f"    {_quoted(path)} {_quoted(link)};\n" for path, link in links)
        + "}\nmap $feedhub_doc $feedhub_known {\n"
        + "".join(f"    {_quoted(path)} {number};\n" for path, number in known if number is not None)
        + "}\n"
    )


def _plain(text: str) -> bool:
    """Whether nginx takes a text as it is: a dollar would be a variable, a line end the end of the world."""
    return "$" not in text and text.isprintable()


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _file(name: str, text: str) -> Exported:
    body = f"# Written by feedhub export; do not edit.\n{text}".encode()
    return Exported(path=f"{FOLDER}/{name}", bodies={"": body}, version=sha256_hex(body)[:32], modified=0)
