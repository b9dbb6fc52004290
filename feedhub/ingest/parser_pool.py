"""Parser children: a few processes that parse one document each at a time, killed when one takes too long.

A child that dies costs one document and is replaced with the next; the others do not notice (PROMISES 112).
"""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, cast

from feedhub.errors import ParserDied
from feedhub.ingest.wire import Answer, ParseRequest, receive_answer, send_request
from feedhub.model.item import ParsedFeed
from feedhub.model.picture import Picture
from feedhub.model.recognised import Recognised

__all__ = ["ParseRequest", "ParserPool"]

START_SECONDS = 60.0
END_SECONDS = 2.0


class ParserPool:
    """At most `size` children, started when first needed; a document may take `seconds` of wall clock."""

    def __init__(self, size: int, seconds: float = 10.0) -> None:
        self.size = size
        self.seconds = seconds
        self._slots: queue.LifoQueue[_Child | None] = queue.LifoQueue()
        self._lock = threading.Lock()
        self._children: set[_Child] = set()
        self._closed = False
        # PR_SET_PDEATHSIG fires when the starting thread ends, not the process: so one thread starts them all.
        self._starter = ThreadPoolExecutor(1, thread_name_prefix="parser-starter")
        for _ in range(size):
            self._slots.put(None)

    def parse(self, request: ParseRequest) -> ParsedFeed:
        """The document's feed. Blocks while all children are busy; may be called from any thread.

        NotAFeed and HostileDocument as the child says; ParserDied when it took too long or ended.
        """
        return self._answer(request).result()

    def recognise(self, request: ParseRequest) -> Recognised:
        """What a document of the reading `recognise` could be; blocks and raises as `parse` does."""
        return self._answer(request).recognition()

    def picture(self, body: bytes, now: datetime) -> Picture:
        """The picture in some bytes, decoded and written anew; blocks and raises as `parse` does."""
        request = ParseRequest(body, None, "", "UTC", None, None, now, kind="picture")
        return self._answer(request).decoded()

    def _answer(self, request: ParseRequest) -> Answer:
        child = self._slots.get()
        try:
            if child is None or not child.alive():
                child = self._start()
            answer = child.ask(request, self.seconds)
        except ParserDied:
            if child is not None:
                self._forget(child)
                child = None
            raise
        else:
            if answer.retires:
                self._forget(child)
                child = None
        finally:
            self._slots.put(child)
        return answer

    def close(self) -> None:
        """End all children; documents under way raise ParserDied, and so does every later one."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            children = tuple(self._children)
        for child in children:
            child.stop_asking()
        slots = [self._slots.get() for _ in range(self.size)]
        for child in children:
            child.end()
        for _ in slots:
            self._slots.put(None)
        self._starter.shutdown()

    def _start(self) -> _Child:
        with self._lock:
            if self._closed:
                raise ParserDied("The parser is closed.")
            child = self._starter.submit(_Child).result()
            self._children.add(child)
        return child

    def _forget(self, child: _Child) -> None:
        child.end()
        with self._lock:
            self._children.discard(child)


class _Child:
    """One process, and one question to it at a time."""

    def __init__(self) -> None:
        package = Path(__file__).resolve().parents[2]
        # Nothing of our environment: it may hold secrets, and the child needs none of it.
        environment = {"PYTHONPATH": str(package), "PYTHONUTF8": "1", "PATH": os.defpath}
        if zones := os.environ.get("PYTHONTZPATH"):
            environment["PYTHONTZPATH"] = zones
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "feedhub.ingest.child", str(os.getpid())],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            cwd="/",
        )
        self._requests = cast(BinaryIO, self._process.stdin)
        self._answers = cast(BinaryIO, self._process.stdout)
        self._ready = False
        self._why = ""

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    def ask(self, request: ParseRequest, seconds: float) -> Answer:
        """Its answer within `seconds`, ParserDied otherwise."""
        try:
            if not self._ready:
                with _Patience(self, START_SECONDS, f"The parser did not start within {START_SECONDS:g} s."):
                    self._ready = receive_answer(self._answers) is not None
            said = f"The parser took longer than {seconds:g} s for this document and was stopped."
            with _Patience(self, seconds, said):
                send_request(self._requests, request)
                answer = receive_answer(self._answers)
        except OSError as error:
            raise ParserDied(self._why or self._ending()) from error
        except ValueError as error:
            raise ParserDied("The parser gave an answer that is none of ours.") from error
        if answer is None:
            raise ParserDied(self._why or self._ending())
        return answer

    def stop_asking(self) -> None:
        """Kill it because we are closing; whoever waits for its answer hears so."""
        self.kill("The parser is closed.")

    def kill(self, why: str) -> None:
        """Kill it, remembering why."""
        self._why = self._why or why
        self._process.kill()

    def end(self) -> None:
        """Have it end by itself, or kill it; its process and pipes are gone afterwards."""
        with suppress(OSError):  # it ended while something was still unwritten
            self._requests.close()
        self._wait()
        self._answers.close()

    def _ending(self) -> str:
        status = self._wait()
        how = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        return f"The parser ended {how} while it read this document."

    def _wait(self) -> int:
        """Its exit status; without its pipes it ends by itself, or is helped."""
        try:
            return self._process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


class _Patience:
    """A block that is given `seconds`; then the child is killed, which ends every wait for it."""

    def __init__(self, child: _Child, seconds: float, said: str) -> None:
        self._timer = threading.Timer(seconds, child.kill, [said])
        self._timer.daemon = True

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
