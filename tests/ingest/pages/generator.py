"""List pages with their answers: one seed, one page in one of the forms that Chinese and English portals use.

`a_page(seed)` is all there is to call. Around every list stand the things that are not it: menus, the way back,
rankings, lists of friends, a footer. Forms of dates, names of classes, charset and length change with the seed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

HOME = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=HOME)
HOST = "http://www.lieshan.example"

WHO = "市政府 市教育局 衡南县 常宁市 市卫健委 县农业农村局 南岳区 市公安局 高新区 市交通运输局 市文旅广体局 雁峰区".split()
DOES = "召开 部署 推进 发布 举办 启动 通报 开展 调研 组织 完成 印发".split()
WHAT = (
    "安全生产工作会议 秋冬季森林防火工作 2026年度重点项目建设 义务教育阶段招生方案 老旧小区改造进展情况 "
    "中小企业服务月活动 第3次全体会议 国庆假期旅游市场检查 优化营商环境若干措施 乡村振兴示范村建设 "
    "农村公路养护管理办法 高校毕业生就业专场招聘会 12-15岁人群疫苗接种安排"
).split()
SUBJECTS = "The city council|Hengnan County|The health commission|Local farmers|The library|A new highway".split("|")
VERBS = "opens|discusses|welcomes|publishes|completes|prepares for".split("|")
OBJECTS = (
    "the autumn sports season|a plan for rural schools|the 2026 investment fair|its yearly report on water|"
    "visitors from abroad|the restoration of the old wharf"
).split("|")
PROSE = "记者从有关部门获悉，今年以来全市上下认真贯彻落实各项部署，工作取得了新的进展，群众的获得感不断增强。"
ENGLISH_PROSE = (
    "Officials said on Monday that the work had been going on since spring and would be done by the end of the year."
)
MENU = "首页 政务公开 新闻中心 办事服务 互动交流 走进衡阳 专题专栏 数据发布 政策文件 领导之窗".split()
ENGLISH_MENU = "Home|News|Services|About|Contact us|Departments|Laws|Photos".split("|")


@dataclass(frozen=True, slots=True)
class Labelled:
    """What a reader of the page would write down of one item."""

    title: str
    link: str
    published: datetime


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it comes over the wire, and its answers."""

    seed: int
    form: str
    url: str
    body: bytes
    content_type: str
    items: tuple[Labelled, ...]
    next_page: str | None
    charset: str = ""
    zone: str = "Asia/Shanghai"
    # Items that may be taken or left, such as a top story apart from the list.
    optional: tuple[str, ...] = ()


@dataclass(slots=True)
class Drawn:
    """An item before a form writes it: what it is called, when, where, and what a cut title looks like."""

    title: str
    moment: datetime
    number: int
    href: str = ""
    shown: str = ""
    published: datetime | None = None


