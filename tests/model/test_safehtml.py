"""The one maker of SafeHtml: nothing live comes out, whatever went in (PROMISES B2, B3 48)."""

from __future__ import annotations

import ast
import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html as lxml_html

from feedhub.model.safehtml import DEEPEST, LONGEST, make_safe, safe_paragraphs
from tests.promises.tokenizer import TOKENIZER

VECTORS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<math><mi xlink:href='javascript:alert(1)'>x</mi></math>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href=' &#1;javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<form action='javascript:alert(1)'><button formaction='javascript:alert(1)'>x</button></form>",
    "<base href='http://evil.example/'><meta http-equiv=refresh content='0;url=http://evil.example/'>",
    "<style>*{position:fixed}</style><p style='position:fixed' id=a class=b name=c>x</p>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--a--!><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template><xmp><script>alert(1)</script></xmp>",
    "<plaintext><script>alert(1)</script>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "<object data='javascript:alert(1)'></object><embed src='javascript:alert(1)'>",
    "<![CDATA[<script>alert(1)</script>]]><?php echo 1 ?>",
    "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
    "<table background='javascript:alert(1)'><td background='javascript:alert(1)'>x</td></table>",
]
LIVE = {
    "script",
    "svg",
    "math",
    "iframe",
    "object",
    "embed",
    "form",
    "style",
    "base",
    "meta",
    "link",
    "template",
    "noscript",
}


def assert_dead(markup: str) -> None:
    tree = lxml_html.fragment_fromstring(markup, create_parent="div")
    for node in tree.iter():
        assert isinstance(node.tag, str), "a comment or processing instruction"
        assert node.tag not in LIVE
        for name, value in node.attrib.items():
            assert not name.startswith("on")
            assert name not in ("style", "id", "class", "name", "srcdoc", "formaction")
            if name in ("href", "src", "cite"):
                assert value.startswith(("http://", "https://", "mailto:")), value


@pytest.mark.parametrize("vector", VECTORS)
def test_known_vectors(vector: str) -> None:
    assert_dead(make_safe(f"<p>before</p>{vector}<p>after", "http://base.example/"))


@pytest.mark.parametrize("vector", TOKENIZER)
def test_every_state_of_the_tokenizer(vector: str) -> None:
    safe = make_safe(f"<p>before</p>{vector}", "http://base.example/")
    assert_dead(safe)
    assert make_safe(safe, "http://base.example/") == safe


def test_the_corpus_of_attacks(material: Path) -> None:
    lines = (material / "corpus" / "xss" / "dompurify.jsonl").read_text("utf-8").splitlines()
    assert len(lines) > 100
    for line in lines:
        for value in json.loads(line).values():
            if isinstance(value, str):
                assert_dead(make_safe(value, "http://base.example/"))


PIECES = [*VECTORS, *TOKENIZER, *"<p> </p> <b> <table><tr><td> &amp; 衡阳 < >".split(), "<a href='/x'>", "\x00", '"']
SOUP = st.lists(st.sampled_from(PIECES)).map("".join)


@settings(max_examples=300)
@given(SOUP)
def test_clean_twice_is_clean_once(markup: str) -> None:
    assert_settled(markup)


@pytest.mark.long
@settings(max_examples=10_000, deadline=None)
@given(SOUP)
def test_clean_twice_is_clean_once_ten_thousand_times(markup: str) -> None:
    assert_settled(markup)


def assert_settled(markup: str) -> None:
    once = make_safe(markup, "http://base.example/")
    assert make_safe(once, "http://base.example/") == once
    assert_dead(once)


@pytest.mark.parametrize("frame", ["<iframe src='//x.example/'/>", "<iframe src=x>", "<OBJECT data=x>", "<object/>"])
def test_a_frame_that_is_never_closed_takes_nothing_with_it(frame: str) -> None:
    assert "after it" in make_safe(f"<p>before{frame} after it</p>")
    assert make_safe(f"a<scr{frame}ipt>alert(1)</script>b").count("alert") <= 1
    assert_dead(make_safe(f"a<scr{frame}ipt>alert(1)</script>b<im{frame}g src=x onerror=alert(1)>"))
    assert "inside" not in make_safe(f"<p>x{frame}<iframe>inside</iframe><object>inside</object>y")


def test_what_readers_need_stays() -> None:
    markup = (
        '<h2>T</h2><p lang="zh">衡阳 <a href="/x">l</a> <img src="i.png" alt="a" width="10"></p><ul><li>1<li>2</ul>'
    )
    out = make_safe(markup, "https://b.example/d/")
    assert 'href="https://b.example/x"' in out
    assert 'src="https://b.example/d/i.png"' in out
    assert 'lang="zh"' in out
    assert out.count("<li>") == 2


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 200_000,
        "<b>" * 100_000,
        "<!--" * 40_000,
        "<a " + "x=1 " * 200_000 + ">",
        "<" + "d" * 5_000_000,
        "<p>" * 300_000,
    ],
    ids=["div", "b", "comments", "attributes", "tag name", "p"],
)
def test_nothing_takes_long(markup: str) -> None:
    start = time.process_time()  # of this work alone: the machine may be busy with others
    assert_dead(make_safe(markup) or "x")
    assert time.process_time() - start < 3


def test_bounds_are_kept_without_breaking_what_is_sane() -> None:
    assert len(make_safe("<p>word </p>" * LONGEST)) <= 2 * LONGEST
    assert make_safe("<p>one" * (DEEPEST * 3)).count("<p>") == DEEPEST * 3, (
        "paragraphs that are never closed are not deep"
    )
    assert "<div>" not in make_safe("<div>" * (DEEPEST + 1) + "x")


def test_text_becomes_paragraphs() -> None:
    assert safe_paragraphs("a <b> & c\n\n\n衡阳\x0b") == "<p>a &lt;b&gt; &amp; c</p><p>衡阳</p>"


def test_nobody_else_makes_safe_html() -> None:
    """Only its maker, the store for what the maker made, and publish, which takes characters out of it."""
    root = Path(__file__).parents[2] / "feedhub"
    callers = {
        str(path.relative_to(root))
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "SafeHtml"
    }
    assert callers <= {"model/safehtml.py", "store/article_rows.py", "publish/presentable.py"}, callers
