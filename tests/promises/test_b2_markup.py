"""Not one script runs in a real browser, whatever a source sends, and no live markup is in any output (PROMISES B2).

Pages are opened twice: with our Content-Security-Policy, which must have nothing to report, and without it, so that
nothing depends on it. The watch itself is proved by a page that does run a script.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html
from markupsafe import Markup

from feedhub.model.safehtml import make_safe
from tests.kit import LOCAL
from tests.promises.hostile_site import hostile_site
from tests.promises.tokenizer import TOKENIZER
from tests.promises.vectors import BAD_ADDRESSES, VECTORS
from tests.web.conftest import Running

FEEDS = tuple(f"/{kind}?limit=500" for kind in (f"rss/{LOCAL}.xml", f"atom/{LOCAL}.xml", f"json/{LOCAL}.json"))
LISTS = ("/", "/rss/", "/rss/zh/", f"/sections/{LOCAL}/", f"/embed/{LOCAL}?count=20&summary=1", *FEEDS)
LIVE = frozenset(
    "script svg math iframe object embed form style base meta link template noscript applet frame frameset portal "
    "marquee input button select textarea video audio source isindex".split()
)
WATCH = """
window.__ran = [];
for (const name of ['alert', 'confirm', 'prompt', 'print', 'open'])
  window[name] = (...words) => { window.__ran.push(name + ':' + words.join(' ')); };
document.addEventListener('securitypolicyviolation', event =>
  window.__ran.push('csp:' + event.violatedDirective + ' ' + event.blockedURI));
