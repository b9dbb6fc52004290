"""The parts of a source of kind mail: the mailbox's address, and whose letters are taken."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from feedhub.model.mailbox import MailFilter

_SENDER = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{0,64}@[A-Za-z0-9.-]{1,253}")
_LIST = re.compile(r"[A-Za-z0-9!#$&'*+/=?^_`{|}~.-]{1,255}")


def is_mailbox(address: str) -> bool:
    """Whether an address is that of a mailbox, `imaps://host/MAILBOX` or `imap://`; ValueError says what is wrong."""
    parts = urlsplit(address)
    if parts.scheme.lower() not in ("imap", "imaps"):
        return False
    if not parts.hostname or parts.query or parts.fragment or not address.isprintable():
        raise ValueError(f"{address!r} is not a mailbox such as imaps://mail.example.org/INBOX")
    if "@" in parts.netloc:
        raise ValueError("a mailbox's address has no name in front of @: username and password_file are keys")
    return True


def _sender(value: str) -> str:
    if not _SENDER.fullmatch(value):
        raise ValueError(f"{value!r} is neither an address such as news@example.org nor @example.org")
    return value.lower()


def _list_id(value: str) -> str:
    if not _LIST.fullmatch(value.strip("<>")):
        raise ValueError(f"{value!r} is not what stands between < and > in a List-Id, such as weekly.example.org")
    return value.strip("<>").lower()


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


_Sender = Annotated[str, AfterValidator(_sender)]
_ListId = Annotated[str, AfterValidator(_list_id)]


class MailForm(BaseModel):
    """Whose letters are taken; of all senders where nobody is named (docs/sources.md, Newsletters)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)

    senders: Annotated[tuple[_Sender, ...], BeforeValidator(_several), Field(max_length=50, alias="from")] = ()
    list_id: Annotated[tuple[_ListId, ...], BeforeValidator(_several), Field(max_length=50)] = ()

    def mail_filter(self) -> MailFilter:
        """The model's value."""
        return MailFilter(self.senders, self.list_id)
