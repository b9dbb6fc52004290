"""Typed scalars from text: the same words mean the same in config.yaml and in the environment."""

from __future__ import annotations

import re
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

from feedhub.basics.charset_labels import codec_of
from feedhub.basics.cron import parse_cron
from feedhub.basics.dates import zone
from feedhub.basics.spans import parse_span

_WHOLE = re.compile(r"-?(?:0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,17})(?:\.\d{1,9})?")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")
_AUTHORITY = re.compile(r"[A-Za-z0-9.@_-]+,\d{4}(?:-\d{2}(?:-\d{2})?)?")


def _whole(value: Any) -> Any:
    if isinstance(value, str):
        if not _WHOLE.fullmatch(value):
            raise ValueError(f"{value!r} is not a whole number (write it without leading zeros)")
        return int(value)
    return value


def _number(value: Any) -> Any:
    if isinstance(value, str):
        if not _NUMBER.fullmatch(value):
            raise ValueError(f"{value!r} is not a number")
        return float(value)
    return value


def _truth(value: Any) -> Any:
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise ValueError(f"{value!r} is neither true nor false")
        return value == "true"
    return value


def _span(value: Any) -> Any:
    return parse_span(value) if isinstance(value, str) else value


def _zone_name(value: str) -> str:
    zone(value)
    return value


def _cron_line(value: str) -> str:
    parse_cron(value)
    return value


def _charset_label(value: str) -> str:
    if codec_of(value) is None:
        raise ValueError(f"{value!r} is not a charset such as gb18030, big5 or utf-8")
    return value.strip().lower()


def _base_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError(f"{value!r} is not an address such as https://feeds.example.org")
    return value.rstrip("/")


def _topic_url(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment or parts.username:
        raise ValueError(f"{value!r} is not the address of a feed such as https://news.example.org/feed.xml")
    return value


def _language_tag(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is not a language tag such as en or zh-CN (BCP 47)")
    return value


def _tag_authority(value: str) -> str:
    if not _AUTHORITY.fullmatch(value):
        raise ValueError(f"{value!r} is not a name and a day or year it was owned, such as example.org,2018 (RFC 4151)")
    return value


def _network(value: Any) -> Any:
    return ip_network(value) if isinstance(value, str) else value


Whole = Annotated[int, BeforeValidator(_whole)]
Number = Annotated[float, BeforeValidator(_number)]
Truth = Annotated[bool, BeforeValidator(_truth)]
Span = Annotated[timedelta, BeforeValidator(_span), WithJsonSchema({"type": "string", "examples": ["15m"]})]
CharsetLabel = Annotated[str, AfterValidator(_charset_label)]
ZoneName = Annotated[str, AfterValidator(_zone_name)]
CronText = Annotated[str, AfterValidator(_cron_line)]
BaseUrl = Annotated[str, AfterValidator(_base_url)]
TopicUrl = Annotated[str, AfterValidator(_topic_url)]
LanguageTag = Annotated[str, AfterValidator(_language_tag)]
TagAuthority = Annotated[str, AfterValidator(_tag_authority)]
Network = Annotated[
    IPv4Network | IPv6Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "examples": ["10.20.0.0/16"]}),
]