class Maker:
    """The dice of one page, and what its form has decided."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"list page {seed}")
        self.chinese = True
        self.next_page: str | None = None
        self.paging = ""
        self.script = ""
        self.url = HOST + self.dice.choice(["/xwzx/gzdt/", "/zwgk/tzgg/index.html", "/html/news/", "/col/col1245/"])

    def pick(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def drawn(self, fewest: int = 8, most: int = 25) -> list[Drawn]:
        """Items, newest first, with different titles."""
        moment = NOW - timedelta(days=self.dice.randint(0, 20), minutes=self.dice.randint(5, 600))
        found: dict[str, Drawn] = {}
        for _ in range(self.dice.randint(fewest, most)):
            moment -= timedelta(minutes=self.dice.choice([45, 400, 1500, 3200, 9000]))
            title = self.title()
            while title in found:
                title = self.title()
            number = self.dice.randint(100000, 999999)
            while number in {one.number for one in found.values()}:
                number = self.dice.randint(100000, 999999)
            found[title] = Drawn(title, moment.replace(second=0), number, shown=title)
        return list(found.values())

    def title(self) -> str:
        if not self.chinese:
            return " ".join(map(self.dice.choice, (SUBJECTS, VERBS, OBJECTS)))
        tail = self.pick("", "", "的通知", "（第二批）", "：有力有序", "公告")
        return self.dice.choice(WHO) + self.dice.choice(DOES) + self.dice.choice(WHAT) + tail

    def prose(self) -> str:
        return (PROSE if self.chinese else ENGLISH_PROSE)[self.dice.randint(0, 9) :]

    def addressed(self, items: list[Drawn], make: Callable[[Drawn], str]) -> None:
        for item in items:
            item.href = make(item)

    def cut(self, items: list[Drawn]) -> None:
        """Some titles are shown cut, with the whole in the link's title."""
        for item in items:
            if len(item.title) > 16 and self.dice.random() < 0.5:
                item.shown = item.title[:14] + self.pick("...", "…", "……")

    def dated(self, items: list[Drawn], form: str) -> dict[int, str]:
        """The dates as written, by the item's place; what they mean goes into the items."""
        return {place: write_date(item, form) for place, item in enumerate(items)}

    def paged(self, *forms: str) -> None:
        """One of the ways to lead to the next page, or none."""
        form = self.dice.choice(forms)
        if form == "trs":
            total, base = (
                self.dice.randint(2, 30),
                self.url if self.url.endswith("/") else self.url.rpartition("/")[0] + "/",
            )
            self.paging = f'<div class="page"><script>createPageHTML({total}, 0, "index", "html");</script></div>'
            self.next_page = f"{base}index_1.html"
        elif form != "none":
            word = {"next": "下一页", "short": "下页", "sign": "&gt;", "english": "Next"}[form]
            name = self.pick('id="pages"', 'class="pagination"', 'class="fenye"')
            self.next_page = f"{HOST}/list.jsp?p=2"
            numbers = "".join(f'<a href="/list.jsp?p={n}">{n}</a> ' for n in range(2, 6))
            self.paging = f'<div {name}><span>1</span> {numbers}<a href="/list.jsp?p=2">{word}</a> <a href="/list.jsp?p=9">{"尾页" if self.chinese else "Last"}</a></div>'


