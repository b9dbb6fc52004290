"""The hub's jobs: verifications, deliveries, foreign topics, leases that end, claims of workers that are gone."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from feedhub.hub.contents import Contents
from feedhub.hub.pump import Hands, Pump
from feedhub.hub.relaying import fetch_foreign
from feedhub.hub.rules import Rules
from feedhub.hub.verifying import Verifier
from feedhub.ports.clock import Clock
from feedhub.ports.dice import Dice
from feedhub.ports.pushes import Pusher
from feedhub.ports.resolver import Resolver
from feedhub.ports.web import Web
from feedhub.publish.catching_up import catch_up_document
from feedhub.publish.style import Style
from feedhub.store.engine import Store
from feedhub.store.subscription_requests import forget_requests
from feedhub.store.subscriptions import anything_expired, claim_owners, expire, forget_ended, free_claims

log = logging.getLogger(__name__)
ENDED_KEPT = timedelta(days=90)
REQUESTS_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class HubMeans:
    """What the hub's jobs work with; `is_gone` tells whether the owner of a claim runs no more."""

    store: Store
    web: Web
    fetcher: Web
    pusher: Pusher
    clock: Clock
    dice: Dice
    resolver: Resolver
    rules: Rules
    style: Style
    owner: str
    is_gone: Callable[[str], bool]


class HubJobs:
    """The jobs; `close` before the outbound client is closed."""

    def __init__(self, means: HubMeans, hands: Hands | None = None) -> None:
        self._means = means
        store, web, clock, dice, rules = means.store, means.web, means.clock, means.dice, means.rules
        sections = means.style.portal.feeds()

        def carries(section: str, language: str) -> bool:
            return section in sections and sections[section].carries(language)

        def contents(tx: Connection) -> Contents:
            return Contents(tx, rules, carries, partial(catch_up_document, style=means.style))

        self.verifier = Verifier(store, web, clock, dice, means.resolver, rules)
        self.pump = Pump(store, means.pusher, clock, dice, rules, means.owner, contents, hands)

    def verify(self) -> None:
        """Ask callbacks whether they mean it."""
        self.verifier.beat()

    def deliver(self) -> None:
        """Send what is behind, until nothing is."""
        self.pump.beat()

    def fetch(self) -> None:
        """Fetch foreign topics that were pinged."""
        fetch_foreign(self._means.store, self._means.fetcher, self._means.clock)

    def upkeep(self) -> None:
        """End leases that are over; give back the claims of workers that are gone."""
        store, now = self._means.store, self._means.clock.now()
        with store.read() as tx:
            over = anything_expired(tx, now)
            gone = [owner for owner in claim_owners(tx) if self._means.is_gone(owner)]
        if not over and not gone:
            return
        with store.write() as tx:
            ended = expire(tx, now) if over else 0
            freed = free_claims(tx, gone) if gone else 0
        if ended:
            log.info("%d subscriptions have expired", ended)
        if freed:
            log.warning("the deliveries of a worker that is gone were given back: %d", freed)

    def forget(self) -> None:
        """Drop what ended long ago."""
        now = self._means.clock.now()
        with self._means.store.write() as tx:
            forget_ended(tx, now - ENDED_KEPT)
            forget_requests(tx, now - REQUESTS_KEPT)

    def close(self) -> None:
        """Begin nothing more."""
        self.pump.close()
        self.verifier.close()
