"""The key `alerts` of config.yaml: whom to tell, after how long, how often again. Secrets are never shown."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator

from feedhub.config.scalars import Span

_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,253}")
_PREFIX = "whsec_"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, populate_by_name=True)


def _web_address(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.fragment:
        raise ValueError("is not an address such as https://alerts.example.org/hook")
    return value


def _mail_server(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.username or parts.path.strip("/"):
        raise ValueError(
            "is not a server such as smtps://mail.example.org:465 (name and password are keys of their own)"
        )
    return value


def _mailbox(value: str) -> str:
    if not _MAILBOX.fullmatch(value):
        raise ValueError(f"{value!r} is not a bare mail address such as desk@example.org")
    return value


def _signing_key(value: SecretStr) -> SecretStr:
    try:
        key = b64decode(value.get_secret_value().removeprefix(_PREFIX), validate=True)
    except NotBase64:
        key = b""
    if not 24 <= len(key) <= 64:
        raise ValueError(f"is not {_PREFIX} and the base64 of 24 to 64 random bytes: openssl rand -base64 32")
    return value


def _list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class WebhookPart(_Part):
    """An address that is told by a signed POST; addresses of webhooks often are secrets themselves."""

    url: Annotated[SecretStr, AfterValidator(_web_address)]
    secret: Annotated[SecretStr, AfterValidator(_signing_key)]

    def __str__(self) -> str:
        return f"{urlsplit(self.url.get_secret_value()).hostname} (address and secret are not shown)"

    def signing_key(self) -> bytes:
        """The bytes that sign."""
        return b64decode(self.secret.get_secret_value().removeprefix(_PREFIX))


class EmailPart(_Part):
    """A mail server and who is written to."""

    smtp: Annotated[str, AfterValidator(_mail_server)] | None = None
    sender: Annotated[Mailbox | None, Field(alias="from")] = None
    to: Annotated[tuple[Mailbox, ...], BeforeValidator(_list), Field(max_length=20)] = ()
    username: str | None = None
    password: SecretStr | None = None

    @model_validator(mode="after")
    def _whole(self) -> EmailPart:
        named = [self.smtp is not None, self.sender is not None, bool(self.to)]
        if any(named) and not all(named):
            raise ValueError("names smtp, from and to, or none of them")
        if (self.username is None) != (self.password is None):
            raise ValueError("names both username and password, or none")
        return self


class AlertsPart(_Part):
    """Trouble that lasts is told after `after`, and while it goes on again every `again`."""

    webhooks: Annotated[tuple[WebhookPart, ...], Field(max_length=10)] = ()
    email: EmailPart = EmailPart()
    after: Span = timedelta(minutes=30)
    again: Span = timedelta(hours=24)
