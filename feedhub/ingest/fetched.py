"""What a fetch of a source brought, before any of it is parsed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from feedhub.model.mailbox import ReadTo
from feedhub.ports.web import WebResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What a fetch brought: documents to parse as (bytes, type, address), or the news that there is nothing new.

    Of a mailbox also how far it has been read, and the UIDs of the documents.
    """

    documents: tuple[tuple[bytes, str | None, str], ...] = ()
    fresh: Literal["new", "not_modified", "same_bytes"] = "new"
    response: WebResponse | None = None
    body_digest: str | None = None
    notes: tuple[str, ...] = ()
    read_to: ReadTo | None = None
    uids: tuple[int, ...] = ()
