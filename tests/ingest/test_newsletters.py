"""A mailbox polled like any source: a real IMAP server, the real client, the real store of either kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from feedhub.ingest.pipeline import claim_and_poll
from feedhub.ingest.trial import try_source
from feedhub.ingest.wire import ParseRequest
from feedhub.model.item import ParsedFeed
from feedhub.model.mailbox import MailFilter
from feedhub.model.poll import Poll
from feedhub.model.source import Source
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.clock import SystemClock
from feedhub.ports.resolver import SystemResolver
from feedhub.store.article_reads import find_article
from feedhub.store.engine import Store
from feedhub.store.entries import list_entries
from feedhub.store.tables import changes
from tests.ingest.polling import Here, Watched
from tests.kit import a_source
from tests.net.conftest import REACH
from tests.net.imap_server import ImapServer


@pytest.fixture
def web() -> Iterator[CurlWeb]:
    with CurlWeb(SystemResolver(), SystemClock(), {"source": REACH}, per_second_per_host=1000.0) as web:
        yield web


def letter(number: int, sender: str = "Weekly <news@hy.example>", more: str = "") -> bytes:
    return (
        f"From: {sender}\r\nMessage-ID: <{number}@hy.example>\r\nSubject: Issue {number}\r\n{more}"
        f"Date: Fri, 2 Jan 2026 0{number % 10}:00:00 +0000\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<p>Words of issue {number}, enough of them to be told from the others.</p>\r\n"
    ).encode()


class Mailing:
    """A mailbox, and the source that reads it."""

    def __init__(self, store: Store, server: ImapServer, web: CurlWeb, directory: Path, **values: object) -> None:
        (directory / "word").write_text('s3 "cret\\\n')
        plain = {"kind": "mail", "url": server.url(), "username": "desk", "password_file": "word", "policy": "auto"}
        self.source: Source = a_source(**(plain | values))
        self.watched = Watched(store, self.source)
        self.ingest = replace(self.watched.ingest, web=web, feeds_directory=directory)
        self.store = store

    def poll(self) -> Poll:
        self.watched.clock.pass_(minutes=20)
        poll = claim_and_poll(self.ingest, self.source.key, "me")
        assert poll is not None
        return poll


def test_a_password_of_the_environment_comes_first_and_none_is_said(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path, password_file=None)
        server.add(letter(1))
        poll = mailing.poll()
        assert (poll.code, "FEEDHUB__SOURCES__S1__PASSWORD" in str(poll.message)) == ("password_away", True)
        mailing.ingest = replace(mailing.ingest, passwords={"S1": 's3 "cret\\'})
        assert outcomes(mailing.poll()) == [("Issue 1", "published")]


def outcomes(poll: Poll) -> list[tuple[str, str]]:
    return [(line.title, line.outcome) for line in poll.lines]


def test_letters_become_articles_once(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path)
        server.add(letter(1), letter(2))
        first = mailing.poll()
        assert outcomes(first) == [("Issue 1", "published"), ("Issue 2", "published")]
        assert mailing.poll().outcome == "not_modified"
        server.add(letter(3))
        assert outcomes(mailing.poll()) == [("Issue 3", "published")]
        learned = mailing.watched.state.learned
        assert learned is not None and learned.read_to is not None
        assert (learned.read_to.validity, learned.read_to.uid) == (7, 3)
        server.validity = 8  # the server numbers anew: what is known stays known
        assert {outcome for _, outcome in outcomes(mailing.poll())} == {"unchanged"}
        assert not server.seen
        with store.read() as tx:
            entry = next(one for one in list_entries(tx, source=mailing.source.key) if one.item.title == "Issue 1")
            article = find_article(tx, str(entry.article_id))
        assert entry.item.guid == "1@hy.example" and article is not None
        assert article.source.url is None and article.author == "Weekly" and article.source_url is None


def test_a_letter_nobody_can_read_holds_nothing_up(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path, mail=MailFilter(("@hy.example",)))
        server.add(b"From: Bad <bad@hy.example>\r\n\r\n", letter(2))
        poll = mailing.poll()
        assert poll.outcome == "ok" and outcomes(poll) == [("Issue 2", "published")]
        assert any("neither a subject nor a text" in note for note in poll.notes)
        server.add(b"From: Bad <bad@hy.example>\r\n\r\n")
        alone = mailing.poll()
        assert alone.outcome == "ok" and alone.lines == ()
        # The server finds words; whose address it is, is looked at here.
        server.add(letter(4, "Other <news@hy.example.evil>"), letter(5))
        poll = mailing.poll()
        assert outcomes(poll) == [("Issue 5", "published")] and any("left out" in note for note in poll.notes)
        assert mailing.poll().outcome == "not_modified"


def test_a_poll_that_fails_reads_the_same_letters_again(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path)
        server.add(letter(1))
        mailing.poll()
        server.add(letter(2))
        (tmp_path / "word").write_text("wr0ng\n")
        failed = mailing.poll()
        assert (failed.outcome, failed.code) == ("failed", "login_refused") and "wr0ng" not in str(failed)
        (tmp_path / "word").unlink()
        assert mailing.poll().code == "password_away"
        (tmp_path / "word").write_text('s3 "cret\\')
        assert outcomes(mailing.poll()) == [("Issue 2", "published")]


def test_more_than_fifty_letters_come_in_several_polls(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path)
        server.add(*(letter(n) for n in range(1, 54)))
        first, second = mailing.poll(), mailing.poll()
        assert (len(first.lines), len(second.lines)) == (50, 3)
        assert any("3 letters are left to the next poll" in note for note in first.notes)


def test_what_was_there_before_is_history_however_many_polls_it_takes(
    store: Store, web: CurlWeb, tmp_path: Path
) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path)
        server.add(*(letter(n) for n in range(1, 52)))
        mailing.poll()
        mailing.poll()
        server.add(letter(52))
        mailing.poll()
        with store.read() as tx:
            entries = list_entries(tx, source=mailing.source.key, limit=100)
            titles = {one.article_id: one.item.title for one in entries}
            rows = tx.execute(select(changes.c.article_id, changes.c.late).where(changes.c.article_id.in_(titles)))
            announced = {titles[article] for article, late in rows if late}
        assert len(titles) == 52 and announced == {"Issue 52"}


def test_letters_that_take_too_long_leave_the_rest_to_the_next_poll(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path)
        server.add(letter(1), letter(2), letter(3))
        clock, here = mailing.watched.clock, mailing.ingest.parser

        class Slow(Here):
            def parse(self, request: ParseRequest) -> ParsedFeed:
                clock.pass_(seconds=20)
                return here.parse(request)

        mailing.ingest = replace(mailing.ingest, parser=Slow())
        first = mailing.poll()
        assert outcomes(first) == [("Issue 1", "published"), ("Issue 2", "published")]
        assert any("1 letters are left" in note for note in first.notes)
        assert outcomes(mailing.poll()) == [("Issue 3", "published")]


def test_a_trial_shows_letters_and_moves_nothing(store: Store, web: CurlWeb, tmp_path: Path) -> None:
    with ImapServer() as server:
        mailing = Mailing(store, server, web, tmp_path)
        server.add(letter(1))
        trial = try_source(mailing.ingest, mailing.source)
        assert [(item.title, decision.outcome) for item, decision in trial.items] == [("Issue 1", "published")]
        assert mailing.watched.state.learned is None
        assert outcomes(mailing.poll()) == [("Issue 1", "published")]


def test_in_plain_only_where_it_is_listed() -> None:
    assert REACH.lists("127.0.0.2") and not REACH.lists("127.0.0.3") and not Reach().lists("1.1.1.1")
