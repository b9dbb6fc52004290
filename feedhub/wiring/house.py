"""Builds the house from its configuration: store, ports, rooms; everything is made once and closed once."""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from feedhub.basics.dates import zone
from feedhub.basics.digests import digest
from feedhub.config.load import Config
from feedhub.errors import UsageError
from feedhub.hub.rules import Rules
from feedhub.ingest.importing.portal_tables import load_portal_tables
from feedhub.ingest.importing.provisioned import import_declared
from feedhub.ingest.importing.records import ImportContext
from feedhub.ingest.importing.report import ImportReport
from feedhub.ingest.means import Ingest
from feedhub.ingest.parser_pool import ParserPool
from feedhub.ingest.promote import Identity
from feedhub.ingest.robots import product_token
from feedhub.jobs.alerts import Alerting
from feedhub.jobs.canary import CanaryJob
from feedhub.jobs.channels import Channel, Mailbox, Webhook
from feedhub.jobs.hub import HubJobs, HubMeans
from feedhub.jobs.notices import Patience
from feedhub.jobs.webhooks import Webhooks
from feedhub.model.question import SAVED
from feedhub.net.address import MAIL_PORTS, Reach
from feedhub.net.client import CurlWeb
from feedhub.net.fan_out import FanOut
from feedhub.net.loopback import Loopback
from feedhub.ports.clock import Clock, SystemClock
from feedhub.ports.dice import Dice, SystemDice
from feedhub.ports.pushes import Pusher
from feedhub.ports.resolver import Resolver, SystemResolver
from feedhub.ports.web import Web
from feedhub.publish.render import restyle
from feedhub.publish.style import Style, make_style, read_style_files
from feedhub.publish.telling import message_body
from feedhub.publish.window import SHOWN
from feedhub.store.engine import Store
from feedhub.store.leases import free_leases
from feedhub.store.saved import sync_saved
from feedhub.store.schema import require_schema, upgrade_schema
from feedhub.store.sections import sync_sections
from feedhub.store.settings import installation_id, lock_start
from feedhub.store.sources import sync_declared

log = logging.getLogger(__name__)
PUSHES_AT_A_HOST, VERIFIED_A_SECOND = 16, 1000.0


