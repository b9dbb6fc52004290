"""Partners' documents over their life: made when the section moves, kept back from one alone, withdrawn in its form."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import feedparser
import pytest
from lxml import etree
from sqlalchemy import update

from feedhub.model.article import Article
from feedhub.model.feed import FeedDocument
from feedhub.model.profile import Cited, Profile, Takedown
from feedhub.publish import profiling
from feedhub.publish.addresses import feed_path, profile_path
from feedhub.publish.feedgen_ext import DCTERMS, INGESTION, MEDIA, SMARTNEWS
from feedhub.publish.profile_report import Report, report
from feedhub.publish.profiling import gather_profile, render_profiles
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.store.alerts import is_standing, list_alerts
from feedhub.store.article_reads import get_article
from feedhub.store.articles import edit_article, put_article, restore_article, withdraw_article
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from feedhub.store.profiles import MOST_ASKED, ask_for_profile, profiles_asked_for
from feedhub.store.sources import add_source
from feedhub.store.tables import articles
from tests.kit import StillClock, a_source, open_store
from tests.publish.material import NOON, PORTAL, article, style
from tests.publish.strict_rss import judge_rss
from tests.publish.test_preflight import PROFILES

NS = {"media": MEDIA, "dcterms": DCTERMS, "mi": INGESTION, "snf": SMARTNEWS}
HEALTH = "life/health"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite; what differs between the two is asked in the tests that take `either`."""
    opened = open_store(f"sqlite:///{tmp_path}/portal.db", NOON, PORTAL.sections())
    yield opened
    opened.close()


@pytest.fixture
def either(store_url: str) -> Iterator[Store]:
    """On SQLite and on PostgreSQL."""
    opened = open_store(store_url, NOON, PORTAL.sections())
    yield opened
    opened.close()


def made_by(*profiles: Profile) -> Style:
    return style(replace(PORTAL, profiles=profiles))


def named(name: str, **changed: object) -> Profile:
    """A shipped profile whose document of HEALTH is always ready."""
    return replace(PROFILES[name], **({"sections": (HEALTH,)} | changed))  # type: ignore[arg-type]


def put(store: Store, clock: StillClock, *articles: Article) -> None:
    with store.write() as tx:
        for it in articles:
            put_article(tx, it, now=clock.now(), late=True, by="test")


def beat(store: Store, clock: StillClock, looks: Style) -> None:
    clock.pass_(seconds=2)
    render_due(store, looks, clock)


def loaded(store: Store, path: str) -> FeedDocument:
    with store.read() as tx:
        found = get_document(tx, path)
    assert found is not None
    return found


def ids(store: Store, path: str) -> list[str]:
    entries: Sequence[object] = feedparser.parse(io.BytesIO(loaded(store, path).body)).entries
    return [entry.id.rpartition("/")[2] for entry in entries]  # type: ignore[attr-defined]


def items(store: Store, path: str) -> list[etree._Element]:
    root = etree.fromstring(loaded(store, path).body)
    assert list(judge_rss(root, partner=True)) == []
    return root[0].findall("item")


def fresh(name: str, **changed: object) -> Article:
    title = f"The bridge of {name} opens in the spring"
    return article(name, **({"title": title, "published": NOON, "updated": NOON} | changed))


def told(store: Store, clock: StillClock, looks: Style) -> Report:
    profile = looks.portal.profiles[0]
    with store.read() as tx:
        return report(profile, gather_profile(tx, PORTAL.sections()[HEALTH], profile, clock.now()), looks)


def test_a_bad_item_is_kept_from_that_partner_only_and_listed(store: Store, clock: StillClock) -> None:
    looks = made_by(named("msn"), named("plain"))
    put(store, clock, fresh("good"), fresh("short", title="Too short"), fresh("zh", language="zh", sections=("news",)))
    beat(store, clock, looks)
    assert ids(store, profile_path("msn", HEALTH)) == ["good"]
    assert set(ids(store, profile_path("plain", HEALTH))) == {"good", "short"}
    assert set(ids(store, feed_path(HEALTH, "rss"))) == {"good", "short"}
    made = told(store, clock, looks)
    assert [(one.article_id, [rule.id for rule in one.broken]) for one in made.kept] == [("short", ["title-length"])]
    with store.write() as tx:
        edit_article(tx, replace(get_article(tx, "short"), title="Long enough for that partner"), ["title"],
                     now=clock.now(), by="lin")  # fmt: skip
    beat(store, clock, looks)
    assert set(ids(store, profile_path("msn", HEALTH))) == {"good", "short"}


