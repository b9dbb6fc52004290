"""How the hard pages write their lists: one function per skeleton, each drawing its own names, order and extras."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from tests.ingest.pages.adversary_words import title_in

if TYPE_CHECKING:
    from tests.ingest.pages.adversary import Row, Town

TELLING = "本报讯 今年以来，各单位围绕中心工作持续用力，一批实事项目陆续落地，居民的日子越过越有盼头。"
TELLING_EN = (
    "Work began in early spring and is said to be on time; people who live nearby have been asked for patience."
)


def link(town: Town, row: Row, inner: str | None = None) -> str:
    """The link of an item: plain, with a title, or cut short with the whole in its title."""
    words = escape(row.title)
    style = town.dice.random()
    if inner is not None:
        return f'<a href="{row.href}" target=_blank>{inner}</a>'
    if style < 0.4:
        return f'<a href="{row.href}">{words}</a>'
    if style < 0.7 or len(row.title) < 14:
        return f"<a target='_blank' title='{words}' href='{row.href}'>{words}</a>"
    return f'<a href="{row.href}" title="{words}">{escape(row.title[:12])}{town.one("...", "…", "......")}</a>'


def lines(town: Town) -> str:
    """`li`, `dd` or `p` with a date in an element or bare, before or behind; rules, pins and badges between."""
    tag = town.one("li", "li", "li", "dd", "p", "div")
    wrap = {"li": "ul", "dd": "dl"}.get(tag, "div")
    date = town.one(
        "span", "span", 'span class="data"', "em", "font class=date", "b", "small", "", 'div class="rq"', "cite"
    )
    front = town.chance(0.35)
    mark = town.one("", "", "·", "<img src='/i/dot.png'>", "<i class='ico'></i>", "&gt; ")
    pins = town.dice.choice([0, 0, 0, 2])
    rule = town.one("", "", "", f'<{tag} class="line"></{tag}>', f"<{tag}>&nbsp;</{tag}>")
    out: list[str] = []
    for place, row in enumerate(town.rows):
        when = f"<{date}>{row.date}</{date.split()[0]}>" if date else row.date
        pin = "<span class='zd'>置顶</span>" if place < pins else ""
        new = "<img src='/new.gif' alt='new'>" if place < 3 and pins else ""
        body = f"{pin}{mark}{link(town, row)}{new}"
        out.append(f"<{tag}>{when + ' ' + body if front else body + ' ' + when}</{tag}>")
        if rule and place % 5 == 4:
            out.append(rule)
    name = town.one("class=lb", "class='xw_list clear'", "id=DocList", "", "class='f14 lh200'")
    return f"<{wrap} {name}>{''.join(out)}</{wrap}>"


def grid(town: Town) -> str:
    """Table rows with numbers, file numbers and offices; the date in any column, sometimes two of them."""
    two = town.chance(0.3) and "%" not in town.rows[0].date and len(town.rows[0].date) >= 10
    order = ["n", "t", "o", "d"] if not town.chance(0.25) else ["d", "t", "n"]
    if two:
        order = ["n", "t", "w", "d"]
    cell = town.one("td", "td align=center", 'td class="c1"')
    out: list[str] = []
    for place, row in enumerate(town.rows):
        values = {
            "n": str(place + 1),
            "t": link(town, row),
            "o": town.one("县府办", "财政局", "教育局"),
            "d": row.date,
            "w": f"青政发〔2026〕{place + 3}号",
        }
        cells = "".join(f"<{cell}>{values[one]}</td>" for one in order)
        out.append(f"<tr>{cells}</tr>")
        if place % 6 == 5 and town.chance(0.5):
            out.append(f"<tr><td colspan={len(order)} height=1 background='/line.gif'></td></tr>")
    heads = {"n": "序号", "t": "信息名称", "o": "发布机构", "d": "发布日期", "w": "文号"}
    kind = town.one("th", "td")
    head = "<tr>" + "".join(f"<{kind}>{heads[one]}</{kind}>" for one in order) + "</tr>" if town.chance(0.6) else ""
    inner = f"<table width=100% cellspacing=0>{head}{''.join(out)}</table>"
    return f"<table><tr><td valign=top>{inner}</td></tr></table>" if town.chance(0.4) else inner


def ul_each(town: Town) -> str:
    """A `ul` for each item, its cells as `li`."""
    number = town.chance(0.4)
    out = []
    for place, row in enumerate(town.rows):
        first = f"<li class=c0>{place + 1}</li>" if number else ""
        out.append(
            f"<ul>{first}<li class='nav04Left02_content'>{link(town, row)}</li><li class='contenttime'>{row.date}</li></ul>"
        )
    return f"<div class='Three_list'>{''.join(out)}</div>"


def table_apiece(town: Town) -> str:
    """A table for each item, with tables as rules between them."""
    out = []
    for row in town.rows:
        out.append(
            f"<table width=95%><tr><td width=12><img src=/d.gif></td><td>{link(town, row)}</td><td class=t12>{row.date}</td></tr></table>"
        )
        out.append("<table class=dash height=1><tr><td></td></tr></table>")
    return f"<td>{''.join(out)}</td>" if town.chance(0.1) else f"<div>{''.join(out)}</div>"


def cards(town: Town) -> str:
    """Pictures, headings, summaries, labels, counts and a second link to the same page."""
    outer = town.one("div class='card'", "article", "li", "div class='media clearfix'")
    heading = town.one("h2", "h3", "h4", "p class=tit", "div class='card-title'")
    english = town.tongue == "en"
    more = town.one("", "", "Read more" if english else "[详细]", "More &raquo;" if english else "查看全文>>")
    label = town.chance(0.4)
    summary = town.chance(0.7)
    picture = town.one("none", "some", "all")
    out = []
    for place, row in enumerate(town.rows):
        shown = picture == "all" or (picture == "some" and place % 2)
        image = (
            f'<a href="{row.href}" class="thumb"><img src="/up/{row.number}.jpg" alt="{escape(row.title) if place % 3 else ""}"></a>'
            if shown
            else ""
        )
        text = (TELLING_EN if english else TELLING)[place % 7 :] * (1 + place % 2)
        about = f"<p class='zy'>{text}{f'<a href={row.href!r}>{more}</a>' if more else ''}</p>" if summary else ""
        kind = (
            f"<a class='lb' href='/fl/{place % 3}/'>{'Culture' if english else town.one('时政', '民生', '文旅')}</a>"
            if label
            else ""
        )
        count = (
            f"<span class=ll>{'Views' if english else '阅读'} {place * 37 + 5}</span>"
            if town.chance(0.9) and label
            else ""
        )
        when = f"<{(tag := town.one('span', 'span', 'time'))} class='sj'>{row.date}</{tag}>"
        out.append(
            f"<{outer}>{image}<div class='txt'><{heading}>{link(town, row)}</{heading.split()[0]}>{about}<div class=meta>{kind}{when}{count}</div></div></{outer.split()[0]}>"
        )
    body = "".join(out)
    return f"<ul class=tw>{body}</ul>" if outer == "li" else f"<section>{body}</section>"


def leaves(town: Town) -> str:
    """A big day above a small month, in several orders, within or beside the link."""
    english = town.tongue == "en"
    kind = town.one("d/ym", "d/y.m", "md/y", "y/md", "dot", *(["d/My"] if english else []))
    whole = town.chance(0.5)
    heading = town.one("h3", "p class=bt", "div class='t'", "strong")
    summary = town.chance(0.5)
    out = []
    for row in town.rows:
        m = row.moment
        row.published = m.replace(hour=0, minute=0, second=0)
        leaf = {
            "d/ym": f"<span>{m:%d}</span><p>{m:%Y-%m}</p>",
            "d/y.m": f"<b>{m:%d}</b><br>{m:%Y.%m}",
            "md/y": f"<p>{m:%m-%d}</p><span>{m:%Y}</span>",
            "y/md": f"<em>{m:%Y}</em><i>{m:%m/%d}</i>",
            "dot": f"<h5>{m:%d}</h5><h6>{m:%Y年%m月}</h6>",
            "d/My": f"<strong>{m:%d}</strong><span>{m:%b %Y}</span>",
        }[kind]
        text = f"<p class=con>{TELLING_EN if english else TELLING}</p>" if summary else ""
        if whole:
            out.append(
                f"<li><a href='{row.href}'><div class='rl'>{leaf}</div><div class='r'><{heading}>{escape(row.title)}</{heading.split()[0]}>{text}</div></a></li>"
            )
        else:
            out.append(
                f"<li><div class='rl'>{leaf}</div><div class='r'><{heading}>{link(town, row)}</{heading.split()[0]}>{text}</div></li>"
            )
    return f"<ul class='{town.one('dl_list', 'rili', 'ny-list')}'>{''.join(out)}</ul>"


def bare(town: Town) -> str:
    """Links and breaks in one block."""
    front = town.chance(0.4)
    end = town.one("<br>", "<br/><br/>", "<hr>")
    out = [
        f"{row.date + ' ' if front else ''}{link(town, row)}{'' if front else ' ' + row.date}{end}" for row in town.rows
    ]
    return f"<div class='{town.one('zw', 'TRS_Editor', 'box')}'>{''.join(out)}</div>"


def epaper(town: Town) -> str:
    """The titles of a page of a newspaper; the only date is in the page's own address."""
    day = town.rows[0].moment.replace(hour=0, minute=0, second=0)
    town.url = f"{town.host}/{town.one('hyrb', 'szb')}/html/{day:%Y-%m/%d}/{town.one('node_1.htm', 'nbs.D1.htm')}"
    for row in town.rows:
        row.href, row.published = f"content_{row.number}.htm", day
        row.href = row.href if town.chance(1) else ""
    areas = "".join(f'<area shape="poly" coords="1,2,3,4" href="{row.href}">' for row in town.rows)
    tag = town.one("li", "dd", "p")
    rows = "".join(f"<{tag}><a href='{row.href}'>{escape(row.title)}</a></{tag}>" for row in town.rows)
    pages = "".join(
        f"<li><a href='node_{n}.htm'>第{n:02}版:{town.one('要闻', '民生', '副刊', '广告')}</a> <a href='../../../pdf/{n}.pdf'>PDF</a></li>"
        for n in range(1, 13)
    )
    return f"<map name=pagepicmap>{areas}</map><div class='bmml'><ul>{pages}</ul></div><div class='bt_list'><ul>{rows}</ul></div>"