@dataclass(frozen=True, slots=True)
class House:
    """What every command is given. The four seams can be replaced by a test."""

    config: Config
    store: Store
    clock: Clock
    dice: Dice
    resolver: Resolver

    @property
    def owner(self) -> str:
        """Who holds leases: this process."""
        return f"{socket.gethostname()}:{os.getpid()}"

    def free_dead_leases(self) -> None:
        """Give back what a killed process of this machine held, so that its sources need not wait for the lease."""
        with self.store.write() as tx:
            for key in free_leases(tx, _is_gone):
                log.info("source %s: the lease of a process that is gone was given back", key)

    def identity(self) -> Identity:
        """What public ids are made of."""
        with self.store.read() as tx:
            return Identity(self.config.portal.id_authority, installation_id(tx))

    def style(self) -> Style:
        """What documents depend on besides articles."""
        made = make_style(
            self.config.portal,
            content_type=self.config.settings.feeds.content_type,
            style_files=read_style_files(self.config.feeds_directory / "style"),
            installation=self.identity().installation,
        )
        return replace(made, licences=digest(*(part for it in self.config.sources for part in (it.key, it.licence))))

    def import_context(self) -> ImportContext:
        """What records are read with."""
        portal = self.config.portal
        tables = load_portal_tables(self.config.feeds_directory / "portal")
        return ImportContext(
            home=zone(portal.time_zone),
            language=portal.language,
            id_authority=portal.id_authority,
            installation_id=self.identity().installation,
            sections=frozenset(portal.sections()),
            now=self.clock.now(),
            sources=tables.sources,
            addresses=tables.addresses,
            former_ids=portal.former_ids,
        )

    @contextmanager
    def ingest(self, parsers: int) -> Iterator[Ingest]:
        """The polling side, with its outbound client and `parsers` parser children."""
        with ExitStack() as stack:
            web = stack.enter_context(self.outbound())
            pool = ParserPool(parsers)
            stack.callback(pool.close)
            yield Ingest(
                store=self.store,
                web=web,
                parser=pool,
                clock=self.clock,
                dice=self.dice,
                sections=self.config.portal.sections(),
                reprints=self.config.settings.portal.reprints,
                identity=self.identity(),
                feeds_directory=self.config.feeds_directory,
                robot=product_token(self.config.settings.net.user_agent),
                base_url=self.config.portal.base_url,
                passwords=self.config.passwords,
            )

    @contextmanager
    def outbound(self) -> Iterator[CurlWeb]:
        """The one outbound client."""
        net, server = self.config.settings.net, self.config.settings.server
        ports = frozenset(net.ports)
        base = urlsplit(server.base_url)
        own = frozenset({(base.hostname or "", base.port or (443 if base.scheme == "https" else 80))})
        web = CurlWeb(
            self.resolver,
            self.clock,
            {
                "source": Reach(net.source_reach.allow, ports),
                "callback": Reach(net.callback_reach.allow, ports),
                "mail": Reach(net.callback_reach.allow, ports | MAIL_PORTS),
            },
            user_agent=net.user_agent,
            connections_per_host=net.per_host.connections,
            per_second_per_host=net.per_host.per_second,
            own_hosts=own,
        )
        try:
            yield web
        finally:
            web.close()

    def hub_rules(self) -> Rules:
        """The rules of the hub."""
        net, hub, base = self.config.settings.net, self.config.settings.hub, self.config.portal.base_url
        strict = base.startswith("https:") if hub.secret_needs_https is None else hub.secret_needs_https
        return Rules(
            base_url=base,
            reach=Reach(net.callback_reach.allow, frozenset(net.ports)),
            foreign_topics=frozenset(hub.foreign_topics),
            secret_needs_https=strict,
            most_per_topic=hub.most_per_topic,
            most_per_host=hub.most_per_host,
            approval=hub.approval,
        )

    @contextmanager
    def pushing(self) -> Iterator[CurlWeb]:
        """The outbound client of verifications: side by side, where polls are spaced out."""
        net = self.config.settings.net
        reach = Reach(net.callback_reach.allow, frozenset(net.ports))
        web = CurlWeb(
            self.resolver,
            self.clock,
            {"callback": reach},
            user_agent=net.user_agent,
            connections_per_host=PUSHES_AT_A_HOST,
            per_second_per_host=VERIFIED_A_SECOND,
        )
        try:
            yield web
        finally:
            web.close()

    @contextmanager
    def canary(self) -> Iterator[CanaryJob]:
        """The job of the push proof, with its listener on loopback unless it is off."""
        job = CanaryJob(self.store, self.clock, self.dice.token(), self.owner, _is_gone)
        if not self.config.settings.hub.canary:
            yield job
            return
        listener = Loopback(job.arrived)
        job.port = listener.port
        try:
            yield job
        finally:
            listener.close()

    @contextmanager
    def fan_out(self, own_port: int = 0) -> Iterator[FanOut]:
        """What carries deliveries, for one thread; `own_port` is that of our own listener on loopback."""
        net = self.config.settings.net
        own = frozenset({("127.0.0.1", own_port)} if own_port else ())
        reach = Reach(net.callback_reach.allow, frozenset(net.ports), own)
        fan = FanOut(self.resolver, self.clock, reach, user_agent=net.user_agent, at_a_host=PUSHES_AT_A_HOST)
        try:
            yield fan
        finally:
            fan.close()

    def hub(self, web: Web, fetcher: Web, pusher: Pusher) -> HubJobs:
        """The hub's jobs; `web` for verifications, `fetcher` for foreign topics, `pusher` for deliveries."""
        means = HubMeans(
            store=self.store,
            web=web,
            fetcher=fetcher,
            pusher=pusher,
            clock=self.clock,
            dice=self.dice,
            resolver=self.resolver,
            rules=self.hub_rules(),
            style=self.style(),
            owner=self.owner,
            is_gone=_is_gone,
        )
        return HubJobs(means)

    def webhooks(self, web: Web) -> Webhooks:
        """The job that tells webhooks of events."""
        return Webhooks(self.store, web, self.clock, self.dice, partial(message_body, portal=self.config.portal))

    def alerting(self, web: Web) -> Alerting:
        """Who tells operators of trouble, and how."""
        alerts = self.config.settings.alerts
        email, channels = alerts.email, list[Channel]()
        channels += (Webhook(hook.url.get_secret_value(), hook.signing_key()) for hook in alerts.webhooks)
        if email.smtp is not None and email.sender is not None:
            word = email.password.get_secret_value() if email.password else ""
            credentials = (email.username, word) if email.username else None
            channels.append(Mailbox(email.smtp, email.sender, email.to, credentials))
        return Alerting(
            store=self.store,
            web=web,
            clock=self.clock,
            dice=self.dice,
            channels=channels,
            patience=Patience(alerts.after, alerts.again),
            portal=self.config.portal.name,
        )

    def prepare(self) -> ImportReport:
        """Bring the store up to what the files declare: sections, sources, articles, style (SEMANTICS 2, 11)."""
        portal = self.config.portal
        now = self.clock.now()
        with self.store.write() as tx:
            lock_start(tx)
            vanished = set(sync_sections(tx, tuple(portal.feeds()), now)) - set(portal.former_ids)
            unasked = {name for name in vanished if name.startswith(f"{SAVED}/")}
            if unasked:
                raise UsageError(
                    f"feeds/saved.yaml no longer has {', '.join(sorted(name.partition('/')[2] for name in unasked))}. "
                    "An address once published never changes: bring it back, or name its successor under former_names."
                )
            sync_saved(tx, portal.saved, SHOWN, now)
            if vanished:
                raise UsageError(
                    f"feeds/sections.yaml no longer has {', '.join(sorted(vanished))}. An identifier once published "
                    "never changes: bring it back, or name its successor under former_ids."
                )
            for key in sync_declared(tx, self.config.sources, now):
                log.warning("source %s is declared in no file any more and is not polled; its history stays", key)
        restyle(self.store, self.style(), now)
        report = import_declared(self.store, self.config.feeds_directory / "articles", self.import_context(), now)
        for error in report.errors:
            log.error("%s", error)
        return report


@contextmanager
def open_house(
    config: Config,
    *,
    clock: Clock | None = None,
    dice: Dice | None = None,
    resolver: Resolver | None = None,
    upgrade: bool = False,
) -> Iterator[House]:
    """Open the store and check its tables; `upgrade` runs missing migrations first (SQLite only)."""
    store = Store(config.store_url)
    try:
        if upgrade and store.is_sqlite:
            upgrade_schema(store)
        else:
            require_schema(store)
        yield House(config, store, clock or SystemClock(), dice or SystemDice(), resolver or SystemResolver())
    finally:
        store.close()


def database_path(config: Config) -> Path | None:
    """The file of an SQLite store."""
    prefix = "sqlite:///"
    return Path(config.store_url.removeprefix(prefix)) if config.store_url.startswith(prefix) else None


def _is_gone(owner: str) -> bool:
    """Whether the owner was a process of this machine that runs no more."""
    host, _, pid = owner.rpartition(":")
    if host != socket.gethostname() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False
