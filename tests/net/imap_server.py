"""A real IMAP4rev1 server on loopback, as far as reading goes; it keeps every command and every flag.

Each connection has a thread of its own. `stored` are the letters by UID; one is marked `\\Seen` by whoever fetches
BODY[] without PEEK or after SELECT, as RFC 3501 has it, so a client that leaves marks is found out.
"""

from __future__ import annotations

import base64
import contextlib
import re
import socket
import ssl
import threading
import time
from email import message_from_bytes
from types import TracebackType
from typing import Self

_COMMAND = re.compile(rb"(\S+) (UID )?(\S+) ?(.*)", re.S)


class ImapServer:
    """`tls`: from the first byte. `starttls`: offered. `knows`: user and password. The rest bends what it says."""

    def __init__(
        self,
        host: str = "127.0.0.2",
        *,
        tls: ssl.SSLContext | None = None,
        starttls: ssl.SSLContext | None = None,
        knows: tuple[str, str] = ("desk", 's3 "cret\\'),
        auth_plain: bool = True,
    ) -> None:
        self.stored: dict[int, bytes] = {}
        self.deleted: set[int] = set()
        self.seen: set[int] = set()
        self.validity = 7
        self.name = "INBOX"
        self.commands: list[str] = []
        self.says_size: dict[int, int] = {}
        self.trickles = 0.0  # seconds between the bytes of what it says
        self.floods = False
        self.slow_letters: set[int] = set()
        self._tls, self._starttls, self._knows, self._auth_plain = tls, starttls, knows, auth_plain
        self._listening = socket.create_server((host, 0))
        self.port: int = self._listening.getsockname()[1]
        self._host = host
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._ended = threading.Event()

    def add(self, *letters: bytes) -> None:
        """Deliver letters, each under the next UID."""
        for letter in letters:
            self.stored[max(self.stored, default=0) + 1] = letter

    def url(self, mailbox: str = "INBOX", scheme: str = "imap", host: str | None = None) -> str:
        return f"{scheme}://{host or self._host}:{self.port}/{mailbox}"

    def said(self, word: str) -> list[str]:
        """The commands that were given, of those with a word in them."""
        return [command for command in self.commands if word in command]

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._start(self._serve, self._listening.accept()[0])

    def _serve(self, opened: socket.socket) -> None:
        self._open.add(opened)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            if self._tls is not None:
                opened = self._tls.wrap_socket(opened, server_side=True)
                self._open.add(opened)
            _Talk(self, opened).run()
        except (OSError, ValueError):
            pass
        finally:
            opened.close()
            self._open.discard(opened)


