"""WCAG 2.2 AA in a real browser: axe on every kind of page, light and dark, narrow and wide; the walk by keyboard."""

from __future__ import annotations

from typing import Any

import pytest

from tests.axe import AXE, violations
from tests.kit import LOCAL
from tests.web.conftest import Running

SECTION = f"/sections/{LOCAL}/"
KINDS = {
    "home": "/",
    "directory": "/rss/",
    "directory in Chinese": "/rss/zh/",
    "section": SECTION,
    "older": f"{SECTION}?before=MTc5NTI2NDAwMDAwMDAwMDpuMzA",
    "empty": "/sections/life/?before=LTE6YQ",
    "article": "/articles/hard",
    "article in Chinese": "/articles/day?size=large",
    "withdrawn": "/articles/gone",
    "not found": "/sections/loca/",
    "search": "/search",
    "found": "/search?q=title&language=en",
    "nothing found": "/search?q=nothing",
    "refused": "/search?since=x",
    "subscribe": f"/rss/subscribe/{LOCAL}",
    "subscribe in Chinese": "/rss/zh/subscribe/life",
    "builder": "/rss/embed",
    "builder in Chinese": "/rss/zh/embed?form=script&section=life/health",
    "hub": "/hub",
    "embedded": f"/embed/{LOCAL}?summary=1",
    "embedded in Chinese": "/embed/current-news?lang=zh&theme=dark",
    "embedded, not found": "/embed/none",
}
QUICK = [
    "home", "directory in Chinese", "section", "article", "withdrawn", "found", "refused", "subscribe", "builder",
    "embedded",
]  # fmt: skip


@pytest.fixture(scope="module")
def window(chromium: Any) -> Any:
    page = chromium.new_page(reduced_motion="reduce")
    yield page
    page.close()


def opened(running: Running, window: Any, kind: str) -> None:
    window.set_viewport_size({"width": 1280, "height": 900})
    window.emulate_media(color_scheme="light")
    window.goto(running.site.portal.base_url + KINDS[kind], wait_until="load")


def looked_at(window: Any, schemes: tuple[str, ...], widths: tuple[int, ...]) -> None:
    """axe over the open page in those colours and widths; and nothing sticks out at the side."""
    found: list[str] = []
    window.evaluate(AXE)
    for width in widths:
        window.set_viewport_size({"width": width, "height": 900})
        for scheme in schemes:
            window.emulate_media(color_scheme=scheme)
            found += [f"{scheme} {width}: {one}" for one in violations(window)]
    for width in (*widths, 320):  # WCAG 1.4.10: a wide page zoomed to 400 %
        window.set_viewport_size({"width": width, "height": 900})
        assert window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    assert not found, "\n".join(found)


@pytest.mark.parametrize("number", range(len(QUICK)), ids=QUICK)
def test_axe_finds_nothing(running: Running, window: Any, number: int) -> None:
    opened(running, window, QUICK[number])
    looked_at(window, *(((("dark",), (390,))) if number % 2 else (("light",), (1280,))))


@pytest.mark.long
@pytest.mark.parametrize("kind", KINDS)
def test_axe_finds_nothing_in_any_colour_and_width(running: Running, window: Any, kind: str) -> None:
    opened(running, window, kind)
    looked_at(window, ("light", "dark"), (390, 1280))


def test_axe_sees_what_is_wrong(running: Running, window: Any) -> None:
    opened(running, window, "search")
    window.evaluate(AXE)
    window.evaluate("document.documentElement.removeAttribute('lang'); document.body.style.color = '#ccc'")
    found = " ".join(violations(window))
    assert "color-contrast" in found
    assert "html-has-lang" in found


@pytest.mark.parametrize("kind", ["article", pytest.param("embedded in Chinese", marks=pytest.mark.long)])
def test_paper_is_white_whatever_the_screen_is(running: Running, window: Any, kind: str) -> None:
    opened(running, window, kind)
    window.evaluate(AXE)
    try:
        window.emulate_media(color_scheme="dark", media="print")
        assert window.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
        assert window.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light"
        assert not [one for one in violations(window) if one.startswith("color-contrast")]
        assert not window.evaluate("[...document.querySelectorAll('nav, button')].some(node => node.offsetParent)")
    finally:
        window.emulate_media(media="screen")


# --- the keyboard ------------------------------------------------------------------------------------------------

