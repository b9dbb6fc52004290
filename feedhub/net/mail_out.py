"""A mail handed to a server on one curl handle (RFC 5321): smtps, or smtp with STARTTLS (RFC 3207).

smtp goes on in the clear only where the server has no STARTTLS and there are no credentials to protect. All else
is as for every hop: the pinned address, the judged socket, the bounds, the deadline of the exchange.
"""

from __future__ import annotations

from io import BytesIO

import pycurl

from feedhub.errors import BadResponse
from feedhub.net.loop import CurlLoop
from feedhub.net.transfer import HopAnswer, HopCall, Outcome, Transfer

_SAID = 300


class MailTransfer(Transfer):
    """A handle that carries one mail and is closed then, with its connection."""

    def __init__(self, loop: CurlLoop, ca_bundle: str | None) -> None:
        super().__init__(loop, ca_bundle)
        self._said = ""
        self._curl.setopt(pycurl.PROTOCOLS, pycurl.PROTO_SMTP | pycurl.PROTO_SMTPS)
        self._curl.setopt(pycurl.FORBID_REUSE, 1)

    def _ask(self, call: HopCall) -> None:
        curl, envelope = self._curl, call.envelope
        assert envelope is not None
        curl.setopt(pycurl.MAIL_FROM, f"<{envelope.sender}>")
        curl.setopt(pycurl.MAIL_RCPT, [f"<{recipient}>" for recipient in envelope.recipients])
        curl.setopt(pycurl.UPLOAD, 1)
        body = call.body or b""
        curl.setopt(pycurl.INFILESIZE_LARGE, len(body))
        curl.setopt(pycurl.READFUNCTION, BytesIO(body).read)
        if call.credentials is not None:
            curl.setopt(pycurl.USERNAME, call.credentials[0])
            curl.setopt(pycurl.PASSWORD, call.credentials[1])
        curl.setopt(pycurl.USE_SSL, pycurl.USESSL_TRY if call.credentials is None else pycurl.USESSL_ALL)

    def _take_line(self, line: bytes) -> int:
        self._said = line[:_SAID].decode("utf-8", "replace").strip()
        return len(line)

    def _outcome(self, code: int, message: str) -> Outcome:
        if not code:
            return HopAnswer(int(self._curl.getinfo(pycurl.RESPONSE_CODE)), {}, self._said.encode())
        if self._said[:1] in ("4", "5") or code == pycurl.E_LOGIN_DENIED:
            url = self._call.url.text
            said = self._said or message or f"curl {code}"
            return BadResponse(f"{url} did not take the mail: {said}", url=url)
        return self._failure(code, message)
