"""The shape of config.yaml: every key, its type, its default (CONTRACT, configuration keys)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from feedhub.config.alerts import AlertsPart
from feedhub.config.scalars import BaseUrl, LanguageTag, Network, Number, TagAuthority, TopicUrl, Truth, Whole, ZoneName


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


ApprovedTopic = Annotated[str, Field(pattern=r"^(\*|/(rss|atom|json)/[^?#\s]{1,600}|https?://\S{1,1900})$")]


class Server(_Part):
    """Where we listen, and under which public address we are known."""

    host: str = "127.0.0.1"
    port: Annotated[Whole, Field(ge=1, le=65535)] = 8080
    base_url: BaseUrl = "http://127.0.0.1:8080"
    metrics: Literal["off", "local", "open"] = "local"
    trusted_proxies: tuple[Network, ...] = ()


class StorePart(_Part):
    """Which database."""

    url: Annotated[str, Field(pattern=r"^(sqlite:///|postgresql\+psycopg://)")] = "sqlite:///var/feedhub.db"


class PortalPart(_Part):
    """The publisher."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = "Portal"
    title: Annotated[str, Field(min_length=1, max_length=200)] = "Portal"
    language: LanguageTag = "en"
    time_zone: ZoneName = "UTC"
    rights: str = ""
    contact: str = ""
    id_authority: TagAuthority | None = None
    reprints: Literal["any", "listed_only"] = "any"


class Feeds(_Part):
    """Where the declared sections, sources and articles are, and how feeds name their type."""

    directory: str = "feeds"
    content_type: Literal["browser", "exact"] = "browser"
    delta: Literal["on", "off"] = "off"
    longest_text: Annotated[Whole, Field(ge=200, le=524_288)] = 100_000


class ReachPart(_Part):
    """Private networks that may be reached."""

    allow: tuple[Network, ...] = ()


class PerHost(_Part):
    """Manners towards one host."""

    connections: Annotated[Whole, Field(ge=1, le=64)] = 2
    per_second: Annotated[Number, Field(gt=0, le=1000)] = 1.0


class Net(_Part):
    """The outbound client."""

    source_reach: ReachPart = ReachPart()
    callback_reach: ReachPart = ReachPart()
    ports: tuple[Annotated[Whole, Field(ge=1, le=65535)], ...] = ()
    per_host: PerHost = PerHost()
    user_agent: Annotated[str, Field(pattern=r"^[\x21-\x7e][\x20-\x7e]{0,199}$")] = "FeedHub/0.1"


class Worker(_Part):
    """The process that polls and renders."""

    concurrency: Annotated[Whole, Field(ge=1, le=256)] = 8


class Hub(_Part):
    """Pushes to subscribers: whose topics besides our own, and whether a secret may travel over plain http.

    `secret_needs_https` left out is on when `server.base_url` is https.
    """

    secret_needs_https: Truth | None = None
    foreign_topics: tuple[TopicUrl, ...] = ()
    most_per_topic: Annotated[Whole, Field(ge=1, le=10_000_000)] = 100_000
    most_per_host: Annotated[Whole, Field(ge=1, le=10_000_000)] = 5_000
    canary: Truth = True
    approval: dict[ApprovedTopic, Literal["open", "key", "approve"]] = {}
    most_streams: Annotated[Whole, Field(ge=0, le=100_000)] = 5_000
    most_streams_per_address: Annotated[Whole, Field(ge=1, le=100_000)] = 100


class Settings(_Part):
    """config.yaml as a whole."""

    server: Server = Server()
    store: StorePart = StorePart()
    portal: PortalPart = PortalPart()
    feeds: Feeds = Feeds()
    net: Net = Net()
    worker: Worker = Worker()
    hub: Hub = Hub()
    alerts: AlertsPart = AlertsPart()
