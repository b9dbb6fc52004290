"""feeds/redirects.yaml: addresses of the portal before this one, and which of our own took their place.

A successor is always an address that we serve: nothing leads off the portal, and nothing leads on to a redirect.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from urllib.parse import quote, unquote

from pydantic import BaseModel, ConfigDict, TypeAdapter

from feedhub.basics.text import near_names
from feedhub.config.faults import validated
from feedhub.config.yaml_nodes import YamlFile, read_yaml
from feedhub.errors import Fault
from feedhub.model.section import ALL

_PATH = re.compile(r"(?:/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)+/?")
_FEED = re.compile(r"/(?:(?:rss|atom|opml)/(?P<xml>.+)\.xml|json/(?P<json>.+)\.json|sections/(?P<page>.+)/)")
_PLAIN = ("/", "/rss/", "/opml.xml", f"/sections/{ALL}/")
_RSS_SECTION = "special-column/rss"
# First steps of addresses that are served here, now or by what is to come.
_OURS = frozenset(
    "rss atom json opml opml.xml sections articles search hub media api console static style embed widget.js healthz "
    "readyz metrics rsscloud RPC2 favicon.ico robots.txt sitemap.xml sitemap-news.xml".split()
)


class RedirectsForm(BaseModel):
    """The file as a whole: old address → ours."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
    redirects: dict[str, str] = {}


_FORM = TypeAdapter(RedirectsForm)


def read_redirects(
    path: Path, label: str, sections: Collection[str], former_ids: Mapping[str, str]
) -> tuple[dict[str, str], list[Fault]]:
    """Old path (percent-decoded, without a last slash) → our path, and every fault. A missing file has none."""
    if not path.exists():
        return {}, []
    file = read_yaml(path, label)
    faults = list(file.faults)
    form = validated(_FORM, file.value if file.value is not None else {}, file, (), faults) if not faults else None
    found: dict[str, str] = {}
    for old, new in (form.redirects if form else {}).items():
        key = unquote(old).rstrip("/")
        wrong = _wrong_old(old, key, found) or _wrong_new(new, sections, former_ids)
        if wrong:
            faults.append(_fault(file, old, wrong))
        found[key] = new
    return found, faults


def _wrong_old(old: str, key: str, before: Mapping[str, str]) -> str | None:
    if not _PATH.fullmatch(old) or len(old) > 500 or any(ord(sign) < 32 or sign == "\x7f" for sign in key):
        return "is no path such as /tebielanmu/RSS/: it begins with one slash and has no host, query or blank"
    if any(step in (".", "..") for step in key.split("/")):
        return "has a step . or .., which no browser sends"
    if key.split("/")[1] in _OURS:
        return "is among the addresses that are served here, which do not move"
    return "stands twice" if key in before else None


def _wrong_new(new: str, sections: Collection[str], former_ids: Mapping[str, str]) -> str | None:
    """What is wrong with a successor. Only the address of a feed, a page of a section or the directory will do."""
    if new in _PLAIN:
        return None
    match = _FEED.fullmatch(new)
    if match is None:
        return f"leads to {new!r}, which is none of our addresses, such as /rss/<section>.xml or /sections/<section>/"
    section = match["xml"] or match["json"] or match["page"]
    if match["page"] == _RSS_SECTION:
        return f"leads to {new!r}, which leads on to /rss/: write that"
    if section in sections and quote(section) == section:
        return None
    if section in former_ids:
        return f"leads to {new!r}, whose section is now {former_ids[section]!r}: write that"
    near = ", ".join(near_names(section, sections))
    return f"leads to {new!r}, and there is no such section" + (f"; near names: {near}" if near else "")


def _fault(file: YamlFile, old: str, problem: str) -> Fault:
    return file.fault(("redirects", old), problem)