def test_a_document_moves_with_its_section_and_has_its_own_validators(store: Store, clock: StillClock) -> None:
    looks = made_by(named("plain"))
    beat(store, clock, looks)
    path = profile_path("plain", HEALTH)
    empty = loaded(store, path)
    assert (empty.kind, empty.name, empty.format) == ("profile", HEALTH, "rss")
    assert items(store, path) == []
    assert f'<{PORTAL.base_url}{path}>; rel="self"' in empty.link
    clock.pass_(seconds=60)
    assert render_profiles(store, looks, clock) == 0, "nothing moved"
    put(store, clock, fresh("a"))
    beat(store, clock, looks)
    after = loaded(store, path)
    assert after.etag != empty.etag
    assert after.last_modified > empty.last_modified
    assert after.generation == 1
    other = made_by(named("plain", digest="another file"))
    clock.pass_(seconds=60)
    assert render_profiles(store, other, clock) == 1, "the contract changed"
    assert render_profiles(store, replace(other, licences="other"), clock) == 1, "a source's licence changed"


@pytest.mark.parametrize("name", ["msn", "smartnews", "yahoo"])
def test_a_withdrawn_item_stays_without_content_for_seven_days(store: Store, clock: StillClock, name: str) -> None:
    looks = made_by(named(name))
    secret = fresh("gone", html="<p>Secret</p>", author="Li Hua", summary="Secret")
    put(store, clock, secret, fresh("stays", author="Li Hua"))
    beat(store, clock, looks)
    path = profile_path(name, HEALTH)
    assert set(ids(store, path)) == {"gone", "stays"}
    at = clock.now()
    with store.write() as tx:
        withdraw_article(tx, "gone", now=at, by="lin", reason="wrong")
    beat(store, clock, looks)
    assert ids(store, feed_path(HEALTH, "rss")) == ["stays"], "public feeds drop it at once"
    body = loaded(store, path).body
    assert b"Secret" not in body and b"gone opens" not in body
    item = next(one for one in items(store, path) if (one.findtext("guid") or "").endswith("/gone"))
    assert item.findtext("title") == "Withdrawn"
    moved = feedparser.parse(io.BytesIO(body)).entries[0].published_parsed[:6] == at.utctimetuple()[:6]
    assert moved == (name != "msn")
    if name == "msn":
        assert item.findtext("mi:expirationDate", namespaces=NS) == item.findtext("dcterms:valid", namespaces=NS)
        assert item.findtext("dcterms:modified", namespaces=NS) == item.findtext("dcterms:valid", namespaces=NS)
    else:
        assert item.find("media:status", NS).get("state") == "deleted"  # type: ignore[union-attr]
    clock.pass_(days=6)
    put(store, clock, fresh("later", author="Li Hua"))
    beat(store, clock, looks)
    assert "gone" in ids(store, path)
    clock.pass_(days=2)
    put(store, clock, fresh("last", author="Li Hua"))
    beat(store, clock, looks)
    assert "gone" not in ids(store, path)


def test_the_seven_days_count_from_the_withdrawal_and_end_by_themselves(either: Store, clock: StillClock) -> None:
    looks, path = made_by(named("msn")), profile_path("msn", HEALTH)
    put(either, clock, fresh("first"), fresh("second"))
    beat(either, clock, looks)
    for name in ("first", "second"):
        with either.write() as tx:
            withdraw_article(tx, name, now=clock.now(), by="lin", reason="wrong")
        beat(either, clock, looks)
        clock.pass_(days=1)
    clock.pass_(days=5, seconds=-60)
    assert render_profiles(either, looks, clock) == 0
    assert set(ids(either, path)) == {"first", "second"}
    clock.pass_(seconds=60)
    assert render_profiles(either, looks, clock) == 1, "nothing has changed but the time"
    assert ids(either, path) == ["second"]
    assert told(either, clock, looks).body == loaded(either, path).body, "also for whoever asks anew"
    clock.pass_(days=1, seconds=60)
    render_profiles(either, replace(looks, licences="other"), clock)
    assert ids(either, path) == [], "another style brings nothing back"
    clock.pass_(days=30)
    assert render_profiles(either, replace(looks, licences="other"), clock) == 0


def test_what_grows_too_old_leaves_by_itself(store: Store, clock: StillClock) -> None:
    looks, path = made_by(named("msn")), profile_path("msn", HEALTH)
    put(store, clock, fresh("old", published=NOON - timedelta(days=364)), fresh("new"))
    beat(store, clock, looks)
    assert ids(store, path) == ["new", "old"]
    clock.pass_(days=1)
    assert render_profiles(store, looks, clock) == 1
    assert ids(store, path) == ["new"]


