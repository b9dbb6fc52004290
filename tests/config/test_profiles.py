"""feeds/profiles/*.yaml: every fault with file, line and column; a sound file is the contract it says."""

from __future__ import annotations

from pathlib import Path

import pytest

from feedhub.config.profiles import read_profiles

SOUND = """\
title: Daily
sections: [news]
languages: [en]
fields: [title, link, guid, pubDate]
rules:
  - id: language
    check: language
    text: One language.
    source: {page: "http://daily.example/spec", read: 2026-11-27}
takedown:
  form: drop
  source: {assumed: told by mail, read: 2026-11-27}
"""
RULE = '  - {id: more, check: %s, text: More., source: {page: "http://a.example/", read: 2026-11-27}}\n'


def faults(folder: Path, text: str, name: str = "daily.yaml") -> list[str]:
    (folder / name).write_text(text, "utf-8")
    return [str(fault) for fault in read_profiles(folder, "feeds/profiles", {"news"}, ("news",))[1]]


def test_a_sound_profile(tmp_path: Path) -> None:
    (tmp_path / "daily.yaml").write_text(SOUND, "utf-8")
    (profile,), wrong = read_profiles(tmp_path, "feeds/profiles", {"news"}, ("news",))
    assert not wrong
    assert (profile.name, profile.title, profile.sections, profile.items) == ("daily", "Daily", ("news",), 50)
    assert profile.takedown.form == "drop"
    assert profile.takedown.keep.days == 7
    assert profile.declared_at == "feeds/profiles/daily.yaml:1"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("sections: [news]", "sections: [nws]", "daily.yaml:2:12: sections[0]: there is no section 'nws'"),
        ("title: Daily", "titel: Daily", "daily.yaml:1:1: titel: is not a key here"),
        ("pubDate]", "pubDate, price]", "'price' is none of"),
        ("guid, ", "", "guid cannot be left out"),
        ("languages: [en]", "languages: []", "daily.yaml:3:1: languages"),
        ("check: language", "check: magic", "daily.yaml:7:5: rules[0].check: is one of"),
        ("read: 2026-11-27}\ntakedown", "read: yesterday}\ntakedown", "daily.yaml:9:49: rules[0].source.read"),
        ("page: \"http://daily.example/spec\", ", "", "names the page it stands on"),
        ("http://daily.example/spec", "ftp://daily.example", "is not an http or https address"),
        ("  form: drop", "  form: expire", "names the dates it moves"),
        ("    check: language", "    check: licence", "one checks language"),
        ("takedown:\n", RULE % "age" + "takedown:\n", "says least or most"),
        ("takedown:\n", RULE % "length" + "takedown:\n", "says of what"),
        ("takedown:\n", RULE % "picture, of: picture, least: 3, cut: true" + "takedown:\n", "can be cut"),
        ("takedown:\n", RULE.replace("more", "language") % "licence" + "takedown:\n", "an id stands twice"),
    ],
)  # fmt: skip
def test_each_fault_is_named(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert old in SOUND
    assert any(expected in fault for fault in faults(tmp_path, SOUND.replace(old, new, 1)))


def test_the_file_is_named_like_its_profile(tmp_path: Path) -> None:
    assert "is no name of a profile" in faults(tmp_path, SOUND, "The Daily.yaml")[0]
