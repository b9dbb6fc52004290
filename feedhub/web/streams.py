"""/hub/events: what comes to a topic, told as it comes: server-sent events, and polls that wait (SEMANTICS 31).

    documents are watched once for all ─→ a topic moved ─→ its news is read once per place ─→ every stream at that place

Streams are held by the door on the event loop; the store is asked in two threads of their own. `id` is the number of
the change log up to which a listener has everything: with it as Last-Event-ID it goes on where it was.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

from feedhub.errors import HubRefused, StoreError
from feedhub.hub.subscribing import topic_of
from feedhub.publish.announcing import Announcement, announcement_since
from feedhub.store.documents import generations, get_document
from feedhub.web.clients import address_of
from feedhub.web.front import Front
from feedhub.web.listening import HEAD_OF_STREAM, Ask, Refusal, answer_of, event_of, read_ask

log = logging.getLogger(__name__)
PATH = "/hub/events"
BEAT = 0.25
HEARTBEAT = 15.0
# A listener that takes nothing for so long is let go; it comes back with its Last-Event-ID.
_PATIENCE = 20.0
_MOST_PLACES = 1000
Found = TypeVar("Found")


class Topic:
    """A topic that somebody listens to: where its document is, and what there is to tell from which place."""

    def __init__(self, seq: int) -> None:
        self.seq = seq
        self.listeners = 0
        self.moved = asyncio.Event()
        self.news: dict[int, asyncio.Task[Announcement]] = {}

    def move(self, seq: int) -> None:
        """Wake who waits."""
        self.seq, self.news = seq, {}
        moved, self.moved = self.moved, asyncio.Event()
        moved.set()


class Streams:
    """All listeners of this process. `end` on the event loop, `close` afterwards."""

    def __init__(self, site: Front) -> None:
        self._site, self._bounds = site, site.streams
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="events")
        self._topics: dict[str, Topic] = {}
        self._at: Counter[str] = Counter()
        self._watching: asyncio.Task[None] | None = None
        self._ending = False

    async def serve(self, scope: Any, exchange: Any, safety: list[tuple[str, str]], client: str) -> None:
        """Answer one request from its beginning to its end; Refusal before anything was sent."""
        ask = read_ask(scope)
        address = _address(client)
        if self._ending:
            raise Refusal(503, "This server is about to end.")
        if self._at.total() >= self._bounds.all or (address and self._at[address] >= self._bounds.address):
            raise Refusal(503 if self._at.total() >= self._bounds.all else 429, "Too many listen from here already.")
        self._at[address] += 1
        try:
            path, topic = await self._join(ask)
            try:
                if scope.method == "HEAD":
                    exchange.response_empty(200, [*HEAD_OF_STREAM, *safety])
                elif ask.poll:
                    await self._wait_once(ask, path, topic, exchange, safety)
                else:
                    await self._tell(ask, path, topic, exchange, safety)
            finally:
                topic.listeners -= 1
                if topic.listeners == 0 and self._topics.get(path) is topic:
                    del self._topics[path]
        finally:
            self._at[address] -= 1
            if not self._at[address]:
                del self._at[address]

    def end(self) -> None:
        """End every stream."""
        self._ending = True
        for topic in self._topics.values():
            topic.moved.set()
        if self._watching is not None:
            self._watching.cancel()

    def close(self) -> None:
        """Let go of the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _join(self, ask: Ask) -> tuple[str, Topic]:
        """The topic that is asked for, watched from now on."""
        try:
            path, seq = await self._in_thread(lambda: self._find(ask.topic))
        except HubRefused as refused:
            raise Refusal(404, refused.message) from refused
        except StoreError as error:
            raise Refusal(503, "The database does not answer. Try again in a moment.") from error
        topic = self._topics.setdefault(path, Topic(seq))
        topic.listeners += 1
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._watch())
        return path, topic

    def _find(self, address: str) -> tuple[str, int]:
        with self._site.store.read() as tx:
            found = topic_of(tx, self._site.hub_rules, address)
        if found.foreign:
            raise HubRefused("Events are told of this site's own feeds.", code="topic_refused")
        return found.name, found.seq

    async def _tell(self, ask: Ask, path: str, topic: Topic, exchange: Any, safety: list[tuple[str, str]]) -> None:
        """A stream, until its listener leaves or the server ends."""
        place = topic.seq if ask.since is None else min(ask.since, topic.seq)
        line = exchange.response_stream(200, [*HEAD_OF_STREAM, *safety])
        gone = asyncio.ensure_future(exchange.client_disconnect())
        try:
            await _send(line, b"retry: 3000\nid: %d\n\n" % place)
            while not self._ending and not gone.done():
                moved = topic.moved
                if place < topic.seq:
                    news = await self._announcement(path, topic, place)
                    await _send(line, event_of(self._site.absolute(path), news))
                    place = news.seq
                elif not await _first(gone, moved.wait(), HEARTBEAT):
                    await _send(line, b": here\n\n")
        except (TimeoutError, RuntimeError):  # it takes nothing any more, or has gone
            pass
        except StoreError as error:
            log.warning("a stream of %s ends: %s", path, error)  # it comes back by itself, with its place
        except Exception:
            log.exception("a stream of %s ends", path)
        finally:
            del line  # the answer ends when nobody has it any more; the traceback of a failed read would keep it
            gone.cancel()
            with contextlib.suppress(BaseException):
                await gone

    async def _wait_once(self, ask: Ask, path: str, topic: Topic, exchange: Any, safety: list[tuple[str, str]]) -> None:
        """A poll: answered at once when something came since, else when it comes, else when the wait is over."""
        place = topic.seq if ask.since is None else min(ask.since, topic.seq)
        moved = topic.moved
        if ask.since is not None and place >= topic.seq and ask.wait > 0:
            gone = asyncio.ensure_future(exchange.client_disconnect())
            await _first(gone, moved.wait(), ask.wait)
            gone.cancel()
        try:
            news = await self._announcement(path, topic, place) if place < topic.seq else Announcement(place)
        except StoreError as error:
            raise Refusal(503, "The database does not answer. Try again in a moment.") from error
        body = answer_of(self._site.absolute(path), news)
        fields = [
            ("content-type", "application/json"), ("content-length", str(len(body))), ("cache-control", "no-store"),
            ("access-control-allow-origin", "*"),
        ]  # fmt: skip
        exchange.response_bytes(200, [*fields, *safety], body)

    async def _announcement(self, path: str, topic: Topic, place: int) -> Announcement:
        """The news from a place, read once for all who are there."""
        reading = topic.news.get(place)
        if reading is None:
            if len(topic.news) >= _MOST_PLACES:
                topic.news.clear()
            seq = topic.seq
            reading = topic.news[place] = asyncio.ensure_future(self._in_thread(lambda: self._read(path, place, seq)))
        try:
            return await asyncio.shield(reading)
        except Exception:  # whoever comes next has it read again
            if topic.news.get(place) is reading:
                del topic.news[place]
            raise

    def _read(self, path: str, place: int, seq: int) -> Announcement:
        with self._site.store.read() as tx:
            document = get_document(tx, path)
            if document is None:  # its section is no more: there is nothing to tell up to where it stood
                return Announcement(seq)
            return announcement_since(tx, document, place, self._site.portal)

    async def _watch(self) -> None:
        """While anybody listens: look four times a second whether a topic has moved."""
        away = False
        while self._topics:
            try:
                known = {path: topic.seq for path, topic in self._topics.items()}
                found = await self._in_thread(partial(self._look, known))
                away = False
            except StoreError as error:
                if not away:
                    log.warning("event streams wait: %s", error)
                away, found = True, {}
            except Exception:  # nobody would be told of anything any more
                log.exception("event streams could not look for news; they look again")
                found = {}
            for path, seq in found.items():
                topic = self._topics.get(path)
                if topic is not None and seq > topic.seq:
                    topic.move(seq)
            await asyncio.sleep(BEAT)

    def _look(self, known: dict[str, int]) -> dict[str, int]:
        with self._site.store.read() as tx:
            found = generations(tx, known)
        if any(seq > known[path] for path, seq in found.items()):
            self._site.cache.refresh()  # whoever hears of a change and asks for the feed finds it there
        return found

    async def _in_thread(self, work: Callable[[], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)


async def _send(line: Any, data: bytes) -> None:
    await asyncio.wait_for(line.send_bytes(data), _PATIENCE)


async def _first(gone: asyncio.Future[None], news: Coroutine[Any, Any, Any], seconds: float) -> bool:
    """Wait for the one or the other; False when the time is over before either."""
    waiting = asyncio.ensure_future(news)
    try:
        done, _ = await asyncio.wait({gone, waiting}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return bool(done)
    finally:
        waiting.cancel()


def _address(client: str) -> str:
    """Whose stream it is; empty for this machine, where a proxy stands for many."""
    address = address_of(client)
    if address is None:
        return client
    return "" if address.is_loopback else str(address)
