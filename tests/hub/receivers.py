"""Receivers on loopback: real servers whose every callback confirms, takes deliveries, and can be told to misbehave."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Taken:
    """A request as it came: the whole target with its query."""

    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    @property
    def seq(self) -> int:
        return int(self.headers["feedhub-sequence"])


@dataclass
class Behaviour:
    """How a callback answers: to a verification (None: the challenge), to a delivery; after how many seconds."""

    verify_status: int = 200
    verify_body: bytes | None = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    verify_delay: float = 0.0


class Receivers:
    """One server, any number of callbacks by path; `at(name)` is a callback's address, `behave[name]` its manners."""

    def __init__(self, *, lean: bool = False) -> None:
        """`lean` keeps of a body only the ids of its items, for runs of tens of thousands."""
        self.behave: dict[str, Behaviour] = defaultdict(Behaviour)
        self.verifications: dict[str, list[Taken]] = defaultdict(list)
        self.deliveries: dict[str, list[Taken]] = defaultdict(list)
        self.connections = 0
        receivers = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                name, taken = self._taken(b"")
                manners = receivers.behave[name]
                receivers.verifications[name].append(taken)
                time.sleep(manners.verify_delay)
                challenge = dict(taken.query).get("hub.challenge", "").encode()
                body = challenge if manners.verify_body is None else manners.verify_body
                self._answer(manners.verify_status, body, manners.headers)

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                name, taken = self._taken(_ids_alone(body) if lean else body)
                manners = receivers.behave[name]
                taken.headers["x-answered"] = str(manners.status)  # for the judges of tests
                receivers.deliveries[name].append(taken)
                time.sleep(manners.delay)
                self._answer(manners.status, manners.body, manners.headers)

            def _taken(self, body: bytes) -> tuple[str, Taken]:
                fields = {key.lower(): value for key, value in self.headers.items()}
                return urlsplit(self.path).path.strip("/"), Taken(self.path, fields, body)

            def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                try:
                    self.send_response(status)
                    for key, value in headers.items():
                        self.send_header(key, value)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: Any) -> None:
                pass

        class Server(http.server.ThreadingHTTPServer):
            request_queue_size = 128
            daemon_threads = True

            def process_request(self, *arguments: Any) -> None:
                receivers.connections += 1
                super().process_request(*arguments)

            def handle_error(self, *_: Any) -> None:
                pass

        self._server = Server(("0.0.0.0", 0), Handler)  # every address of 127/8
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def at(self, name: str, query: str = "") -> str:
        return f"http://127.0.0.1:{self.port}/{name}{query}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _ids_alone(body: bytes) -> bytes:
    return json.dumps({"items": [{"id": item["id"]} for item in json.loads(body)["items"]]}).encode()
