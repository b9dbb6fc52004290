"""The whole site as files, and what changed since (`feedhub export`): a full pass, or what the change log says.

    articles, pictures ─→ archives ─→ feeds ─→ sections' pages ─→ sitemaps ─→ what nginx needs ─→ where we stand

In this order whatever a file names stands before it. Killed or refused anywhere, the next look does all of it again;
what stands already is not written twice.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import feedhub
from feedhub.basics.digests import digest
from feedhub.model.picture import MEDIA
from feedhub.publish.file_tree import Exported, FileTree
from feedhub.store.changes import latest_seq
from feedhub.store.documents import documents_stamp, get_document
from feedhub.store.exports import (
    Head,
    Moved,
    article_ids,
    article_total,
    document_heads,
    document_links,
    documents_there,
    moved_since,
    rendered_up_to,
    shown_pictures,
)
from feedhub.web.catalogue import INTERFACE
from feedhub.web.codes import code_path
from feedhub.web.front import Front, column_path, section_path
from feedhub.web.nginx_maps import FOLDER, nginx_maps
from feedhub.web.site_files import asker, document_file, document_version, file_path, gone_path, page_file
from feedhub.web.sitemaps import sitemap_paths
from feedhub.web.templating import STATIC

log = logging.getLogger(__name__)
Progress = Callable[[int, int | None], None]

# What lists everything (sitemaps, nginx's maps) is made anew after changes, but takes no more than a 20th of the time.
_SHARE = 20
_DOCUMENTS = ("rss/", "atom/", "json/")


@dataclass(slots=True)
class Tally:
    """How many files were written and removed, and how many stood already."""

    written: int = 0
    removed: int = 0
    unchanged: int = 0

    def __str__(self) -> str:
        return f"{self.written} written, {self.removed} removed, {self.unchanged} as before"


class Exporter:
    """Writes a site, rendered in the style of that digest, into a tree."""

    def __init__(self, site: Front, style: str, tree: FileTree) -> None:
        self._site, self._style, self._tree = site, style, tree
        self._ask = asker(site)
        self._mark = digest(style, *_program())
        self._seen: tuple[int, int, int] | None = None
        self._wanted: set[str] | None = None
        self._tally = Tally()
        self._lists_wanted = True
        self._lists_at = 0.0

    def everything(self, progress: Progress) -> Tally:
        """Write every file that is not as it should be, and remove ours that should not be."""
        self._tree.whole()
        self._tally, self._wanted = Tally(), set()
        with self._site.store.read() as tx:
            standing = rendered_up_to(tx, self._style)
            heads, total = document_heads(tx), article_total(tx)
        whole = total + len(heads) + len(self._site.sections)
        done = 0
        for article_id in self._all_articles():
            self._article(article_id)
            progress(done := done + 1, whole)
        self._pictures()
        for head in heads:
            self._document(head)
            progress(done := done + 1, whole)
        self._pages([*_steady(self._site), *_lists(self._site), *map(section_path, self._site.sections)])
        self._sitemaps()
        self._keep_only_wanted()
        self._maps()
        self._lists_wanted = False
        self._tree.settle({"seq": str(standing), "mark": self._mark})
        progress(whole, whole)
        return self._tally

    def changes(self, progress: Progress) -> Tally | None:
        """Write what changed since the last look; None when nothing did. The first look may be a full pass."""
        with self._site.store.read() as tx:
            seen = (latest_seq(tx), documents_stamp(tx), int(self._now().timestamp() // 3600))
        if seen == self._seen:
            return self._make_lists(Tally())
        new_hour = self._seen is None or seen[2] != self._seen[2]
        if self._seen is None and not (self._tree.manifest.standing.get("mark") == self._mark and self._tree.whole()):
            tally = self.everything(progress)
            self._seen = seen
            return tally
        since = int(self._tree.manifest.standing["seq"])
        with self._site.store.read() as tx:
            moved, heads = moved_since(tx, since), document_heads(tx, since)
            standing = rendered_up_to(tx, self._style)
        self._tally = Tally()
        if moved.everything or (new_hour and not self._tree.whole()):
            tally = self.everything(progress)
        else:
            tally = self._follow(moved, heads, new_hour=new_hour)
            self._tree.settle({"seq": str(standing), "mark": self._mark})
        self._seen = seen
        return tally if tally.written or tally.removed else None

    def _follow(self, moved: Moved, heads: list[Head], *, new_hour: bool) -> Tally:
        for article_id in moved.articles:
            self._article(article_id)
        if moved.articles or new_hour:
            self._pictures()
        for head in heads:
            self._document(head)
        self._forget_documents()
        touched = self._site.sections if new_hour else _near(self._site, moved.sections)
        if touched:
            self._pages([*_lists(self._site), *map(section_path, touched)])
        self._lists_wanted = True
        self._make_lists(self._tally)
        return self._tally

    def _all_articles(self) -> Iterable[str]:
        after = ""
        while True:
            with self._site.store.read() as tx:
                ids = article_ids(tx, after)
            yield from ids
            if not ids:
                return
            after = ids[-1]

    def _article(self, article_id: str) -> None:
        """An article's page; that of a withdrawn one moves to where 410 is answered with it."""
        address = f"/articles/{article_id}"
        answer = self._ask(address)
        here, gone = file_path(address), gone_path(article_id)
        if answer.status not in (200, 404, 410):
            self._leave(address, answer.status, (here, gone))
            return
        if answer.status != 200:
            self._drop(here)
        if answer.status != 410:
            self._drop(gone)
        if answer.status != 404:
            self._write(page_file(address, answer, self._now(), here if answer.status == 200 else gone))

    def _pictures(self) -> None:
        with self._site.store.read() as tx:
            shown = shown_pictures(tx)
        wanted = {file_path(f"{MEDIA}{name}", kind): name for name, kind in shown.items()}
        for path, name in wanted.items():
            if self._tree.stands(path, name):
                self._want(path)
                self._tally.unchanged += 1
                continue
            answer = self._ask(f"{MEDIA}{name}")
            if answer.status == 200:
                self._write(replace(page_file(f"{MEDIA}{name}", answer, self._now()), path=path, version=name))
        if self._wanted is None:
            for path in [path for path in self._tree.manifest.paths if path.startswith("media/")]:
                if path not in wanted:
                    self._drop(path)

    def _document(self, head: Head) -> None:
        path = file_path(head.path)
        if self._tree.stands(path, document_version(head)):
            self._want(path)
            self._tally.unchanged += 1
            return
        with self._site.store.read() as tx:
            document = get_document(tx, head.path)
        if document is not None:
            self._write(document_file(document))

    def _forget_documents(self) -> None:
        """Documents that follow no section can vanish: saved feeds, partners' profiles."""
        paths = [path for path in self._tree.manifest.paths if path.startswith(_DOCUMENTS)]
        loose = [path for path in paths if "/saved/" in path[:12] or "/profile/" in path[:14]]
        if loose:
            with self._site.store.read() as tx:
                there = documents_there(tx, [f"/{path}" for path in loose])
            for path in loose:
                if f"/{path}" not in there:
                    self._drop(path)

    def _pages(self, addresses: Iterable[str]) -> None:
        for address in dict.fromkeys(addresses):
            answer = self._ask(address)
            if answer.status == 200:
                self._write(page_file(address, answer, self._now()))
            elif answer.status in (301, 404):
                self._drop(file_path(address))
            else:
                self._leave(address, answer.status, (file_path(address),))

    def _make_lists(self, tally: Tally) -> Tally | None:
        """Sitemaps and nginx's maps, when they are wanted and due; None when nothing was written."""
        clock = self._site.clock
        if not self._lists_wanted or clock.monotonic() < self._lists_at:
            return None
        self._tally, before = tally, (tally.written, tally.removed)
        started = clock.monotonic()
        self._sitemaps()
        self._maps()
        self._tree.settle(self._tree.manifest.standing)
        self._lists_at = clock.monotonic() + _SHARE * (clock.monotonic() - started)
        self._lists_wanted = False
        return tally if (tally.written, tally.removed) != before else None

    def _sitemaps(self) -> None:
        with self._site.store.read() as tx:
            addresses = sitemap_paths(tx)
        self._pages(addresses)
        if self._wanted is None:
            kept = {file_path(address) for address in addresses}
            for path in [path for path in self._tree.manifest.paths if path.startswith("sitemap")]:
                if path not in kept:
                    self._drop(path)

    def _maps(self) -> None:
        """What nginx needs to know of each file."""
        with self._site.store.read() as tx:
            made = nginx_maps(self._ask, self._tree.manifest.paths, document_links(tx))
        for file in made:
            self._write(file)

    def _keep_only_wanted(self) -> None:
        wanted, self._wanted = self._wanted or set(), None
        wanted |= {path for path in self._tree.manifest.paths if path.startswith(FOLDER)}
        self._tally.removed += self._tree.keep_only(wanted)

    def _leave(self, address: str, status: int, paths: Iterable[str]) -> None:
        """A page that cannot be made stays as it was: the fault is in the log, and in no other file's way."""
        log.error("%s answers %d: what was exported of it stands", address, status)
        for path in paths:
            if path in self._tree.manifest.paths:
                self._want(path)

    def _write(self, file: Exported) -> None:
        self._want(file.path)
        if self._tree.write(file):
            self._tally.written += 1
        else:
            self._tally.unchanged += 1

    def _drop(self, path: str) -> None:
        if self._tree.remove(path):
            self._tally.removed += 1

    def _want(self, path: str) -> None:
        if self._wanted is not None:
            self._wanted.add(path)

    def _now(self) -> datetime:
        return self._site.clock.now().astimezone(UTC)


