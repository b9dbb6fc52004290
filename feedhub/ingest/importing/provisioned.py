"""feeds/articles/ at start: a file goes in when its bytes are other than those taken in last (SEMANTICS 11).

A changed file is a correction; an unchanged one undoes nothing, so what a person edited or withdrew stays so.
A file that vanished leaves its articles. A file with a fault is tried again at every start: what it names may
be there by then.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from feedhub.basics.digests import sha256_hex
from feedhub.errors import RecordError
from feedhub.ingest.importing.bundle import declared_files
from feedhub.ingest.importing.records import ImportContext
from feedhub.ingest.importing.report import ImportReport, Tally
from feedhub.ingest.importing.take_in import import_files
from feedhub.store.engine import Store
from feedhub.store.imports import imported_digests, set_imported


def import_declared(store: Store, directory: Path, context: ImportContext, now: datetime) -> ImportReport:
    """Take in the new and the changed files of `directory`; a folder that is not there holds none."""
    tally = Tally()
    files = declared_files(directory)
    with store.read() as tx:
        known = imported_digests(tx)
    digests: dict[str, str] = {}
    for name, file in files.items():
        try:
            digests[name] = sha256_hex(file.path.read_bytes())
        except OSError as error:
            tally.fail(RecordError(file.label, f"cannot be read: {error.strerror}"))
    changed = [name for name, found in digests.items() if known.get(name) != found]
    if not changed:
        return tally.report()
    faulty = import_files(store, [files[name] for name in changed], context, tally, progress=_silent, now=now)
    with store.write() as tx:
        for name in changed:
            if files[name].label not in faulty:
                set_imported(tx, name, digests[name], now)
    return tally.report()


def _silent(done: int, total: int | None) -> None:
    """Nobody watches a start."""
