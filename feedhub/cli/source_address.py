"""What an address as it was typed stands for: a web address, a mailbox, or a folder below feeds/.

The name in front of @ in a mailbox's address is the one to sign in with. A password there is refused: whoever lists
processes or reads the shell's history would have it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from feedhub.basics.text import identifier
from feedhub.basics.urls import host_of, web_url
from feedhub.errors import UsageError


def as_typed(typed: str, kind: str | None, feeds: Path) -> dict[str, Any]:
    """The keys of a source file that an address stands for: kind (where it shows), url or path, username, key.

    A mailbox has its key from its host, since its password may be looked up by that.
    """
    if kind in (None, "mail") and typed.lower().startswith(("imap://", "imaps://")):
        return _mailbox(typed)
    folder = _folder_below(feeds, typed) if kind in (None, "files") else None
    if folder is not None or kind == "files":
        return {"kind": "files", "path": folder or typed}
    if kind is None and web_url(typed) is None and "://" not in typed:
        raise UsageError(
            f"{typed!r} is neither an address that begins with http:// or https://, nor one of a mailbox "
            f"(imaps://user@host/INBOX), nor a folder below {feeds}."
        )
    return {"kind": kind, "url": typed}


def _mailbox(typed: str) -> dict[str, Any]:
    parts = urlsplit(typed)
    user, at, host = parts.netloc.rpartition("@")
    if ":" in user:
        raise UsageError(
            "A password does not belong on the command line. Leave it out of the address, and name --password-file "
            "or set FEEDHUB__SOURCES__<KEY>__PASSWORD."
        )
    made: dict[str, Any] = {"kind": "mail", "url": urlunsplit(parts._replace(netloc=host))}
    if at:
        made["username"] = unquote(user)
    if named := identifier(host_of(made["url"])):
        made["key"] = named[:64]
    return made


def _folder_below(feeds: Path, typed: str) -> str | None:
    """A folder's path below feeds/, typed as such or from where one stands; None where there is none."""
    if "://" in typed or not typed.isprintable():
        return None
    for start in (feeds, Path()):
        folder = (start / typed).resolve()
        if folder.is_dir() and folder != feeds and folder.is_relative_to(feeds):
            return folder.relative_to(feeds).as_posix()
    return None
