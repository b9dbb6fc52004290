"""A list page in Big5 that says it is gb2312, with its items' own pages: held, and mended from its file."""

from __future__ import annotations

import pytest

from tests.flows.conftest import Answer, Home, Origin

TITLES = {
    "a": "衡陽市召開重點工作推進會",
    "b": "石鼓書院舉行國學講座，市民踴躍參加",
    "c": "颱風逼近，臺北市宣布停班停課",
}
TEXT = "自今日起施行，請各單位遵照執行，特此公告。"


def big5(body: str) -> Answer:
    page = f"<html><head><meta charset='gb2312'></head><body>{body}</body></html>"
    return Answer(page.encode("big5"), "text/html")


@pytest.mark.long
def test_own_pages_are_read_again_too_and_a_file_is_not_overridden(home: Home, origin: Origin) -> None:
    rows = "".join(f"<li><a href='/{name}.html'>{title}</a></li>" for name, title in TITLES.items())
    origin.answers["/list/"] = big5(f"<ul>{rows}</ul>")
    for name, title in TITLES.items():
        origin.answers[f"/{name}.html"] = big5(f"<h1>{title}</h1><div id='c'><p>{TEXT}</p></div>")
    declared = home.folder / "feeds" / "sources" / "big5.yaml"
    lines = f"""
- key: big5
  name: B
  kind: html
  url: {origin.url("/list/")}
  sections: [all]
  policy: auto
  licence: cc-by
  extract: {{item: ul > li, title: a, link: a, detail: {{body: "#c"}}}}
"""
    declared.write_text(lines, encoding="utf-8")
    home.run("source", "fetch", "big5")
    assert {entry["reason"] for entry in home.json("entry", "list", "--source", "big5")} == {"garbled"}
    refused = home.run("source", "redecode", "big5", "--encoding", "big5", check=False)
    assert refused.returncode != 0
    assert "big5.yaml:2" in refused.stderr
    declared.write_text(f"{lines}  encoding: big5\n", encoding="utf-8")
    done = home.json("source", "redecode", "big5")
    assert {item["reason"] for item in done["items"]} == {"readable_now"}
    entries = home.json("entry", "list", "--source", "big5")
    assert {entry["title"] for entry in entries} == set(TITLES.values())
    assert all(TEXT in home.run("entry", "show", entry["id"]).stdout for entry in entries[:1])
