"""A source on loopback, polled for real: the outbound client, a parser child, a store; only the clock stands still."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

from feedhub.ingest.means import Ingest
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.pipeline import claim_and_poll
from feedhub.model.poll import Poll
from feedhub.model.source import Source
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.ports.clock import SystemClock
from feedhub.ports.resolver import SystemResolver
from feedhub.store.engine import Store
from feedhub.store.sources import add_source
from tests.ingest.conftest import IDENTITY
from tests.kit import LoadedDice, StillClock, sections


class Polled:
    """Sources, and the hand that polls them."""

    def __init__(self, ingest: Ingest, clock: StillClock) -> None:
        self.ingest, self.clock, self.store = ingest, clock, ingest.store

    def add(self, source: Source) -> None:
        with self.store.write() as tx:
            add_source(tx, source, self.clock.now())

    def poll(self, key: str) -> Poll:
        """Poll now."""
        done = claim_and_poll(self.ingest, key, "me")
        assert done is not None
        return done


@contextmanager
def polled(store: Store) -> Iterator[Polled]:
    """A hand over that store; it ends with its parser child."""
    clock = StillClock()
    reach = Reach((ip_network("127.0.0.0/8"),))
    pool = ParserPool(1)
    with CurlWeb(SystemResolver(), SystemClock(), {"source": reach}, per_second_per_host=1000.0) as web:
        try:
            yield Polled(
                Ingest(
                    store=store,
                    web=web,
                    parser=pool,
                    clock=clock,
                    dice=LoadedDice(0.5),
                    sections=sections(),
                    reprints="any",
                    identity=IDENTITY,
                    feeds_directory=Path("/nonexistent"),
                ),
                clock,
            )
        finally:
            pool.close()