def address_only(town: Town) -> str:
    """No date but that in the address."""
    form = town.one(
        "/{:%Y-%m/%d}/c_{}.htm", "/n2/{:%Y/%m%d}/c340887-{}.html", "./{:%Y%m}/t{:%Y%m%d}_{}.html", "/{:%Y%m%d}/i{}.html"
    )
    for row in town.rows:
        values = (row.moment, row.moment, row.number) if form.count("{") == 3 else (row.moment, row.number)
        row.href, row.published = form.format(*values), row.moment.replace(hour=0, minute=0, second=0)
    tag = town.one("li", "dd", "h4", "td")
    rows = [f"<{tag}>{link(town, row)}</{tag}>" for row in town.rows]
    if tag == "td":
        rows = [f"<tr>{row}</tr>" for row in rows]
    return (
        f"<{town.one('div', 'table') if tag == 'td' else 'div'}>{''.join(rows)}</{'table' if tag == 'td' else 'div'}>"
    )


def spans_in_link(town: Town) -> str:
    """Title and date as spans, or one bare, within the link."""
    style = town.one("spans", "bare title", "title then date", "bare both")
    out = []
    for row in town.rows:
        words = escape(row.title)
        inner = {
            "spans": f"<span class='title'>{words}</span><span class='data'>{row.date}</span>",
            "bare title": f"{words}<span class='time'>{row.date}</span>",
            "title then date": f"<em>{row.date}</em><p>{words}</p>",
            "bare both": f"<i>·</i><span>{words}</span><font>{row.date}</font>",
        }[style]
        out.append(f"<li>{link(town, row, inner)}</li>")
    return f"<ul class='{town.one('commonList', 'article-list list-unstyled')}'>{''.join(out)}</ul>"


