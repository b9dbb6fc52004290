"""The interface's words in English and Chinese: templates say them in English, the catalogue has the Chinese.

`_("{n} articles", n=3)` in a template is the English text itself, or its line in CHINESE. A test finds every text that
the templates say and that has no line here. Which language a page is in: its address, else the portal's own language.
"""

from __future__ import annotations

from flask import g, has_request_context
from markupsafe import Markup

CHINESE = {
    # the embedded list
    "No articles yet. They appear here as soon as the first one is published.": "暂无文章，首篇发布后即在此显示。",
    "There is no such section any more.": "该栏目已不存在。",
    "The articles cannot be shown at this moment.": "文章暂时无法显示。",
    "Read on at {portal}": "前往{portal}阅读",
}


def interface_of(tag: str | None) -> str:
    """The interface language that suits a language tag: `zh` for every Chinese, `en` for all that is not here."""
    return "zh" if (tag or "").lower().split("-")[0] == "zh" else "en"


def set_interface(tag: str | None) -> None:
    """The rest of this request speaks that language."""
    g.interface = interface_of(tag)


def interface(portal_language: str) -> str:
    """The language of this request's page: `en` or `zh`."""
    chosen: str | None = g.get("interface") if has_request_context() else None
    return chosen or interface_of(portal_language)


def say(text: str, language: str, **values: object) -> Markup:
    """The text in that language, its values escaped; the text itself is ours and may hold markup."""
    words = CHINESE.get(text, text) if language == "zh" else text
    return Markup(words).format(**values)  # noqa: S704  both are texts of the program
