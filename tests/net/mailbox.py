"""A real SMTP server on loopback that keeps what it is given, with or without TLS and passwords."""

from __future__ import annotations

import socket
import ssl
from types import TracebackType
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword


class Mailbox:
    """`mails` are the envelopes taken; `refuses` says no to every recipient; `knows` are (user, password)."""

    def __init__(
        self,
        host: str = "127.0.0.2",
        *,
        starttls: ssl.SSLContext | None = None,
        tls: ssl.SSLContext | None = None,
        knows: tuple[str, str] | None = None,
    ) -> None:
        self.mails: list[Envelope] = []
        self.logins: list[tuple[str, str]] = []
        self.refuses = ""
        self._knows = knows
        settings: dict[str, Any] = {}
        if knows is not None:
            settings = {"authenticator": self._authenticate, "auth_required": True}
        if tls is not None:
            settings |= {"auth_require_tls": False, "auth_required": False}  # the whole connection is
        with socket.create_server((host, 0)) as trial:  # the controller connects to itself to see that it runs
            port = trial.getsockname()[1]
        self._controller = Controller(
            self, hostname=host, port=port, ssl_context=tls, tls_context=starttls, require_starttls=False, **settings
        )

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: Envelope, address: str, _options: object
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: object, _session: object, envelope: Envelope) -> str:
        self.mails.append(envelope)
        return "250 taken"

    def _authenticate(self, _server: object, _session: object, _envelope: object, _how: str, said: Any) -> AuthResult:
        assert isinstance(said, LoginPassword)
        login = (said.login.decode(), said.password.decode())
        self.logins.append(login)
        return AuthResult(success=login == self._knows, handled=False)  # it is the server that says 235 or 535

    @property
    def address(self) -> str:
        return f"{self._controller.hostname}:{self._controller.port}"

    def __enter__(self) -> Self:
        self._controller.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._controller.stop()
