"""Pages of one article with what a reader would copy from them: one seed, one page in one of the forms of portals.

`an_article(seed)` is all there is to call. A page has its text (paragraphs, headings, lists, tables, captions), its
pictures, and everything around it that is not the text.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from html import escape

from tests.ingest.pages.generator import (
    DOES,
    ENGLISH_MENU,
    ENGLISH_PROSE,
    HOST,
    MENU,
    OBJECTS,
    SUBJECTS,
    VERBS,
    WHAT,
    WHO,
)

_SENTENCES = (
    "会议强调，要坚持问题导向，压实各级责任，确保各项任务按时间节点落实到位。",
    "据介绍，该项目总投资3.6亿元，建成后可满足周边12万名居民的就医需求。",
    "全市共排查各类隐患1,284处，已整改1,196处，整改率为93.1%。",
    "“以前办一件事要跑三四趟，现在手机上点一点就行了。”家住雁峰区的李女士说。",
    "记者在现场看到，施工人员正在铺设管网，主体工程已完成八成以上。",
    "下一步，我市将继续完善长效机制，让改革成果更多更公平地惠及全体市民。",
    "各县市区人民政府、市直有关单位要结合实际，认真抓好贯彻落实。",
    "申请人应当于2026年12月10日前登录政务服务网提交材料，逾期不予受理。",
)
_SHORT = ("特此通知。", "此页无正文。", "联系人：王某", "附表如下：", "（此件公开发布）", "现公告如下：")
_HEADS = ("一、总体要求", "二、主要任务", "三、保障措施", "四、工作要求", "五、其他事项")
_FOOT = "主办单位：烈山市人民政府办公室 版权所有 湘ICP备12345678号-1 网站标识码：4304000001"
_RELATED = "相关阅读 猜你喜欢 热点排行".split()


@dataclass(slots=True)
class ArticlePage:
    """A page and its answers: the blocks of text in order, pictures as (address, alt), and what is not the text."""

    seed: int
    form: str
    body: bytes
    title: str
    blocks: list[str] = field(default_factory=list)
    pictures: list[tuple[str, str]] = field(default_factory=list)
    around: list[str] = field(default_factory=list)
    url: str = HOST + "/xwzx/202611/t20261120_1.html"


class _Maker:
    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"article page {seed}")
        self.chinese = self.dice.random() < 0.8
        self.page = ArticlePage(seed, "", b"", self.title())
        self.number = 0

    def title(self) -> str:
        if not self.chinese:
            return " ".join(map(self.dice.choice, (SUBJECTS, VERBS, OBJECTS)))
        return self.dice.choice(WHO) + self.dice.choice(DOES) + self.dice.choice(WHAT)

    def pick(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def block(self, text: str) -> str:
        self.page.blocks.append(text)
        return escape(text, quote=False)

    def not_text(self, text: str) -> str:
        self.page.around.append(text)
        return escape(text, quote=False)

    def prose(self) -> str:
        """A paragraph that stands once in the page; now and then a very short one."""
        if self.dice.random() < 0.2:
            rest = [one for one in _SHORT if one not in self.page.blocks]
            if rest and self.chinese:
                return self.dice.choice(rest)
        self.number += 1
        if not self.chinese:
            said = " ".join(map(self.dice.choice, (SUBJECTS, VERBS, OBJECTS)))
            return f"{self.number}. {said}. {ENGLISH_PROSE}"
        count = self.dice.randint(1, 3)
        opening = f"{self.dice.choice(WHO)}第{self.number}次{self.dice.choice(DOES)}{self.dice.choice(WHAT)}。"
        return opening + "".join(self.dice.sample(_SENTENCES, count))

    def paragraphs(self) -> list[str]:
        """The pieces of the text, as (markup, made one by one): what stands in them goes into the answers."""
        pieces: list[str] = []
        heads = list(_HEADS)
        for _ in range(self.dice.choice([1, 2, 3, 5, 8, 12, 20])):
            kind = self.dice.random()
            if kind < 0.08 and heads and self.chinese:
                pieces.append(f"<H>{self.block(heads.pop(0))}</H>")
            elif kind < 0.16:
                pieces.append(self.picture())
            elif kind < 0.22:
                tag = self.pick("ul", "ol")
                rows = "".join(f"<li>{self.block(self.prose())}</li>" for _ in range(self.dice.randint(2, 5)))
                pieces.append(f"<{tag}>{rows}</{tag}>")
            elif kind < 0.27:
                pieces.append(self.table())
            else:
                pieces.append(f"<P>{self.block(self.prose())}</P>")
        if not any("<P>" in piece for piece in pieces):
            pieces.append(f"<P>{self.block(self.prose())}</P>")
        if self.chinese and self.dice.random() < 0.4:
            pieces.append(f"<P>{self.block(self.dice.choice(WHO) + '办公室')}</P><P>{self.block('2026年11月20日')}</P>")
        if self.dice.random() < 0.2:
            name = f"附件：{self.title()}.docx"
            pieces.append(f'<P><a href="./P0202611205.docx">{self.block(name)}</a></P>')
        return pieces

    def picture(self) -> str:
        place = f"/upload/2026/{self.dice.randint(1000, 9999)}{len(self.page.pictures)}.jpg"
        alt = f"{self.dice.choice(WHO)}现场{len(self.page.pictures)}"
        self.page.pictures.append((HOST + place, alt))
        caption = f"<P align=center>{self.block(f'图{len(self.page.pictures)}为{alt}。')}</P>"
        return f'<P align="center"><img src="{place}" alt="{alt}"></P>{caption if self.dice.random() < 0.6 else self._unsay()}'

    def _unsay(self) -> str:
        self.page.blocks.pop()
        return ""

    def table(self) -> str:
        rows = []
        for row in range(self.dice.randint(2, 6)):
            cells = "".join(
                f"<td>{self.block(f'{self.dice.choice(WHO)}{self.number}-{row}-{cell}')}</td>" for cell in range(3)
            )
            rows.append(f"<tr>{cells}</tr>")
        self.number += 1
        return f"<table border=1>{''.join(rows)}</table>"

    def menu(self) -> str:
        words = MENU if self.chinese else ENGLISH_MENU
        return "".join(f'<li><a href="/m{n}/">{self.not_text(word)}</a></li>' for n, word in enumerate(words))

    def crumbs(self) -> str:
        return f'{self.not_text("您当前的位置：")}<a href="/">首页</a> &gt; <a href="/xwzx/">新闻中心</a> &gt; {self.not_text("政务动态")}'

    def about(self) -> str:
        who = self.pick("烈山日报", "市政府办公室", "烈山新闻网")
        self.page.around.append(f"来源：{who}")
        return f"发布时间：2026-11-20 09:30 &nbsp; 来源：{who} &nbsp; 作者：张某 &nbsp; 字号：[ 大 中 小 ]"

    def related(self) -> str:
        links = "".join(
            f'<li><a href="/a{n}.html">{self.not_text("荐" + self.title() + str(n))}</a></li>'
            for n in range(self.dice.randint(3, 8))
        )
        return f"<h3>{self.not_text(self.dice.choice(_RELATED))}</h3><ul>{links}</ul>"

    def around_text(self) -> str:
        """What stands below the text, within its own box."""
        prev = self.not_text("上一篇：" + self.title() + "甲")
        after = self.not_text("下一篇：" + self.title() + "乙")
        share = (
            f'<div class="bdsharebuttonbox">{self.not_text("分享到：")}<a href="#">微信</a><a href="#">微博</a></div>'
        )
        tools = f"<div>{self.not_text('【打印本页】')} 【关闭窗口】</div>"
        rows = [share, tools, f'<div class="{self.pick("prenext", "sxp", "fanye")}"><p>{prev}</p><p>{after}</p></div>']
        return "".join(row for row in rows if self.dice.random() < 0.7)

    def foot(self) -> str:
        self.page.around.append("版权所有")
        return f'<div class="{self.pick("footer", "foot", "bottom")}"><p>{_FOOT}</p></div>'


def an_article(seed: int) -> ArticlePage:
    """The page of that seed, and its answers."""
    maker = _Maker(seed)
    form = _FORMS[seed % len(_FORMS)]
    page = maker.page
    page.form = form.__name__.strip("_")
    body = form(maker)
    charset = maker.pick("utf-8", "gbk")
    meta = f'<meta name="ArticleTitle" content="{escape(page.title)}">' if maker.dice.random() < 0.5 else ""
    page.body = (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>{escape(page.title)}-烈山市人民政府</title>{meta}'
        f"<script>var a = '<p>not text</p>';</script></head><body>{body}</body></html>"
    ).encode(charset, "xmlcharrefreplace")
    kept = set(page.blocks)
    page.around = [one for one in page.around if not any(one in block for block in kept)]
    return page


def _write(pieces: list[str], open_p: str, close_p: str, open_h: str = "<h3>", close_h: str = "</h3>") -> str:
    text = "".join(pieces).replace("<P align", "<p align")
    return text.replace("<P>", open_p).replace("</P>", close_p).replace("<H>", open_h).replace("</H>", close_h)


def _trs(m: _Maker) -> str:
    """TRS WCM: `view TRS_UEDITOR`, styled paragraphs with indents made of spaces."""
    open_p = m.pick('<p style="text-indent:2em">', "<p>　　", '<p align="justify"><span style="font-size:16px">')
    close = "</span></p>" if "span" in open_p else "</p>"
    text = _write(m.paragraphs(), open_p, close, "<p><strong>", "</strong></p>")
    return (
        f'<div class="header"><ul class="nav">{m.menu()}</ul></div><div class="crumbs">{m.crumbs()}</div>'
        f'<div class="article"><h1>{escape(m.page.title)}</h1><div class="info">{m.about()}</div>'
        f'<div class="view TRS_UEDITOR trs_paper_default">{text}</div>{m.around_text()}</div>'
        f'<div class="rel">{m.related()}</div>{m.foot()}'
    )


def _jcms(m: _Maker) -> str:
    """JCMS: everything in tables, the text in #zoom."""
    text = _write(m.paragraphs(), "<p>", "</p>")
    return (
        f'<table width=100%><tr><td><ul>{m.menu()}</ul></td></tr></table><table id="article"><tr><td class="title">'
        f'{escape(m.page.title)}</td></tr><tr><td>{m.about()}</td></tr><tr><td><div id="zoom">{text}</div></td></tr>'
        f"<tr><td>{m.around_text()}</td></tr></table>{m.foot()}"
    )


