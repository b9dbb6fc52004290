"""feeds/redirects.yaml: what an old address may be, and where it may lead."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from feedhub.config.load import load_config
from feedhub.config.redirects import read_redirects

ROOT = Path(__file__).resolve().parents[2]
SECTIONS = ("life", "life/health", "special-column/rss", "all")


def read(folder: Path, text: str) -> tuple[dict[str, str], list[str]]:
    file = folder / "redirects.yaml"
    file.write_text(text, encoding="utf-8")
    found, faults = read_redirects(file, "feeds/redirects.yaml", SECTIONS, {"old-life": "life"})
    return found, [str(fault) for fault in faults]


def test_old_addresses_lead_to_ours(tmp_path: Path) -> None:
    found, faults = read(
        tmp_path,
        "redirects:\n"
        "  /tebielanmu/RSS/: /rss/\n"
        "  /Life/Health/rss.xml: /rss/life/health.xml\n"
        "  /%E5%81%A5%E5%BA%B7/feed: /json/life/health.json\n"
        "  /old: /sections/life/\n"
        "  /older: /opml/life.xml\n",
    )
    assert not faults
    assert found == {
        "/tebielanmu/RSS": "/rss/",
        "/Life/Health/rss.xml": "/rss/life/health.xml",
        "/健康/feed": "/json/life/health.json",
        "/old": "/sections/life/",
        "/older": "/opml/life.xml",
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/x: https://evil.example/", "none of our addresses"),
        ("/x: //evil.example/rss/", "none of our addresses"),
        ("/x: /\\\\evil.example/", "none of our addresses"),
        ("/x: /rss/nowhere.xml", "no such section"),
        ("/x: /rss/life/helth.xml", "near names: life/health"),
        ("/x: /rss/old-life.xml", "whose section is now 'life': write that"),
        ("/x: /sections/special-column/rss/", "leads on to /rss/: write that"),
        ("/x: /y\n  /y: /rss/", "none of our addresses"),
        ("/rss/life.xml: /rss/", "served here, which do not move"),
        ("/%72ss/life.xml: /rss/", "served here, which do not move"),
        ("/a: /rss/\n  /a/: /rss/", "stands twice"),
        ("x/rss.xml: /rss/", "is no path"),
        ("/x?y=1: /rss/", "is no path"),
        ("//h/x: /rss/", "is no path"),
        ("/: /rss/", "is no path"),
        ("/x%0d%0aSet-Cookie: /rss/", "is no path"),
        ("/a/../b: /rss/", "no browser sends"),
    ],
)
def test_a_wrong_line_is_named_with_its_place(tmp_path: Path, line: str, said: str) -> None:
    _, faults = read(tmp_path, f"redirects:\n  {line}\n")
    assert len(faults) == 1, faults
    assert said in faults[0]
    assert faults[0].startswith(f"feeds/redirects.yaml:{3 if line.count(chr(10)) and 'twice' in said else 2}:3")


def test_a_house_without_the_file_has_no_redirects(tmp_path: Path) -> None:
    assert read_redirects(tmp_path / "redirects.yaml", "feeds/redirects.yaml", SECTIONS, {}) == ({}, [])


def test_every_old_path_of_the_portal_leads_to_its_section() -> None:
    portal = load_config(ROOT / "config.yaml", {}).portal
    paths = yaml.safe_load((ROOT / "feeds/portal/address-map.yaml").read_text(encoding="utf-8"))["paths"]
    assert portal.former_addresses["/tebielanmu/RSS"] == "/rss/"
    for path, section in paths.items():
        assert portal.former_addresses[f"/{path}/rss.xml"] == f"/rss/{section}.xml"
