"""Redesigns of a page: each takes the page as parsed and the selectors that read it, and changes it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from lxml import etree

from feedhub.ingest.select import Node, html_page
from feedhub.model.extract import Extract
from tests.ingest.pages.generator import ENGLISH_PROSE, MENU, PROSE, Page, a_page

LOGIN = (
    "<html><head><title>统一身份认证</title></head><body><form action='/login'><input name='u'>"
    "<input type='password'></form></body></html>"
)
AWAY = (
    "<html><head><title>系统维护</title></head><body><h1>系统正在维护，请稍后访问</h1>"
    "<p>给您带来的不便敬请谅解。</p></body></html>"
)


class Plan:
    """A page that is being redesigned."""

    def __init__(self, html: str, extract: Extract) -> None:
        self.page, self.extract = html_page(html), extract
        self.nodes = self.page.all(extract.item or "")

    def html(self) -> str:
        return str(etree.tostring(self.page.root.getroottree(), encoding="unicode", method="html"))

    def title(self, node: Node) -> Any:
        """The element with the title."""
        found = node.all(self.extract.title or ".//a")
        return found[0].root if found and isinstance(found[0].root, etree._Element) else None

    def date(self, node: Node) -> Any:
        found = node.all(self.extract.date) if self.extract.date else []
        return found[0].root if found and isinstance(found[0].root, etree._Element) else None

    def anchors(self, node: Node) -> list[Any]:
        return [one.root for one in node.all("./descendant-or-self::a[@href]")]


def say(element: Any, text: str) -> None:
    """Replace what an element says; inner elements go, what follows it stays."""
    tail = element.tail
    title = element.get("title")
    for child in list(element):
        element.remove(child)
    element.text, element.tail = text, tail
    if title is not None:
        element.set("title", text)


def each(change: Callable[[Plan, Node, int], None]) -> Callable[[Plan], None]:
    def all_of_them(plan: Plan) -> None:
        for place, node in enumerate(plan.nodes):
            change(plan, node, place)

    return all_of_them


def _as_link(plan: Plan, node: Node, title: str, href: str, date: str | None) -> None:
    """An item turned into an entry of another list."""
    if (element := plan.title(node)) is not None:
        say(element, title)
    for anchor in plan.anchors(node):
        anchor.set("href", href)
    if date is not None and (element := plan.date(node)) is not None:
        say(element, date)


def renamed(plan: Plan) -> None:
    for element in plan.page.root.iter(etree.Element):
        for name in ("class", "id"):
            if element.get(name):
                element.set(name, f"v2-{element.get(name).split()[0]}")


def other_tags(plan: Plan) -> None:
    names = {
        "li": "article",
        "ul": "section",
        "td": "div",
        "tr": "div",
        "table": "div",
        "dl": "section",
        "span": "time",
    }
    names |= {"dt": "div", "dd": "div", "em": "time", "i": "time", "h3": "h2", "h4": "h2", "tbody": "div"}
    for element in plan.page.root.iter(etree.Element):
        element.tag = names.get(element.tag, element.tag)


def emptied(plan: Plan) -> None:
    for node in plan.nodes:
        node.root.getparent().remove(node.root)


def wrapped(plan: Plan) -> None:
    first = plan.nodes[0].root
    for node in plan.nodes[1:] if first.tag != "a" else ():
        for child in list(node.root):
            first.append(child)
        node.root.getparent().remove(node.root)


def menu_added(plan: Plan) -> None:
    """The item selector now finds the menu, too."""
    first = plan.nodes[0].root
    for number, name in enumerate(MENU[:8]):
        one = deepcopy(first)
        one.tail = None
        first.addprevious(one)
        for anchor in one.iter("a"):
            anchor.set("href", f"/{number}/")
            say(anchor, name)
        for element in one.iter(etree.Element):
            if element.tag != "a" and not len(element) and element is not one and element.text:
                element.text = ""
        if one.tag == "a":
            one.set("href", f"/{number}/")
            say(one, name)


def swapped(plan: Plan, node: Node, place: int) -> None:
    title, date = plan.title(node), plan.date(node)
    if title is not None and date is not None and title is not date and date not in title.iter():
        words, day = "".join(title.itertext()), "".join(date.itertext())
        say(title, day)
        say(date, words)


def dates_gone(plan: Plan, node: Node, place: int) -> None:
    if (date := plan.date(node)) is not None and (title := plan.title(node)) is not None and title not in date.iter():
        say(date, "")


def half_dates_gone(plan: Plan, node: Node, place: int) -> None:
    if place % 2:
        dates_gone(plan, node, place)


def half_titles_gone(plan: Plan, node: Node, place: int) -> None:
    title = plan.title(node)
    if place % 2 and title is not None and plan.date(node) not in list(title.iter()):
        say(title, "")


def _rec(plan: Plan, node: Node, place: int) -> None:
    _as_link(
        plan, node, f"推荐阅读：市委召开第{place}次专题学习会议", f"/rec/{place + 400}.html", f"11-{place % 28 + 1:02}"
    )


def _moved_hosts(plan: Plan, node: Node, place: int) -> None:
    for anchor in plan.anchors(node):
        anchor.set("href", f"http://ads{place % 3}.other.example/go/{place}")


def _title(words: Callable[[int], str]) -> Callable[[Plan, Node, int], None]:
    def change(plan: Plan, node: Node, place: int) -> None:
        title = plan.title(node)
        if title is not None and plan.date(node) not in list(title.iter()):
            say(title, words(place))

    return change


def _href(address: Callable[[int], str]) -> Callable[[Plan, Node, int], None]:
    def change(plan: Plan, node: Node, place: int) -> None:
        for anchor in plan.anchors(node):
            anchor.set("href", address(place))

    return change


REDESIGNS: dict[str, Callable[[Plan], None]] = {
    "classes and ids renamed": renamed,
    "other elements": other_tags,
    "list empty": emptied,
    "items wrapped in one": wrapped,
    "the menu matches": each(lambda p, n, i: _as_link(p, n, MENU[i % len(MENU)], f"/{i}/", "")),
    "the menu matches, too": menu_added,
    "a ranking matches": each(lambda p, n, i: _as_link(p, n, f"点击排行第{i}名的文章标题在这里", f"/top/{i}.html", "")),
    "recommendations match": each(_rec),
    "a list of friends matches": each(lambda p, n, i: _as_link(p, n, "友情链接", f"http://friend{i}.example/", "")),
    "pages' numbers match": each(lambda p, n, i: _as_link(p, n, str(i + 1), f"?p={i + 1}", "")),
    "title and date swapped": each(swapped),
    "links to another host": each(_moved_hosts),
    "links by script": each(_href(lambda place: "javascript:void(0)")),
    "every link to one page": each(_href(lambda place: "/index.html")),
    "dates gone": each(dates_gone),
    "half of the dates gone": each(half_dates_gone),
    "half of the titles gone": each(half_titles_gone),
    "views in the place of titles": each(_title(lambda place: str(1300 + place))),
    "`read more` in the place of titles": each(_title(lambda place: "阅读全文")),
    "columns in the place of titles": each(_title(lambda place: MENU[place % 3])),
    "summaries in the place of titles": each(_title(lambda place: f"{place}{PROSE}{PROSE}{ENGLISH_PROSE}")),
}


def redesigned(name: str, html: str, extract: Extract) -> str:
    """The page after a redesign of that name."""
    plan = Plan(html, extract)
    REDESIGNS[name](plan)
    return plan.html()


def other_pages(seed: int) -> dict[str, str]:
    """What may stand at the address instead: another template, a login, a notice, the home page."""
    menu = "".join(f"<li><a href='/{n}/'>{name}</a></li>" for n, name in enumerate(MENU))
    return {
        "another template": text_of(a_page(seed + 7)),
        "a login": LOGIN,
        "a notice": AWAY,
        "a home page": f"<html><body><ul>{menu}</ul><div class='list'><ul>{menu}</ul></div></body></html>",
    }


def text_of(page: Page) -> str:
    """A generated page's text; whoever writes it anew does so in UTF-8."""
    try:
        text = page.body.decode()
    except UnicodeDecodeError:
        text = page.body.decode("gb18030")
    return text.replace("charset=gbk", "charset=utf-8").replace("charset=gb2312", "charset=utf-8")
