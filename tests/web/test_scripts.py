"""Our own script in a real browser: choices that show at once, addresses that are copied, a reader's own server."""

from __future__ import annotations

from typing import Any

import pytest

from tests.kit import LOCAL
from tests.web.conftest import Running


def test_the_builder_shows_each_choice_at_once(running: Running, chromium: Any) -> None:
    page = chromium.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(f"{running.site.portal.base_url}/rss/embed")
    assert page.frame_locator("iframe").locator("a.headline").count() == 5
    page.select_option("#section", "life/health")
    page.wait_for_function("() => document.querySelector('iframe').getAttribute('src') === '/embed/life/health'")
    assert "/embed/life/health" in page.input_value("#code")
    assert "section=life%2Fhealth" in page.url
    page.check("#summary")
    page.select_option("#form", "script")
    page.wait_for_function(
        "() => document.querySelector('.scripted > div')?.shadowRoot.querySelector('li p:last-child')"
    )
    shown = page.evaluate("document.querySelector('.scripted > div').shadowRoot.textContent")
    assert '<script>alert("1")</script> & friends' in shown
    assert "data-summary" in page.input_value("#code")
    assert not troubles
    page.close()


@pytest.mark.long
def test_an_address_is_copied_and_says_so(running: Running, chromium: Any) -> None:
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(f"{running.site.portal.base_url}/rss/zh/subscribe/life")
    button = page.locator("button.copy").first
    button.click()
    page.wait_for_function("() => document.querySelector('button.copy').textContent.startsWith('已复制')")
    assert page.evaluate("navigator.clipboard.readText()") == running.site.absolute("/rss/life.xml")
    page.reload()
    page.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    page.locator("button.copy").nth(1).click()
    page.wait_for_function("() => document.querySelectorAll('button.copy')[1].textContent.startsWith('已复制')")
    context.close()


def test_a_server_of_ones_own_is_remembered_here_alone(running: Running, chromium: Any) -> None:
    context = chromium.new_context()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{running.site.portal.base_url}/rss/subscribe/{LOCAL}")
    link = page.locator(".own-server a").first
    for refused in ("javascript:alert(1)", "data:text/html,x", "nothing"):
        page.fill("#server", refused)
        assert link.get_attribute("href") is None
    page.fill("#server", "https://reader.example/miniflux/")
    feed = f"{running.site.portal.base_url}/rss/{LOCAL}.xml".replace(":", "%3A").replace("/", "%2F")
    assert link.get_attribute("href") == f"https://reader.example/miniflux/bookmarklet?uri={feed}"
    page.goto(f"{running.site.portal.base_url}/rss/subscribe/life")
    assert page.input_value("#server") == "https://reader.example/miniflux/"
    assert all(url.startswith(running.site.portal.base_url) for url in asked)
    context.close()


@pytest.mark.long
def test_without_scripts_the_builder_is_a_form(running: Running, chromium: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{running.site.portal.base_url}/rss/embed")
    page.select_option("#section", "life")
    page.fill("#count", "7")
    page.click("button[type=submit]")
    assert page.locator("iframe").get_attribute("src") == "/embed/life?count=7"
    assert page.locator("button.copy").count() == page.locator("button.copy[hidden]").count()
    context.close()
