"""Items of partners' documents: the elements that a profile names, and a withdrawn article without its content."""

from __future__ import annotations

from datetime import datetime

from lxml import etree

from feedhub.basics.dates import fixed_offset, rfc822, rfc3339
from feedhub.model.article import Article
from feedhub.model.profile import Profile
from feedhub.model.section import Portal
from feedhub.publish.addresses import article_url
from feedhub.publish.feedgen_ext import DCTERMS, INGESTION, MEDIA, PROFILE_NAMESPACES
from feedhub.publish.fragments import cut_out, fragment
from feedhub.publish.wording import withdrawn_title


def profile_item(article: Article, profile: Profile, portal: Portal) -> bytes:
    """The item of an article as `prepared` leaves it, with no element that the profile does not name."""
    root = _under(fragment(article, portal, "rss"))
    item = root[0]
    for child in list(item):
        if _name(child) not in profile.fields:
            item.remove(child)
    if "dcterms:modified" in profile.fields:
        etree.SubElement(item, f"{{{DCTERMS}}}modified").text = rfc3339(article.updated)
    return cut_out(root, b"item")


def withdrawn_item(article: Article, profile: Profile, portal: Portal, at: datetime) -> bytes:
    """What tells a partner that an article is withdrawn: its id and link, the mark, the dates that must move."""
    down = profile.takedown
    moved = fixed_offset(at.astimezone(article.updated.tzinfo))
    root = etree.Element("rss", nsmap=PROFILE_NAMESPACES)
    item = etree.SubElement(root, "item")
    etree.SubElement(item, "title").text = withdrawn_title(article.language)
    etree.SubElement(item, "link").text = article_url(portal, article)
    etree.SubElement(item, "guid", isPermaLink="false").text = article.public_id
    published = moved if "published" in down.moves else fixed_offset(article.published)
    etree.SubElement(item, "pubDate").text = rfc822(published)
    if "modified" in down.moves:
        etree.SubElement(item, f"{{{DCTERMS}}}modified").text = rfc3339(moved)
    if down.form == "status":
        etree.SubElement(item, f"{{{MEDIA}}}status", state="deleted")
    else:
        etree.SubElement(item, f"{{{DCTERMS}}}valid").text = rfc3339(moved)
        etree.SubElement(item, f"{{{INGESTION}}}expirationDate").text = rfc3339(moved)
    return cut_out(root, b"item")


def _under(piece: bytes) -> etree._Element:
    """The fragment under a root that declares every name space it may use."""
    root = etree.Element("rss", nsmap=PROFILE_NAMESPACES)
    opening = etree.tostring(root)[:-2]
    return etree.fromstring(opening + b">" + piece + b"</rss>")


def _name(element: etree._Element) -> str:
    name = etree.QName(element)
    prefixes = {space: prefix for prefix, space in PROFILE_NAMESPACES.items()}
    return f"{prefixes[name.namespace]}:{name.localname}" if name.namespace else name.localname
