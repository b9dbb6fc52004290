"""The two origins of `make demo-sources` that are no web servers: a mailbox on loopback, and a folder below feeds/."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from demo_origins import Story, rss

sys.path.append(str(Path(__file__).resolve().parents[1]))
from tests.net.imap_server import ImapServer

WORD = "a word for the demo"


@dataclass
class Drop:
    """An origin by its name, and the address that is typed."""

    name: str
    url: str


def mailbox(told: list[Story], address: str) -> Drop:
    """Newsletters in a mailbox that serves until the process ends."""
    server = ImapServer(address, knows=("desk", WORD))
    server.__enter__()
    for one in told:
        server.add(_letter(one))
    return Drop("newsletters in a mailbox", server.url(host=f"desk@{address}"))


def mailbox_environment(address: str) -> dict[str, str]:
    """Where the password of that mailbox is looked up: the key is made from its host."""
    return {f"FEEDHUB__SOURCES__{address.replace('.', '_')}__PASSWORD": WORD}


def dropped_feeds(told: list[Story], feeds: Path) -> Drop:
    """A folder into which a partner drops feeds."""
    dropped = feeds / "dropped" / "partner"
    dropped.mkdir(parents=True)
    (dropped / "news.xml").write_text(rss(told, "utf-8", "partner"), "utf-8")
    return Drop("a folder into which feeds are dropped", "feeds/dropped/partner")


def _letter(story: Story) -> bytes:
    letter = EmailMessage()
    letter["From"] = "行业通讯 <letters@valley.example>"
    letter["To"] = "desk@hub.example"
    letter["Subject"] = story.title
    letter["Date"] = format_datetime(story.moment)
    letter["Message-ID"] = f"<{story.number}@valley.example>"
    letter["List-Id"] = "Valley Weekly <weekly.valley.example>"
    letter.set_content(story.text)
    letter.add_alternative(f"<html><body><h1>{story.title}</h1><p>{story.text}</p></body></html>", subtype="html")
    return bytes(letter)
