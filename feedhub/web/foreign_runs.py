"""Runs of Chinese in a text of another language get their own `lang`, so that a screen reader changes its voice.

What holds kana or hangul is left as it is: those characters are not Chinese there.
"""

from __future__ import annotations

import re

from markupsafe import Markup, escape

_CHARACTER = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_BETWEEN = "\u00b7\u2014\u2018-\u201d\u2026\u3001-\u3003\u3008-\u3011\uff01-\uff0f\uff1a-\uff1f"
_RUN = re.compile(f"[{_CHARACTER}](?:[{_BETWEEN}]*[{_CHARACTER}])*")
_OTHER_SCRIPTS = re.compile("[\u3040-\u30ff\u1100-\u11ff\uac00-\ud7af]")


def is_chinese_tag(language: str | None) -> bool:
    """Whether a language tag says Chinese, of whatever region and script."""
    return (language or "").lower().split("-")[0] == "zh"


def has_chinese(text: str) -> bool:
    """Whether a run of Chinese stands in the text."""
    return _RUN.search(text) is not None and _OTHER_SCRIPTS.search(text) is None


def mark_runs(markup: str, around: str | None) -> str:
    """Escaped text with its runs of Chinese marked; as it is where the language around is Chinese already."""
    if is_chinese_tag(around) or not has_chinese(markup):
        return markup
    return _RUN.sub(lambda run: f'<span lang="zh">{run[0]}</span>', markup)


def marked(text: str, around: str | None) -> Markup:
    """Plain text as markup, its runs of Chinese marked."""
    return Markup(mark_runs(str(escape(text)), around))  # noqa: S704  escaped, and only marks are put in
