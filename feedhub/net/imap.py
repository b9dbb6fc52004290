"""A mailbox read by the standard library's IMAP client over a connection of ours, without changing anything in it.

    greeting ─→ STARTTLS? ─→ AUTHENTICATE or LOGIN ─→ EXAMINE ─→ UID SEARCH ─→ UID FETCH: sizes, then BODY.PEEK[]

EXAMINE opens it read-only, and BODY.PEEK sets no \\Seen flag (RFC 9051 §6.3.3, §6.4.5).
"""

from __future__ import annotations

import contextlib
import imaplib
import re
from base64 import b64encode
from typing import Any
from urllib.parse import unquote

from feedhub.errors import BadResponse, Deadline, FetchError, Unreachable
from feedhub.net.bounded_socket import BoundedSocket
from feedhub.net.url import OutboundUrl
from feedhub.ports.mailbox import Letter, MailboxAnswer, MailboxRequest

_UID = re.compile(rb"\bUID (\d{1,10})\b")
_SIZE = re.compile(rb"\bRFC822\.SIZE (\d{1,12})\b")
_SAID = 200


def read_letters(
    wire: BoundedSocket, url: OutboundUrl, request: MailboxRequest, *, plain_allowed: bool, ca_bundle: str | None
) -> MailboxAnswer:
    """The letters that came since; FetchError. Time that runs out after the first of them ends the reading early."""
    try:
        session = _Session(wire, url.host)
        if url.scheme == "imap":
            _secure(session, wire, url, plain_allowed, ca_bundle)
        _log_in(session, url, request.credentials)
        answer = _read(session, url, request)
        with contextlib.suppress(FetchError, imaplib.IMAP4.error, OSError):
            session.logout()
    except imaplib.IMAP4.error as error:
        raise BadResponse(f"{url.text} does not speak IMAP as it should: {_words(error)}.", url=url.text) from error
    except OSError as error:
        raise Unreachable(f"{url.text} broke off: {error}.", url=url.text) from error
    return answer


class _Session(imaplib.IMAP4):
    """imaplib's client with every byte going through the bounded socket."""

    def __init__(self, wire: BoundedSocket, host: str) -> None:
        self._wire, self._name = wire, host
        super().__init__(host)

    def open(self, host: str = "", port: int = 143, timeout: float | None = None) -> None:
        self.host, self.port = host, port

    def read(self, size: int) -> bytes:
        return self._wire.read(size)

    def readline(self) -> bytes:
        return self._wire.readline()

    def send(self, data: Any) -> None:
        self._wire.send(bytes(data))

    def shutdown(self) -> None:
        self._wire.close()


def _secure(
    session: _Session, wire: BoundedSocket, url: OutboundUrl, plain_allowed: bool, ca_bundle: str | None
) -> None:
    if "STARTTLS" in session.capabilities:
        kind, said = session.xatom("STARTTLS")
        if kind != "OK":
            raise BadResponse(f"{url.text} offers STARTTLS and refused it: {_words(said)}.", url=url.text)
        wire.start_tls(url.host, ca_bundle)
        # What was offered before TLS is not believed (RFC 9051 §6.2.1).
        _, offered = session.capability()
        session.capabilities = tuple(str(offered[-1] or b"", "ascii", "replace").upper().split())
    elif not plain_allowed:
        raise Unreachable(
            f"{url.text} offers no STARTTLS, and a password is not sent in plain. Use imaps://, or list the server's "
            "network under net.source_reach.allow.",
            url=url.text,
        )


def _log_in(session: _Session, url: OutboundUrl, credentials: tuple[str, str]) -> None:
    user, password = credentials
    try:
        if "AUTH=PLAIN" in session.capabilities:
            session.authenticate("PLAIN", lambda _: f"\0{user}\0{password}".encode())
        elif "LOGINDISABLED" in session.capabilities:
            raise BadResponse(f"{url.text} takes no password by LOGIN or PLAIN.", url=url.text, code="login_refused")
        else:
            session.login(_quoted(user), password)
    except session.abort:
        raise
    except (imaplib.IMAP4.error, UnicodeError) as error:
        said = "" if password and password in str(error) else f" ({_words(error)})"
        raise FetchError(
            f"{url.text} did not take the user name and password{said}. Check them; some providers want a password "
            "for programs.",
            url=url.text,
            code="login_refused",
        ) from None


