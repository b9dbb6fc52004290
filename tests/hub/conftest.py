"""The hub in this process: real store, real documents, the real outbound client; only the clock stands still."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from feedhub.hub.pump import Hands
from feedhub.hub.rules import Rules
from feedhub.hub.subscribing import take_request
from feedhub.jobs.hub import HubJobs, HubMeans
from feedhub.model.hub import Subscription
from feedhub.model.question import SavedFeed
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.net.fan_out import FanOut
from feedhub.ports.clock import SystemClock
from feedhub.ports.dice import SystemDice
from feedhub.ports.resolver import Resolver, SystemResolver
from feedhub.publish.render import render_due
from feedhub.publish.style import Style
from feedhub.publish.window import SHOWN
from feedhub.store.articles import put_article, withdraw_article
from feedhub.store.documents import get_document
from feedhub.store.engine import Store
from feedhub.store.hub_tables import subscriptions as subscriptions_table
from feedhub.store.saved import sync_saved
from feedhub.store.sections import sync_sections
from feedhub.store.subscription_requests import anything_asked
from feedhub.store.subscriptions import list_subscriptions
from tests.hub.receivers import Receivers, Taken
from tests.kit import LOCAL, NOW, StillClock, an_article, open_store
from tests.web.conftest import a_portal, the_style

LOOPBACK = Reach((ip_network("127.0.0.0/8"),))
FORM = "application/x-www-form-urlencoded"
RSS = f"/rss/{LOCAL}.xml"


class Hub:
    """A hub over a store, its jobs beaten by hand."""

    def __init__(self, store: Store, receivers: Receivers, saved: tuple[SavedFeed, ...] = (), **rules: Any) -> None:
        self.store, self.receivers = store, receivers
        self.clock = StillClock(NOW)
        self.resolver: Resolver = SystemResolver()
        portal = a_portal(8080, saved=saved)
        with store.write() as tx:
            sync_sections(tx, tuple(portal.feeds()), NOW)
            sync_saved(tx, portal.saved, SHOWN, NOW)
        self.base = portal.base_url
        self.style: Style = the_style(store, portal)
        self.rules = Rules(**({"base_url": self.base, "reach": LOOPBACK} | rules))
        reach = {"callback": self.rules.reach, "source": LOOPBACK}
        self.web = CurlWeb(
            SystemResolver(), SystemClock(), reach, connections_per_host=32, per_second_per_host=10_000.0
        )
        self.fan = FanOut(SystemResolver(), SystemClock(), self.rules.reach)
        self.jobs = self.worker("me")
        self.pieces = 0
        render_due(store, self.style, self.clock)

    def worker(self, owner: str, hands: Hands | None = None) -> HubJobs:
        means = HubMeans(
            store=self.store, web=self.web, fetcher=self.web, pusher=self.fan, clock=self.clock, dice=SystemDice(),
            resolver=self.resolver, rules=self.rules, style=self.style, owner=owner, is_gone=lambda _: False,
        )  # fmt: skip
        return HubJobs(means, hands)

    def topic(self, path: str = RSS) -> str:
        return self.base + path

    def ask(self, callback: str, topic: str | None = None, mode: str = "subscribe", **more: str) -> str:
        """Post a form; names of parameters have `_` for the dot."""
        form = {"hub.mode": mode, "hub.topic": topic or self.topic(), "hub.callback": callback}
        form |= {name.replace("_", ".", 1): value for name, value in more.items()}
        return take_request(self.store, self.rules, urlencode(form).encode(), FORM, now=self.clock.now())

    def verify(self) -> None:
        """Beat until no request is due or under way any more."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            self.jobs.verify()
            with self.store.read() as tx:
                due = anything_asked(tx, self.clock.now())
            if not due and not self.jobs.verifier._under_way:
                return
            time.sleep(0.01)
        pytest.fail("the verifications did not end")

    def subscribe(self, name: str, **more: str) -> str:
        """Ask and verify; the callback."""
        callback = self.receivers.at(name)
        self.ask(callback, **more)
        self.verify()
        return callback

    def publish(self, *ids: str, render: bool = True, **values: Any) -> None:
        """Publish articles six seconds later, and render."""
        self.clock.pass_(seconds=6)
        day = self.clock.now() - timedelta(hours=1)
        with self.store.write() as tx:
            for id_ in ids or (f"p{self.pieces}",):
                self.pieces += 1
                piece = an_article(id_, **({"published": day, "updated": day} | values))
                put_article(tx, piece, now=self.clock.now(), late=False, by="test")
        if render:
            self.render()

    def withdraw(self, id_: str) -> None:
        self.clock.pass_(seconds=6)
        with self.store.write() as tx:
            withdraw_article(tx, id_, now=self.clock.now(), by="test", reason="over")
        self.render()

    def render(self) -> None:
        render_due(self.store, self.style, self.clock)

    def deliver(self) -> None:
        self.jobs.deliver()

    def store_lease(self) -> None:
        """Give every subscription ten days from now, so that days can pass."""
        with self.store.write() as tx:
            until = self.clock.now() + timedelta(days=10)
            tx.execute(update(subscriptions_table).values(lease_until=until))

    def document(self, path: str = RSS) -> bytes:
        with self.store.read() as tx:
            found = get_document(tx, path)
        assert found is not None
        return found.body

    def subscriptions(self) -> list[Subscription]:
        with self.store.read() as tx:
            return list_subscriptions(tx)

    def got(self, name: str) -> list[Taken]:
        return self.receivers.deliveries[name]

    def close(self) -> None:
        self.jobs.close()
        self.web.close()
        self.fan.close()


@pytest.fixture
def receivers() -> Iterator[Receivers]:
    made = Receivers()
    yield made
    made.close()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with its tables and empty documents, made once and copied."""
    file = tmp_path_factory.mktemp("hub") / "empty.db"
    store = open_store(f"sqlite:///{file}")
    render_due(store, the_style(store, a_portal(8080)), StillClock(NOW))
    store.close()
    return file


@pytest.fixture
def make_hub(tmp_path: Path, receivers: Receivers, empty: Path) -> Iterator[Callable[..., Hub]]:
    """`make_hub(**rules)`: a hub of its own on SQLite."""
    made: list[Hub] = []

    def make(url: str = "", **rules: Any) -> Hub:
        if url.startswith("postgresql"):
            store = open_store(url)
        else:
            store = Store(f"sqlite:///{shutil.copy(empty, tmp_path / 'hub.db')}")
        made.append(Hub(store, receivers, **rules))
        return made[-1]

    yield make
    for hub in made:
        hub.close()
        hub.store.close()


@pytest.fixture
def hub(make_hub: Callable[..., Hub]) -> Hub:
    return make_hub()


@pytest.fixture
def both(make_hub: Callable[..., Hub], store_url: str) -> Hub:
    """A hub on SQLite, and on PostgreSQL."""
    return make_hub(store_url)
