"""What stands around the list of a hard page: menus, the way back, other lists, rankings, slides, pagers, a footer."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import TYPE_CHECKING

from tests.ingest.pages.adversary_words import title_in

if TYPE_CHECKING:
    from tests.ingest.pages.adversary import Town

_MENU = "网站首页 要闻动态 政府信息公开 网上办事大厅 政民互动 魅力青山 招商引资 无障碍浏览 移动版 繁體".split()
_MENU_EN = "Home|About Qingshan|Laws & Regulations|Doing Business|Living & Travelling|Contact the mayor|Site map".split(
    "|"
)
_COLUMNS = (
    "领导活动 部门动态 乡镇信息 通知公告 政策解读与回应 重大项目建设信息 财政预决算公开 应急管理 食品药品安全".split()
)
_SITES = "中国政府网 省人民政府门户网站 市公共资源交易中心 国家企业信用信息公示系统 青山县教育资源公共服务平台 全国人大".split()


def above(town: Town) -> str:
    """Menu, search and the way back."""
    names = _MENU_EN if town.tongue == "en" else _MENU
    items = [f"<a href='/c/{n}/'>{escape(name)}</a>" for n, name in enumerate(names)]
    items[3] = f"<a href='javascript:;' onclick='go(3)'>{escape(names[3])}</a>"
    menu = town.one(
        "<div id='dh'>" + " | ".join(items) + "</div>",
        "<ul class='clear'>" + "".join(f"<li>{one}</li>" for one in items) + "</ul>",
        "<table><tr>" + "".join(f"<td>{one}</td>" for one in items) + "</tr></table>",
    )
    sub = (
        "".join(f"<dd><a href='/c/{n}/s.html'>{name}</a></dd>" for n, name in enumerate(_COLUMNS))
        if town.chance(0.5)
        else ""
    )
    slides = ""
    if town.chance(0.25):
        slides = "<div class='lb_pic'>" + "".join(
            f"<div><a href='/hd/{n}.html'><img src='/hd/{n}.jpg'><p>{escape(title_in(town.tongue, town.dice))}</p></a></div>" for n in range(5)
        ) + "</div>"  # fmt: skip
    crumb = f"<div class='{town.one('dqwz', 'position', 'place')}'>您现在的位置：<a href='/'>首页</a> &gt; <a href='/xwdt/'>要闻动态</a> &gt; 列表</div>"
    return (
        f"<div><a href='#' onclick=''>设为首页</a> 今天是2026年11月24日 星期二</div>{menu}<dl>{sub}</dl>{slides}{crumb}"
    )


def around(town: Town, main: str) -> str:
    """The main list among others."""
    others = [_other(town) for _ in range(town.dice.choice([0, 1, 1, 2]))]
    place = town.dice.randint(0, len(others))
    parts = [*others[:place], f"<div class='{town.one('zj', 'mid', 'gl_r', 'content')}'>{main}</div>", *others[place:]]
    if town.chance(0.2):
        return "<table width=1000><tr>" + "".join(f"<td valign=top>{one}</td>" for one in parts) + "</tr></table>"
    return f"<div class='{town.one('w1200', 'main', 'area')}'>{''.join(parts)}</div>"


def below(town: Town) -> str:
    """Friendly links and the footer."""
    sites = "".join(f"<option value='http://s{n}.example'>{name}</option>" for n, name in enumerate(_SITES))
    links = "".join(f"<li><a href='http://s{n}.example/'>{name}</a></li>" for n, name in enumerate(_SITES))
    return (
        f"<select>{sites}</select><div class='{town.one('yl', 'bot', 'wzlj')}'><ul>{links}</ul></div>"
        "<div>主办：青山县人民政府办公室 <a href='/bq/'>网站声明</a> <a href='/dt/'>网站地图</a> 政府网站标识码4301000012</div>"
    )


def pager(town: Town) -> tuple[str, str | None]:
    """The pager's markup, and the address that the next page has as it is written."""
    kind = town.one(
        "none",
        "word",
        "word",
        "bracketed",
        "numbers",
        "call",
        "call of four",
        "titled",
        "image",
        "head",
        "script",
        "of",
    )
    target = town.one("index_1.html", "/xwdt/zwyw/p2.html", "?page=2", "list_12_2.html")
    total = town.dice.randint(3, 400)
    numbers = "".join(
        f"<a href='{target.replace('2', str(n)) if '2' in target else f'index_{n - 1}.html'}'>{n}</a>"
        for n in range(3, 7)
    )
    two = f"<a href='{target}'>2</a>"
    if kind == "call":
        return f"<div><script>createPageHTML({total}, 0, 'index', 'shtml');</script></div>", "index_1.shtml"
    if kind == "call of four":
        return (
            f'<script type="text/javascript">\n createPageHTML("page_div",{total}, 1,"index","html",{total * 15});\n</script><div id=page_div></div>',
            "index_2.html",
        )
    if kind == "none":
        return "", None
    if kind == "script":
        return f"<div class='fy'><span>共{total}页</span><a href='javascript:goto(2)'>下一页</a></div>", None
    if kind == "numbers":
        here = town.one("<span>1</span>", "<b>1</b>", "<strong class='on'>1</strong>", "<em>1</em>")
        return f"<div class='fy'>{here}{two}{numbers}<a href='index_{total}.html'>尾页</a></div>", target
    word = "Next" if town.tongue == "en" else town.one("下一页", "下页", "下一页 >", "下一页»", "后一页")
    if kind == "bracketed":
        return f"<p>第1/{total}页 [首页] [上一页] [<a href='{target}'>{word}</a>] <a href='x'>[尾页]</a></p>", target
    if kind == "titled":
        return (
            f"<div>{two}{numbers}<a href='{target}' title='{word}'>&gt;</a><a href='e.html' title='尾页'>&gt;|</a></div>",
            target,
        )
    if kind == "image":
        return f"<div>{two}<a href='{target}'><img src='/n.gif' alt='{word}'></a></div>", target
    if kind == "head":
        return (
            f"<nav><ul><li class=disabled><a>Prev</a></li><li>{two}</li><li><a class='next' href='{target}'><i class='fa'></i></a></li></ul></nav>",
            target,
        )
    if kind == "of":
        return (
            f"<div>共{total * 20}条 <a href='javascript:void(0)'>上一页</a> <a href='{target}'>{word}</a> 到第<input>页</div>",
            target,
        )
    return (
        f"<div class='{town.one('fy', 'pagebox', 'digg')}'><a>首页</a><a>上一页</a>{two}{numbers}<a href='{target}'>{word}</a></div>",
        target,
    )


