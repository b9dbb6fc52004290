"""The portal's tree, or the feed of a question, as OPML 2.0 (http://opml.org/spec2.opml)."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from feedhub.basics.dates import fixed_offset, rfc822, zone
from feedhub.basics.text import one_line
from feedhub.model.question import Question
from feedhub.model.question_text import question_words, write_question
from feedhub.model.section import SEARCH, Portal, Section
from feedhub.publish.addresses import about_url, feed_url, page_url
from feedhub.publish.views import make_view
from feedhub.publish.wording import search_description, search_title


def opml(portal: Portal, changed_at: datetime, *, under: Section | None = None) -> bytes:
    """The whole tree with the saved feeds after it, or one section with all below it, as nested outlines.

    `changed_at` is the stored instant at which the tree last changed, so that the bytes are stable.
    """
    title = portal.title if under is None else f"{under.title} - {portal.title}"
    root, body = _document(portal, title, changed_at)
    for section in portal.columns if under is None else (under,):
        _outline(body, portal, section, changed_at)
    if under is None and portal.saved:
        group = etree.SubElement(body, "outline", text="Saved questions")
        for feed in portal.saved:
            _outline(group, portal, portal.feeds()[feed.id], changed_at)
    return _written(root)


def opml_of_question(portal: Portal, question: Question, changed_at: datetime) -> bytes:
    """The feed of one question as an outline."""
    home = zone(portal.time_zone)
    words, query = question_words(question, portal, home), write_question(question, home)
    title = search_title(portal, words)
    root, body = _document(portal, title, changed_at)
    outline = etree.SubElement(body, "outline", text=one_line(words), type="rss", title=title)
    outline.set("xmlUrl", feed_url(portal, SEARCH, "rss", query))
    outline.set("htmlUrl", page_url(portal, SEARCH, query))
    outline.set("description", search_description(portal, words))
    outline.set("language", question.languages[0] if len(question.languages) == 1 else portal.language)
    outline.set("version", "RSS2")
    return _written(root)


def _document(portal: Portal, title: str, changed_at: datetime) -> tuple[etree._Element, etree._Element]:
    """The root with its head, and the body."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    moment = changed_at.astimezone(zone(portal.time_zone))
    _child(head, "title", title)
    _child(head, "dateModified", rfc822(fixed_offset(moment)))
    _child(head, "ownerName", portal.name)
    if "@" in portal.contact:
        _child(head, "ownerEmail", portal.contact)
    _child(head, "ownerId", about_url(portal))
    _child(head, "docs", "http://opml.org/spec2.opml")
    return root, etree.SubElement(root, "body")


def _written(root: etree._Element) -> bytes:
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
