"""The portal's tree as OPML 2.0 (http://opml.org/spec2.opml), for readers to take in whole."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from feedhub.basics.dates import fixed_offset, rfc822, zone
from feedhub.basics.text import one_line
from feedhub.model.section import Portal, Section
from feedhub.publish.addresses import about_url, feed_url, page_url
from feedhub.publish.views import make_view


def opml(portal: Portal, changed_at: datetime, *, under: Section | None = None) -> bytes:
    """The whole tree, or one section with all below it, as nested outlines.

    `changed_at` is the stored instant at which the tree last changed, so that the bytes are stable.
    """
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    title = portal.title if under is None else f"{under.title} - {portal.title}"
    moment = changed_at.astimezone(zone(portal.time_zone))
    _child(head, "title", title)
    _child(head, "dateModified", rfc822(fixed_offset(moment)))
    _child(head, "ownerName", portal.name)
    if "@" in portal.contact:
        _child(head, "ownerEmail", portal.contact)
    _child(head, "ownerId", about_url(portal))
    _child(head, "docs", "http://opml.org/spec2.opml")
    body = etree.SubElement(root, "body")
    for section in portal.columns if under is None else (under,):
        _outline(body, portal, section, changed_at)
    made: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return made


def _outline(parent: etree._Element, portal: Portal, section: Section, changed_at: datetime) -> None:
    head = make_view(portal, section, (), generation=0, changed_at=changed_at)
    outline = etree.SubElement(parent, "outline", text=one_line(section.title), type="rss")
    outline.set("title", one_line(head.title))
    outline.set("xmlUrl", feed_url(portal, section.id, "rss"))
    outline.set("htmlUrl", page_url(portal, section.id))
    outline.set("description", head.description)
    outline.set("language", head.language)
    outline.set("version", "RSS2")
    for child in section.children:
        _outline(outline, portal, child, changed_at)


def _child(parent: etree._Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = one_line(text)
