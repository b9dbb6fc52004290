"""Takes webhooks of FeedHub (Standard Webhooks 1.0): python webhook_receiver.py whsec_… [port]

Refuses what is not signed, and what is older than five minutes or from the future; a repeat is answered with 200, and
its work is not done again. Standard library only.
"""

import base64
import hashlib
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

OLDEST = 300  # seconds
seen: dict[str, float] = {}  # in a program of your own: a table, with the work in the same transaction


def verify(secret: str, headers: dict[str, str], body: bytes, now: float) -> str:
    """The id of a genuine message; ValueError says what is wrong."""
    message, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message or not stamp.isdigit() or abs(now - int(stamp)) > OLDEST:
        raise ValueError("no id, or not of these five minutes")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = hmac.new(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    wanted = b"v1," + base64.b64encode(signed)
    given = headers.get("webhook-signature", "").encode().split()
    if not any(hmac.compare_digest(wanted, one) for one in given):  # two while a secret is changed
        raise ValueError("not signed with our secret")
    return message


def take(secret: str, headers: dict[str, str], body: bytes, now: float) -> tuple[int, dict | None]:
    """The status to answer with, and the event if it is a new one."""
    try:
        message = verify(secret, headers, body, now)
    except ValueError:
        return 400, None
    if message in seen:
        return 200, None
    seen[message] = now
    return 200, json.loads(body)


class Receiver(BaseHTTPRequestHandler):
    """One POST per message."""

    def do_POST(self) -> None:
        body = self.rfile.read(min(int(self.headers["Content-Length"]), 10_000_000))
        headers = {name.lower(): value for name, value in self.headers.items()}
        status, event = take(sys.argv[1], headers, body, time.time())
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if event is not None:
            sys.stdout.write(f"{event['type']} {event['data'].get('id') or event['data'].get('source')}\n")


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 9000), Receiver).serve_forever()
