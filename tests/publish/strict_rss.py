"""A strict judge of RSS 2.0: what the specification, the RSS board's profile and the W3C validator ask.

It is closed: an element, attribute or name space that stands on no list here is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from feedhub.publish.feedgen_ext import (
    ATOM,
    CONTENT,
    DC,
    DCTERMS,
    HISTORY,
    INGESTION,
    ITUNES,
    MEDIA,
    SMARTNEWS,
)
from tests.publish import strict_content as check
from tests.publish.strict_content import Finding

_PREFIXES = {
    ATOM: "atom", CONTENT: "content", DC: "dc", DCTERMS: "dcterms", HISTORY: "fh", INGESTION: "mi", ITUNES: "itunes",
    MEDIA: "media", SMARTNEWS: "snf",
}  # fmt: skip
_ONCE = frozenset(
    "title link description language copyright managingEditor webMaster pubDate lastBuildDate generator docs ttl cloud "
    "image itunes:author itunes:image itunes:explicit itunes:type itunes:owner fh:complete fh:archive".split()
)
_CHANNEL = _ONCE | {"category", "item", "atom:link", "itunes:category"}
_ITEM_ONCE = frozenset(
    "title link description author comments enclosure guid pubDate source content:encoded atom:updated dc:creator "
    "dc:language dc:rights dc:source media:thumbnail itunes:author itunes:image".split()
)
_ITEM = _ITEM_ONCE | {"category", "atom:link", "media:content", "media:credit"}
_ATTRIBUTES = {
    "rss": {"version"},
    "guid": {"isPermaLink"},
    "enclosure": {"url", "length", "type"},
    "source": {"url"},
    "cloud": {"domain", "port", "path", "registerProcedure", "protocol"},
    "category": {"domain"},
    "atom:link": {"rel", "href", "type", "hreflang", "title", "length"},
    "media:content": {"url", "type", "medium", "fileSize", "width", "height"},
    "media:thumbnail": {"url", "width", "height"},
    "media:description": {"type"},
    "media:credit": {"role"},
    "media:status": {"state"},
    "itunes:image": {"href"},
    "itunes:category": {"text"},
}
_MAIL = re.compile(r"[^\s@()]+@[^\s@()]+( \([^()]*\))?")
_TAG_IN_TEXT = re.compile(r"<[A-Za-z/!?][^>]*>")
# Apple's categories that have no others below them, or may stand alone.
_PODCAST = frozenset(
    "Arts|Business|Comedy|Education|Fiction|Government|Health & Fitness|History|Kids & Family|Leisure|Music|News|"
    "Religion & Spirituality|Science|Society & Culture|Sports|Technology|True Crime|TV & Film".split("|")
)


_PARTNERS = frozenset("dcterms:modified dcterms:valid mi:expirationDate media:status".split())


def judge_rss(root: etree._Element, *, partner: bool = False) -> Iterator[Finding]:
    """Everything wrong or doubtful in a document; that of a `partner` has their elements, and items without content."""
    if root.tag != "rss" or root.get("version") != "2.0" or [child.tag for child in root] != ["channel"]:
        yield Finding("InvalidRSSVersion", f"{root.tag} {root.get('version')}")
        return
    for element in root.iter():
        yield from _element(element)
    channel = root[0]
    more = frozenset({"snf:logo"} if partner else ())
    yield from _counts(channel, _CHANNEL | more, _ONCE | more, ("title", "link", "description"))
    yield from _channel(channel)
    seen: set[str] = set()
    for number, item in enumerate(channel.findall("item"), start=1):
        where = f"item {number}"
        more = _PARTNERS if partner else frozenset[str]()
        wanted = () if partner else ("description", "atom:updated", "dc:language")
        yield from _counts(item, _ITEM | more, _ITEM_ONCE | more, ("title", "link", "guid", "pubDate", *wanted))
        yield from _item(item, where)
        guid = item.findtext("guid") or ""
        if guid in seen:
            yield Finding("DuplicateItem", f"{where}: {guid!r}")
        seen.add(guid)
    after = [_name(child) for child in channel]
    if "item" in after and any(name != "item" for name in after[after.index("item") :]):
        yield Finding("ElementAfterItems", str(after[after.index("item") :]))


def _name(element: etree._Element) -> str:
    name = etree.QName(element)
    return f"{_PREFIXES.get(name.namespace, '?')}:{name.localname}" if name.namespace else name.localname


def _element(element: etree._Element) -> Iterator[Finding]:
    if not isinstance(element.tag, str):
        yield Finding("UnexpectedNode", repr(element)[:80])
        return
    name = _name(element)
    if name.startswith("?"):
        yield Finding("UndeterminableVocabulary", str(element.tag))
    for attribute in element.attrib:
        if attribute not in _ATTRIBUTES.get(name, set()):
            yield Finding("UnexpectedAttribute", f"{name} {attribute}")
    if len(element) and element.text and element.text.strip():
        yield Finding("UnexpectedText", f"{name}: {element.text[:60]!r}")
    if element.tail and element.tail.strip():
        yield Finding("UnexpectedText", f"after {name}: {element.tail[:60]!r}")


def _counts(
    parent: etree._Element, known: frozenset[str], once: frozenset[str], wanted: tuple[str, ...]
) -> Iterator[Finding]:
    names = [_name(child) for child in parent]
    for name in names:
        if name not in known:
            yield Finding("UndefinedElement", f"{_name(parent)}/{name}")
    for name in once & set(names):
        if names.count(name) > 1:
            yield Finding("DuplicateElement", f"{_name(parent)}/{name}")
    for name in wanted:
        if name not in names:
            yield Finding("MissingElement", f"{_name(parent)}/{name}")


def _channel(channel: etree._Element) -> Iterator[Finding]:
    space = {"atom": ATOM, "itunes": ITUNES}
    for name in ("title", "description", "generator"):
        yield from _words(channel.findtext(name), f"channel/{name}")
    yield from check.address(channel.findtext("link"), "channel/link")
    yield from check.language(channel.findtext("language"), "channel/language")
    yield from check.rfc822_date(channel.findtext("lastBuildDate"), "channel/lastBuildDate")
    if channel.find("pubDate") is not None:
        yield from check.rfc822_date(channel.findtext("pubDate"), "channel/pubDate")
    if not (channel.findtext("ttl") or "").isdigit():
        yield Finding("InvalidInteger", f"channel/ttl {channel.findtext('ttl')!r}")
    for name in ("webMaster", "managingEditor"):
        if channel.find(name) is not None and not _MAIL.fullmatch(channel.findtext(name) or ""):
            yield Finding("InvalidContact", f"channel/{name} {channel.findtext(name)!r}")
    own = [link for link in channel.findall("atom:link", space) if link.get("rel") == "self"]
    if len(own) != 1 or own[0].get("type") != "application/rss+xml":
        yield Finding("MissingAtomSelfLink", f"{len(own)} links of rel self")
    yield from _links(channel, "channel")
    image = channel.find("image")
    if image is not None:
        yield from check.address(image.findtext("url"), "image/url")
        for name in ("title", "link"):
            if image.findtext(name) != channel.findtext(name):
                yield Finding("ImageDoesntMatch", f"image/{name}")
    yield from _podcast(channel, space)


def _podcast(channel: etree._Element, space: dict[str, str]) -> Iterator[Finding]:
    categories = channel.findall("itunes:category", space)
    for category in categories:
        if category.get("text") not in _PODCAST:
            yield Finding("InvalidItunesCategory", repr(category.get("text")))
    if not categories:
        return
    picture = channel.find("itunes:image", space)
    yield from check.address(picture.get("href") if picture is not None else None, "itunes:image")
    if channel.findtext("itunes:explicit", namespaces=space) not in ("true", "false"):
        yield Finding("InvalidTrueFalse", "itunes:explicit")
    if channel.findtext("itunes:type", "episodic", space) not in ("episodic", "serial"):
        yield Finding("InvalidItunesType", "itunes:type")


def _item(item: etree._Element, where: str) -> Iterator[Finding]:
    space = {"atom": ATOM, "content": CONTENT, "dc": DC}
    title = item.findtext("title")
    yield from _words(title, f"{where}/title")
    if _TAG_IN_TEXT.search(title or ""):
        yield Finding("ContainsHTML", f"{where}/title {title!r}")
    elif re.search(r"&(lt|gt|amp|#)", title or ""):
        yield Finding("ContainsHTML", f"{where}/title {title!r}", warning=True)
    yield from check.address(item.findtext("link"), f"{where}/link")
    if item.find("description") is not None:
        yield from _words(item.findtext("description"), f"{where}/description")
    yield from check.markup(item.findtext("description") or "", f"{where}/description")
    yield from check.markup(item.findtext("content:encoded", "", space), f"{where}/content:encoded")
    if item.find("content:encoded", space) is not None and not item.findtext("content:encoded", "", space).strip():
        yield Finding("NotBlank", f"{where}/content:encoded")
    guid = item.find("guid")
    if guid is None or not (guid.text or "").strip() or guid.get("isPermaLink") != "false":
        yield Finding("InvalidGuid", f"{where}/guid")
    yield from check.rfc822_date(item.findtext("pubDate"), f"{where}/pubDate")
    if item.find("atom:updated", space) is not None:
        yield from check.instant(item.findtext("atom:updated", "", space), f"{where}/atom:updated")
    if item.find("dc:language", space) is not None:
        yield from check.language(item.findtext("dc:language", "", space), f"{where}/dc:language")
    for name in ("dc:creator", "dc:rights", "dc:source", "source"):
        if item.find(name, space) is not None:
            yield from _words(item.findtext(name, "", space), f"{where}/{name}")
    if item.find("author") is not None and not _MAIL.fullmatch(item.findtext("author") or ""):
        yield Finding("InvalidContact", f"{where}/author {item.findtext('author')!r}")
    for category in item.findall("category"):
        yield from _words(category.text, f"{where}/category")
    source = item.find("source")
    if source is not None:
        yield from check.address(source.get("url"), f"{where}/source")
    yield from _links(item, where)
    yield from _files(item, where)


def _links(parent: etree._Element, where: str) -> Iterator[Finding]:
    for link in parent.findall(f"{{{ATOM}}}link"):
        yield from check.address(link.get("href"), f"{where}/atom:link")
        if not link.get("rel"):
            yield Finding("MissingAttribute", f"{where}/atom:link rel")
        if link.get("type") and not check.MEDIA_TYPE.fullmatch(link.get("type") or ""):
            yield Finding("InvalidMIMEType", f"{where}/atom:link {link.get('type')!r}")
        if link.get("hreflang") is not None:
            yield from check.language(link.get("hreflang"), f"{where}/atom:link hreflang")


def _files(item: etree._Element, where: str) -> Iterator[Finding]:
    enclosure = item.find("enclosure")
    if enclosure is not None:
        yield from check.address(enclosure.get("url"), f"{where}/enclosure")
        if not re.fullmatch(r"\d+", enclosure.get("length") or ""):
            yield Finding("InvalidNonNegativeInteger", f"{where}/enclosure length {enclosure.get('length')!r}")
        elif enclosure.get("length") == "0":
            yield Finding("UnknownLength", f"{where}/enclosure", warning=True)
        if not check.MEDIA_TYPE.fullmatch(enclosure.get("type") or ""):
            yield Finding("InvalidMIMEType", f"{where}/enclosure {enclosure.get('type')!r}")
    for name in ("content", "thumbnail"):
        for medium in item.findall(f"{{{MEDIA}}}{name}"):
            yield from check.address(medium.get("url"), f"{where}/media:{name}")
            for size in ("fileSize", "width", "height"):
                if medium.get(size) is not None and not re.fullmatch(r"[1-9]\d*", medium.get(size) or ""):
                    yield Finding("InvalidPositiveInteger", f"{where}/media:{name} {size}")
            if medium.get("medium", "image") not in ("image", "audio", "video", "document", "executable"):
                yield Finding("InvalidMedium", f"{where}/media:{name}")
            if medium.get("type") is not None and not check.MEDIA_TYPE.fullmatch(medium.get("type") or ""):
                yield Finding("InvalidMIMEType", f"{where}/media:{name} {medium.get('type')!r}")


def _words(text: str | None, where: str) -> Iterator[Finding]:
    if not (text or "").strip():
        yield Finding("NotBlank", where)
