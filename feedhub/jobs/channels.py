"""Where notices go: a webhook (Standard Webhooks 1.0) or the mailbox, and what the answer means.

The id of a message is the same over all tries, so a receiver that has it may throw a repeat away. The address of a
webhook is a secret: it stands in no log line, row or error.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from feedhub.basics.digests import digest
from feedhub.errors import FetchError
from feedhub.model.alert import Notice
from feedhub.ports.web import Bounds, Envelope, WebRequest, WebResponse

BOUNDS = Bounds(seconds=15.0, wire_bytes=64 * 1024, plain_bytes=64 * 1024, redirects=0)


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address, and the key that signs what is sent there."""

    url: str = field(repr=False)
    key: bytes = field(repr=False)

    @property
    def name(self) -> str:
        """What its notices are filed under."""
        return f"webhook:{digest('webhook', self.url)[:16]}"

    @property
    def shown(self) -> str:
        """Fit for a person's eyes."""
        return f"webhook at {urlsplit(self.url).hostname}"

    def request(self, notice: Notice, now: datetime) -> WebRequest:
        """The signed POST; the time of this try is signed too, so that an old one cannot be played again."""
        body = json.dumps(notice.message, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
        stamp = str(int(now.timestamp()))
        signed = hmac.new(self.key, f"{notice.id}.{stamp}.".encode() + body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json",
            "webhook-id": notice.id,
            "webhook-timestamp": stamp,
            "webhook-signature": f"v1,{b64encode(signed).decode()}",
        }
        return WebRequest(self.url, "POST", headers, body, reach="callback", follow_redirects=False, bounds=BOUNDS)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A server, who writes, and to whom."""

    server: str
    sender: str
    to: tuple[str, ...]
    credentials: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What its notices are filed under."""
        return "email"

    @property
    def shown(self) -> str:
        """Fit for a person's eyes."""
        return f"mail to {', '.join(self.to)}"

    def request(self, notice: Notice, now: datetime) -> WebRequest:
        """The mail; its Message-ID is the notice's id."""
        data = notice.message["data"]
        mail = EmailMessage(policy=SMTP)
        mail["From"], mail["To"], mail["Subject"] = self.sender, ", ".join(self.to), data["subject"]
        mail["Date"] = notice.made_at
        mail["Message-ID"] = f"<{notice.id}@{self.sender.rpartition('@')[2]}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content("\n\n".join((*data["lines"], "`feedhub alert list` shows what stands.")))
        return WebRequest(
            self.server,
            "POST",
            body=mail.as_bytes(),
            reach="mail",
            credentials=self.credentials,
            bounds=BOUNDS,
            envelope=Envelope(self.sender, self.to),
        )


Channel = Webhook | Mailbox


def refusal(channel: Channel, answer: WebResponse | FetchError) -> str | None:
    """Why a channel did not take a notice, in words without secrets; None when it did."""
    if isinstance(answer, FetchError):
        if isinstance(channel, Mailbox):
            return str(answer)
        words = str(answer).replace(answer.url, channel.shown).replace(channel.url, channel.shown)
        told = urlsplit(channel.url)
        # However the address was respelled on the way: nothing of its path or query gets out.
        leaks = any(len(part) > 1 and part in words for part in (*told.path.split("/"), told.query))
        return f"{channel.shown}: {answer.code}" if leaks else words
    return None if 200 <= answer.status < 300 else f"{channel.shown} answered {answer.status}"
