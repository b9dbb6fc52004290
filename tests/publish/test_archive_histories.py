"""Random histories of one section through the real store: every rule of SEMANTICS 16 and 17, told by a plain model.

Documents and archives are made small (4 shown, 10 at most, 3 to an archive), so that short histories go far.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from feedhub.basics.dates import zone
from feedhub.ingest.importing.records import ImportContext
from feedhub.ingest.importing.take_in import import_path
from feedhub.model.feed import FORMATS, FeedDocument
from feedhub.publish import addresses, archiving, gather, history, limited, window
from feedhub.publish.addresses import archive_path, feed_path
from feedhub.publish.render import make_documents, render_archives, render_section
from feedhub.publish.window import PINNED_FOR
from feedhub.store.archives import archives_due, last_slot
from feedhub.store.articles import put_article, restore_article, withdraw_article
from feedhub.store.changes import latest_seq
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from tests.kit import StillClock, open_store
from tests.publish.material import INSTALLATION, NOON, PORTAL, STYLE, article

HEALTH, CUISINE = "life/health", "life/cuisine"
SHOWN, MOST, SIZE = 4, 10, 3
EAST = timezone(timedelta(hours=8))
DEEDS = [
    "import", "import", "import", "accept", "correct", "correct", "again", "withdraw", "restore", "out", "back",
    "republish",
]  # fmt: skip
NAMES = [f"a{n:02}" for n in range(40)]
STEP = st.tuples(st.sampled_from(DEEDS), st.integers(0, 999), st.integers(-400, 0))
BATCH = st.tuples(st.integers(1, 100), st.lists(STEP, min_size=1, max_size=6))
CONTEXT = ImportContext(
    home=zone("Asia/Shanghai"), language="en", id_authority="example.org,2018", installation_id=INSTALLATION,
    sections=frozenset(PORTAL.sections()), now=NOON,
)  # fmt: skip
STOCK = (1, [("import", 0, -(7 * n % 60)) for n in range(12)])


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (window, gather, limited):
        monkeypatch.setattr(module, "SHOWN", SHOWN)
    for module in (window, gather):
        monkeypatch.setattr(module, "MOST", MOST)
    for module in (history, addresses, archiving):
        monkeypatch.setattr(module, "ARCHIVE_SIZE", SIZE)
    monkeypatch.setattr(archiving, "AT_ONCE", 2)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A database with its tables and sections, to be copied for each history."""
    file = tmp_path_factory.mktemp("histories") / "empty.db"
    open_store(f"sqlite:///{file}", NOON - timedelta(days=100), PORTAL.sections()).close()
    yield file


@dataclass
class Told:
    """The section as a plain model: who is live, gone or elsewhere, who is pinned, and every archive as it was seen."""

    titles: dict[str, str] = field(default_factory=dict)
    dates: dict[str, datetime] = field(default_factory=dict)
    live: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    pinned: dict[str, datetime] = field(default_factory=dict)
    current: list[str] = field(default_factory=list)
    homes: dict[str, tuple[int, int]] = field(default_factory=dict)
    before: dict[int, FeedDocument] = field(default_factory=dict)

    def someone(self, deed: str, choice: int) -> str | None:
        """One of those to whom the deed can be done, None where there is nobody."""
        elsewhere = self.titles.keys() - self.live - self.gone
        who = {"import": set(NAMES) - self.titles.keys(), "restore": self.gone, "back": elsewhere}
        able = sorted(who.get("import" if deed == "accept" else deed, self.live))
        return able[choice % len(able)] if able else None


@settings(
    max_examples=10,
    phases=(Phase.explicit, Phase.generate),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches=st.lists(BATCH, min_size=4, max_size=8))
