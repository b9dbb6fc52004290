"""`/metrics`: counts and spans for Prometheus (text format 0.0.4); shown to this machine alone unless configured.

A proxy on this machine that hands a request on names its client in a field: then it is not from this machine, whatever
the field says (PROMISES B6 97).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import ip_address

from flask import Flask, Response, request

from feedhub.errors import StoreError
from feedhub.hub.canary import late_ones, spans_of
from feedhub.model.canary import Canary
from feedhub.model.hub import Topic
from feedhub.store.canaries import list_canaries
from feedhub.store.changes import latest_seq
from feedhub.store.topics import list_topics
from feedhub.web.front import Front
from feedhub.web.wsgi_bridge import HANDED_ON

_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPED = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


def register(app: Flask, site: Front) -> None:
    """Add the address to the application, unless it is off."""
    if site.metrics == "off":
        return

    @app.get("/metrics")
    def metrics() -> Response:
        if site.metrics == "local" and not _from_here():
            return _answer(403, "Metrics are shown to this machine alone (server.metrics).\n")
        try:
            with site.store.read() as tx:
                found, topics, seq = list_canaries(tx), list_topics(tx), latest_seq(tx)
        except StoreError:
            return _answer(200, "".join(_store(0)))
        return _answer(200, "".join(_all(found, topics, seq, len(late_ones(found, site.clock.now())))))


def _all(found: list[Canary], topics: list[Topic], seq: int, late: int) -> Iterator[str]:
    yield from _store(1)
    yield from _lines("feedhub_change_seq", "The number of the latest change.", "gauge", [("", seq)])
    delivered = [(_labels(topic=one.name), one.delivered) for one in topics]
    yield from _lines(
        "feedhub_push_delivered_total", "Deliveries that receivers took, ours included.", "counter", delivered
    )
    failed = [(_labels(topic=one.name), one.failed) for one in topics]
    yield from _lines("feedhub_push_failed_total", "Tries to deliver that failed.", "counter", failed)
    yield from _lines("feedhub_push_late_topics", "Topics whose latest change is late or lost.", "gauge", [("", late)])
    arrived = [(_labels(topic=one.topic), one.received) for one in found]
    yield from _lines("feedhub_push_received_total", "Deliveries that our own subscriber took.", "counter", arrived)
    spans = []
    for one in found:
        measured = spans_of(one.latencies)
        if measured is not None:
            for quantile, took in (("0.5", measured.p50), ("0.95", measured.p95), ("0.99", measured.p99)):
                spans.append((_labels(topic=one.topic, quantile=quantile), took / 1000))
    yield from _lines("feedhub_push_latency_seconds", "From publication to delivery, of the last 100.", "gauge", spans)


def _store(up: int) -> Iterator[str]:
    return _lines("feedhub_store_up", "Whether the database answers.", "gauge", [("", up)])


def _lines(name: str, words: str, kind: str, values: Iterable[tuple[str, float]]) -> Iterator[str]:
    yield f"# HELP {name} {words}\n# TYPE {name} {kind}\n"
    for labels, value in values:
        yield f"{name}{labels} {value}\n"


def _labels(**labels: str) -> str:
    """Labels with what has a meaning in them escaped."""
    said = (f'{name}="{value.translate(_ESCAPED)}"' for name, value in labels.items())
    return "{" + ",".join(said) + "}"


def _from_here() -> bool:
    # Without the door before us nobody has told whether it was handed on.
    if request.environ.get(HANDED_ON, True):
        return False
    try:
        return ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _answer(status: int, words: str) -> Response:
    kind = _TYPE if status == 200 else "text/plain; charset=utf-8"
    return Response(words, status, content_type=kind, headers={"Cache-Control": "no-store"})