def test_an_age_beyond_all_dates_is_no_bound(store: Store, clock: StillClock) -> None:
    rules = tuple(replace(rule, most=10_000_000) if rule.check == "age" else rule for rule in PROFILES["msn"].rules)
    put(store, clock, fresh("old", published=NOON - timedelta(days=9000)))
    beat(store, clock, made_by(named("msn", rules=rules)))
    assert ids(store, profile_path("msn", HEALTH)) == ["old"]


def test_many_withdrawn_at_once_are_all_taken_down(store: Store, clock: StillClock) -> None:
    looks = made_by(named("msn", items=200))
    put(store, clock, *(fresh(f"n{number}") for number in range(60)))
    beat(store, clock, looks)
    with store.write() as tx:
        for number in range(60):
            withdraw_article(tx, f"n{number}", now=clock.now(), by="lin", reason="wrong")
    beat(store, clock, looks)
    assert len(ids(store, profile_path("msn", HEALTH))) == 60


def test_a_document_that_cannot_be_made_is_told_and_heals(
    store: Store, clock: StillClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    looks = made_by(named("msn"), named("plain"))
    put(store, clock, fresh("a"))
    with monkeypatch.context() as patched:
        judge = profiling.report

        def fails(profile: Profile, *rest: Any) -> Report:
            if profile.name == "msn":
                raise RuntimeError("a fault of ours")
            return judge(profile, *rest)

        patched.setattr(profiling, "report", fails)
        beat(store, clock, looks)
        assert ids(store, profile_path("plain", HEALTH)) == ["a"], "the others are made"
        with store.read() as tx:
            (alert,) = list_alerts(tx)
        assert (alert.code, "life/health for msn" in alert.text) == (profiling.NOT_RENDERED, True)
        for _ in range(3):
            beat(store, clock, looks)
        assert caplog.text.count("\nRuntimeError: a fault of ours") == 1, "four times a second would fill the disk"
    beat(store, clock, looks)
    with store.read() as tx:
        assert list_alerts(tx) == []
    assert ids(store, profile_path("msn", HEALTH)) == ["a"]


def test_an_article_that_cannot_be_written_is_left_out_and_told(store: Store, clock: StillClock) -> None:
    looks, path = made_by(named("plain")), profile_path("plain", HEALTH)
    put(store, clock, fresh("good"), fresh("bad"))
    with store.write() as tx:  # a time that only a hand in the database could write
        tx.execute(
            update(articles).where(articles.c.id == "bad").values(corrections=[{"at": "2026-11-20", "note": "x"}])
        )
    beat(store, clock, looks)
    assert ids(store, path) == ["good"]
    with store.read() as tx:
        said = {alert.code: alert.text for alert in list_alerts(tx)}
    assert f"{path} without bad" in said[profiling.LEFT_OUT]
    beat(store, clock, looks)
    with store.write() as tx:
        assert is_standing(tx, source=None, code=profiling.LEFT_OUT), "it stands while the document does"
        withdraw_article(tx, "bad", now=clock.now(), by="lin", reason="wrong")
    beat(store, clock, looks)
    with store.read() as tx:
        assert not is_standing(tx, source=None, code=profiling.LEFT_OUT)


def test_drop_drops_at_once_and_a_restored_article_is_back(store: Store, clock: StillClock) -> None:
    looks = made_by(named("plain"))
    put(store, clock, fresh("a"))
    beat(store, clock, looks)
    with store.write() as tx:
        withdraw_article(tx, "a", now=clock.now(), by="lin", reason="wrong")
    beat(store, clock, looks)
    assert items(store, profile_path("plain", HEALTH)) == []
    with store.write() as tx:
        restore_article(tx, "a", now=clock.now(), by="lin")
    beat(store, clock, looks)
    assert ids(store, profile_path("plain", HEALTH)) == ["a"]


def test_what_was_never_sent_is_not_taken_down(store: Store, clock: StillClock) -> None:
    looks = made_by(named("msn"))
    put(store, clock, fresh("short", title="Too short"))
    with store.write() as tx:
        withdraw_article(tx, "short", now=clock.now(), by="lin", reason="wrong")
    beat(store, clock, looks)
    assert items(store, profile_path("msn", HEALTH)) == []


def test_what_was_sent_once_is_taken_down_whatever_became_of_it(store: Store, clock: StillClock) -> None:
    """A correction that the partner cannot have, and age, do not take back the copy that it holds."""
    looks, path = made_by(named("msn")), profile_path("msn", HEALTH)
    put(store, clock, fresh("corrected"), fresh("aged"))
    beat(store, clock, looks)
    assert set(ids(store, path)) == {"corrected", "aged"}
    with store.write() as tx:
        short = replace(get_article(tx, "corrected"), title="Too short")
        edit_article(tx, short, ["title"], now=clock.now(), by="lin")
    beat(store, clock, looks)
    assert ids(store, path) == ["aged"]
    clock.pass_(days=400)
    with store.write() as tx:
        for name in ("corrected", "aged"):
            withdraw_article(tx, name, now=clock.now(), by="lin", reason="wrong")
    beat(store, clock, looks)
    assert set(ids(store, path)) == {"corrected", "aged"}
    assert {one.findtext("title") for one in items(store, path)} == {"Withdrawn"}


def test_reprints_go_by_the_licence_of_their_source(either: Store, clock: StillClock) -> None:
    with either.write() as tx:
        add_source(tx, a_source("free", licence="CC BY 4.0"), clock.now())
        add_source(tx, a_source("daily"), clock.now())
    put(either, clock, fresh("f", origin="source:free"), fresh("d", origin="source:daily"))
    looks = made_by(named("plain"))
    beat(either, clock, looks)
    assert ids(either, profile_path("plain", HEALTH)) == ["f"]
    assert [rule.id for rule in told(either, clock, looks).kept[0].broken] == ["licence"]


def test_only_named_elements_stand_in_an_item(store: Store, clock: StillClock) -> None:
    looks = made_by(named("smartnews"), named("plain", fields=("title", "link", "guid", "pubDate")))
    put(store, clock, fresh("a", author="Li Hua", categories=("city",)))
    beat(store, clock, looks)
    assert [child.tag for child in items(store, profile_path("plain", HEALTH))[0]] == [
        "title",
        "link",
        "guid",
        "pubDate",
    ]
    root = etree.fromstring(loaded(store, profile_path("smartnews", HEALTH)).body)
    assert root.findtext("channel/snf:logo/url", namespaces=NS) == f"{PORTAL.base_url}/style/icon.png"
    assert [root.findtext(f"channel/{name}") is not None for name in ("pubDate", "language")] == [True, True]


def test_rules_of_the_document(store: Store, clock: StillClock) -> None:
    looks = made_by(named("smartnews"))
    put(store, clock, *(fresh(f"n{n:02}", html=f"<p>{'word ' * 16_000}</p>") for n in range(15)))
    beat(store, clock, looks)
    body = loaded(store, profile_path("smartnews", HEALTH)).body
    assert 800_000 < len(body) <= 1_000_000
    assert ids(store, profile_path("smartnews", HEALTH))[0] == "n14"
    few = made_by(named("flipboard"))
    assert [rule.id for rule in told(store, clock, few).broken] == ["items"]


def test_documents_that_were_asked_for_are_bounded(either: Store, clock: StillClock) -> None:
    looks = made_by(named("plain", sections=()))
    with either.write() as tx:
        ask_for_profile(tx, "plain", "life", clock.now())
        ask_for_profile(tx, "plain", "nowhere", clock.now())
    beat(either, clock, looks)
    assert items(either, profile_path("plain", "life")) == []
    with either.write() as tx:
        for number in range(MOST_ASKED):
            ask_for_profile(tx, "plain", f"s{number}", clock.now() + timedelta(seconds=number + 1))
        assert len(profiles_asked_for(tx)) == MOST_ASKED
    beat(either, clock, looks)
    with either.read() as tx:
        assert get_document(tx, profile_path("plain", "life")) is None, "the one asked for first has gone"


def test_with_the_last_profile_its_documents_go(store: Store, clock: StillClock) -> None:
    beat(store, clock, made_by(named("plain")))
    assert items(store, profile_path("plain", HEALTH)) == []
    beat(store, clock, made_by())
    with store.read() as tx:
        assert get_document(tx, profile_path("plain", HEALTH)) is None


def test_a_page_read_over_a_year_ago_is_stale(tmp_path: Path) -> None:
    read = Cited("http://a.example/", None, date(2025, 11, 20))
    assert not read.is_stale(date(2026, 11, 20))
    assert read.is_stale(date(2026, 11, 21))
    old = replace(PROFILES["plain"], takedown=Takedown(form="drop", keep=timedelta(days=7), moves=(), source=read))
    assert ("takedown", read) in old.sources()
