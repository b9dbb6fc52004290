"""The parser child: what it answers, that it is killed and replaced, what it cannot do, and that it dies with us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest

from feedhub.errors import HostileDocument, NotAFeed, ParserDied
from feedhub.ingest.parse import parse_document
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.wire import Answer, receive_answer, send_answer
from tests.conftest import ROOT
from tests.ingest.parsing import a_request, rss

GOOD = a_request(rss("<item><title>标题</title><pubDate>2026-05-06 07:08</pubDate></item>").encode())
SLOW = a_request(b"<rss><channel>" + b"<x>" * 3_000_000)


@pytest.fixture
def pool() -> Iterator[ParserPool]:
    pool = ParserPool(2, seconds=30)
    yield pool
    pool.close()


def children() -> list[psutil.Process]:
    """The parser children of this process."""
    return [child for child in psutil.Process().children() if "feedhub.ingest.child" in child.cmdline()]


def test_a_child_answers_as_the_parser_would(pool: ParserPool) -> None:
    assert replace(pool.parse(GOOD), facts=()) == parse_document(GOOD)
    assert pool.parse(GOOD).items[0].published is not None
    assert len(children()) == 1


def test_errors_come_back_as_what_they_are(pool: ParserPool) -> None:
    with pytest.raises(NotAFeed, match='HTML page titled "x"'):
        pool.parse(a_request(b"<html><title>x</title></html>"))
    with pytest.raises(HostileDocument, match="entities"):
        pool.parse(a_request(b'<!DOCTYPE r [<!ENTITY a "b">]><rss/>'))
    with pytest.raises(NotAFeed, match="/etc/passwd"):
        pool.parse(a_request(b"/etc/passwd"))
    assert len(children()) == 1


def test_a_document_that_takes_too_long_costs_only_itself() -> None:
    pool = ParserPool(1, seconds=1.5)
    try:
        pool.parse(GOOD)
        first = children()[0].pid
        with pytest.raises(ParserDied, match=r"longer than 1\.5 s"):
            pool.parse(SLOW)
        assert not psutil.pid_exists(first)
        assert pool.parse(GOOD).total == 1
    finally:
        pool.close()
    assert not children()


def test_a_child_that_is_killed_is_replaced(pool: ParserPool) -> None:
    pool.parse(GOOD)
    killer = threading.Timer(0.3, lambda: children()[0].kill())
    killer.start()
    with pytest.raises(ParserDied, match="SIGKILL"):
        pool.parse(SLOW)
    assert pool.parse(GOOD).total == 1
    children()[0].kill()  # while it is idle: nobody hears of it
    time.sleep(0.1)
    assert pool.parse(GOOD).total == 1


def test_many_threads_share_few_children(pool: ParserPool) -> None:
    with ThreadPoolExecutor(8) as threads:
        feeds = list(threads.map(pool.parse, [GOOD] * 60))
    assert {feed.total for feed in feeds} == {1}
    assert len(children()) == 2


def test_closing_ends_what_is_under_way() -> None:
    pool = ParserPool(1, seconds=60)
    pool.parse(GOOD)
    closing = threading.Timer(0.3, pool.close)
    closing.start()
    started = time.monotonic()
    with pytest.raises(ParserDied, match="closed"):
        pool.parse(SLOW)
    closing.join()
    assert time.monotonic() - started < 5
    assert not children()
    with pytest.raises(ParserDied, match="closed"):
        pool.parse(GOOD)


def test_the_childs_environment_holds_none_of_ours(pool: ParserPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEEDHUB__STORE__URL", "postgresql://x:canary@y/z")
    pool.parse(GOOD)
    assert "canary" not in str(children()[0].environ())


def test_signals_to_the_group_do_not_end_it(pool: ParserPool) -> None:
    pool.parse(GOOD)
    for number in (signal.SIGINT, signal.SIGTERM):
        children()[0].send_signal(number)
    assert pool.parse(GOOD).total == 1


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_children_die_with_their_parent(how: signal.Signals) -> None:
    script = """
        import sys, threading
        from tests.ingest.test_parser_pool import GOOD, SLOW, ParserPool, children
        pool = ParserPool(2, seconds=100)
        # From threads that end: the child must outlive them.
        one = threading.Thread(target=pool.parse, args=[GOOD]); one.start(); one.join()
        assert pool.parse(GOOD).total == 1
        threading.Thread(target=pool.parse, args=[SLOW], daemon=True).start()
        pool.parse(GOOD)
        print(*[child.pid for child in children()], flush=True)
        threading.Event().wait()
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert len(pids) == 2
        parent.send_signal(how)
    deadline = time.monotonic() + 5
    while any(map(psutil.pid_exists, pids)) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not any(map(psutil.pid_exists, pids))


