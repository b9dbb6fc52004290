"""Our sources as OPML 2.0, for another reader or another FeedHub (http://opml.org/spec2.opml)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from lxml import etree

from feedhub.basics.dates import fixed_offset, rfc822, zone
from feedhub.basics.text import one_line
from feedhub.ingest.moves import address_of
from feedhub.model.section import Portal
from feedhub.model.source import Source, SourceState


def sources_opml(portal: Portal, sources: Iterable[tuple[Source, SourceState]], now: datetime) -> bytes:
    """The sources of kind feed, at the address they are polled at; sections as categories (`/life/health`)."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = one_line(f"Sources of {portal.title}")
    etree.SubElement(head, "dateCreated").text = rfc822(fixed_offset(now.astimezone(zone(portal.time_zone))))
    etree.SubElement(head, "docs").text = "http://opml.org/spec2.opml"
    body = etree.SubElement(root, "body")
    for source, state in sources:
        url = address_of(source, state)
        if source.kind == "feed" and url:
            _outline(body, source, state, url)
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return made


def _outline(body: etree._Element, source: Source, state: SourceState, url: str) -> None:
    name = one_line(source.name)
    outline = etree.SubElement(body, "outline", text=name, title=name, type="rss", xmlUrl=url)
    home = source.home or state.site_link
    if home:
        outline.set("htmlUrl", home)
    if source.language:
        outline.set("language", source.language)
    if source.sections:
        outline.set("category", ",".join(f"/{section}" for section in source.sections))
