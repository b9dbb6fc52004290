"""Partner profiles as shipped: a good and a bad article for each rule, in `profiles/<name>.json`, found by its name.

`bad` names every rule that judges articles and changes of the good one that break this rule and no other.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from feedhub.config.profiles import read_profiles
from feedhub.model.article import Article, Attribution
from feedhub.model.profile import Profile, Verdict
from feedhub.model.safehtml import make_safe
from feedhub.publish.lengths import length_of
from feedhub.publish.preflight import Case, language_for, licence_of, prepared, republishable, verdict
from tests.publish.material import NOON, PORTAL, article, values_of

SHIPPED = Path(__file__).parents[2] / "feeds" / "profiles"
PROFILES = {profile.name: profile for profile in read_profiles(SHIPPED, "feeds/profiles", (), ())[0]}
CASES = {path.stem: json.loads(path.read_text("utf-8")) for path in Path(__file__).parent.glob("profiles/*.json")}
OF_THE_DOCUMENT = ("items", "bytes")


def described(values: Mapping[str, Any]) -> Article:
    return article("it", **(values_of(dict(values)) | {"html": values["html"] and make_safe(values["html"])}))


def judged(profile: Profile, it: Article) -> Verdict:
    licence = licence_of(it, PORTAL, {})
    return verdict(profile, Case(prepared(it, profile, PORTAL), PORTAL, "en", licence, NOON))


def test_there_are_five_and_each_has_its_cases() -> None:
    assert set(PROFILES) == {"smartnews", "msn", "flipboard", "yahoo", "plain"} == set(CASES)
    for profile in PROFILES.values():
        assert all(cited.page or cited.assumed for _, cited in profile.sources())
        wanted = {rule.id for rule in profile.rules if rule.check not in OF_THE_DOCUMENT and not rule.cut}
        assert set(CASES[profile.name]["bad"]) == wanted


@pytest.mark.parametrize("name", PROFILES)
def test_good_articles_are_sent(name: str) -> None:
    case = CASES[name]
    for changes in ({}, *(one for several in case["good too"].values() for one in several)):
        said = judged(PROFILES[name], described(case["good"] | changes))
        assert not said.broken, (changes, said.broken)


@pytest.mark.parametrize(("name", "rule"), [(name, rule) for name in CASES for rule in CASES[name]["bad"]])
def test_a_bad_article_breaks_the_rule_and_no_other(name: str, rule: str) -> None:
    for changes in CASES[name]["bad"][rule]:
        said = judged(PROFILES[name], described(CASES[name]["good"] | changes))
        assert [one.id for one in (*said.broken, *said.advice)] == [rule], changes
        assert all(one.text for one in said.broken)


def test_a_text_that_can_be_cut_is_sent_cut_at_a_paragraph() -> None:
    long = "".join(f"<p>{'word ' * 100}{number}</p>" for number in range(60))
    it = described(CASES["yahoo"]["good"] | {"html": long})
    assert not judged(PROFILES["yahoo"], it).broken
    shown = prepared(it, PROFILES["yahoo"], PORTAL)
    assert 19_000 < length_of(shown.html or "") < 20_100
    assert (shown.html or "").endswith("</a></p>")


def test_a_sources_licence_is_its_pieces_licence() -> None:
    it = article("reprint", origin="source:daily", source=Attribution("Daily"))
    assert licence_of(it, PORTAL, {"daily": "agreement 2026"}) == "agreement 2026"
    assert not republishable(licence_of(it, PORTAL, {"daily": "unknown"}))
    assert not republishable(licence_of(it, PORTAL, {}))
    assert licence_of(replace(it, licence="CC0-1.0"), PORTAL, {}) == "CC0-1.0"


def test_a_document_has_one_language_that_both_speak() -> None:
    sections, msn = PORTAL.sections(), PROFILES["msn"]
    assert language_for(msn, sections["news"], PORTAL) == "en"
    assert language_for(msn, sections["yuwen"], PORTAL) == "zh"
    assert language_for(msn, sections["all"], PORTAL) == "en"
    assert language_for(replace(msn, languages=("fr",)), sections["news"], PORTAL) is None