def write_date(item: Drawn, form: str) -> str:
    """A date in a form, and the instant it means."""
    m = item.moment
    day = m.replace(hour=0, minute=0)
    item.published = m if "%H" in form else day
    if form == "ago":
        hours = int((NOW - m).total_seconds() // 3600)
        if 0 < hours < 24:
            item.published = NOW - timedelta(hours=hours)
            return f"{hours}小时前"
        if m.date() == (NOW - timedelta(days=1)).date():
            item.published = m
            return f"昨天 {m:%H:%M}"
        return f"{m:%Y-%m-%d}"
    return m.strftime(form)


def li_with_span(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"./{i.moment:%Y%m}/t{i.moment:%Y%m%d}_{i.number}.html")
    dates = maker.dated(
        items, maker.pick("%Y-%m-%d", "[%Y-%m-%d]", "%Y年%m月%d日", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y.%m.%d")
    )
    tag = maker.pick("span", "em", "i", "label", 'span class="date"', 'span class="fr gray"')
    first = maker.dice.random() < 0.4
    maker.cut(items)
    rows = []
    for place, item in enumerate(items):
        date = f"<{tag}>{dates[place]}</{tag.split()[0]}>"
        link = f'<a href="{item.href}" target="_blank" title="{item.title}">{item.shown}</a>'
        rows.append(f"<li>{date + link if first else link + date}</li>")
    maker.paged("trs", "trs", "none")
    return (
        f'<div class="{maker.pick("list", "newslist", "common_list", "xxgk_right")}"><ul>{"".join(rows)}</ul></div>',
        items,
    )


def jcms_table(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/art/{i.moment.year}/{i.moment.month}/{i.moment.day}/art_1245_{i.number}.html")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "[%Y-%m-%d]", "(%Y-%m-%d)"))
    maker.cut(items)
    rows = "".join(
        f'<tr><td width="20"><img src="/dot.gif"></td><td><a href="{i.href}" title="{i.title}" class="bt_link">{i.shown}</a></td>'
        f'<td class="bt_time" width="90">{dates[n]}</td></tr>'
        for n, i in enumerate(items)
    )
    maker.paged("next", "short", "none")
    return f'<div id="1245"><table width="100%" cellpadding="0"><tbody>{rows}</tbody></table></div>', items


def phpcms_list(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(
        items, lambda i: f"{HOST}/index.php?m=content&amp;c=index&amp;a=show&amp;catid=12&amp;id={i.number}"
    )
    dates = maker.dated(items, maker.pick("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"))
    rows = []
    for place, item in enumerate(items):
        style = ' style="color:#ff0000;"' if place % 7 == 3 else ""
        rows.append(
            f'<li><span class="rt">{dates[place]}</span>·<a href="{item.href}" target="_blank"{style}>{item.shown}</a></li>'
        )
        if place % 5 == 4:
            rows.append('<li class="bk20 hr"></li>')
    maker.paged("next")
    return (
        f'<div class="col-left"><div class="crumbs">您的位置</div><ul class="list lh24 f14">{"".join(rows)}</ul></div>',
        items,
    )


def epaper(maker: Maker) -> tuple[str, list[Drawn]]:
    maker.url = f"{HOST}/html/2026-11/20/node_2.htm"
    items = maker.drawn(5, 16)
    day = datetime(2026, 11, 20, tzinfo=HOME)
    for item in items:
        item.published, item.href = day, f"content_{item.number}_{item.number * 7}.htm"
    rows = "".join(
        f'<tr><td class="default" valign="top">·</td><td><a href="{i.href}"><div style="display:inline" id="mp{i.number}">{i.title}</div></a></td></tr>'
        for i in items
    )
    pages = "".join(
        f'<tr><td><a id="pageLink" href="node_{n}.htm">第{n:02}版：{maker.pick("要闻", "综合新闻", "经济", "副刊")}</a></td></tr>'
        for n in range(2, 10)
    )
    return (
        f'<table id="bmdhTable"><tbody>{pages}</tbody></table>'
        f'<div id="main-ed-articlenav-list"><table cellspacing="0"><tbody>{rows}</tbody></table></div>'
    ), items


def plain_table(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/zwgk/show-{i.number}.shtml")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "%Y年%m月%d日", "%Y/%m/%d"))
    head = "<tr><th>序号</th><th>标题</th><th>发布单位</th><th>发布日期</th></tr>"
    rows = "".join(
        f"<tr><td>{n + 1}</td><td><a href='{i.href}'>{i.title}</a></td><td>{maker.dice.choice(WHO)}</td><td>{dates[n]}</td></tr>"
        for n, i in enumerate(items)
    )
    maker.paged("next", "sign", "none")
    return f'<table class="{maker.pick("table", "xxgk", "tb_list")}">{head}{rows}</table>', items


def definition_list(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"c{i.number}/content.html")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "%Y年%m月%d日 %H:%M"))
    if maker.dice.random() < 0.5:
        rows = "".join(f"<dt><a href='{i.href}'>{i.title}</a></dt><dd>{dates[n]}</dd>" for n, i in enumerate(items))
    else:
        rows = "".join(f"<dd><a href='{i.href}'>{i.title}</a><span>{dates[n]}</span></dd>" for n, i in enumerate(items))
    maker.paged("next", "none")
    return f'<div class="clist_con"><dl>{rows}</dl></div>', items


def brackets(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/n{i.number}/index.html")
    dates = maker.dated(
        items, maker.pick("[%Y-%m-%d]", "(%Y-%m-%d)", "【%m-%d】", "[%m-%d]", "（%m月%d日）", "[%m/%d]")
    )
    before = maker.dice.random() < 0.3
    rows = "".join(
        f'<li>{dates[n] + " " if before else ""}<a href="{i.href}">{i.title}</a>{"" if before else " " + dates[n]}</li>'
        for n, i in enumerate(items)
    )
    maker.paged("next", "trs", "none")
    return f'<ul class="{maker.pick("ul_list", "gl", "text-list")}">{rows}</ul>', items


def no_year(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn(8, 20)
    with_year = maker.dice.random() < 0.5
    maker.addressed(items, lambda i: f"/a/{i.moment:%Y%m%d}/{i.number}.htm" if with_year else f"/view/{i.number}.htm")
    dates = maker.dated(items, maker.pick("%m-%d", "%m月%d日", "%m/%d"))
    rows = "".join(f'<li><a href="{i.href}">{i.title}</a><span>{dates[n]}</span></li>' for n, i in enumerate(items))
    maker.paged("next", "none")
    return f'<div class="{maker.pick("main", "con_left", "w700")}"><h2>工作动态</h2><ul>{rows}</ul></div>', items


def date_in_address(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    form = maker.pick("/{:%Y-%m}/{:%d}/content_{}.htm", "/n1/{:%Y/%m%d}/c1001-{}.html", "{:%Y%m}/t{:%Y%m%d}_{}.html")
    for item in items:
        values = (item.moment, item.number) if form.count("{") == 2 else (item.moment, item.moment, item.number)
        item.href = form.format(*values)
        item.published = item.moment.replace(hour=0, minute=0)
    rows = "".join(f"<li><a href='{i.href}' target='_blank'>{i.title}</a></li>" for i in items)
    maker.paged("next", "none", "trs")
    return f'<div class="ej_list_box"><ul class="list_16">{rows}</ul></div>', items


def flat(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"showart.asp?id={i.number}")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "[%Y-%m-%d]", "(%Y/%m/%d)"))
    rows = "".join(f"· <a href='{i.href}'>{i.title}</a> {dates[n]}<br>" for n, i in enumerate(items))
    maker.paged("next", "none")
    return f'<div class="content">{rows}</div>', items


def cards(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn(6, 15)
    maker.addressed(items, lambda i: f"/detail/{i.number}")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "%Y-%m-%d %H:%M", "ago"))
    rows = []
    for place, item in enumerate(items):
        picture = f'<a href="{item.href}" class="pic"><img src="/p/{item.number}.jpg" alt=""></a>' if place % 3 else ""
        rows.append(
            f'<div class="item">{picture}<h3><a href="{item.href}">{item.title}</a></h3><p>{maker.prose()}</p>'
            f'<div class="info"><span>来源：{maker.dice.choice(WHO)}</span><span class="time">{dates[place]}</span></div></div>'
        )
    maker.paged("next", "none", "sign")
    return f'<div class="{maker.pick("news-box", "items", "feed")}">{"".join(rows)}</div>', items


def whole_link(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn(6, 15)
    maker.addressed(items, lambda i: f"/info/1021/{i.number}.htm")
    calendar = maker.dice.random() < 0.5
    dates = maker.dated(items, "%Y-%m-%d")
    title = maker.pick("h4", "p class='title'", 'div class="tit"')
    rows = []
    for place, item in enumerate(items):
        date = f"<b>{item.moment:%d}</b><i>{item.moment:%Y-%m}</i>" if calendar else dates[place]
        summary = f"<p class='sum'>{maker.prose()}</p>" if calendar else ""
        rows.append(
            f'<li><a href="{item.href}"><div class="date">{date}</div><{title}>{item.title}</{title.split()[0]}>{summary}</a></li>'
        )
    maker.paged("next", "none")
    return f'<ul class="{maker.pick("news_ul", "list-unstyled")}">{"".join(rows)}</ul>', items


def with_column(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/html/{i.moment:%Y}/yw_{i.number}.html")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "%m-%d", "%Y-%m-%d %H:%M"))
    rows = "".join(
        f'<li class="{"odd" if n % 2 else "even"}">[<a href="/yw/">{maker.pick("要闻", "部门动态", "县区")}</a>] '
        f'<a href="{i.href}">{i.title}</a><span>{dates[n]}</span></li>'
        for n, i in enumerate(items)
    )
    maker.paged("next", "none")
    return f'<div class="lm_list"><ul>{rows}</ul></div>', items


def in_fives(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn(9, 25)
    maker.addressed(items, lambda i: f"./{i.moment:%Y%m}/t{i.moment:%Y%m%d}_{i.number}.shtml")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "%Y年%m月%d日"))
    rows = [f'<li><a href="{i.href}">{i.title}</a><span>{dates[n]}</span></li>' for n, i in enumerate(items)]
    fives = "".join(f"<ul>{''.join(rows[start : start + 5])}</ul>" for start in range(0, len(rows), 5))
    maker.paged("trs", "next")
    return f'<div class="{maker.pick("gp-list", "mainbox")}">{fives}</div>', items


def inside_link(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/xw/{i.number}.jhtml")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "[%Y-%m-%d]", "%m-%d"))
    rows = "".join(f'<li><a href="{i.href}"><span>{dates[n]}</span>{i.title}</a></li>' for n, i in enumerate(items))
    maker.paged("next", "sign", "none")
    return f'<div class="{maker.pick("listbox", "pane")}"><ul>{rows}</ul></div>', items


def table_each(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/art/{i.moment.year}/{i.moment.month}/{i.moment.day}/art_{i.number}.html")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "发布时间：%Y-%m-%d", "日期：%Y年%m月%d日"))
    rows = "".join(
        f"<table width='98%'><tr><td>·</td><td><a href='{i.href}'><font color='#333'>{i.title}</font></a></td>"
        f"<td><font>{dates[n]}</font></td></tr></table>"
        for n, i in enumerate(items)
    )
    maker.paged("next", "none")
    return f"<table><tr><td id='lists'>{rows}</td></tr></table>", items


def datastore(maker: Maker) -> tuple[str, list[Drawn]]:
    items = maker.drawn()
    maker.addressed(items, lambda i: f"/art/{i.moment.year}/{i.moment.month}/{i.moment.day}/art_88_{i.number}.html")
    dates = maker.dated(items, maker.pick("%Y-%m-%d", "[%Y-%m-%d]"))
    rows = "".join(
        f'<record><![CDATA[<li><a href="{i.href}" title="{i.title}">{i.title}</a><span>{dates[n]}</span></li>]]></record>'
        for n, i in enumerate(items)
    )
    script = f'<script type="text/xml"><datastore><recordset>{rows}</recordset></datastore></script>'
    return f'<div id="88" class="default_pgContainer">{script}</div>', items


def english(maker: Maker) -> tuple[str, list[Drawn]]:
    maker.chinese = False
    items = maker.drawn(6, 18)
    maker.addressed(items, lambda i: f"/EGovernment/News/{i.moment:%Y%m%d}/i{i.number}.html")
    dates = maker.dated(items, maker.pick("%B %d, %Y", "%d %b %Y", "%Y-%m-%d", "%b %d, %Y"))
    rows = "".join(f'<li><a href="{i.href}">{i.title}</a> <span>{dates[n]}</span></li>' for n, i in enumerate(items))
    maker.paged("english", "none")
    return f'<ul class="{maker.pick("news", "list", "articles")}">{rows}</ul>', items


FORMS: dict[str, Callable[[Maker], tuple[str, list[Drawn]]]] = {
    "TRS, ul": li_with_span,
    "JCMS, table": jcms_table,
    "PHPCMS": phpcms_list,
    "e-paper": epaper,
    "table with a head": plain_table,
    "dl": definition_list,
    "brackets": brackets,
    "no year": no_year,
    "date in the address": date_in_address,
    "flat, br": flat,
    "cards": cards,
    "whole link": whole_link,
    "with column": with_column,
    "in fives": in_fives,
    "date in the link": inside_link,
    "a table each": table_each,
    "JCMS, datastore": datastore,
    "English": english,
}


def a_page(seed: int, maker: Maker | None = None) -> Page:
    """The page of a seed; the same seed always gives the same bytes. Another maker keeps the form and draws otherwise."""
    from urllib.parse import urljoin

    maker = maker or Maker(seed)
    form = list(FORMS)[seed % len(FORMS)]
    block, items = FORMS[form](maker)
    charset = maker.pick("utf-8", "utf-8", "gbk", "gb2312") if maker.chinese else "utf-8"
    told = maker.pick("meta", "http", "both")
    meta = maker.pick(
        f'<meta charset="{charset}">', f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'
    )
    html = (
        f"<!DOCTYPE html><html><head>{meta if told != 'http' else ''}<title>{maker.pick('工作动态', '新闻中心') if maker.chinese else 'News'}"
        f"</title></head><body>{_above(maker)}<div class='{maker.pick('wrap', 'container', 'box')}'>{_beside(maker)}"
        f"{block}{maker.paging}{_beside(maker)}</div>{_below(maker)}</body></html>"
    )
    labelled = tuple(
        Labelled(item.title, urljoin(maker.url, item.href.replace("&amp;", "&")), item.published or item.moment)
        for item in items
    )
    content_type = "text/html" + (f"; charset={charset}" if told != "meta" else "")
    body = html.encode("gb18030" if charset != "utf-8" else "utf-8")
    return Page(
        seed,
        form,
        maker.url,
        body,
        content_type,
        labelled,
        maker.next_page,
        "utf-8" if charset == "utf-8" else "gb18030",
    )


def _above(maker: Maker) -> str:
    menu = MENU if maker.chinese else ENGLISH_MENU
    links = "".join(f'<li><a href="/{n}/">{name}</a></li>' for n, name in enumerate(menu))
    deeper = "".join(
        f'<li><a href="/{n}/">{name}</a><ul>{"".join(f"<li><a href=/{n}/{k}/>{maker.dice.choice(menu)}{k}</a></li>" for k in range(4))}</ul></li>'
        for n, name in enumerate(menu[:5])
    )
    bar = maker.pick(
        f'<div class="nav"><ul>{links}</ul></div>', f"<nav><ul>{links}</ul></nav>", f'<ul id="m1">{deeper}</ul>'
    )
    return f'<div class="top"><a href="/login">登录</a> <a href="/">设为首页</a></div>{bar}<form action="/s"><input name="q"></form>'


def _beside(maker: Maker) -> str:
    """Nothing, a ranking, a few recommended with dates, or the columns next door; under names that may not tell."""
    kind = maker.dice.choice(["", "ranking", "recommended", "columns"])
    name = maker.pick("side", "right", "box2", "w300", "hot")
    if kind == "ranking":
        rows = "".join(
            f'<li><em>{n + 1}</em><a href="/top/{n}.html">{maker.title()}</a></li>'
            for n in range(maker.dice.randint(5, 10))
        )
        return f'<div class="{name}"><h3>点击排行</h3><ol>{rows}</ol></div>'
    if kind == "recommended":
        some = maker.drawn(3, 5)
        rows = "".join(
            f'<li><a href="/rec/{i.number}.html">{i.title}</a><span>{i.moment:%m-%d}</span></li>' for i in some
        )
        return f'<div class="{name}"><h3>推荐阅读</h3><ul>{rows}</ul></div>'
    if kind == "columns":
        rows = "".join(f'<dd><a href="/lm/{n}/">{n}号专栏：{maker.dice.choice(MENU)}</a></dd>' for n in range(6))
        return f'<div class="{name}"><dl>{rows}</dl></div>'
    return ""


def _below(maker: Maker) -> str:
    friends = "".join(
        f'<a href="http://friend{n}.example/">{name}人民政府门户网站</a> ' for n, name in enumerate(WHO[:9])
    )
    return f'<div class="{maker.pick("links", "yqlj", "b3")}">{friends}</div><div class="footer"><a href="/about">关于我们</a> 备案号05002289</div>'
