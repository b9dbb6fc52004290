"""`/widget.js` in a real browser on pages of another origin: strict policy, loud style, hostile feed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.kit import LOCAL
from tests.web.conftest import Running

WIDGET = Path(__file__).resolve().parents[2] / "feedhub" / "web" / "static" / "widget.js"
LOUD = (
    "* { color: rgb(255, 0, 0) !important; font-size: 40px !important; } div { display: none } a { background: lime }"
)
HOSTILE = {
    "title": "<img src=x onerror=\"top.struck='title'\">",
    "home_page_url": "javascript:top.struck='home'",
    "items": [
        None,
        {"title": "<script>top.struck='script'</script>", "url": "javascript:top.struck='url'//http://a.example/"},
        {"title": "data", "url": "data:text/html,<script>parent.struck='data'</script>"},
        {"title": "upper", "url": " \tJaVaScRiPt:top.struck='upper'", "language": '"><script>'},
        {"title": {"toString": 1}, "url": ["http://b.example/"], "date_published": 7, "summary": "<b>bold</b>"},
        {
            "title": "x" * 5000,
            "url": "http://c.example/?<script>",
            "date_published": "2026-11-21T00:00:00+08:00<script>",
        },
        {"title": "</style><style>*{display:none}</style>", "external_url": "ftp://d.example/"},
    ],
}

Answers = dict[str, tuple[str, str, dict[str, str]]]
SHOWN = """() => {
  const host = [...document.querySelectorAll('*')].find(node => node.shadowRoot);
  return host && host.shadowRoot.querySelector('section:not([aria-busy])') ? host.shadowRoot.textContent : null;
}"""
IN = "const root = [...document.querySelectorAll('*')].find(node => node.shadowRoot).shadowRoot; return "


def in_widget(page: Any, expression: str) -> Any:
    return page.evaluate(f"() => {{ {IN}{expression}; }}")


@pytest.fixture
def origin() -> Iterator[Callable[[Answers], str]]:
    """`origin({path: (type, body, headers)})` is the address of one more origin on loopback."""
    servers: list[ThreadingHTTPServer] = []

    def begin(answers: Answers) -> str:
        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                kind, body, headers = answers.get(self.path.partition("?")[0], ("text/plain", "nothing", {}))
                self.send_response(200)
                for name, value in {"Content-Type": kind, **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *words: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


def a_page(script: str, *, style: str = "", policy: str = "") -> Answers:
    sheet = f"<style>{style}</style>" if style else ""
    body = f"<!doctype html><html lang='en'><title>Elsewhere</title>{sheet}<body><p>Mine</p>{script}"
    return {"/": ("text/html; charset=utf-8", body, {"Content-Security-Policy": policy} if policy else {})}


def test_it_shows_a_section_under_a_strict_policy(
    running: Running, origin: Callable[[Answers], str], chromium: Any
) -> None:
    ours = running.site.portal.base_url
    policy = f"default-src 'none'; script-src {ours}; connect-src {ours}; require-trusted-types-for 'script'"
    script = f"<script async src='{ours}/widget.js' data-section='{LOCAL}' data-count='3' data-theme='dark'></script>"
    page = chromium.new_page()
    troubles: list[str] = []
    asked: list[Any] = []
    page.on("console", lambda line: troubles.append(line.text) if "favicon" not in line.text else None)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda request: asked.append(request))
    page.goto(origin(a_page(script, policy=policy)))
    page.wait_for_function(SHOWN)
    assert [in_widget(page, f"root.querySelectorAll('li a')[{n}].textContent") for n in range(3)] == [
        "湘江边的雁城", "Title n00", "Title n01"
    ]  # fmt: skip
    assert in_widget(page, "root.querySelectorAll('li').length") == 3
    assert in_widget(page, "root.querySelector('li').lang") == "zh"
    assert in_widget(page, "root.querySelector('li time').textContent") == "2026-11-21"
    assert in_widget(page, "getComputedStyle(root.querySelector('section')).backgroundColor") == "rgb(26, 36, 40)"
    assert not troubles
    for request in asked[1:]:
        assert request.url.startswith(ours)
        assert "cookie" not in request.headers
    assert asked[-1].url == f"{ours}/json/{LOCAL}.json?limit=3"
    assert not asked[-1].headers.get("referer")
    page.close()


def test_a_hostile_feed_does_nothing(origin: Callable[[Answers], str], chromium: Any) -> None:
    theirs = origin(
        {
            "/widget.js": ("text/javascript", WIDGET.read_text(), {}),
            "/json/all.json": ("application/feed+json", json.dumps(HOSTILE), {"Access-Control-Allow-Origin": "*"}),
        }
    )
    page = chromium.new_page()
    page.goto(origin(a_page(f"<script src='{theirs}/widget.js' data-count=20 data-summary></script>")))
    page.wait_for_function(SHOWN)
    assert in_widget(page, "[...root.querySelectorAll('*')].map(node => node.localName).sort().join(' ')").split() == (
        ["a"] * 2 + ["li"] * 6 + ["p"] * 3 + ["section"] + ["span"] * 5 + ["time"] + ["ul"]
    )
    assert in_widget(page, "[...root.querySelectorAll('a')].map(link => link.href)") == [
        "http://b.example/", "http://c.example/?%3Cscript%3E"
    ]  # fmt: skip
    assert "<script>top.struck='script'</script>" in in_widget(page, "root.textContent")
    for number in range(in_widget(page, "root.querySelectorAll('span').length")):
        in_widget(page, f"root.querySelectorAll('span')[{number}].click()")
    page.wait_for_timeout(100)
    assert page.evaluate("window.struck") is None
    assert page.evaluate("document.querySelectorAll('script').length") == 1
    page.close()


def test_the_pages_style_stays_outside_and_ours_inside(
    running: Running, origin: Callable[[Answers], str], chromium: Any
) -> None:
    ours = running.site.portal.base_url
    page = chromium.new_page(color_scheme="light")
    page.goto(origin(a_page(f"<script src='{ours}/widget.js' data-section='life/health'></script>", style=LOUD)))
    page.wait_for_function(SHOWN)
    look = "(({color, fontSize, display, backgroundColor}) => [color, fontSize, display, backgroundColor])"
    assert in_widget(page, f"{look}(getComputedStyle(root.querySelector('li a')))") == [
        "rgb(11, 85, 104)", "16px", "inline-block", "rgba(0, 0, 0, 0)"
    ]  # fmt: skip
    assert in_widget(page, "getComputedStyle(root.host).display") == "block"
    assert in_widget(page, "root.host.getBoundingClientRect().height > 60")
    assert page.evaluate("getComputedStyle(document.querySelector('p')).fontSize") == "40px"
    page.close()


def test_what_cannot_be_shown_leads_to_its_page(
    running: Running, origin: Callable[[Answers], str], chromium: Any
) -> None:
    ours = running.site.portal.base_url
    page = chromium.new_page()
    script = (
        f"<div id='here'>old</div><script src='{ours}/widget.js' data-section='../no/<b>/' data-into='here'></script>"
    )
    page.goto(origin(a_page(script)))
    page.wait_for_function(SHOWN)
    assert in_widget(page, "root.host.parentNode.id") == "here"
    assert in_widget(page, "root.textContent") == "The articles cannot be shown here: read them on their site"
    assert in_widget(page, "root.querySelector('a').href") == f"{ours}/sections/no/%3Cb%3E/"
    page.close()


def test_the_frame_is_shown_elsewhere_and_no_other_page_is(
    running: Running, origin: Callable[[Answers], str], chromium: Any
) -> None:
    ours = running.site.portal.base_url
    page = chromium.new_page()
    page.goto(origin(a_page(f"<iframe src='{ours}/embed/{LOCAL}'></iframe><iframe src='{ours}/rss/'></iframe>")))
    embedded, refused = (frame for frame in page.frames if frame is not page.main_frame)
    assert embedded.locator("a.headline").count() == 5
    assert refused.url == "chrome-error://chromewebdata/"
    page.close()
