"""Every error FeedHub raises on purpose, with a stable code; only the web chooses status and words.

FeedHubError
├── UsageError              wrong_use            the caller asked for something that makes no sense
├── ConfigError             bad_config           config.yaml or a file under feeds/ is wrong (carries every fault)
├── NotFound                not_found            no such section, article, entry or source (carries near names)
├── Gone                    gone                 it existed and was withdrawn
├── Provisioned             provisioned          a file declares it, so it cannot be changed here (file:line)
├── Conflict                conflict             the state does not allow it
├── HubRefused              bad_request, topic_refused, callback_refused, secret_refused, key_needed, too_many
│                                                a request to the hub is not taken (carries when to ask again)
├── AccessRefused           key_unknown, key_not_for_this
│                                                a partner's key does not open this
├── RecordError             bad_record           one article record cannot be taken in (file:line)
├── StoreError              store                the database is away, too old or too new
│   ├── StoreAway           store_away
│   └── SchemaMismatch      schema_mismatch
├── FetchError              fetch                an outbound request failed
│   ├── AddressRefused      private_address, scheme_not_allowed, port_not_allowed, bad_address, self_reference
│   ├── TooManyRedirects    too_many_redirects
│   ├── RedirectRefused     redirect_refused, tls_downgrade
│   ├── RobotsDisallowed    robots_disallowed    the host's robots.txt asks to leave it alone
│   ├── TooLarge            too_large
│   ├── Deadline            deadline
│   ├── BadResponse         bad_response         the answer breaks HTTP or its coding is broken
│   └── Unreachable         unreachable          no name, no connection, TLS failed
└── ParseError              parse
    ├── NotAFeed            not_a_feed           HTML, a login page, nothing, a picture…
    ├── SelfReference       self_reference       all of it is ours, and comes back
    ├── Drifted             drifted              it no longer looks as it was learned (carries the signs)
    ├── HostileDocument     hostile_document     entities, depth or size beyond our limits
    └── ParserDied          parser_died          the parser child was killed by its limits
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


class FeedHubError(Exception):
    """Base of the tree. `code` is stable and public; `str(error)` is a sentence for a person."""

    code: str = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code


class UsageError(FeedHubError):
    """The caller asked for something that makes no sense."""

    code = "wrong_use"


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing wrong in a file; `line` and `column` count from 1, 0 means the whole file."""

    file: str
    line: int
    column: int
    path: str
    problem: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.path}: {self.problem}"


class ConfigError(FeedHubError):
    """Configuration is wrong; `faults` holds all of them, in file order."""

    code = "bad_config"

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class NotFound(FeedHubError):
    """There is no such thing; `near` are names that come close."""

    code = "not_found"

    def __init__(self, kind: str, name: str, near: tuple[str, ...] = ()) -> None:
        hint = f" Near names: {', '.join(near)}." if near else ""
        super().__init__(f"There is no {kind} {name!r}.{hint}")
        self.kind, self.name, self.near = kind, name, near


class Gone(FeedHubError):
    """It was published once and has been withdrawn."""

    code = "gone"

    def __init__(self, kind: str, name: str, reason: str | None) -> None:
        super().__init__(f"The {kind} {name!r} was withdrawn." + (f" Reason: {reason}" if reason else ""))
        self.kind, self.name, self.reason = kind, name, reason


class Provisioned(FeedHubError):
    """A file declares it; `where` is file:line."""

    code = "provisioned"

    def __init__(self, kind: str, name: str, where: str) -> None:
        super().__init__(f"The {kind} {name!r} is declared in {where}; change it there.")
        self.kind, self.name, self.where = kind, name, where


class Conflict(FeedHubError):
    """The present state does not allow what was asked."""

    code = "conflict"


class HubRefused(FeedHubError):
    """A request to the hub is not taken; `retry_after` in seconds where it may be another time."""

    code = "bad_request"

    def __init__(self, message: str, *, code: str = "bad_request", retry_after: int | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after


class AccessRefused(FeedHubError):
    """A partner's key does not open this."""

    code = "key_unknown"


class RecordError(FeedHubError):
    """One article record cannot be taken in; `where` is file:line."""

    code = "bad_record"

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where}: {problem}")
        self.where, self.problem = where, problem


class StoreError(FeedHubError):
    """The database cannot serve us."""

    code = "store"


class StoreAway(StoreError):
    """The database does not answer."""

    code = "store_away"


class SchemaMismatch(StoreError):
    """The tables are older or newer than this program."""

    code = "schema_mismatch"


class FetchError(FeedHubError):
    """An outbound request failed; `url` is the hop that failed."""

    code = "fetch"

    def __init__(self, message: str, *, url: str, code: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, code=code)
        self.url = url
        self.retry_after = retry_after


class AddressRefused(FetchError):
    """The address is none that we connect to; nothing was connected."""

    code = "private_address"
    CODES: ClassVar[frozenset[str]] = frozenset(
        {"private_address", "scheme_not_allowed", "port_not_allowed", "bad_address", "self_reference"}
    )


class TooManyRedirects(FetchError):
    """More than five redirects, or a loop."""

    code = "too_many_redirects"


class RedirectRefused(FetchError):
    """The redirect leads where this source may not go (another host, from https to http).

    `permanent` when it and all before it were permanent (301, 308): the source has moved there.
    """

    code = "redirect_refused"
    permanent = False


class RobotsDisallowed(FetchError):
    """The host's robots.txt asks us to leave the address alone, or cannot be had."""

    code = "robots_disallowed"


class TooLarge(FetchError):
    """More bytes than we take, on the wire or unpacked; the download was stopped."""

    code = "too_large"


class Deadline(FetchError):
    """The wall-clock deadline of the whole request passed."""

    code = "deadline"


class BadResponse(FetchError):
    """The answer breaks HTTP, or its content coding is broken."""

    code = "bad_response"


class Unreachable(FetchError):
    """No such name, no connection, or TLS failed."""

    code = "unreachable"


class ParseError(FeedHubError):
    """A document could not be read."""

    code = "parse"


class NotAFeed(ParseError):
    """The document is something else than a feed."""

    code = "not_a_feed"


class SelfReference(ParseError):
    """All that the document holds are articles of our own: two hubs take from each other."""

    code = "self_reference"


class Drifted(ParseError):
    """A page no longer looks as it was learned; `signs` say old against new, `reads_now` is what its rules read."""

    code = "drifted"

    def __init__(self, signs: tuple[str, ...], *, reads_now: tuple[str, ...] = ()) -> None:
        super().__init__(f"This page looks as if it was redesigned: {'; '.join(signs)}. Nothing of it was taken.")
        self.signs, self.reads_now = signs, reads_now


class HostileDocument(ParseError):
    """The document is built to hurt: entities, depth or size beyond our limits."""

    code = "hostile_document"


class ParserDied(ParseError):
    """The parser child hit its limits of time or memory and was killed."""

    code = "parser_died"
