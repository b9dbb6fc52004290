"""Workers of the hub as real processes, to be killed: a nursery that has loaded everything forks one for each line.

`python -m tests.hub.nursery STORE_URL RATE`: a line on stdin starts a worker, its pid is printed. Time runs RATE
times as fast as on the wall, in every process alike, so that minutes of back-off are seconds.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
import traceback
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

from feedhub.errors import StoreAway
from feedhub.hub.rules import Rules
from feedhub.jobs.hub import HubJobs, HubMeans
from feedhub.net.address import Reach
from feedhub.net.client import CurlWeb
from feedhub.net.fan_out import FanOut
from feedhub.ports.clock import SystemClock
from feedhub.ports.dice import SystemDice
from feedhub.ports.resolver import SystemResolver
from feedhub.publish.style import Style
from feedhub.store.engine import Store
from tests.web.conftest import a_portal, the_style

LOOPBACK = Reach((ip_network("127.0.0.0/8"),))
BORN = 1_790_000_000.0


class FastClock:
    """A clock that every process reads alike, `rate` times as fast as the wall's."""

    def __init__(self, rate: float) -> None:
        self._rate = rate

    def now(self) -> datetime:
        wall = time.time()
        return datetime.fromtimestamp(BORN, UTC) + timedelta(seconds=(wall - BORN) * self._rate)

    def monotonic(self) -> float:
        return time.monotonic()


def rules() -> Rules:
    return Rules(base_url=a_portal(8080).base_url, reach=LOOPBACK)


def means(store: Store, style: Style, web: CurlWeb, fan: FanOut, clock: FastClock, owner: str) -> HubMeans:
    return HubMeans(
        store=store, web=web, fetcher=web, pusher=fan, clock=clock, dice=SystemDice(),
        resolver=SystemResolver(), rules=rules(), style=style,
        owner=owner, is_gone=_is_gone,
    )  # fmt: skip


def _is_gone(owner: str) -> bool:
    try:
        os.kill(int(owner), 0)
    except ProcessLookupError:
        return True
    return False


def work(url: str, rate: float) -> None:
    """A worker, until it is killed."""
    store = Store(url)
    style = the_style(store, a_portal(8080))
    reach = {"callback": LOOPBACK, "source": LOOPBACK}
    web = CurlWeb(SystemResolver(), SystemClock(), reach, connections_per_host=16, per_second_per_host=1000.0)
    fan = FanOut(SystemResolver(), SystemClock(), LOOPBACK)
    jobs = HubJobs(means(store, style, web, fan, FastClock(rate), str(os.getpid())))
    while True:
        for job in (jobs.upkeep, jobs.verify, jobs.deliver):
            try:
                job()
            except StoreAway as error:  # as every beat of a worker does
                print(f"tried again: {error}", file=sys.stderr)
        time.sleep(0.02)


def main(url: str, rate: float) -> None:
    """Start a worker for each line."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are really gone, so that their claims are seen to be free
    for _ in sys.stdin:
        pid = os.fork()
        if pid == 0:
            ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
            try:
                work(url, rate)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]))
