"""The parser child: reads requests on stdin, answers on stdout, until stdin ends (DESIGN, decision 6).

Started as `python -m feedhub.ingest.child PARENT`. Hostile bytes are parsed here and nowhere else: memory,
open files, written files, other processes and sockets are all forbidden or bounded before the first of them
is read; the clock is the parent's, who kills. It dies with its parent.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
import sysconfig
import zoneinfo
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

from feedhub.errors import HostileDocument, NotAFeed, ParseError
from feedhub.ingest.detail_page import read_detail, read_full_text
from feedhub.ingest.extract import extract_document
from feedhub.ingest.facts import facts_of
from feedhub.ingest.letter import read_letter
from feedhub.ingest.parse import parse_document
from feedhub.ingest.read_picture import read_picture
from feedhub.ingest.recognise import recognise
from feedhub.ingest.tongue import own_languages
from feedhub.ingest.wire import Answer, ParseRequest, receive_request, send_answer

MEMORY = 1024 * 1024 * 1024
OPEN_FILES = 24
# A child that still holds this much after a document is dearer than a fresh one.
RETIRES_ABOVE = 160 * 1024 * 1024
# The parent kills far earlier; this is for a parent that cannot.
LAST_RESORT_SECONDS = 120
PR_SET_PDEATHSIG = 1
_READERS = {"feed": parse_document, "mail": read_letter, "detail": read_detail, "full_text": read_full_text}

_FORBIDDEN = (
    "socket.__new__",
    "socket.connect",
    "socket.getaddrinfo",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.remove",
    "os.rename",
    "os.mkdir",
    "urllib.Request",
)


def main() -> int:
    """Serve requests until stdin ends or this child has grown too large."""
    _die_with(int(sys.argv[1]) if len(sys.argv) > 1 else None)
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    memory = _open_memory()
    _silence()
    _limit()
    send_answer(answers, Answer(message="ready"))
    _serve(requests, answers, memory)
    return 0


def _serve(requests: BinaryIO, answers: BinaryIO, memory: int | None) -> None:
    while (request := receive_request(requests)) is not None:
        signal.alarm(LAST_RESORT_SECONDS)
        answer = answer_to(request)
        signal.alarm(0)
        if _grown(memory):
            answer = replace(answer, retires=True)
        try:
            send_answer(answers, answer)
        except MemoryError:
            send_answer(answers, _too_large())
            return
        if answer.retires:
            return


def answer_to(request: ParseRequest) -> Answer:
    """The answer to one request; never raises."""
    try:
        if request.kind == "recognise":
            return Answer(recognised=recognise(request))
        if request.kind == "picture":
            return Answer(picture=read_picture(request.body))
        feed = own_languages(_READERS.get(request.kind, extract_document)(request))
        if request.kind == "feed":
            feed = replace(feed, facts=tuple(map(facts_of, feed.items)))
        return Answer(feed=feed)
    except MemoryError:
        return _too_large()
    except ParseError as error:
        code: Any = error.code if isinstance(error, NotAFeed | HostileDocument) else "parse"
        return Answer(error=code, message=str(error))
    except Exception as error:
        # A fault of ours or of a library: one document cannot be read, the others go on.
        return Answer(error="parse", message=f"The document cannot be read ({type(error).__name__}).")


def _too_large() -> Answer:
    return Answer(
        error="hostile_document", message="The document needs more memory than a parser may have.", retires=True
    )


def _grown(memory: int | None) -> bool:
    """Whether it holds too much now. Not ru_maxrss: that is the parent's before exec, when it was larger."""
    if memory is None:
        return False
    return int(os.pread(memory, 100, 0).split()[1]) * resource.getpagesize() > RETIRES_ABOVE


def _open_memory() -> int | None:
    """proc(5) statm of this process, opened while files may still be opened."""
    try:
        return os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _die_with(parent: int | None) -> None:
    """SIGKILL when the parent ends (prctl(2)); a signal to the whole group is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if parent is not None and os.getppid() != parent:
        os._exit(0)  # it ended before we asked to be told


def _silence() -> None:
    """Nothing but answers goes to the parent, nothing at all to a terminal."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nothing, descriptor)
    os.close(nothing)


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    roots = {
        sys.prefix,
        sys.base_prefix,
        sysconfig.get_path("stdlib"),
        *zoneinfo.TZPATH,
        str(Path(__file__).parents[1]),
    }
    readable = tuple(str(Path(root).resolve()) + "/" for root in roots) + tuple(f"{root}/" for root in roots)

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _FORBIDDEN:
            raise PermissionError(f"a parser does not do {event}")
        if event == "open" and isinstance(arguments[0], str | bytes):
            path = os.fsdecode(arguments[0])
            writes = isinstance(arguments[1], str) and bool(set(arguments[1]) & set("wax+"))
            if writes or not path.startswith(readable):
                raise PermissionError(f"a parser does not open {path}")

    sys.addaudithook(refuse)


if __name__ == "__main__":
    sys.exit(main())
