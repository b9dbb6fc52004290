"""The source kind `mail`: what came into a mailbox since the last poll, one letter a document.

Where it was read to is kept with what was learned of the source, so it moves in the poll's one write or not at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

from feedhub.basics.digests import digest
from feedhub.errors import FetchError
from feedhub.ingest.fetched import Fetched
from feedhub.model.learned import Learned
from feedhub.model.mailbox import MailFilter, ReadTo
from feedhub.model.source import Source, SourceState
from feedhub.ports.mailbox import MailboxRequest
from feedhub.ports.web import Web

LONGEST_PASSWORD = 1024


def fetch_letters(web: Web, source: Source, state: SourceState | None, password: str) -> Fetched:
    """The letters since the last poll; FetchError."""
    wanted = source.mail or MailFilter()
    name = digest("mailbox", source.url or "", source.username or "", *wanted.senders, "", *wanted.list_ids)
    known = state.learned.read_to if state is not None and state.learned is not None else None
    known = known if known is not None and known.of == name else None
    answer = web.read_mail(
        MailboxRequest(
            url=str(source.url),
            credentials=(source.username or "", password),
            since=(known.validity, known.uid) if known is not None else None,
            senders=wanted.senders,
            list_ids=wanted.list_ids,
        )
    )
    history = known.history if known is not None and known.validity == answer.validity else 0
    read_to = ReadTo(name, answer.validity, answer.read_to, answer.newest if known is None else history)
    if state is not None and not answer.letters and not answer.notes:
        return Fetched(fresh="not_modified", read_to=read_to)
    documents = tuple(
        (letter.body, "message/rfc822", f"{source.url};UIDVALIDITY={answer.validity}/;UID={quote(str(letter.uid))}")
        for letter in answer.letters
    )
    return Fetched(
        documents=documents, notes=answer.notes, read_to=read_to, uids=tuple(one.uid for one in answer.letters)
    )


def as_far_as(fetched: Fetched, read: int) -> Fetched:
    """A fetch of which only the first `read` documents were read before time was up: the others come again."""
    if fetched.read_to is None or read >= len(fetched.documents):
        return fetched
    read_to = replace(fetched.read_to, uid=fetched.uids[read - 1])
    return replace(fetched, documents=fetched.documents[:read], uids=fetched.uids[:read], read_to=read_to)


def is_history(fetched: Fetched) -> bool:
    """Whether the letters stood in the mailbox before it was a source."""
    return fetched.read_to is not None and bool(fetched.uids) and fetched.uids[0] <= fetched.read_to.history


def remember(learned: Learned | None, fetched: Fetched) -> Learned | None:
    """What was learned, with how far a mailbox was read."""
    if fetched.read_to is None:
        return learned
    return replace(learned or Learned(), read_to=fetched.read_to)


def password_name(key: str) -> str:
    """What the environment calls a source: `weekly-letters` is WEEKLY_LETTERS."""
    return re.sub(r"[^A-Z0-9]+", "_", key.upper())


def password_of(source: Source, directory: Path, environment: Mapping[str, str]) -> str:
    """The source's password, from the environment, from its file (below `directory`) or from what it declares.

    FetchError when the file cannot be read, or a mailbox has no password at all.
    """
    if (word := environment.get(password_name(source.key))) is not None:
        return word
    if source.password_file is None:
        if source.kind == "mail" and not source.password:
            said = (
                f"The source {source.key} has no password: name a password_file, or set "
                f"FEEDHUB__SOURCES__{password_name(source.key)}__PASSWORD."
            )
            raise FetchError(said, url=str(source.url), code="password_away")
        return source.password or ""
    path = directory / source.password_file
    try:
        with path.open(encoding="utf-8") as stream:
            word = stream.read(LONGEST_PASSWORD + 1).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        said = f"The password_file {source.password_file} of {source.key} cannot be read: {why}."
        raise FetchError(said, url=str(path), code="password_away") from error
    if not word or len(word) > LONGEST_PASSWORD or "\n" in word:
        said = f"The password_file {source.password_file} of {source.key} does not hold one line with the password."
        raise FetchError(said, url=str(path), code="password_away")
    return word
