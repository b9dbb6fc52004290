"""The text of an item's own page where no selector names it: trafilatura finds where it stands, the page's own markup
is kept.

    page ─→ without chrome ─→ trafilatura: which strings are the text ─→ the smallest element with all of them ─→ markup

trafilatura's own output joins and loses paragraphs, cells and captions, so it only points: whatever stands within the
element stays, in the page's order, but for tool bars, pagers and lists of links. Runs in the parser child; trafilatura
is imported when the first such page is read.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

_CHROME_TAGS = frozenset("script style noscript template nav footer aside button input select textarea iframe".split())
_CHROME_NAMES = frozenset(
    "share sharing bdshare bdsharebuttonbox jiathis fenxiang print printer toolbar tools qrcode ewm fontsize fontbar "
    "crumb crumbs breadcrumb breadcrumbs dqwz weizhi position nav navbar menu login search comment comments "
    "pager pagination paging pagebar prev next prenext related relate relation recommend xiangguan rel rank ranking "
    "hot sidebar footer foot copyright".split()
)
_NAME_PARTS = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z])(?=[A-Z])")
_LINE = re.compile(
    r"^[\W_]*(?:分享到|字[号体][:：\s]|[大中小\s]{5,}$|上一[篇条页]|下一[篇条页]|扫一扫(?:在手机|分享|关注)|用微信扫|"
    r"您?(?:现在|当前)?的?位置[:：]|当前位置|"
    r"(?:浏览|点击|阅读)(?:次数|数|量)[:：]|(?:打印|关闭|返回|收藏)[\W_]*(?:本页|窗口|打印|关闭|返回|收藏|顶部|$)|"
    r"(?:相关|推荐|热门|延伸)(?:新闻|文章|阅读|链接|信息|附件)?[:：]?$|share (?:this|on)\b|previous:|next:|font size)",
    re.I,
)
_FOOT = re.compile(r"版权所有|ICP备|网站标识码|公网安备|copyright ©|all rights reserved", re.I)
_ABOUT = re.compile(
    r"(?:来源|稿源|发布机构|日期|时间|作者|编辑|浏览次数|点击数|阅读|字号|字体|source|author|date)\s*[:：]", re.I
)
_FILE = re.compile(r"附件|download|attach|\.(?:pdf|docx?|xlsx?|pptx?|wps|et|ofd|zip|rar|7z|txt|mp[34])(?:$|[?#])", re.I)
_CONTAINERS = frozenset("body div section article main form center td table tbody tr".split())
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6", "strong")
_LISTS = frozenset("ul ol div dl table p".split())
_BLOCKS = frozenset("p h1 h2 h3 h4 h5 h6 li dd dt td th figcaption blockquote pre div section caption".split())
_LINES = _BLOCKS | {"span", "strong", "b", "a"}
_SPACE = re.compile(r"\s+")
# Shorter strings stand in many places: they say nothing about where the text is.
_TELLING = 8
_LONGEST_CHROME = 0.3


def text_of_page(root: Any, title: str) -> str:
    """The markup of the page's text, empty when there is none; `root` is lxml's element of the whole page."""
    body = root.find("body") if root.tag == "html" else root
    if body is None:
        return ""
    page = copy.deepcopy(body)
    etree.strip_elements(page, etree.Comment, *_CHROME_TAGS, with_tail=False)
    _drop(page, [one for one in page.iter() if _is_chrome(one, page)])
    said = _pointed_at(page)
    if not said:
        return ""
    found = _smallest(page, said)
    _tidy(found, said, title)
    if found.tag in ("td", "body", "form", "center"):
        found.tag = "div"
    return str(etree.tostring(found, encoding="unicode", method="html", with_tail=False))


def _pointed_at(page: Any) -> str:
    """All that trafilatura takes for the text, without white space."""
    import trafilatura

    markup = f"<html>{etree.tostring(page, encoding='unicode', method='html', with_tail=False)}</html>"
    found = trafilatura.bare_extraction(
        markup, favor_recall=True, include_tables=True, include_comments=False, with_metadata=False
    )
    body = getattr(found, "body", None)
    return _folded("".join(body.itertext())) if body is not None else ""


def _smallest(page: Any, said: str) -> Any:
    """The smallest container with every telling string that is the text; layout tables are looked through."""
    told: dict[Any, int] = {}
    for element, text in _strings(page):
        folded = _folded(text)
        if len(folded) < _TELLING or folded not in said or _FOOT.search(text):
            continue
        while element is not None:
            told[element] = told.get(element, 0) + len(folded)
            element = element.getparent()
    here = deepest = page
    while True:
        within = next((one for one in here if told.get(one, 0) == told.get(page, 0) and one.tag in _CONTAINERS), None)
        if within is None or not told:
            return deepest
        here = within
        # A table is the text's own unless one of its cells has all of it.
        if here.tag not in ("table", "tbody", "tr"):
            deepest = here


def _tidy(found: Any, said: str, title: str) -> None:
    """Take out what stands within the text and is none of it."""
    begun = False
    doomed: list[Any] = []
    for one in found.iter():
        if one is found or not isinstance(one.tag, str):
            continue
        text = _SPACE.sub(" ", _text(one)).strip()
        if one.tag in _LISTS and _is_link_list(one, text):
            doomed += [one, *_heading_of(one)]
        elif one.tag in _LINES and _is_leaf(one):
            if _is_none_of_it(text, title, begun):
                doomed.append(one)
            else:
                begun = begun or (len(text) > 30 and _folded(text) in said)
    _drop(found, doomed)


def _is_none_of_it(text: str, title: str, begun: bool) -> bool:
    """Whether a line is a tool, a foot, the title again, or what is said about the text above it."""
    if not text or len(text) > 200:
        return False
    about = len(_ABOUT.findall(text))
    again = not begun and _folded(text) == _folded(title)
    return bool(again or _LINE.search(text) or _FOOT.search(text) or about >= (3 if begun else 2))


def _heading_of(one: Any) -> list[Any]:
    """The heading right in front of a list."""
    before = one.getprevious()
    return [before] if before is not None and before.tag in _HEADINGS and not (before.tail or "").strip() else []


def _is_chrome(one: Any, page: Any) -> bool:
    if one is page or not isinstance(one.tag, str):
        return False
    if "display:none" in (one.get("style") or "").replace(" ", "").lower() or one.get("hidden") is not None:
        return True
    names = f"{one.get('class') or ''} {one.get('id') or ''}"
    parts = {part.lower() for part in _NAME_PARTS.split(names)} | set(names.lower().split())
    return bool(parts & _CHROME_NAMES) and len(_text(one)) <= _LONGEST_CHROME * len(_text(page))


def _is_link_list(one: Any, text: str) -> bool:
    """Whether it is made of links to other pages; files to be downloaded belong to the text."""
    links = [link for link in one.iter("a") if _text(link).strip()]
    if len(links) < 3 or any(_FILE.search(f"{link.get('href')} {_text(link)}") for link in links):
        return False
    return sum(len(_folded(_text(link))) for link in links) > 0.7 * max(len(_folded(text)), 1)


def _is_leaf(one: Any) -> bool:
    return not any(
        below.tag in _BLOCKS or below.tag in ("table", "ul", "ol", "img") for below in one.iter() if below is not one
    )


def _strings(page: Any) -> Iterator[tuple[Any, str]]:
    """Every string with the element it stands in."""
    for element in page.iter():
        if isinstance(element.tag, str) and element.text:
            yield element, element.text
        if element.tail and element is not page and element.getparent() is not None:
            yield element.getparent(), element.tail


def _drop(root: Any, doomed: list[Any]) -> None:
    for one in doomed:
        parent = one.getparent()
        if one is root or parent is None:
            continue
        if one.tail:
            before = one.getprevious()
            if before is None:
                parent.text = (parent.text or "") + one.tail
            else:
                before.tail = (before.tail or "") + one.tail
        parent.remove(one)


def _text(element: Any) -> str:
    return "".join(element.itertext())


def _folded(text: str) -> str:
    return _SPACE.sub("", text)