# Contrast of the focus ring with what it is drawn on (WCAG 2.2, 1.4.11), and the room of what is focused.
FOCUSED = """() => {
  const node = document.activeElement, style = getComputedStyle(node), box = node.getBoundingClientRect();
  const numbers = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  let under = node.parentElement;
  while (under && (numbers(getComputedStyle(under).backgroundColor)[3] ?? 1) < 1) under = under.parentElement;
  const [one, other] = [light(numbers(style.outlineColor)), light(numbers(getComputedStyle(under).backgroundColor))];
  return {
    name: node.outerHTML.slice(0, 80), ring: style.outlineStyle === "solid" ? parseFloat(style.outlineWidth) : 0,
    contrast: (Math.max(one, other) + .05) / (Math.min(one, other) + .05),
    seen: box.width > 0 && box.top < innerHeight && box.bottom > 0 && box.left >= 0 && box.right <= innerWidth,
  };
}"""


@pytest.mark.parametrize(
    ("kind", "scheme"),
    [
        ("builder", "light"),
        pytest.param("directory", "light", marks=pytest.mark.long),
        pytest.param("section", "dark", marks=pytest.mark.long),
        pytest.param("search", "dark", marks=pytest.mark.long),
    ],
)
def test_the_walk_by_keyboard(running: Running, window: Any, kind: str, scheme: str) -> None:
    opened(running, window, kind)
    window.emulate_media(color_scheme=scheme)
    walked: list[dict[str, Any]] = []
    for _ in range(200):
        window.keyboard.press("Tab")
        if window.evaluate("document.activeElement === document.body"):
            break
        at = window.evaluate(FOCUSED)
        if not at["name"].startswith("<iframe"):
            walked.append(at)
    assert 'class="skip"' in walked[0]["name"]
    assert len(walked) > 10
    for at in walked[1:]:
        assert at["ring"] >= 2, at
        assert at["contrast"] >= 3, at
        assert at["seen"], at
    focusable = window.evaluate(
        "[...document.querySelectorAll('a[href], button, input, select, textarea, summary')]"
        ".filter(node => node.checkVisibility()).length"
    )
    assert len(walked) == focusable, "everything that can be used is reached"


def test_the_skip_link_leads_to_the_content(running: Running, window: Any) -> None:
    opened(running, window, "home")
    window.keyboard.press("Tab")
    window.keyboard.press("Enter")
    assert window.evaluate("document.activeElement.id") == "content"
    window.keyboard.press("Tab")
    assert window.evaluate("document.activeElement.closest('main') !== null")


# --- a feed that is opened in a browser --------------------------------------------------------------------------

# axe leaves the contrast of XML undecided: text and ground of all that is shown, the banner before it included.
CONTRASTS = """() => {
  const numbers = text => text.match(/[0-9.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ratio = (one, other) => (Math.max(one, other) + .05) / (Math.min(one, other) + .05);
  const ground = node => {
    while (node && (numbers(getComputedStyle(node).backgroundColor)[3] ?? 1) < 1) node = node.parentElement;
    return light(numbers(getComputedStyle(node).backgroundColor));
  };
  const said = [...document.querySelectorAll('*')]
    .filter(node => node.getClientRects().length)
    .filter(node => [...node.childNodes].some(it => it.nodeType === 3 && it.data.trim()))
    .map(node => [node.tagName, ratio(light(numbers(getComputedStyle(node).color)), ground(node))]);
  const banner = getComputedStyle(document.documentElement, '::before');
  return [...said, ['banner', ratio(light(numbers(banner.color)), light(numbers(banner.backgroundColor)))]];
}"""


@pytest.mark.parametrize("path", [f"/rss/{LOCAL}.xml", f"/atom/{LOCAL}.xml"])
def test_a_feed_in_a_browser_is_fit_for_everybody(running: Running, window: Any, path: str) -> None:
    window.goto(running.site.portal.base_url + path)
    window.evaluate(AXE)
    for width, scheme in ((1280, "light"), (320, "dark")):
        window.set_viewport_size({"width": width, "height": 900})
        window.emulate_media(color_scheme=scheme)
        assert not violations(window), f"{path} {width} {scheme}"
        assert window.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        found = window.evaluate(CONTRASTS)
        assert len(found) > 100
        assert min(contrast for _, contrast in found) >= 4.5, f"{scheme}: {min(found, key=lambda one: one[1])}"
