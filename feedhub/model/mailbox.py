"""A mailbox that is a source: which of its letters are taken, and up to which of them it has been read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MailFilter:
    """Letters of these senders (an address, or `@` and a domain) or lists (List-Id, RFC 2919); empty takes every one.

    With both, either is enough.
    """

    senders: tuple[str, ...] = ()
    list_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadTo:
    """The last letter that was read, by UIDVALIDITY and UID (RFC 9051 §2.3.1.1); `of` names mailbox and filter.

    Letters up to the UID `history` were there before the source was: they announce nothing old (SEMANTICS 16).
    """

    of: str
    validity: int
    uid: int
    history: int = 0
