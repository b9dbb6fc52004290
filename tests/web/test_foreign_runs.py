"""Runs of Chinese within texts of other languages are marked, whole runs at a time and nothing else."""

from __future__ import annotations

import pytest

from feedhub.model.safehtml import make_safe
from feedhub.web.bodies import for_page
from feedhub.web.foreign_runs import marked


@pytest.mark.parametrize(
    ("text", "around", "shown"),
    [
        ("The river (湘江) rises", "en", 'The river (<span lang="zh">湘江</span>) rises'),
        ("“雁城”、衡阳 & more", "en", '“<span lang="zh">雁城”、衡阳</span> &amp; more'),
        ("<b>雁</b>", "en", '&lt;b&gt;<span lang="zh">雁</span>&lt;/b&gt;'),
        ("湘江 river", "zh-CN", "湘江 river"),
        ("東京タワー", "en", "東京タワー"),
        ("plain", None, "plain"),
        ("𠀀𪚥", "en", '<span lang="zh">𠀀𪚥</span>'),
    ],
)
def test_runs(text: str, around: str | None, shown: str) -> None:
    assert str(marked(text, around)) == shown


def test_a_body_keeps_its_markup() -> None:
    html = make_safe('<p title="湘江">The 湘江 &amp; <em>the 雁城</em> <a href="http://a.example/湘">x</a></p>')
    shown = str(for_page(html, language="en"))
    assert shown.count('<span lang="zh">') == 2
    assert '<em>the <span lang="zh">雁城</span></em>' in shown
    assert str(for_page(html, language="zh")).count("<span") == 0
