"""Bodies that are too long, too many, too deep or in no charset, at every address that takes any (PROMISES B6 95)."""

from __future__ import annotations

import re
import time
from urllib.parse import urlencode

import pytest

from feedhub.web.app import create_app
from feedhub.web.front import Front
from tests.web.conftest import Running, running, start  # noqa: F401  fixtures

FORM = "application/x-www-form-urlencoded"
BODIES = {
    "10,000 fields": (urlencode([(f"field{n}", n) for n in range(10_000)]).encode(), FORM),
    "10,000 times one field": (urlencode([("hub.mode", "publish")] * 10_000).encode(), FORM),
    "JSON 10,000 deep": (b"[" * 10_000 + b"]" * 10_000, "application/json"),
    "XML 10,000 deep": (b"<methodCall>" * 10_000, "text/xml"),
    "no charset": (b"hub.mode=\xff\xfe%ff&hub.topic=\x80&\xc3=%c3%28", f"{FORM}; charset=no-such"),
    "parts without end": (b"--x\r\n" * 10_000, "multipart/form-data; boundary=x"),
    "NUL": (b"hub.mode=subscribe&hub.callback=%00&hub.topic=a%00&url=%00", FORM),
}


def taking(site: Front) -> list[str]:
    """Every path that takes a body."""
    rules = [rule for rule in create_app(site).url_map.iter_rules() if "POST" in (rule.methods or ())]
    assert len(rules) >= 5
    return [re.sub(r"<[^>]*>", "nobody", rule.rule) for rule in rules]


@pytest.mark.parametrize("kind", BODIES)
def test_every_address_refuses_them_quickly(running: Running, kind: str) -> None:  # noqa: F811
    body, content_type = BODIES[kind]
    for path in taking(running.site):
        started = time.process_time()
        reply = running.get(path, "POST", body=body, Content_Type=content_type)
        # Those of rssCloud say so in their own words.
        refused = b"<fault>" in reply.body or b'success="false"' in reply.body
        assert 400 <= reply.status < 500 or (reply.status == 200 and refused), f"{path}: {reply.status}"
        assert time.process_time() - started < 1, path


def test_ten_megabytes_are_refused_by_their_length(running: Running) -> None:  # noqa: F811
    for path in taking(running.site):
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 10000000\r\n\r\n"
        assert b" 413 " in running.raw(head.encode() + b"x" * 10_000).partition(b"\r\n")[0], path