def _read(session: _Session, url: OutboundUrl, request: MailboxRequest) -> MailboxAnswer:
    name = unquote(url.target.partition("?")[0].strip("/")) or "INBOX"
    kind, said = session.select(_quoted(_utf7(name)), readonly=True)
    if kind != "OK":
        raise FetchError(f"{url.text}: {name!r} cannot be opened: {_words(said)}.", url=url.text, code="no_mailbox")
    validity = _number(session, "UIDVALIDITY")
    if validity is None:
        raise BadResponse(f"{url.text} did not say which numbers its letters have (UIDVALIDITY).", url=url.text)
    following = _number(session, "UIDNEXT")
    since = request.since[1] if request.since is not None and request.since[0] == validity else 0
    notes = []
    if request.since is not None and request.since[0] != validity:
        notes.append("the mailbox numbers its letters anew; it is read from the start, what is known stays known")
    found = _search(session, request, since)
    taken, read_to, said_of = _fetch(session, request, found)
    left = len([uid for uid in found if uid > read_to])
    if left:
        notes.append(f"{left} letters are left to the next poll")
    elif following is not None:
        # Up to here nothing else is for this source. What comes in meanwhile has a higher number.
        read_to = max(read_to, following - 1)
    return MailboxAnswer(
        validity=validity,
        read_to=max(since, read_to),
        newest=max(found, default=since),
        letters=tuple(taken),
        notes=(*notes, *said_of),
        left=left,
    )


def _search(session: _Session, request: MailboxRequest, since: int) -> list[int]:
    """The UIDs above `since` of what is asked for. `*` is the last letter, whichever number it has."""
    wanted = [f"FROM {_quoted(sender)}" for sender in request.senders]
    wanted += [f"HEADER List-Id {_quoted(name)}" for name in request.list_ids]
    criteria = [f"UID {since + 1}:*", "UNDELETED"]
    if wanted:
        criteria.append("OR " * (len(wanted) - 1) + " ".join(f"({one})" for one in wanted))
    kind, said = session.uid("SEARCH", *criteria)
    if kind != "OK":
        raise session.error(f"the search was refused: {_words(said)}")
    numbers = b" ".join(one for one in said if isinstance(one, bytes)).split()
    return sorted({int(one) for one in numbers if one.isdigit() and len(one) <= 10 and int(one) > since})


def _fetch(session: _Session, request: MailboxRequest, found: list[int]) -> tuple[list[Letter], int, list[str]]:
    """Letters within the bounds, the UID that was read to, and sentences about those that were left out."""
    asked = found[: request.most]
    letters: list[Letter] = []
    notes: list[str] = []
    read_to = total = 0
    sizes = _sizes(session, asked) if asked else {}
    for uid in asked:
        size = sizes.get(uid, 0)
        if size > request.largest:
            notes.append(f"letter {uid} is left out: it has {size:,} bytes, more than {request.largest:,}")
        elif letters and total + size > request.most_bytes:
            break
        else:
            try:
                body = _letter(session, uid)
            except Deadline:
                if not letters:
                    raise
                break
            total += len(body or b"")
            if body is None:
                notes.append(f"letter {uid} is not there any more, or was not given whole")
            else:
                letters.append(Letter(uid, body))
        read_to = uid
    return letters, read_to, notes


def _sizes(session: _Session, uids: list[int]) -> dict[int, int]:
    kind, said = session.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)")
    if kind != "OK":
        raise session.error(f"the sizes were refused: {_words(said)}")
    lines = [one for one in said if isinstance(one, bytes)]
    pairs = [(_UID.search(line), _SIZE.search(line)) for line in lines]
    return {int(uid[1]): int(size[1]) for uid, size in pairs if uid and size}


def _letter(session: _Session, uid: int) -> bytes | None:
    kind, said = session.uid("FETCH", str(uid), "(UID BODY.PEEK[])")
    if kind != "OK":
        return None
    for part in said:
        if isinstance(part, tuple) and b"BODY[]" in part[0].upper():
            return bytes(part[1])
    return None


def _number(session: _Session, name: str) -> int | None:
    _, said = session.response(name)
    last = said[-1] if said else None
    return int(last) if isinstance(last, bytes) and last.isdigit() and len(last) <= 10 else None


def _quoted(text: str) -> str:
    """A quoted string (RFC 9051 §4.3); ValueError for what could be read as a line of its own."""
    if not text.isprintable():
        raise UnicodeError("it has control characters in it")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _utf7(name: str) -> str:
    """A mailbox's name in modified UTF-7 (RFC 3501 §5.1.3)."""

    def shifted(run: re.Match[str]) -> str:
        coded = b64encode(run[0].encode("utf-16be")).decode("ascii").rstrip("=")
        return f"&{coded.replace('/', ',')}-"

    return re.sub(r"[^\x20-\x7e]+", shifted, name.replace("&", "&-"))


def _words(said: object) -> str:
    """What a server said, fit for a message."""
    parts = said if isinstance(said, list) else [said]
    text = " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in parts)
    return "".join(char if char.isprintable() else " " for char in text[:_SAID]).strip() or "no reason given"
