"""The documents of the benchmark's origins: RSS 2.0, each source its own, every item a body of about 3 KB."""

from __future__ import annotations

import random
from email.utils import formatdate

ITEMS = 20
_DAY = 1_790_000_000  # a fixed instant in 2026: the same documents in every run
_WORDS = (
    "river bridge council market harvest school railway museum garden library winter festival doctor engine "
    "village mountain 衡阳 湘江 发展 新闻 city road water energy student teacher visitor open plan build grow "
    "quiet early local annual first major public new the of and in to for with from after before under over"
).split()


def host(number: int) -> str:
    """The address of a source: each has its own in 127/8."""
    return f"127.1.{number // 250}.{number % 250 + 1}"


def document(number: int, items: int = ITEMS, edition: int = 0) -> bytes:
    """One source's document; another `edition` has other items."""
    dice = random.Random(number * 1_000_003 + edition)
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">\n<channel>\n'
        f"<title>Source {number}</title>\n<link>http://{host(number)}/</link>\n<description>Number {number}"
        "</description>\n<language>en</language>\n"
        f'<atom:link href="http://{host(number)}/feed.xml" rel="self" type="application/rss+xml"/>\n'
    ]
    parts += [_item(number, place, edition, dice) for place in range(items)]
    parts.append("</channel>\n</rss>\n")
    return "".join(parts).encode("utf-8")


def _item(number: int, place: int, edition: int, dice: random.Random) -> str:
    address = f"http://{host(number)}/news/{edition}/{place}.html"
    title = " ".join(dice.choices(_WORDS, k=8)).title()
    body = "".join(f"<p>{_paragraph(dice, address)}</p>\n" for _ in range(5))
    return (
        f"<item>\n<title>{title} &amp; more</title>\n<link>{address}</link>\n"
        f'<guid isPermaLink="true">{address}</guid>\n'
        f"<pubDate>{formatdate(_DAY - place * 3600 - number * 60)}</pubDate>\n"
        f"<dc:creator>Author {place}</dc:creator>\n<category>{dice.choice(_WORDS)}</category>\n"
        f"<description>{' '.join(dice.choices(_WORDS, k=25))}</description>\n"
        f"<content:encoded><![CDATA[{body}]]></content:encoded>\n</item>\n"
    )


def _paragraph(dice: random.Random, address: str) -> str:
    words = dice.choices(_WORDS, k=84)
    words[10] = f'<a href="{address}#part" class="more" onclick="go()">{words[10]}</a>'
    words[30] = f"<strong>{words[30]}</strong>"
    words[50] = f'<img src="/pictures/{dice.randrange(10**6)}.jpg" alt="{words[50]}" style="width:100%">'
    return " ".join(words)
