"""The few sentences that feeds say by themselves, in English and Chinese, and what stands for a missing text.

Nothing is invented (SEMANTICS 8): an excerpt is cut from the text, and where the full text is not here the
item says where it is. Articles come in as `presentable` leaves them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from html import escape

from feedhub.basics.dates import zone
from feedhub.basics.text import cut, one_line, plain_text
from feedhub.basics.urls import web_url
from feedhub.model.article import Article, Attribution
from feedhub.model.question_text import question_words
from feedhub.model.safehtml import make_safe
from feedhub.model.section import ALL, Portal, Section, lineage
from feedhub.publish.lengths import cut_at_paragraph

EXCERPT = 300


def title_of(article: Article) -> str:
    """The title; the beginning of the text, else the day, for an article that came without one."""
    return article.title or cut(plain_text(article.html or ""), 60) or f"{article.published:%Y-%m-%d}"


def summary_of(article: Article) -> str:
    """The plain summary as given, else an excerpt of the text; empty when there is neither."""
    return article.summary or cut(plain_text(article.html or ""), EXCERPT)


def body_of(article: Article, link: str) -> str:
    """The text as HTML; where it is not here, the summary and a sentence that says where it is.

    `link` is the article's page, for an article that names no other address.
    """
    if article.html:
        return text_of(article)
    summary = f"<p>{escape(article.summary, quote=False)}</p>" if article.summary else ""
    return summary + _whereabouts(article, link) + _notes_in_html(article)


def text_of(article: Article) -> str:
    """The text as HTML, and below it what corrections changed; empty when the full text is not here."""
    return article.html + _notes_in_html(article) if article.html else ""


def shortened(article: Article, link: str, most: int) -> Article:
    """The article with at most `most` characters of its text: cut at a paragraph, with a link to the whole."""
    if not article.html or (html := cut_at_paragraph(article.html, most)) == article.html:
        return article
    said = "全文：" if _is_chinese(article.language) else "The text goes on here: "
    anchor = f'<a href="{escape(link)}">{escape(title_of(article), quote=False)}</a>'
    return replace(article, html=make_safe(f"{html}<p>{said}{anchor}</p>"), summary=summary_of(article))


def correction_notes(article: Article) -> list[str]:
    """What each correction changed, a plain sentence each, oldest first."""
    told = "{:%Y-%m-%d}更正：{}" if _is_chinese(article.language) else "Corrected on {:%Y-%m-%d}: {}"
    return [told.format(one.at, one.note) for one in article.corrections]


def _notes_in_html(article: Article) -> str:
    return "".join(f"<p><em>{escape(note, quote=False)}</em></p>" for note in correction_notes(article))


def _whereabouts(article: Article, link: str) -> str:
    chinese = _is_chinese(article.language)
    said = (article.source.label, f"{article.published:%Y-%m-%d}")
    facts = escape(("，" if chinese else ", ").join(part for part in said if part), quote=False)
    target = article.source_url or article.url
    anchor = f'<a href="{escape(target or link)}">{escape(title_of(article), quote=False)}</a>'
    if chinese:
        return f"<p>{'全文' if target else '仅有标题'}：{anchor}（{facts}）。</p>"
    return f"<p>{'Full text' if target else 'Only the title is here'}: {anchor} ({facts}).</p>"


def section_title(section: Section, language: str) -> str:
    """The section's name in that language, as far as it has one."""
    return (section.title_zh if _is_chinese(language) else None) or section.title


def licence_url(licence: str | None) -> str | None:
    """The address of a licence: itself, or that of a Creative Commons licence by its short name; else None."""
    if licence is None or (address := web_url(licence)) is not None:
        return address if licence else None
    if re.fullmatch(r"CC0(?:[ -]1\.0)?", licence, re.I):
        return "https://creativecommons.org/publicdomain/zero/1.0/"
    found = re.fullmatch(r"CC[ -](BY(?:-(?:NC-SA|NC-ND|NC|ND|SA))?)[ -](\d\.\d)", licence, re.I)
    return f"https://creativecommons.org/licenses/{found[1].lower()}/{found[2]}/" if found else None


def withdrawn_title(language: str) -> str:
    """What stands for the title of a withdrawn article."""
    return "已撤稿" if _is_chinese(language) else "Withdrawn"


def notice_of(article: Article) -> Article:
    """What stands in feeds for a withdrawn article: its ids, link, language and dates, and one sentence."""
    chinese = _is_chinese(article.language)
    at = (article.withdrawn_at or article.updated).astimezone(article.updated.tzinfo)
    said = f"此文已于{at:%Y-%m-%d}撤稿" if chinese else f"This article was withdrawn on {at:%Y-%m-%d}"
    reason = one_line(article.withdrawn_reason or "").rstrip(".。")
    told = f"{said}{'：' if chinese else ': '}{reason}" if reason else said
    return Article(
        id=article.id, public_id=article.public_id, title=withdrawn_title(article.language), sections=article.sections,
        language=article.language, published=article.published, precision=article.precision, updated=article.updated,
        html=make_safe(f"<p>{escape(told, quote=False)}{'。' if chinese else '.'}</p>"), source=Attribution(None),
        url=article.url, state=article.state, seq=article.seq,
    )  # fmt: skip


def feed_title(portal: Portal, section: Section, language: str) -> str:
    """`Local - Hengyang`: the section's name, then the portal's."""
    return one_line(f"{section_title(section, language)} - {portal.title}")


def feed_description(portal: Portal, section: Section, language: str) -> str:
    """One sentence that names the section with all it hangs under."""
    if section.question is not None:
        return search_description(portal, question_words(section.question, portal, zone(portal.time_zone)))
    chinese = _is_chinese(language)
    known = portal.sections()
    names = [section_title(known.get(node, section), language) for node in reversed(lineage(section.id)) if node != ALL]
    if not names:
        return f"{portal.name}的全部文章。" if chinese else f"All articles of {one_line(portal.name)}."
    path = one_line(" › ".join(names))
    name = one_line(portal.name)
    return f"{name}“{path}”栏目的最新文章。" if chinese else f"The newest articles of {name} in {path}."


def search_title(portal: Portal, words: str) -> str:
    """`湘江 · Local - Hengyang`: what was asked, then the portal's name."""
    return one_line(f"{words or 'Everything'} - {portal.title}")


def search_description(portal: Portal, words: str) -> str:
    """One sentence that says what was asked."""
    return one_line(f"The newest articles of {portal.name} that answer: {words}." if words else portal.title)


def _is_chinese(language: str) -> bool:
    return language.lower().split("-")[0] == "zh"