@example(batches=[(1, [("accept", n, -300 - n) for n in range(12)])])
@example(batches=[(1, [("withdraw", 11, 0), ("withdraw", 10, 0)]), (1, [("import", 0, -300)])])
def test_every_history_keeps_every_rule(empty: Path, batches: list[tuple[int, list[tuple[str, int, int]]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(empty, f"{folder}/one.db")
        store = Store(f"sqlite:///{folder}/one.db")
        clock, told = StillClock(), Told()
        try:
            for hours, steps in [STOCK, *batches]:
                clock.pass_(hours=hours)
                done = []
                for deed, choice, date in steps:
                    if deed == "republish":
                        _republish(store, clock.now(), told, choice, Path(folder))
                        continue
                    name = told.someone(deed, choice)
                    if name is not None and _do(store, clock.now(), told, deed, name, date):
                        done.append((deed, name))
                _render(store, clock)
                _check(store, told, done, clock.now())
                _check_joined(store)
        finally:
            store.close()


def _do(store: Store, now: datetime, told: Told, deed: str, name: str, date: int) -> bool:
    """One deed, in the store and in the model; False where it is none."""
    known, here = name in told.titles, name in told.live
    with store.write() as tx:
        if deed in ("import", "accept") and not known:
            told.titles[name], told.dates[name] = f"Title of {name}", NOON + timedelta(hours=date)
            put_article(tx, _piece(told, name), now=now, late=deed == "accept", by="test")
            told.live.add(name)
        elif deed == "correct" and here:
            told.titles[name] += "!"
            put_article(tx, _piece(told, name), now=now, late=False, by="test")
        elif deed == "again" and here:
            assert put_article(tx, _piece(told, name), now=now, late=False, by="test") is None
            return False
        elif deed == "withdraw" and here:
            withdraw_article(tx, name, now=now, by="test", reason="wrong")
            told.live.remove(name)
            told.gone.add(name)
        elif deed == "restore" and name in told.gone:
            restore_article(tx, name, now=now, by="test")
            told.gone.remove(name)
            told.live.add(name)
        elif deed == "out" and here:
            put_article(tx, _piece(told, name, sections=(CUISINE,)), now=now, late=False, by="test")
            told.live.remove(name)
        elif deed == "back" and known and not here and name not in told.gone:
            put_article(tx, _piece(told, name), now=now, late=False, by="test")
            told.live.add(name)
        else:
            return False
    if deed in ("accept", "correct", "restore"):
        told.pinned[name] = now + PINNED_FOR
    elif deed in ("withdraw", "out"):
        told.pinned.pop(name, None)
    return True


def _republish(store: Store, now: datetime, told: Told, choice: int, folder: Path) -> None:
    """The portal publishes eleven old articles again within 24 minutes: nothing changes, whatever became of them."""
    known = sorted(told.live | told.gone)
    again = [known[(choice + place) % len(known)] for place in range(min(11, len(known)))]
    records = [
        {"id": name, "section": HEALTH, "title": told.titles[name], "content_html": article(name).html,
         "language": "en", "published": (now - timedelta(minutes=24 - 2 * place)).isoformat()}
        for place, name in enumerate(again)
    ]  # fmt: skip
    file = folder / "again.jsonl"
    file.write_text("\n".join(map(json.dumps, records)))
    with store.read() as tx:
        before = latest_seq(tx)
    report = import_path(store, file, None, replace(CONTEXT, now=now), progress=lambda *_: None, now=now)
    assert report.unchanged + report.withdrawn_kept == len(again)
    with store.read() as tx:
        assert latest_seq(tx) == before


def _piece(told: Told, name: str, **changed: Any) -> Any:
    day = told.dates[name].astimezone(EAST)
    said = {"title": told.titles[name], "summary": f"The text of {name}."}
    return replace(article(name), published=day, updated=day, **said, **changed)


def _render(store: Store, clock: StillClock) -> None:
    clock.pass_(seconds=2)
    render_section(store, PORTAL.sections()[HEALTH], STYLE, clock)
    for _ in range(9):
        with store.read() as tx:
            if not archives_due(tx, 1):
                return
        clock.pass_(seconds=2)
        render_archives(store, STYLE, clock)
    pytest.fail("archives stay due")


def _check(store: Store, told: Told, done: list[tuple[str, str]], now: datetime) -> None:
    current, archives = _load(store)
    shown = _items(current)
    _check_current(told, list(shown), done, now)
    placed = {number: _items(document) for number, document in archives.items()}
    everywhere = [name for items in placed.values() for name in items]
    assert len(everywhere) == len(set(everywhere)), "no two archives share an id"
    assert set(everywhere) | set(shown) == told.live, "the walk yields every article and nothing else"
    for name in set(everywhere) & set(shown):
        assert name in told.homes or name in told.pinned, "an id stands twice only when it had left and came back"
    for items in (shown, *placed.values()):
        assert all(items[name] == told.titles[name] for name in items), "always the newest version"
    touched = {name for _, name in done}
    for number, document in archives.items():
        _check_archive(told, number, document, placed[number], archives, touched)
    told.current, told.before = list(shown), archives


def _check_joined(store: Store) -> None:
    """What was cut from the documents before and joined anew is what would be written from the articles."""
    with store.read() as tx:
        gathered = gather.gather(tx, PORTAL.sections()[HEALTH], replace(STYLE, digest="another"))
        assert not any(gathered.fragments.values())
        standing = [get_document(tx, feed_path(HEALTH, format_)) for format_ in FORMATS]
        last = last_slot(tx, HEALTH)
    made, _ = make_documents(gathered, gathered.members, STYLE, NOON, last)
    assert [it.body for it in made] == [it.body for it in standing if it is not None]


def _check_current(told: Told, shown: list[str], done: list[tuple[str, str]], now: datetime) -> None:
    """SEMANTICS 16, as far as it can be seen from outside."""
    assert shown == sorted(shown, key=lambda name: (told.dates[name], name), reverse=True)
    assert len(shown) <= MOST
    pinned = {name for name, until in told.pinned.items() if until > now}
    if len(pinned) <= MOST - SHOWN:
        assert pinned <= set(shown), "late and corrected stand for a week"
    came = set(shown) - set(told.current)
    arrived = {name for deed, name in done if deed in ("import", "accept", "back")}
    lasting = {name for deed, name in done if deed in ("accept", "correct", "restore")}
    assert came <= arrived | lasting, "a withdrawal re-admits nothing, and the unchanged is not announced again"
    outside = told.live - set(told.current) - {name for _, name in done}
    newest = max(((told.dates[name], name) for name in outside), default=None)
    for name in came - lasting:
        assert newest is None or (told.dates[name], name) > newest, "history is not announced, not even into a gap"


def _check_archive(
    told: Told, number: int, document: FeedDocument, items: dict[str, str], archives: dict[int, FeedDocument],
    touched: set[str],
) -> None:  # fmt: skip
    """SEMANTICS 17: ids keep their archive and their order, full ones gain none, only what is touched moves."""
    said = json.loads(document.body)["_feedhub"]
    before = told.before.get(number)
    was_closed = before is not None and (number + 1) in told.before
    order = [told.homes[name] for name in items if name in told.homes]
    assert all(home == number for home, _ in order), "no id moves to another archive"
    assert [place for _, place in order] == sorted((place for _, place in order), reverse=True), "nor within its own"
    fresh = [name for name in reversed(items) if name not in told.homes]
    assert not (was_closed and fresh), "a closed archive gains no id"
    for name in fresh:
        told.homes[name] = (number, len(told.homes))
    residents = {name for name, (home, _) in told.homes.items() if home == number}
    assert len(residents) == SIZE if number + 1 in archives else 0 < len(residents) <= SIZE
    assert {it["id"].rpartition("/")[2] for it in said["deleted"]} == residents & told.gone, "tombstones"
    assert ("next_archive" in said) == (number + 1 in archives)
    if before is not None and not residents & touched and not fresh and was_closed:
        assert document == before, "what no change touches keeps every byte"
    if before is not None and document.body != before.body:
        assert document.etag != before.etag
        assert document.last_modified > before.last_modified


def _load(store: Store) -> tuple[FeedDocument, dict[int, FeedDocument]]:
    """The current document, and the archives by number as the walk finds them."""
    with store.read() as tx:
        current = get_document(tx, feed_path(HEALTH, "json"))
        assert current is not None
        archives: dict[int, FeedDocument] = {}
        at = json.loads(current.body)["_feedhub"].get("prev_archive")
        assert bool(at) != bool(json.loads(current.body)["_feedhub"].get("complete"))
        while at:
            number = int(at.rpartition("/archive/")[2].partition(".")[0])
            found = get_document(tx, archive_path(HEALTH, "json", number))
            assert found is not None, at
            archives[number] = found
            at = json.loads(found.body)["_feedhub"].get("prev_archive")
    assert list(archives) == list(range(len(archives), 0, -1))
    return current, dict(sorted(archives.items()))


def _items(document: FeedDocument) -> dict[str, str]:
    """Titles by id, in the document's order."""
    return {it["id"].rpartition("/")[2]: it["title"] for it in json.loads(document.body)["items"]}