def columned(town: Town) -> str:
    """A column's link before each title, and an office behind the date."""
    wrap = town.one("[{}]", "【{}】", "{} | ", "<b>{}</b>")
    out = []
    for row in town.rows:
        column = wrap.format(
            f"<a href='/lm/{row.number % 4}/'>{town.one('部门信息', '乡镇动态', '县区要闻') if town.tongue != 'en' else 'Local News'}</a>"
        )
        office = f"<span class='bm'>{town.one('县府办', '广电台')}</span>" if town.chance(1) else ""
        out.append(f"<li>{column} {link(town, row)} <span class='rq'>{row.date}</span>{office}</li>")
    return f"<ul>{''.join(out)}</ul>"


def log(town: Town) -> str:
    """As a blog writes it: header, entry-meta with author, categories and comments, summary."""
    out = []
    for row in town.rows:
        row.published = row.moment
        shown = f"{row.moment:%B %d, %Y}" if town.tongue == "en" else f"{row.moment:%Y年%m月%d日}"
        out.append(
            f"<article class='post type-post'><header><h2 class='entry-title'><a rel=bookmark href='{row.href}'>{escape(row.title)}</a></h2>"
            f"<div class='entry-meta'><a href='/{row.number}#date'><time class='entry-date' datetime='{row.moment.isoformat()}'>{shown}</time></a>"
            f" by <a href='/author/lin/'>lin</a> <a href='{row.href}#respond'>{'Leave a comment' if town.tongue == 'en' else '发表评论'}</a></div></header>"
            f"<div class='entry-summary'><p>{TELLING_EN if town.tongue == 'en' else TELLING} <a class='more-link' href='{row.href}'>…</a></p></div></article>"
        )
    return f"<main>{''.join(out)}</main>"


def head_story(town: Town) -> str:
    """A top story apart from the list, with a summary; it may be taken or not."""
    href = f"/top/{town.rows[0].number}9.html"
    town.optional.append(href)
    top = f"<div class='tt'><h2><a href='{href}'>{escape(title_in(town.tongue, town.dice))}</a></h2><p>{TELLING}</p></div>"
    return top + lines(town)


def blocks(town: Town) -> str:
    """The rows in several lists of one make, five to each."""
    rows = [f"<li>{link(town, row)}<span>{row.date}</span></li>" for row in town.rows]
    groups = ["".join(rows[at : at + 5]) for at in range(0, len(rows), 5)]
    return "<div class='lbx'>" + "<div class='hr'></div>".join(f"<ul>{one}</ul>" for one in groups) + "</div>"


LISTS: dict[str, Callable[[Town], str]] = {
    "lines": lines,
    "grid": grid,
    "ul each": ul_each,
    "lines 2": lines,
    "table apiece": table_apiece,
    "cards": cards,
    "leaves": leaves,
    "bare": bare,
    "e-paper": epaper,
    "address only": address_only,
    "spans in link": spans_in_link,
    "columned": columned,
    "log": log,
    "head story": head_story,
    "blocks": blocks,
    "lines 3": lines,
}
