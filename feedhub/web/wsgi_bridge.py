"""From an RSGI request to a WSGI application and back, in a thread, with the whole body at hand.

The door reads the request's body and bounds it; answers of pages are small, so they are collected before the
first byte goes out: a slow reader holds no thread.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

from feedhub.web.conditional import Answer

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Who sends these only tries to be somebody else (PROMISES B6 77, 97); a trusted proxy's word is taken at the door.
_NEVER_PASSED = frozenset(
    "host x-forwarded-for x-forwarded-host x-forwarded-proto x-forwarded-port x-forwarded-prefix x-forwarded-server "
    "forwarded x-real-ip x-original-url x-rewrite-url x-http-method-override proxy remote-user".split()
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as the application shall see it. `path` is decoded; `host` and `scheme` are the public ones."""

    method: str
    path: str
    query: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    client: str
    host: str
    scheme: str


# Whether a proxy, or whoever claims to be one, handed the request on; what it says of its client is believed nowhere.
HANDED_ON = "feedhub.handed_on"
_SAID_BY_PROXIES = frozenset({"forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"})

_ASCII = bytes(range(0x21, 0x7F))


def call_application(application: WsgiApp, call: Call) -> Answer:
    """Run the application (PEP 3333) and collect its answer."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> Callable[[bytes], None]:
        started[:] = [(status, headers)]
        return written.append

    written: list[bytes] = []
    parts = application(environ(call), start_response)
    try:
        written.extend(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    return Answer(int(status[:3]), tuple((name.lower(), value) for name, value in headers), b"".join(written))


def environ(call: Call) -> dict[str, Any]:
    """The WSGI environment of a call."""
    # Readers send what was typed, such as ?q=湘江, as it is: WSGI knows ASCII alone (PEP 3333).
    query = quote(call.query, safe=_ASCII)
    name, _, port = call.host.rpartition(":") if call.host[-1:].isdigit() and ":" in call.host else (call.host, "", "")
    found: dict[str, Any] = {
        "REQUEST_METHOD": call.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": call.path.encode("utf-8", "surrogateescape").decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": quote(call.path) + (f"?{query}" if query else ""),
        "SERVER_NAME": name,
        "SERVER_PORT": port or ("443" if call.scheme == "https" else "80"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": call.host,
        "REMOTE_ADDR": call.client.rpartition(":")[0].strip("[]"),
        "CONTENT_LENGTH": str(len(call.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": call.scheme,
        "wsgi.input": io.BytesIO(call.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    found[HANDED_ON] = any(field.lower() in _SAID_BY_PROXIES for field, _ in call.headers)
    for field, value in call.headers:
        lower = field.lower()
        if lower == "content-type":
            found["CONTENT_TYPE"] = value
        elif lower not in _NEVER_PASSED and lower != "content-length" and "_" not in lower:
            key = "HTTP_" + lower.upper().replace("-", "_")
            found[key] = f"{cast(str, found[key])}, {value}" if key in found else value
    return found
