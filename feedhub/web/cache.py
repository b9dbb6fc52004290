"""The documents in memory: refreshed within half a second, still served when the database is away.

A thread asks four times a second whether any document moved and loads those that did. What it holds is bounded
in bytes: the least asked for go first and come back when somebody asks (SEMANTICS 2, 19).
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime

from feedhub.errors import StoreError
from feedhub.model.feed import FeedDocument
from feedhub.ports.clock import Clock
from feedhub.store.documents import Version, document_versions, documents_stamp, get_document
from feedhub.store.engine import Store
from feedhub.web.conditional import Representation, represent_document

log = logging.getLogger(__name__)

BEAT = 0.25
_THOROUGH_EVERY = 20
# A look that takes longer than this is as good as none: the database hangs.
_SILENCE = 3.0


class DocumentCache:
    """Documents by path. `start()` before serving, `stop()` at the end; safe for any thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        most_bytes: int = 256 * 1024 * 1024,
        represent: Callable[[FeedDocument], Representation] = represent_document,
    ) -> None:
        self._store, self._clock, self._most_bytes, self._represent = store, clock, most_bytes, represent
        self._held: OrderedDict[str, tuple[Version, Representation]] = OrderedDict()
        self._bytes = 0
        self._stamp: int | None = None
        self._looked_at: datetime | None = None
        self._looked = clock.monotonic()
        self._failing = False
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Look once, then keep looking in a thread of our own. A database that is away is not an error."""
        self.refresh()
        self._thread = threading.Thread(target=self._run, name="document-cache", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop looking."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(5)

    @property
    def stale_since(self) -> datetime | None:
        """When the database last answered, if it does not now; None while all is well."""
        if not self._failing and (self._thread is None or self._clock.monotonic() - self._looked < _SILENCE):
            return None
        return self._looked_at

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._bytes

    def held(self, path: str) -> Representation | None:
        """What memory holds; never waits for the database."""
        with self._lock:
            found = self._held.get(path)
            if found is None:
                return None
            self._held.move_to_end(path)
            return found[1]

    def find(self, path: str) -> Representation | None:
        """What memory holds, else what the store holds; None when nothing was rendered yet. May raise StoreAway."""
        held = self.held(path)
        if held is not None:
            return held
        self._load(path)
        return self.held(path)

    def refresh(self) -> bool:
        """Look at the store now and load what moved; False when it does not answer."""
        return self._look(thorough=True)

    def _run(self) -> None:
        beat = 0
        while not self._stopping.wait(BEAT):
            beat += 1
            self._look(thorough=beat % _THOROUGH_EVERY == 0)

    def _look(self, *, thorough: bool) -> bool:
        with self._looking:
            try:
                with self._lock:
                    known = list(self._held)
                with self._store.read() as tx:
                    stamp = documents_stamp(tx)
                    versions = document_versions(tx, known) if thorough or stamp != self._stamp else None
                if versions is not None:
                    self._follow(versions)
                    self._stamp = stamp
            except StoreError as error:
                self._failed(error)
                return False
            except Exception:  # the thread outlives whatever a driver throws; the documents stay
                log.exception("the cache of documents could not look at the store")
                self._failed(None)
                return False
            if self._failing:
                log.warning("the database answers again")
            self._failing = False
            self._looked_at, self._looked = self._clock.now(), self._clock.monotonic()
            return True

    def _failed(self, error: StoreError | None) -> None:
        if not self._failing and error is not None:
            log.warning("serving the documents in memory: %s", error)
        self._failing = True

    def _follow(self, versions: dict[str, Version]) -> None:
        """Load what moved. What finds no room, and what nobody asked for beside the current documents, is left to
        those who ask for it."""
        with self._lock:
            for gone in [path for path in self._held if path not in versions]:
                self._drop(gone)
            known = {path: version for path, (version, _) in self._held.items()}
        # Archives first: what has left a current document is found in them whichever of the two is asked for when.
        for path, version in sorted(versions.items(), key=lambda found: "/archive/" not in found[0]):
            if known.get(path) != version and (path in known or self._bytes < self._most_bytes):
                self._load(path)

    def _load(self, path: str) -> None:
        with self._store.read() as tx:
            document = get_document(tx, path)
        with self._lock:
            if path in self._held:
                self._drop(path)
            if document is None:
                return
            made = self._represent(document)
            self._held[path] = (Version(document.etag, document.last_modified), made)
            self._bytes += made.size
            while self._bytes > self._most_bytes and len(self._held) > 1:
                self._drop(next(iter(self._held)))

    def _drop(self, path: str) -> None:
        _, gone = self._held.pop(path)
        self._bytes -= gone.size
