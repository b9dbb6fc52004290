"""Rows of an OPML file into sources, each with a word on what became of it; nothing is fetched or looked up.

An address that could never be polled (another scheme, a private address, a closed port) is refused here already;
what only a look-up can tell is refused at the first poll.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from feedhub.basics.text import identifier
from feedhub.basics.urls import canonical_url, host_of, web_url
from feedhub.errors import AddressRefused
from feedhub.ingest.bounds import language_of
from feedhub.ingest.opml_in import Outline
from feedhub.model.source import Policy, Source
from feedhub.net.address import WEB_PORTS, Reach, port_refusal
from feedhub.net.url import OutboundUrl, parse_outbound

Fate = Literal["added", "known", "repeated", "refused"]


@dataclass(frozen=True, slots=True)
class ImportedOutline:
    """What became of one outline: `source` when it was added, else why not."""

    outline: Outline
    fate: Fate
    reason: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class Defaults:
    """What every imported source gets."""

    sections: tuple[str, ...]
    policy: Policy
    language: str
    time_zone: str


def sources_from_outlines(
    outlines: Sequence[Outline], present: Iterable[Source], defaults: Defaults, reach: Reach
) -> list[ImportedOutline]:
    """One answer per outline, in order. `present` are the sources that are here already."""
    here = list(present)
    keys = {source.key for source in here}
    known = {canonical_url(source.url): f"it is here as {source.key}" for source in here if source.url}
    seen: dict[str, str] = {}
    report: list[ImportedOutline] = []
    for outline in outlines:
        address = _bare(outline.url)
        why = outline.refused or _why_not(address, reach)
        url = web_url(address)
        if why or url is None:
            report.append(ImportedOutline(outline, "refused", why or "it is no address that can be read"))
        elif (canonical := canonical_url(url)) in seen:
            report.append(ImportedOutline(outline, "repeated", seen[canonical]))
        elif canonical in known:
            report.append(ImportedOutline(outline, "known", known[canonical]))
        else:
            source = _source(outline, url, keys, defaults)
            keys.add(source.key)
            seen[canonical] = f"line {outline.line} has that address too"
            report.append(ImportedOutline(outline, "added", source=source))
    return report


def _bare(url: str) -> str:
    """The address without the `feed:` that some readers put in front (feed://host, feed:https://host)."""
    if url[:5].lower() != "feed:":
        return url
    rest = url[5:]
    return f"http:{rest}" if rest.startswith("//") else rest


def _why_not(address: str, reach: Reach) -> str:
    try:
        parsed = parse_outbound(address)
    except AddressRefused as error:
        return f"{error.message} [{error.code}]"
    literal = parsed.address or ("127.0.0.1" if _is_localhost(parsed) else None)
    if literal is not None:
        refusal = reach.refusal(literal, parsed.port)
    elif parsed.port in WEB_PORTS or parsed.port in reach.ports or reach.allow:
        # Where private networks are listed, a name may lead into one, and there any port is open.
        refusal = port_refusal(parsed.port)
    else:
        refusal = reach.refusal("1.1.1.1", parsed.port)
    return f"{refusal.reason} [{refusal.code}]" if refusal else ""


def _is_localhost(url: OutboundUrl) -> bool:
    return url.host == "localhost" or url.host.endswith(".localhost")


def _source(outline: Outline, url: str, keys: set[str], defaults: Defaults) -> Source:
    host = host_of(url).removeprefix("www.")
    name = identifier(outline.title)[:40].strip("-") or identifier(host)[:40].strip("-") or "source"
    key, number = name, 1
    while key in keys:
        number += 1
        key = f"{name}-{number}"
    return Source(
        key=key,
        name=outline.title[:200] or host,
        url=url,
        home=web_url(outline.home),
        sections=defaults.sections,
        policy=defaults.policy,
        language=language_of(outline.language) or defaults.language,
        time_zone=defaults.time_zone,
    )