def _other(town: Town) -> str:
    """A list beside the main one: notices with dates, a ranking, columns, or pictures."""
    kind = town.one("notices", "ranking", "columns", "pictures", "tabs")
    name = town.one("yc", "rightbox", "fl", "w280")
    titles = [escape(title_in(town.tongue, town.dice)) for _ in range(town.dice.randint(4, 8))]
    if kind == "notices":
        moment = town.rows[0].moment
        rows = "".join(
            f"<li><a href='/tz/{n}.html'>{one[:14]}</a><span>{moment - timedelta(days=n):%m-%d}</span></li>"
            for n, one in enumerate(titles[:4])
        )
        return f"<div class='{name}'><h3>{town.one('通知公告', '最新公告')}</h3><ul>{rows}</ul></div>"
    if kind == "ranking":
        rows = "".join(
            f"<li><i>{n}</i><a href='/r/{n}.html' title='{one}'>{one}</a></li>" for n, one in enumerate(titles, 1)
        )
        return f"<div class='{name}'><h4>{town.one('一周热文', '阅读排行', '最受欢迎')}</h4><ul>{rows}</ul></div>"
    if kind == "columns":
        rows = "".join(f"<li><a href='/c/{n}/'>{one}</a></li>" for n, one in enumerate(_COLUMNS))
        return f"<div class='{name}'><h2>栏目导航</h2><ul>{rows}</ul></div>"
    if kind == "pictures":
        rows = "".join(
            f"<li><a href='/zt/{n}/'><img src='/zt{n}.jpg'>{one[:10]}</a></li>" for n, one in enumerate(titles[:4])
        )
        return f"<div class='{name}'><ul>{rows}</ul></div>"
    panes = "".join(
        f"<div class='pane{' on' if n == 0 else ''}'><ul>{''.join(f'<li><a href=/tab/{n}/{k}.html>{one[:16]}</a></li>' for k, one in enumerate(titles[:5]))}</ul></div>"
        for n in range(3)
    )
    return f"<div class='{name}'><a href='#t1'>图片新闻</a><a href='#t2'>视频新闻</a>{panes}</div>"
