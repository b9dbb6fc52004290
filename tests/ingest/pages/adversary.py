"""Pages that the recogniser was not written for, with their answers: every page is put together from independent parts.

`a_hard_page(seed)` draws a way to write rows, dates, links, pagers and what stands around, each by itself, where the
first generator has whole forms. Kept apart from that one: no word, class or row is shared. Facts about shapes are those
of Chinese government sites; all texts are made up.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from tests.ingest.pages.adversary_around import above, around, below, pager
from tests.ingest.pages.adversary_words import title_in
from tests.ingest.pages.generator import Labelled, Page

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
DAY_FORMS = (
    "%Y-%m-%d %Y-%m-%d %Y-%m-%d %Y/%m/%d %Y.%m.%d %Y年%m月%d日 %Y-%m-%d_%H:%M %Y-%m-%d_%H:%M:%S %m-%d %m-%d %m/%d %m月%d日 %y-%m-%d"
).split()
ENGLISH_FORMS = "%Y-%m-%d %B_%d,_%Y %b_%d,_%Y %d_%b_%Y %d/%m/%Y %Y-%m-%d_%H:%M:%S %A,_%B_%d,_%Y".split()
BRACKETS = (
    "{}",
    "{}",
    "{}",
    "{}",
    "[{}]",
    "({})",
    "（{}）",
    "【{}】",
    "〔{}〕",
    "[ {} ]",
    "{}&nbsp;",
    "&nbsp;&nbsp;{}",
)
ADDRESSES = (
    "./{m:%Y%m}/t{m:%Y%m%d}_{n}.html",
    "../../zfxx/{m:%Y%m}/t{m:%Y%m%d}_{n}.shtml",
    "/art/{m.year}/{m.month}/{m.day}/art_88_{n}.html",
    "/xxgk/{n}/content.jhtml",
    "show.php?contentid={n}",
    "{host}/system/{m:%Y/%m/%d}/{n}.shtml",
    "//{bare}/p/{n}.html",
    "../info/1032/{n}.htm",
    "c{n}/part/{n}.htm",
    "/?p={n}&amp;lm=3",
)


@dataclass(slots=True)
class Row:
    """An item as it will be written."""

    title: str
    moment: datetime
    number: int
    href: str = ""
    date: str = ""
    published: datetime | None = None


class Town:
    """One page's dice, language, zone and address."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(f"town {seed}")
        self.tongue = self.one("zh", "zh", "zh", "zh", "zh", "zh", "en", "tw")
        self.zone = "Asia/Taipei" if self.tongue == "tw" else "Asia/Shanghai"
        self.host = self.one("http://www.qingshan.example", "https://zwgk.baihe.example", "http://yunxi.example:8080")
        if self.tongue == "tw":
            self.host = "https://www.songjiang.gov.tw"
        self.url = self.host + self.one(
            "/xwdt/zwyw/", "/xwdt/zwyw/index.shtml", "/a/list_12.html", "/cms/web/list.do?cid=31"
        )
        self.rows: list[Row] = []
        self.optional: list[str] = []

    def one(self, *choices: str) -> str:
        return self.dice.choice(choices)

    def chance(self, share: float) -> bool:
        return self.dice.random() < share

    def draw(self) -> None:
        """The items of the page: newest first, some of a whole year, a few with the same title."""
        zone = ZoneInfo(self.zone)
        moment = NOW.astimezone(zone) - timedelta(
            days=self.dice.choice([0, 0, 1, 3, 40]), minutes=self.dice.randint(1, 500)
        )
        step = self.dice.choice([120, 900, 2000, 20000])
        number = self.dice.randint(10_000, 4_000_000)
        for _ in range(self.dice.choice([5, 6, 8, 10, 12, 15, 15, 20, 20, 25, 30, 50])):
            title = title_in(self.tongue, self.dice)
            if any(row.title == title for row in self.rows) and self.chance(0.8):
                continue
            self.rows.append(Row(title, moment.replace(second=7, microsecond=0), number))
            moment -= timedelta(minutes=self.dice.randint(step // 4, step))
            number -= self.dice.randint(1, 900)

    def address(self) -> None:
        form = self.dice.choice(ADDRESSES)
        for row in self.rows:
            row.href = form.format(m=row.moment, n=row.number, host=self.host, bare=self.host.partition("//")[2])
        if self.chance(0.15):
            for row in self.rows[2::6]:
                row.href = f"https://mp.weixin.example/s/{row.number}abc"

    def within_a_year(self) -> None:
        """A date without a year means the last such day."""
        oldest = self.rows[0].moment - timedelta(days=300)
        self.rows = [row for row in self.rows if row.moment > oldest]

    def write_dates(self, form: str) -> None:
        form = form.replace("_", " ")
        bracket = self.dice.choice(BRACKETS)
        bare = form.startswith("%m") or form in ("%d/%m/%Y",)
        short = self.chance(0.2) and not bare
        for row in self.rows:
            day = row.moment.replace(hour=0, minute=0, second=0)
            row.published = day
            if "%H" in form:
                row.published = row.moment if "%S" in form else row.moment.replace(second=0)
            text = f"{row.moment:{form}}"
            if short:
                text = text.replace("-0", "-").replace("/0", "/").replace("月0", "月")
            row.date = bracket.format(text)

    def tell_ago(self) -> None:
        """The newest dates as spans, the older ones as days."""
        here = NOW.astimezone(ZoneInfo(self.zone))
        for row in self.rows:
            minutes = int((here - row.moment).total_seconds() // 60)
            row.published = row.moment.replace(hour=0, minute=0, second=0)
            row.date = f"{row.moment:%Y-%m-%d}"
            if minutes < 60:
                row.date, row.published = f"{minutes}分钟前", here - timedelta(minutes=minutes)
            elif row.moment.date() == here.date():
                row.date, row.published = f"{minutes // 60}小时前", here - timedelta(hours=minutes // 60)
            elif row.moment.date() == here.date() - timedelta(days=1):
                row.date, row.published = f"昨天 {row.moment:%H:%M}", row.moment.replace(second=0)


def a_hard_page(seed: int) -> Page:
    """The page of a seed; the same seed always gives the same bytes."""
    from tests.ingest.pages.adversary_rows import LISTS

    town = Town(seed)
    town.draw()
    town.address()
    english = town.tongue == "en"
    form = town.one(*(ENGLISH_FORMS if english else DAY_FORMS))
    if "%Y" not in form and "%y" not in form:
        town.within_a_year()
    town.write_dates(form)
    if town.chance(0.06) and not english:
        town.tell_ago()
    names = list(LISTS)
    name = names[seed % len(names)]
    made = LISTS[name](town)
    paging, following = pager(town)
    if name == "e-paper":
        paging, following = "", None
    title = "News" if english else town.one("政务要闻", "通知公告 - 青山县人民政府", "工作信息")
    charset, told, head = _charset(town)
    body = (
        f"{town.one('<!DOCTYPE html>', '')}<html><head>{head}<title>{title}</title>{town.one('', '<style>.a{color:red}</style>')}"
        f"</head><body>{above(town)}{around(town, made + paging)}{below(town)}</body></html>"
    )
    labels = tuple(
        Labelled(row.title, urljoin(town.url, row.href.replace("&amp;", "&")), row.published or row.moment)
        for row in town.rows
    )
    encoded = body.encode("gb18030" if charset in ("gbk", "gb2312") else charset, "xmlcharrefreplace")
    if told == "bom":
        encoded = b"\xef\xbb\xbf" + encoded
    return Page(
        seed, name, town.url, encoded, head_of(told, charset), labels,
        urljoin(town.url, following) if following else None,
        charset="gb18030" if charset in ("gbk", "gb2312") else charset,
        zone=town.zone,
        optional=tuple(urljoin(town.url, one) for one in town.optional),
    )  # fmt: skip


def _charset(town: Town) -> tuple[str, str, str]:
    """The charset of the bytes, where it is told (or lied about), and the meta element."""
    charset = {"zh": town.one("utf-8", "utf-8", "gbk", "gb2312"), "en": "utf-8", "tw": town.one("utf-8", "big5")}[
        town.tongue
    ]
    told = town.one("meta", "meta", "http", "both", "nowhere", "lie", "bom" if charset == "utf-8" else "meta")
    label = charset
    if told == "lie" and town.tongue == "zh":
        label = "utf-8" if charset != "utf-8" else "gb2312"
    meta = town.one(f'<meta charset="{label}">', f'<META content="text/html; charset={label}" http-equiv=Content-Type>')
    return charset, told, meta if told in ("meta", "both", "lie") else ""


def head_of(told: str, charset: str) -> str:
    """The Content-Type header."""
    return f"text/html;charset={charset.upper()}" if told in ("http", "both") else "text/html"
