"""What a listener of `/hub/events` asks for, and the form in which it is told (HTML Standard, server-sent events)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from feedhub.publish.announcing import Announcement

USUAL_WAIT, LONGEST_WAIT = 30.0, 60.0
HEAD_OF_STREAM = (
    ("content-type", "text/event-stream"),
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),
    ("access-control-allow-origin", "*"),
)


class Refusal(Exception):
    """The listener is turned away."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words


@dataclass(frozen=True, slots=True)
class Ask:
    """A topic's address, the number that the listener has, and whether it polls and waits how many seconds."""

    topic: str
    since: int | None
    poll: bool
    wait: float


def read_ask(scope: Any) -> Ask:
    """What a request asks for; Refusal 400 when it cannot be told, 405 when it is no GET."""
    if scope.method not in ("GET", "HEAD"):
        raise Refusal(405, "Events are read with GET.")
    try:
        given = dict(reversed(parse_qsl(scope.query_string, keep_blank_values=True, max_num_fields=50)))
    except ValueError as error:
        raise Refusal(400, "The parameters cannot be read.") from error
    topic = given.get("topic", "")
    if not topic:
        raise Refusal(400, "Say which topic: /hub/events?topic= and the address that a feed states as rel=self.")
    fields = {name: value for name, value in scope.headers.items() if name in ("last-event-id", "accept")}
    accept = fields.get("accept", "")
    poll = given.get("mode") == "poll" or ("application/json" in accept and "text/event-stream" not in accept)
    # A browser that reconnects says it in the field, and repeats the address it began with.
    since = fields.get("last-event-id") or given.get("lastEventId") or given.get("since", "")
    return Ask(topic, _number(since), poll, _seconds(given.get("wait", "")))


def event_of(topic: str, news: Announcement) -> bytes:
    """Announcement as an event; one without changes tells the number alone, which no listener is bothered with."""
    if news.lost:
        words = "Too much has changed since: read the feed and its archives."
        return b"id: %d\nevent: reset\ndata: %s\n\n" % (news.seq, _json({"topic": topic, "why": words}))
    if not news.changes:
        return b"id: %d\n\n" % news.seq
    return b"id: %d\ndata: %s\n\n" % (news.seq, _whole(topic, news))


def answer_of(topic: str, news: Announcement) -> bytes:
    """Announcement as the answer to a poll: with its `seq` the next one is asked."""
    return _whole(topic, news) + b"\n"


def _whole(topic: str, news: Announcement) -> bytes:
    """One line: a line feed inside of text is escaped in JSON."""
    marks: dict[str, object] = {"topic": topic, "seq": news.seq}
    if news.more:
        marks["more"] = True
    if news.lost:
        marks["reset"] = True
    return _json(marks)[:-1] + b',"changes":[' + b",".join(news.changes) + b"]}"


def _json(value: dict[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else None


def _seconds(text: str) -> float:
    if not text.isascii() or not text.isdigit():
        return USUAL_WAIT
    return min(float(text[:6]), LONGEST_WAIT)
