"""The import, from files to articles: find the files → pieces → records → articles → store, batch by batch.

A bad record is reported with its place and the rest goes in. The same files again change nothing: also when
two records of one import have one id, since only the last of them that is right is stored. For that the
files are read twice, the first time for the ids alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from feedhub.errors import Conflict, RecordError
from feedhub.ingest.importing.bundle import find_files, is_page, read_pieces
from feedhub.ingest.importing.page_shelf import PageShelf, put_pages, read_pages
from feedhub.ingest.importing.pieces import Form, InputFile, Piece
from feedhub.ingest.importing.portal import id_of_header, read_header
from feedhub.ingest.importing.records import ImportContext, article_from_record, article_id, is_undated
from feedhub.ingest.importing.report import ImportReport, Outcome, Tally
from feedhub.ingest.reprints import mark_article
from feedhub.model.article import Article, ChangeKind
from feedhub.store.article_reads import find_article, get_articles
from feedhub.store.engine import Store
from feedhub.store.imports import put_imported

BATCH = 200
Progress = Callable[[int, int | None], None]


def import_path(
    store: Store, path: Path, form: Form | None, context: ImportContext, *, progress: Progress, now: datetime
) -> ImportReport:
    """Take in a file, or a folder with all its files; `form` None is told from each file's name.

    `progress` is called with bytes read and bytes to read (a file is read twice). UsageError when there is
    nothing to read; whatever is wrong inside a file is in the report.
    """
    tally = Tally()
    import_files(store, find_files(path, form), context, tally, progress=progress, now=now)
    return tally.report()


def import_files(
    store: Store, files: Sequence[InputFile], context: ImportContext, tally: Tally, *, progress: Progress, now: datetime
) -> frozenset[str]:
    """Take these files in, counting in `tally`; returns the labels of files with a record that failed."""
    pages = [file for file in files if is_page(file)]
    lined = [file for file in files if not is_page(file)]
    meter = _Meter(progress, 2 * sum(file.size for file in files))
    shelf = read_pages(pages, context.home, tally)
    meter.add(2 * sum(file.size for file in pages))
    repeats = _find_repeats(lined, context, meter)
    faulty: set[str] = set()
    batch: list[_Ready] = []
    for number, (file, piece) in enumerate(_pieces(lined, meter)):
        ready = None
        try:
            ready = _ready(file, piece, context, shelf)
        except RecordError as error:
            tally.fail(error)
            faulty.add(file.label)
        batch += repeats.settle(number, ready, tally)
        if len(batch) >= BATCH:
            faulty |= _put(store, batch, tally, now)
            batch = []
    faulty |= _put(store, batch, tally, now)
    put_pages(store, shelf, tally, now)
    return frozenset(faulty)


@dataclass(slots=True)
class _Meter:
    """Bytes read so far, told after every piece."""

    progress: Progress
    total: int
    done: int = 0

    def add(self, size: int) -> None:
        self.done += size
        self.progress(min(self.done, self.total), self.total)


@dataclass(frozen=True, slots=True)
class _Ready:
    """An article to store; `undated` and `header_only` say what its record left open."""

    where: str
    file: str
    article: Article
    undated: bool
    header_only: bool


@dataclass(slots=True)
class _Repeats:
    """The ids that stand more than once, by the number of their last piece; `held` is the latest right one."""

    ending: dict[int, str]
    held: dict[str, _Ready] = field(default_factory=dict)
    ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.ids = frozenset(self.ending.values())

    def settle(self, number: int, ready: _Ready | None, tally: Tally) -> list[_Ready]:
        """What can be stored after the piece of that number: a repeated id only after its last piece."""
        due: list[_Ready] = []
        if ready is not None and ready.article.id in self.ids:
            before = self.held.get(ready.article.id)
            if before is not None:
                tally.superseded += 1
                tally.note(f"{ready.where}: has the id {ready.article.id!r} of {before.where}; this one counts")
            self.held[ready.article.id] = ready
        elif ready is not None:
            due.append(ready)
        ended = self.ending.get(number)
        if ended is not None and ended in self.held:
            due.append(self.held.pop(ended))
        return due


def _find_repeats(files: Sequence[InputFile], context: ImportContext, meter: _Meter) -> _Repeats:
    seen: set[str] = set()
    last: dict[str, int] = {}
    for number, (file, piece) in enumerate(_pieces(files, meter)):
        if piece.record is None:
            continue
        portal = file.form == "portal"
        key = id_of_header(piece.record) if portal else article_id(piece.record, context)
        if key is not None and key in seen:
            last[key] = number
        elif key is not None:
            seen.add(key)
    return _Repeats({number: key for key, number in last.items()})


def _pieces(files: Sequence[InputFile], meter: _Meter) -> Iterator[tuple[InputFile, Piece]]:
    for file in files:
        for piece in read_pieces(file):
            yield file, piece
            meter.add(piece.consumed)


def _ready(file: InputFile, piece: Piece, context: ImportContext, shelf: PageShelf) -> _Ready:
    if piece.error is not None or piece.record is None:
        raise piece.error or RecordError(piece.where, "holds nothing")
    if file.form != "portal":
        article = article_from_record(piece.record, piece.where, context)
        return _Ready(piece.where, file.label, article, is_undated(piece.record), False)
    header = read_header(piece.record, piece.where, context)
    page = shelf.take(header.title, header.added, header.id)
    record = header.record if page is None else {**header.record, "content_text": page.text}
    article = article_from_record(record, piece.where, context)
    return _Ready(piece.where, file.label, article, False, article.html is None)


def _put(store: Store, batch: Sequence[_Ready], tally: Tally, now: datetime) -> set[str]:
    """Store a batch in one transaction, each record by itself; the labels of files with one that failed."""
    faulty: set[str] = set()
    if not batch:
        return faulty
    with store.write() as tx:
        stored = get_articles(tx, [ready.article.id for ready in batch])
        for ready in batch:
            article, old = ready.article, stored.get(ready.article.id)
            if old is None and article.expires is not None and article.expires <= now:
                tally.count("expired")
                tally.note(f"{ready.where}: expired before it was ever here: not taken in")
                continue
            try:
                article = _completed(ready, old, now)
                kind = put_imported(tx, article, now=now, by="import")
            except Conflict as error:
                tally.fail(RecordError(ready.where, error.message))
                faulty.add(ready.file)
                continue
            mark_article(tx, article, now)
            waited = kind is None and (old is None or old.state == "scheduled")
            tally.count(_outcome(kind, old, find_article(tx, article.id) if waited else None))
    return faulty


def _completed(ready: _Ready, old: Article | None, now: datetime) -> Article:
    """The article with what its record left open as it is stored: first-seen date, body of a bare header.

    A later date is one of a republication: the article keeps its first, and announces nothing that it said before.
    """
    article = ready.article
    if old is not None and (ready.undated or old.published < article.published <= now):
        article = replace(article, published=old.published, precision=old.precision)
    if old is not None and ready.header_only:
        article = replace(article, html=old.html, summary=old.summary)
    return article


def _outcome(kind: ChangeKind | None, old: Article | None, waiting: Article | None) -> Outcome:
    if old is None:
        return "new" if kind is not None else "scheduled"
    if old.state == "withdrawn":
        return "withdrawn_kept"
    changed = kind is not None or (waiting is not None and waiting != old)
    return "corrected" if changed else "unchanged"