def _phpcms(m: _Maker) -> str:
    """PHPCMS v9: #Article with title, info and .content; rankings beside."""
    text = _write(m.paragraphs(), "<p>", "</p>", "<h2>", "</h2>")
    return (
        f'<ul class="menu">{m.menu()}</ul><div class="main"><div class="col-left"><div class="crumbs">{m.crumbs()}</div>'
        f'<div id="Article"><h1>{escape(m.page.title)}<br><span>{m.about()}</span></h1><div class="content">{text}'
        f'{m.around_text()}</div></div></div><div class="col-auto"><div class="box">{m.related()}</div></div></div>{m.foot()}'
    )


def _epaper(m: _Maker) -> str:
    """An e-paper: nested tables, the text in #ozoom as founder-content."""
    text = _write(m.paragraphs(), "<P>", "</P>", "<P><B>", "</B></P>")
    return (
        f"<table><tr><td width=30%><ul>{m.menu()}</ul></td><td><table><tr><td><strong>{escape(m.page.title)}</strong></td>"
        f'</tr><tr><td>{m.about()}</td></tr><tr><td><div id="ozoom"><founder-content>{text}</founder-content></div></td></tr>'
        f"</table></td></tr></table>{m.foot()}"
    )


def _breaks(m: _Maker) -> str:
    """Paragraphs parted by two breaks in a bare div."""
    text = _write(m.paragraphs(), "&nbsp;&nbsp;&nbsp;&nbsp;", "<br><br>", "<b>", "</b><br>")
    return (
        f'<div id="top"><ul>{m.menu()}</ul></div><div id="main"><div id="t">{escape(m.page.title)}</div><div>{m.about()}</div>'
        f'<div id="c">{text}</div>{m.around_text()}</div>{m.foot()}'
    )