@pytest.mark.parametrize(
    "attempt",
    [
        "open('/etc/passwd')",
        "open('/tmp/feedhub-child-wrote', 'w')",
        "__import__('socket').socket()",
        "__import__('socket').getaddrinfo('localhost', 80)",
        "__import__('subprocess').run(['true'])",
        "__import__('os').system('true')",
        "__import__('os').fork()",
        "[open(__file__) for _ in range(99)]",
        "bytearray(2 * 1024 ** 3)",
    ],
)
def test_what_a_child_cannot_do(attempt: str) -> None:
    script = f"""
        import sys
        from feedhub.ingest import child
        said = sys.stderr
        child._limit()
        try:
            {attempt}
        except (OSError, MemoryError) as error:
            sys.exit(0)
        sys.exit(1)
    """
    path = ROOT / "feedhub" / "ingest" / "child.py"
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script).replace("__file__", repr(str(path)))], cwd=ROOT, check=False
    )
    assert done.returncode == 0


def test_only_our_values_come_back(tmp_path: Path) -> None:
    file = tmp_path / "answer"
    for text in (b'{"feed": {"version": 5}}', b'{"feed": null, "extra": 1}', b"\x80\x04pickle", b'{"error": "other"}'):
        file.write_bytes(len(text).to_bytes(4, "big") + b"\0\0\0\0" + text)
        with file.open("rb") as stream, pytest.raises(ValueError):
            receive_answer(stream)
    with file.open("wb") as stream:
        send_answer(stream, Answer(feed=parse_document(GOOD)))
    with file.open("rb") as stream:
        answer = receive_answer(stream)
    assert answer is not None and answer.result() == parse_document(GOOD)


def hostile() -> dict[str, bytes]:
    def around(inside: bytes) -> bytes:
        return b'<rss version="2.0"><channel><title>t</title>' + inside + b"</channel></rss>"

    def item(inside: bytes) -> bytes:
        return around(b"<item>" + inside + b"</item>")

    attributes = b" ".join(b'a%d="x"' % number for number in range(200_000))
    return {
        "200,000 attributes": around(b"<item " + attributes + b"></item>"),
        "1 MB of <div>": item(b"<description>" + b"<div>" * 200_000 + b"</description>"),
        "1 MB of <div> in CDATA": item(b"<description><![CDATA[" + b"<div>" * 200_000 + b"]]></description>"),
        "1 MB of <div> and nothing else": b"<div>" * 200_000,
        "a tag name of 5 MB": around(b"<" + b"a" * 5_000_000 + b">"),
        "a tag name of 5 MB, cut": b"<rss><channel><" + b"a" * 5_000_000,
        "40,000 comments": around(b"<!--" * 40_000),
        "40,000 CDATA": around(b"<![CDATA[" * 40_000),
        "1 MB of <": around(b"<" * 1_000_000),
        "1 MB of &": around(b"&" * 1_000_000),
        "200,000 items": around(b"<item><title>abc</title></item>" * 200_000),
        "10,000 categories": item(b"".join(b"<category>c%d</category>" % number for number in range(10_000))),
        "10,000 enclosures": item(b"".join(b'<enclosure url="http://x.example/%d"/>' % one for one in range(10_000))),
        "a body of 12 MB": item(b"<description>" + b"&lt;p>hello world&lt;/p> " * 500_000 + b"</description>"),
        "JSON without end": b'{"a":' * 200_000,
        "random bytes": os.urandom(200_000),
    }


@pytest.mark.long
@pytest.mark.parametrize("name", hostile())
def test_hostile_documents_end_within_the_limits(name: str) -> None:
    pool = ParserPool(1, seconds=10)
    try:
        pool.parse(GOOD)
        outcome: Any
        started = time.monotonic()
        try:
            outcome = pool.parse(a_request(hostile()[name]))
        except (NotAFeed, HostileDocument, ParserDied) as error:
            outcome = error
        assert time.monotonic() - started < 12, outcome
        assert pool.parse(GOOD).total == 1
        assert all(child.memory_info().rss < 256 * 2**20 for child in children())
    finally:
        pool.close()
