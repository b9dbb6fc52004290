"""The rules of this hub: whose topics, which callbacks, how many, and how a secret may travel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from feedhub.hub.asking import normal_address
from feedhub.model.hub import Approval
from feedhub.net.address import Reach

HUB_PATH = "/hub"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`foreign_topics` are the addresses beside our own that an operator allows; `most_*` are caps.

    A secret over plain http is refused when `secret_needs_https` is on, except to what `reach` lists (SEMANTICS 27).
    """

    base_url: str
    reach: Reach = field(default_factory=Reach)
    foreign_topics: frozenset[str] = frozenset()
    secret_needs_https: bool = False
    most_per_topic: int = 100_000
    most_per_host: int = 5_000
    most_waiting: int = 100
    failures_a_minute: int = 10
    approval: Mapping[str, Approval] = field(default_factory=dict)

    def approval_of(self, topic: str) -> Approval:
        """Who may subscribe to a topic: anybody, whoever has a key, or those that the publisher approves one by one."""
        return self.approval.get(topic, self.approval.get("*", "open"))

    @property
    def hub_url(self) -> str:
        """Where subscribers ask."""
        return self.base_url + HUB_PATH

    @property
    def base(self) -> str:
        """The public address in normal form, without a slash at the end."""
        return normal_address(self.base_url).rstrip("/")

    @property
    def allowed(self) -> frozenset[str]:
        """The foreign topics in normal form."""
        return frozenset(normal_address(topic) for topic in self.foreign_topics)

    def address_of(self, topic: str, *, foreign: bool) -> str:
        """The public address of a topic: its rel=self."""
        return topic if foreign else self.base_url + topic
