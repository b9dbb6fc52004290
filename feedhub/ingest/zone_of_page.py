"""The zone that a page or document in Chinese is written in, as far as its host and charset say."""

from __future__ import annotations

import re

from feedhub.basics.urls import host_of

_HAN = re.compile("[\u4e00-\u9fff]")


def zone_of_page(words: str, url: str, encoding: str) -> str | None:
    """An IANA name; None for words that are not Chinese, whose zone nothing tells."""
    host = host_of(url)
    if not _HAN.search(words[:20_000]):
        return None
    if host.endswith(".tw"):
        return "Asia/Taipei"
    if host.endswith(".hk"):
        return "Asia/Hong_Kong"
    return "Asia/Taipei" if encoding.startswith("big5") else "Asia/Shanghai"
