"""What the web serves, built from the house; apart, so that commands do not wait for the web's libraries."""

from __future__ import annotations

from feedhub.web.cache import DocumentCache
from feedhub.web.front import Front, StreamBounds
from feedhub.wiring.house import House


def site_of(house: House) -> Front:
    """The web side, with its cache of documents."""
    hub = house.config.settings.hub
    return Front(
        portal=house.config.portal,
        store=house.store,
        clock=house.clock,
        cache=DocumentCache(house.store, house.clock),
        style_directory=house.config.feeds_directory / "style",
        content_type=house.config.settings.feeds.content_type,
        hub=house.hub_rules(),
        delta=house.config.settings.feeds.delta == "on",
        metrics=house.config.settings.server.metrics,
        trusted_proxies=house.config.settings.server.trusted_proxies,
        streams=StreamBounds(hub.most_streams, hub.most_streams_per_address),
    )
