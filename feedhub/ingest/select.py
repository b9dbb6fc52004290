"""Selecting in markup: CSS, or XPath when the selector begins with `/` or `./`, on a parsed page or XML document.

Runs in the parser child. Pages are parsed as browsers would, with no more depth than libxml2 takes by default;
XML without entities and without the network.
"""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from parsel import Selector

from feedhub.basics.text import one_line
from feedhub.basics.urls import web_url
from feedhub.errors import NotAFeed, ParseError
from feedhub.ingest.doctype import take_out_doctype

XPATH = re.compile(r"\.{0,2}/|\.$")
_UNSEEN = "ancestor-or-self::script or ancestor-or-self::style or ancestor-or-self::template"
_SEEN_TEXT = etree.XPath(f".//text()[not(parent::*[{_UNSEEN}])]")
_DATASTORE = re.compile(r"<script\b[^>]{0,200}>\s*(?:<\?xml[^>]{0,100}\?>\s*)?<datastore\b", re.I)
_RECORD = re.compile(r"<record>\s*<!\[CDATA\[((?:(?!<record>).)*?)\]\]>", re.S | re.I)
_NAMED = re.compile(
    r"""["']((?:https?://|\.{0,2}/)[^"'\s<>]+|[\w./-]+\.(?:s?html?|jhtml|php|aspx?|jspx?|do)(?:\?[^"'\s<>]*)?)["']""",
    re.I,
)
_REFRESH = re.compile(r"\s*(\d{1,5})(?:\.\d*)?\s*[;,]\s*(?:url\s*=)?\s*(.+)", re.I | re.S)
_BULLET = re.compile(r"^[·•・▪●■◆◇►▶»*＊]+\s*(?=\S)")
_CUT = re.compile(r"(?:\.{2,}|…+|⋯+)$")


class Node:
    """An element or a string of a document, and what is selected from it."""

    def __init__(self, selector: Selector, namespaces: dict[str, str] | None = None) -> None:
        self._selector = selector
        self._namespaces = namespaces or {}

    @property
    def root(self) -> Any:
        """lxml's element, or a string where the selector named text or an attribute."""
        return self._selector.root

    def all(self, selector: str) -> list[Node]:
        """What a selector finds, in document order; ParseError when it is none."""
        try:
            if XPATH.match(selector):
                found = self._selector.xpath(selector, namespaces=self._namespaces)
            else:
                found = self._selector.css(selector)
        except (ValueError, etree.XPathError) as error:
            raise ParseError(f"The selector {selector!r} cannot be used: {error}.") from error
        return [Node(one, self._namespaces) for one in found]

    def text(self, selector: str | None = None, between: str = "") -> str:
        """The words of the first element found (of this one without a selector), or of all strings found."""
        found = [self] if selector is None else self.all(selector)
        if not found:
            return ""
        if isinstance(found[0].root, etree._Element):
            return one_line(between.join(_SEEN_TEXT(found[0].root)))
        return one_line(" ".join(str(one.root) for one in found))

    def title(self, selector: str | None) -> str:
        """As `text` without a bullet; what a list cuts short is taken whole from the link's `title`."""
        found = [self] if selector is None else self.all(selector)
        words = _BULLET.sub("", self.text(selector))
        if found and isinstance(found[0].root, etree._Element):
            for element in (
                *found[0].root.xpath("ancestor-or-self::*[@title][1]"),
                *found[0].root.xpath(".//a[@title]"),
            ):
                whole = one_line(str(element.get("title")))
                if (not words or _CUT.search(words)) and whole.startswith(_CUT.sub("", words).rstrip()):
                    return whole
        return words

    def markup(self, selector: str) -> str:
        """The inner markup of the first element found, or the strings found; make_safe is the caller's."""
        found = self.all(selector)
        if not found:
            return ""
        return str(found[0]._selector.get() if isinstance(found[0].root, etree._Element) else found[0].root)

    def address(self, selector: str | None, base: str) -> str | None:
        """The address of the first element or string found; without a selector, of the first link."""
        for one in self.all(selector or "./descendant-or-self::a[@href]"):
            if not isinstance(one.root, etree._Element):
                return web_url(str(one.root).strip(" \t\r\n\"'“”"), base)
            within, around = one.root.xpath("descendant-or-self::*[@href]"), one.root.xpath("ancestor::a[@href]")
            element = within[0] if within else around[-1] if around else None
            href = href_of(element) if element is not None else str(one.text())
            if href:
                return web_url(href, base)
        return None


def href_of(element: Any) -> str | None:
    """Where a link leads as it is written; of `javascript:` and `#` the address that its script names, if it does."""
    href = (element.get("href") or "").strip()
    kind = href.lower()
    if not kind.startswith(("javascript:", "#")) and href:
        return None if ":" in href[:11] and not kind.startswith("http") else href
    named = _NAMED.search(f"{href} {element.get('onclick') or ''}")
    return named[1] if named else None


def html_page(text: str) -> Node:
    """The page; nothing of it is fetched. Rows that JCMS keeps in a script stand in the place of that."""
    text = _rows_in_place(text) if "<datastore" in text else text
    return Node(Selector(text=text or "<html></html>", type="html", huge_tree=False))


def xml_document(text: str, namespaces: tuple[tuple[str, str], ...] = ()) -> Node:
    """The XML document; HostileDocument when it declares entities, NotAFeed when it is none."""
    clean, _ = take_out_doctype(text.lstrip("\ufeff \t\r\n"))
    parser = etree.XMLParser(recover=True, resolve_entities=False, no_network=True, huge_tree=False, load_dtd=False)
    clean = re.sub(r"^<\?xml\b[^>]*\?>", "", clean)
    root = etree.fromstring(clean.encode("utf-8", "replace"), parser) if clean.strip() else None
    if root is None:
        raise NotAFeed("This is no XML document.")
    return Node(Selector(root=root, type="xml"), dict(namespaces))


def base_of(page: Node, url: str) -> str:
    """What a page's relative addresses are resolved against (HTML, the base element)."""
    return web_url(page.text("base::attr(href)"), url) or url


def refresh_of(page: Node, url: str) -> str | None:
    """Where a page sends its readers on by `<meta http-equiv=refresh>`, as the front pages of e-papers do."""
    for one in page.all("meta[http-equiv][content]"):
        found = _REFRESH.match(one.root.get("content") or "")
        if found and one.root.get("http-equiv").strip().lower() == "refresh" and int(found[1]) <= 10:
            return web_url(found[2].strip(" \"'"), base_of(page, url))
    return None


def _rows_in_place(text: str) -> str:
    """The page with what JCMS keeps in `<script type="text/xml"><datastore>` as markup where the script stood."""
    out: list[str] = []
    position = 0
    for found in _DATASTORE.finditer(text):
        end = text.find("</script", found.end())
        if end < 0:
            break
        if found.start() >= position:
            out += [text[position : found.start()], "<div>", *_RECORD.findall(text[found.end() : end]), "</div>"]
            position = end + len("</script>")
    return "".join(out) + text[position:]