def _divs(m: _Maker) -> str:
    """An editor that makes every paragraph a div, in a form around the whole page (ASP.NET)."""
    text = _write(m.paragraphs(), "<div>", "</div>", "<div><b>", "</b></div>")
    return (
        f'<form method="post"><input type="hidden" name="__VIEWSTATE" value="x"><div><ul>{m.menu()}</ul></div>'
        f'<div class="wrap"><div class="place">{m.crumbs()}</div><div class="tit">{escape(m.page.title)}</div>'
        f'<div class="xx">{m.about()}</div><div class="nr">{text}</div>{m.around_text()}</div>'
        f'<div class="side">{m.related()}</div>{m.foot()}</form>'
    )


def _table_text(m: _Maker) -> str:
    """One cell with all of it between others, fonts within."""
    text = _write(m.paragraphs(), '<p><font size="3">', "</font></p>")
    return (
        f"<table><tr>{m.menu().replace('li>', 'td>')}</tr></table><table><tr><td><table><tr><td>{m.crumbs()}</td></tr><tr>"
        f"<td align=center><b>{escape(m.page.title)}</b></td></tr><tr><td>{m.about()}</td></tr><tr><td class=bt_content>"
        f"{text}</td></tr></table></td><td valign=top>{m.related()}</td></tr></table>{m.foot()}"
    )


def _modern(m: _Maker) -> str:
    """HTML 5: header, main, article, aside, footer."""
    text = _write(m.paragraphs(), "<p>", "</p>", "<h2>", "</h2>")
    return (
        f"<header><nav><ul>{m.menu()}</ul></nav></header><main><article><h1>{escape(m.page.title)}</h1>"
        f"<p class=meta>{m.about()}</p><div class=body>{text}</div>{m.around_text()}</article><aside>{m.related()}</aside>"
        f"</main><footer>{m.foot()}</footer>"
    )


_FORMS: tuple[Callable[[_Maker], str], ...] = (
    _trs, _jcms, _phpcms, _epaper, _breaks, _divs, _table_text, _modern,
)  # fmt: skip
