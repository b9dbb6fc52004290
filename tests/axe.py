"""axe (WCAG 2.2 A and AA, and its best practice) over a page that is open in a browser."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH

AXE: str = AXE_FILE_PATH.read_text(encoding="utf-8")
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """tags => axe.run(document, {runOnly: tags, resultTypes: ['violations'], iframes: false}).then(found =>
  found.violations.map(one => one.id + ': ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 120)).join(' ')))"""


def violations(page: Any) -> list[str]:
    """What axe finds wrong, as `rule: elements`; the page has evaluated AXE before."""
    return list(page.evaluate(_RUN, _TAGS))