class _Talk:
    def __init__(self, server: ImapServer, opened: socket.socket) -> None:
        self._server, self._socket = server, opened
        self._lines = opened.makefile("rb")
        self._secure = server._tls is not None
        self._in, self._writable = False, False

    def run(self) -> None:
        try:
            self._say(b"* OK here\r\n")
            while line := self._lines.readline():
                if not self._obey(line.rstrip(b"\r\n")):
                    return
        finally:
            self._lines.close()
            self._socket.close()

    def _say(self, data: bytes) -> None:
        if self._server.trickles:
            for place in range(len(data)):
                self._socket.sendall(data[place : place + 1])
                if self._server._ended.wait(self._server.trickles):
                    return
            return
        self._socket.sendall(data)

    def _obey(self, line: bytes) -> bool:
        server = self._server
        found = _COMMAND.fullmatch(line)
        assert found is not None, line
        tag, verb, rest = found[1], (found[2] or b"") + found[3].upper(), found[4]
        server.commands.append((verb + b" " + rest).decode())
        if server.floods:
            while not server._ended.is_set():
                self._say(b"* OK " + b"flood " * 1000 + b"\r\n")
        answer = b"OK done"
        if verb == b"CAPABILITY":
            self._say(b"* CAPABILITY " + self._capabilities() + b"\r\n")
        elif verb == b"STARTTLS" and server._starttls is not None:
            self._say(tag + b" OK begin\r\n")
            self._lines.close()
            self._socket = server._starttls.wrap_socket(self._socket, server_side=True)
            server._open.add(self._socket)
            self._lines, self._secure = self._socket.makefile("rb"), True
            return True
        elif verb == b"AUTHENTICATE":
            self._say(b"+ \r\n")
            _, user, word = base64.b64decode(self._lines.readline()).split(b"\0")
            answer = self._let_in(user.decode(), word.decode())
        elif verb == b"LOGIN":
            user_word = re.findall(r'"((?:[^"\\]|\\.)*)"', rest.decode())
            answer = self._let_in(*(re.sub(r"\\(.)", r"\1", one) for one in user_word))
        elif verb == b"LOGOUT":
            self._say(b"* BYE\r\n" + tag + b" OK bye\r\n")
            return False
        elif not self._in:
            answer = b"NO sign in first"
        elif verb in (b"SELECT", b"EXAMINE"):
            answer = self._open_mailbox(verb, rest)
        elif verb == b"UID SEARCH":
            uids = b" ".join(b"%d" % uid for uid in sorted(server.stored) if self._matches(uid, rest.decode()))
            self._say(b"* SEARCH " + uids + b"\r\n")
        elif verb == b"UID FETCH":
            self._fetch(rest)
        else:
            answer = b"BAD not here"
        self._say(tag + b" " + answer + b"\r\n")
        return True

    def _capabilities(self) -> bytes:
        words = [b"IMAP4rev1"]
        if self._server._starttls is not None and not self._secure:
            return b"IMAP4rev1 STARTTLS LOGINDISABLED"
        if self._server._auth_plain:
            words.append(b"AUTH=PLAIN")
        return b" ".join(words)

    def _let_in(self, user: str, word: str) -> bytes:
        self._in = (user, word) == self._server._knows
        return b"OK in" if self._in else f"NO {user} with {word} is nobody".encode()

    def _open_mailbox(self, verb: bytes, rest: bytes) -> bytes:
        server = self._server
        if rest.decode() != f'"{server.name}"':
            return b"NO no such mailbox"
        self._writable = verb == b"SELECT"
        following = max(server.stored, default=0) + 1
        self._say(b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] .\r\n" % (len(server.stored), server.validity))
        self._say(b"* OK [UIDNEXT %d] .\r\n" % following)
        return b"OK [READ-WRITE] open" if self._writable else b"OK [READ-ONLY] open"

    def _matches(self, uid: int, criteria: str) -> bool:
        """RFC 3501 §6.4.4 for what the client may ask: UID n:*, UNDELETED, FROM, HEADER, and their OR."""
        server = self._server
        first = int(re.match(r"UID (\d+):\*", criteria)[1])  # type: ignore[index]
        last = max(server.stored)
        if not min(first, last) <= uid <= max(first, last) or ("UNDELETED" in criteria and uid in server.deleted):
            return False
        message = message_from_bytes(server.stored[uid])
        asked = re.findall(r'(?:FROM|HEADER (\S+)) "([^"]*)"', criteria)
        held = [word.lower() in str(message[name or "from"] or "").lower() for name, word in asked]
        return any(held) if held else True

    def _fetch(self, rest: bytes) -> None:
        server = self._server
        numbers, _, what = rest.partition(b" ")
        for number, uid in enumerate(sorted(server.stored), 1):
            if str(uid) not in numbers.decode().split(","):
                continue
            body = server.stored[uid]
            if b"RFC822.SIZE" in what:
                size = server.says_size.get(uid, len(body))
                self._say(b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (number, uid, size))
            else:
                if uid in server.slow_letters:
                    server._ended.wait(3)
                if b"BODY.PEEK[]" not in what and self._writable:
                    server.seen.add(uid)
                self._say(b"* %d FETCH (UID %d BODY[] {%d}\r\n" % (number, uid, len(body)) + body + b")\r\n")
                time.sleep(0)