"""
# What of a source's could still come alive later: handlers, live elements and addresses in what is no head of ours.
ALIVE = r"""tree => [...tree.querySelectorAll('*')].filter(node => {
  const handles = one => /^on/i.test(one.name) || ['srcdoc', 'formaction', 'style'].includes(one.name);
  const leads = one => /^(href|src|cite|action|data|ping|xlink:href)$/i.test(one.name)
    && !/^(https?:|mailto:|[/?#.]|\w+\.css$)/i.test(one.value.trim());
  const live = /^(script|iframe|object|embed|form|svg|math|style|base|meta|link|img)$/i.test(node.localName);
  return [...node.attributes].some(one => handles(one) || leads(one))
    || live && node.closest('article, ul, ol, table');
}).map(node => node.outerHTML.slice(0, 200))"""

# Sixteen pages at a time, each a document of its own in a frame: ten times as fast as one after the other.
IN_FRAMES = f"""async paths => {{
  const alive = {ALIVE}, ran = [], found = [];
  const show = async path => {{
    const frame = document.createElement('iframe');
    frame.srcdoc = await (await fetch(path)).text();
    const loaded = new Promise(done => {{ frame.onload = done; }});
    document.body.append(frame);
    await loaded;
    await new Promise(done => setTimeout(done, 20));
    ran.push(...frame.contentWindow.__ran.map(one => path + ' ' + one));
    found.push(...alive(frame.contentDocument).map(one => path + ' ' + one));
    frame.remove();
  }};
  for (let at = 0; at < paths.length; at += 16) await Promise.all(paths.slice(at, at + 16).map(show));
  return [ran.concat(window.__ran), found];
}}"""


@dataclass
class Seen:
    """What a browser did on some pages."""

    ran: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    alive: list[str] = field(default_factory=list)


def look(chromium: Any, running: Running, lists: Sequence[str], articles: Sequence[str], *, policy: bool) -> Seen:
    """Open pages and note everything that ran or was asked for; articles in frames where the policy is off."""
    seen = Seen()
    base = f"http://127.0.0.1:{running.port}"
    context = chromium.new_context(bypass_csp=not policy)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("dialog", lambda dialog: (seen.ran.append(f"dialog:{dialog.message}"), dialog.dismiss()))
    page.on("pageerror", lambda error: seen.ran.append(f"error:{error}"))
    page.on("console", lambda line: seen.ran.append(f"console:{line.text}") if line.type == "error" else None)
    page.on("request", lambda request: seen.asked.append(request.url) if not request.url.startswith(base) else None)
    page.on("popup", lambda popup: seen.ran.append(f"popup:{popup.url}"))
    for path in (*lists, *(articles if policy else ())):
        answer = page.goto(base + path, wait_until="load")
        assert answer.status == 200, path
        seen.ran += [f"{path} {one}" for one in page.evaluate("window.__ran || []")]
        if "/json/" not in path:
            seen.alive += [f"{path} {one}" for one in page.evaluate(f"({ALIVE})(document)")]
        assert page.url == base + path, "nothing led away from the page"
    if not policy:
        page.goto(base + "/rss/")
        ran, alive = page.evaluate(IN_FRAMES, list(articles))
        seen.ran, seen.alive = seen.ran + ran, seen.alive + alive
        assert page.url == base + "/rss/"
    context.close()
    seen.asked = [url for url in seen.asked if not url.startswith("about:")]
    return seen


def pages_of(ids: Sequence[str]) -> list[str]:
    return [f"/articles/{one}" for one in ids]


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, list[str]]]:
    with hostile_site(tmp_path_factory.mktemp("attacked"), VECTORS) as site:
        yield site


def test_there_are_enough_vectors() -> None:
    assert len(set(VECTORS)) >= 80 and len(set(BAD_ADDRESSES)) >= 12


@pytest.mark.parametrize(
    "policy", [pytest.param(True, marks=pytest.mark.long, id="with the policy"), pytest.param(False, id="without it")]
)
def test_nothing_runs_in_a_browser(attacked: tuple[Running, list[str]], chromium: Any, policy: bool) -> None:
    running, ids = attacked
    assert len(ids) == len(VECTORS)
    seen = look(chromium, running, LISTS, pages_of(ids), policy=policy)
    assert (seen.ran, seen.asked, seen.alive) == ([], [], [])


@pytest.mark.parametrize("every", [4, pytest.param(1, marks=pytest.mark.long)])
def test_nothing_of_the_corpus_runs_in_a_browser(material: Path, chromium: Any, tmp_path: Path, every: int) -> None:
    lines = (material / "corpus" / "xss" / "dompurify.jsonl").read_text("utf-8").splitlines()[::every]
    vectors = [json.loads(line)["html"] for line in lines]
    with hostile_site(tmp_path, vectors) as (running, ids):
        assert len(ids) >= len(vectors) > 100 / every
        seen = look(chromium, running, LISTS, pages_of(ids), policy=False)
    print(f"{len(vectors)} vectors, {len(ids)} articles: {len(seen.ran)} ran, {len(seen.alive)} alive")
    assert (seen.ran, seen.asked, seen.alive) == ([], [], [])


@pytest.mark.long
def test_no_state_of_the_tokenizer_runs_in_a_browser(chromium: Any, tmp_path: Path) -> None:
    with hostile_site(tmp_path, TOKENIZER) as (running, ids):
        assert len(ids) > 350  # some say the same once they are clean, and are one
        seen = look(chromium, running, LISTS, pages_of(ids), policy=False)
    assert (seen.ran, seen.asked, seen.alive) == ([], [], [])


def test_a_browser_reads_what_we_wrote_and_nothing_else(chromium: Any) -> None:
    """Written, read by a browser and written by it, markup is still the same and still dead (26)."""
    cleaned = [make_safe(one, "http://base.example/") for one in (*VECTORS, *TOKENIZER)]
    context = chromium.new_context()
    context.add_init_script(WATCH)
    page = context.new_page()
    page.route("**/*", lambda route: route.abort())
    page.set_content("<body></body>")
    again, ran = page.evaluate(
        """markup => [markup.map(one => {
             const here = document.createElement('div'); document.body.append(here);
             here.innerHTML = one; return here.innerHTML; }), window.__ran || []]""",
        cleaned,
    )
    page.wait_for_timeout(100)
    assert (ran, page.evaluate("window.__ran || []")) == ([], [])
    context.close()
    for once, back in zip(cleaned, again, strict=True):
        assert_dead(lxml_html.fragment_fromstring(back or "x", create_parent="div"), back)
        assert make_safe(back, "http://base.example/") == once


@pytest.mark.long
def test_naked_in_the_document_nothing_runs_either(chromium: Any, tmp_path: Path) -> None:
    """Markup that nobody escaped breaks the XML; what can be read of it is as dead as the rest."""
    with hostile_site(tmp_path, VECTORS, naked=True) as (running, ids):
        seen = look(chromium, running, LISTS, pages_of(ids), policy=False)
    assert (seen.ran, seen.asked, seen.alive) == ([], [], []) and ids


@pytest.mark.parametrize("policy", [True, False], ids=["with the policy", "without it"])
def test_the_watch_sees_what_does_run(
    chromium: Any, tmp_path: Path, policy: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: a body that never went through a cleaner."""
    monkeypatch.setattr(
        "feedhub.web.articles.for_page", lambda *_, **__: Markup("x<script>alert(1)</script><b onclick=1>y</b>")
    )
    with hostile_site(tmp_path, VECTORS[:3]) as (running, ids):
        seen = look(chromium, running, (), pages_of(ids[:1]), policy=policy)
    assert len(seen.alive) == 2
    assert any("csp:" in one if policy else "alert:1" in one for one in seen.ran), seen.ran


def test_no_output_carries_live_markup(attacked: tuple[Running, list[str]]) -> None:
    """Bodies of pages and feeds by an HTML parser, addresses by scheme (25, 27, 28, 34)."""
    running, ids = attacked
    for path in (f"/articles/{one}" for one in ids):
        body = lxml_html.fromstring(running.get(path).text).xpath("//article[contains(@class, 'text')]")
        assert body, path
        assert_dead(body[0], path)
    for path in FEEDS[:2]:
        document = running.get(path).body
        etree.fromstring(document)
        found = feedparser.parse(document, sanitize_html=False, resolve_relative_uris=False)
        assert len(found.entries) == len(VECTORS)
        for entry in found.entries:
            for part in (*entry.get("content", ()), entry.summary_detail):
                if part.type != "text/plain":
                    assert_dead(lxml_html.fragment_fromstring(part.value or "x", create_parent="div"), path)
            for link in (*entry.links, *entry.get("media_content", ())):
                assert (link.get("href") or link.get("url") or "http:").startswith(("http://", "https://"))
    items = json.loads(running.get(FEEDS[2]).body)["items"]
    assert len(items) == len(VECTORS)
    for item in items:
        assert_dead(lxml_html.fragment_fromstring(item.get("content_html") or "x", create_parent="div"), FEEDS[2])
        addresses = [item.get("url"), item.get("external_url"), *(a["url"] for a in item.get("attachments", ()))]
        assert all(address.startswith(("http://", "https://")) for address in addresses if address)


def assert_dead(tree: Any, where: str) -> None:
    for node in tree.iter():
        assert isinstance(node.tag, str), f"{where}: a comment or an instruction"
        assert node.tag not in LIVE, f"{where}: {node.tag}"
        for name, value in node.attrib.items():
            assert not name.startswith("on") and name not in ("srcdoc", "formaction", "style", "name"), where
            if name in ("href", "src", "cite"):
                assert value.startswith(("http://", "https://", "mailto:", "/", "?", "#")), f"{where}: {value}"


def test_no_bad_address_is_stored(attacked: tuple[Running, list[str]]) -> None:
    running, _ = attacked
    with running.store.read() as tx:
        rows = [str(row) for table in ("articles", "entries") for row in tx.exec_driver_sql(f"SELECT * FROM {table}")]
    columns = ("url", "source_url", "link")
    with running.store.read() as tx:
        for row in tx.exec_driver_sql("SELECT url, source_url FROM articles"):
            assert all(value is None or value.startswith(("http://", "https://")) for value in row), columns
    assert len(rows) == 2 * len(VECTORS)


def test_escaped_markup_is_text_in_every_output(attacked: tuple[Running, list[str]]) -> None:
    """What a source escaped twice is shown as text, never as markup (29)."""
    running, _ = attacked
    position = VECTORS.index("&amp;lt;img src=x onerror=alert(1)&amp;gt;")
    title = f"{position} <img src=x onerror=alert(1)>"
    items = json.loads(running.get(FEEDS[2]).body)["items"]
    assert title in {item["title"] for item in items} or f"{position} &lt;img" in str(items)
    for path in FEEDS[:2]:
        assert b"<img" not in running.get(path).body