def _steady(site: Front) -> list[str]:
    """Addresses that say the same whatever is published."""
    own = [f"/static/{file.name}" for file in sorted(STATIC.iterdir())]
    style = [f"/style/{file.name}" for file in sorted(site.style_directory.glob("*")) if file.is_file()]
    found = [*own, *style, "/favicon.ico", "/robots.txt", "/widget.js", "/opml.xml"]
    found += [f"/opml/{name}.xml" for name in site.sections]
    found += map(code_path, site.feeds)
    for language in INTERFACE:
        column = partial(column_path, language, site.portal.language)
        found += [column("embed"), *(column(f"subscribe/{name}") for name in site.feeds)]
    return found


def _lists(site: Front) -> list[str]:
    """Pages that show what is newest anywhere."""
    return ["/", *(column_path(language, site.portal.language) for language in INTERFACE)]


def _near(site: Front, touched: Iterable[str]) -> list[str]:
    """Sections whose pages change with those: themselves, and all that list them (parents, and their children)."""
    found: dict[str, None] = {}
    for name in touched:
        parent = site.sections.get(name.rpartition("/")[0])
        found |= dict.fromkeys([name, *((parent.id, *(it.id for it in parent.children)) if parent else ())])
    return [name for name in found if name in site.sections]


def _program() -> list[bytes]:
    """What pages are made by: when any of it changes, all are made anew."""
    root = Path(feedhub.__file__).parent
    files = [file for room in ("web", "publish") for file in sorted((root / room).rglob("*")) if file.is_file()]
    return [file.read_bytes() for file in files if file.suffix in (".py", ".html", ".css", ".js")]
