"""`make demo-sources`: fourteen origins on loopback, of every kind, each added by its address alone; then polls, the ledger and a feed.

A store of its own in a temporary folder; nothing of the working directory is read but config.yaml and feeds/, and
nothing is left behind. It shows a redesign and a garbled text, too, and ends by itself.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

from demo_drops import Drop, dropped_feeds, mailbox, mailbox_environment
from demo_origins import HOME, Origin, mixed_up, origins, stories, trs_redesigned

ROOT = Path(__file__).resolve().parents[1]
SECTION = "current-news/hot-news/local"
MAILBOX = "127.0.0.40"
AT_ONCE = 3
WIDEST = 400


def main() -> int:
    """Run the whole demo; 0 when every part of it did what it should."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="feedhub-demo-") as folder:
        desk = Desk(Path(folder))
        made = origins(datetime.now(HOME))
        for number, origin in enumerate(made):
            origin.start(f"127.0.0.{number + 2}")
        drops = [
            mailbox(stories(datetime.now(HOME), "谷区"), MAILBOX),
            dropped_feeds(stories(datetime.now(HOME), "港区"), desk.folder / "feeds"),
        ]
        keys = add_all(desk, [*made, *drops])
        poll_all(desk, keys)
        publish(desk)
        redesign(desk, made[4], keys[4])
        garble(desk)
        title("All sources")
        desk.show("source", "list")
    print(f"\nDone in {time.monotonic() - began:.0f} s; nothing of it is left. {len(desk.wrong)} steps went wrong.")
    for one in desk.wrong:
        print(f"  {one}")
    return 1 if desk.wrong else 0


class Desk:
    """A working directory of its own, where commands are given."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wrong: list[str] = []
        shutil.copy(ROOT / "config.yaml", folder)
        shutil.copytree(ROOT / "feeds", folder / "feeds", ignore=shutil.ignore_patterns("inbox"))
        for declared in (folder / "feeds" / "sources").glob("*.yaml"):
            declared.unlink()
        self.environ = (
            {name: value for name, value in os.environ.items() if not name.startswith("FEEDHUB")}
            | {
                "FEEDHUB__NET__SOURCE_REACH__ALLOW": '["127.0.0.0/8"]',
                "FEEDHUB__NET__PER_HOST": '{"connections": 2, "per_second": 20}',
                "PYTHONPATH": str(ROOT),
                "PYTHONIOENCODING": "utf-8",
            }
            | mailbox_environment(MAILBOX)
        )

    def run(self, *words: str, fails: bool = False) -> str:
        """What a command prints; `fails` says that it is expected to."""
        done = subprocess.run(
            [sys.executable, "-m", "feedhub", *words],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        if bool(done.returncode) is not fails:
            self.wrong.append(f"feedhub {' '.join(words)}: exit {done.returncode}; {done.stderr.strip()[-300:]}")
        return done.stdout + done.stderr

    def show(self, *words: str, lines: int = 100, fails: bool = False) -> str:
        """Run a command and print it with what it says."""
        said = self.run(*words, fails=fails)
        echo(words, said, lines)
        return said

    def expect(self, what: str, said: str, *, absent: bool = False) -> None:
        """Note it when what a step is to show is not there."""
        if (what in said) is absent:
            self.wrong.append(f"{what!r} {'is' if absent else 'is not'} in what was said")


def add_all(desk: Desk, made: list[Origin | Drop]) -> list[str]:
    """Add every origin by its address alone; the keys they got."""
    title(f"{len(made)} addresses, and nothing said about them")
    desk.run("section", "list")
    with ThreadPoolExecutor(AT_ONCE) as hands:
        said = list(hands.map(lambda origin: desk.run("source", "add", origin.url, "--yes"), made))
    keys: list[str] = []
    for origin, words in zip(made, said, strict=True):
        print(f"\n--- {origin.name}")
        echo(("source", "add", origin.url, "--yes"), words, 9)
        added = re.search(r"Added '([^']+)'", words)
        keys.append(added[1] if added else "?")
        if f"Added {keys[-1]!r}" not in words:
            desk.wrong.append(f"{origin.name} was not added")
    return keys


def poll_all(desk: Desk, keys: list[str]) -> None:
    """Poll them, and show what the ledger says of one."""
    title("The first poll of each")
    said = desk.show("source", "fetch", *keys, lines=40)
    for key in keys:
        desk.expect(key, said)
    title("The ledger of a list page")
    desk.show("source", "history", keys[4], "--items")


def publish(desk: Desk) -> None:
    """Nobody named a section, so all is held; an editor takes it, and a feed has it."""
    title("What is held is accepted, and stands in a feed")
    held = re.findall(r'"id": "([^"]+)"', desk.run("entry", "list", "--state", "held", "--json"))
    print(f"{len(held)} entries are held.")
    desk.run("entry", "accept", *held, "--section", SECTION)
    feed = desk.show("feed", "render", SECTION, "--format", "rss", lines=30)
    desk.expect("<item>", feed)
    print(f"\n(the feed has {feed.count('<item>')} items)")


def redesign(desk: Desk, origin: Origin, key: str) -> None:
    """The list page is made anew: nothing of it is published, and the rule that reads it now is proposed."""
    title("A redesign: the TRS list becomes cards")
    origin.make = trs_redesigned
    origin.tell()
    desk.show("source", "fetch", key, lines=12, fails=True)
    desk.expect("drift", desk.show("source", "show", key, lines=60))
    desk.show("source", "mend", key, "--yes")
    desk.expect("8 items", desk.show("source", "fetch", key, lines=12))
    desk.show("source", "history", key, lines=12)


def garble(desk: Desk) -> None:
    """A feed that spoilt a story before it wrote it: with policy `auto` the others go out, that one is held."""
    title("Garbled text in a feed that is published without review")
    spoilt = Origin("a feed that mixed charsets up", "/rss.xml", mixed_up, stories(datetime.now(HOME), "江东区"))
    spoilt.start("127.0.0.30")
    desk.run(
        "source",
        "add",
        spoilt.url,
        "--key",
        "mixed",
        "--policy",
        "auto",
        "--section",
        SECTION,
        "--language",
        "zh",
        "--yes",
    )
    desk.show("source", "fetch", "mixed")
    held = re.findall(r'"id": "([^"]+)"', desk.run("entry", "list", "--source", "mixed", "--state", "held", "--json"))
    if len(held) != 1:
        desk.wrong.append(f"{len(held)} stories are held as garbled, not 1")
        return
    desk.expect("garbled", desk.show("entry", "why", held[0]))
    feed = desk.run("feed", "render", SECTION, "--format", "rss")
    desk.expect("江东区：秋季森林防火进入关键期", feed)
    desk.expect("½­¶«", feed, absent=True)


def title(words: str) -> None:
    """A heading."""
    print(f"\n=== {words} ===", flush=True)


def echo(words: tuple[str, ...], said: str, lines: int) -> None:
    """A command and the first lines of what it said."""
    shown = words if len(words) < 8 else (*words[:4], "…")
    print(f"$ feedhub {' '.join(shown)}")
    rows = said.rstrip().splitlines()
    print("\n".join(f"  {row[:WIDEST]}" for row in rows[:lines]))
    if len(rows) > lines:
        print(f"  … {len(rows) - lines} more lines")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
