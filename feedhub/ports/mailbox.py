"""What may be asked of a mailbox through the outbound client, and what it answers (IMAP, RFC 9051 and RFC 3501)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxRequest:
    """One reading of a mailbox that changes nothing in it, under the rules of address for sources.

    `url` is `imaps://host/MAILBOX`, or `imap://` (STARTTLS; in plain only at an address that the reach lists);
    `since` the UIDVALIDITY and UID that it was read to, `senders` and `list_ids` what the server is to look for.
    `largest` bytes of one letter, `most_bytes` of all of them, `most` letters, `seconds` on the wall clock.
    """

    url: str
    credentials: tuple[str, str]
    since: tuple[int, int] | None = None
    senders: tuple[str, ...] = ()
    list_ids: tuple[str, ...] = ()
    most: int = 50
    largest: int = 5 * 1024 * 1024
    most_bytes: int = 20 * 1024 * 1024
    seconds: float = 20.0


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as its bytes stand in the mailbox."""

    uid: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxAnswer:
    """The letters in the order of their UIDs, up to which UID it has been read, the highest there is for us,
    sentences, and how many are left."""

    validity: int
    read_to: int
    newest: int = 0
    letters: tuple[Letter, ...] = ()
    notes: tuple[str, ...] = ()
    left: int = 0
