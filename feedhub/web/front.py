"""What the web is given at start: the portal, its store, the clock, the cache of documents, the style."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import quote, urlsplit

from feedhub.hub.rules import Rules
from feedhub.model.feed import EXACT_TYPES, FORMATS, Format
from feedhub.model.section import ALL, Portal, Section
from feedhub.ports.clock import Clock
from feedhub.publish.addresses import feed_path, page_url
from feedhub.store.engine import Store
from feedhub.web.cache import DocumentCache
from feedhub.web.catalogue import interface_of
from feedhub.web.clients import Networks

# The section whose page is the RSS column itself (CONTRACT, section identifiers).
RSS_SECTION = "special-column/rss"
SUFFIXES: dict[Format, str] = {"rss": "xml", "atom": "xml", "json": "json"}
FORMAT_NAMES: dict[Format, str] = {"rss": "RSS", "atom": "Atom", "json": "JSON"}
_EVERYTHING = Section(ALL, "Everything", None, ("any",))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAddress:
    """One feed of a section as a page names it: `href` for links, `address` the public one, `type` the exact
    media type (SEMANTICS 18)."""

    section: Section
    format: Format
    href: str
    address: str
    type: str
    title: str


@dataclass(frozen=True, slots=True)
class StreamBounds:
    """How many event streams and waiting polls are held: in all, and for one address that is not of this machine."""

    all: int = 5_000
    address: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """All that the web knows. `sections` is every node by id, `all` included, in the order of the tree; `feeds` the
    saved ones too."""

    portal: Portal
    store: Store
    clock: Clock
    cache: DocumentCache
    style_directory: Path
    content_type: Literal["browser", "exact"] = "browser"
    hub: Rules | None = None
    delta: bool = False
    streams: StreamBounds = StreamBounds()
    metrics: Literal["off", "local", "open"] = "local"
    trusted_proxies: Networks = ()
    sections: dict[str, Section] = field(init=False)
    feeds: dict[str, Section] = field(init=False)
    prefix: str = field(init=False)

    def __post_init__(self) -> None:
        known = self.portal.sections()
        known.setdefault(ALL, _EVERYTHING)
        object.__setattr__(self, "sections", known)
        object.__setattr__(self, "feeds", self.portal.feeds() | known)
        object.__setattr__(self, "prefix", urlsplit(self.portal.base_url).path.rstrip("/"))

    @property
    def hub_rules(self) -> Rules:
        """The rules of the hub; without any given they are the usual ones."""
        return self.hub or Rules(base_url=self.portal.base_url)

    @property
    def secure(self) -> bool:
        """Whether the public address is https."""
        return self.portal.base_url.startswith("https:")

    def href(self, path: str) -> str:
        """An address on this site as a link: an absolute path, never a host."""
        return self.prefix + path

    def absolute(self, path: str) -> str:
        """The public address of a path; made from base_url alone, never from the Host header."""
        return self.portal.base_url + path

    def page_of(self, section_id: str) -> str:
        """The path of the page for people: a section's own, of a saved feed that of its question."""
        if section_id in self.sections:
            return section_path(section_id)
        return page_url(self.portal, section_id).removeprefix(self.portal.base_url)

    def feeds_of(self, section: Section) -> tuple[FeedAddress, ...]:
        """The section's feeds in its three formats."""
        return tuple(
            FeedAddress(
                section=section,
                format=format_,
                href=self.href(feed_path(section.id, format_)),
                address=self.absolute(feed_path(section.id, format_)),
                type=EXACT_TYPES[format_],
                title=f"{section.title} ({FORMAT_NAMES[format_]})",
            )
            for format_ in FORMATS
        )


def section_path(section_id: str) -> str:
    """The page of a section; the RSS column is the page of its own section."""
    return "/rss/" if section_id == RSS_SECTION else f"/sections/{section_id}/"


def column_path(language: str, portal_language: str, rest: str = "") -> str:
    """A page of the RSS column in an interface language: `/rss/`, or `/rss/zh/` where that is not the portal's own."""
    own = interface_of(portal_language) == language
    return f"/rss/{'' if own else f'{language}/'}{quote(rest)}"


def article_path(article_id: str) -> str:
    """The page of an article."""
    return f"/articles/{article_id}"
