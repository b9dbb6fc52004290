"""The worker process: what it sets before it starts."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

_THREADS = """
import ctypes, sys, threading
if sys.argv[1] == "shared":
    from feedhub.wiring.worker import share_one_heap
    share_one_heap()
libc = ctypes.CDLL(None)
together = threading.Barrier(24)
def work():
    together.wait()
    held = [bytes(50_000) for _ in range(20)]
    together.wait()
threads = [threading.Thread(target=work) for _ in range(24)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
"""


def test_many_threads_have_their_memory_from_one_heap() -> None:
    if not sys.platform.startswith("linux"):
        pytest.skip("glibc's heaps")
    shared, plain = (_heaps(how) for how in ("shared", "plain"))
    if not plain:
        pytest.skip("not glibc")
    assert shared == 1 < plain


def _heaps(how: str) -> int:
    said = subprocess.run([sys.executable, "-c", _THREADS, how], capture_output=True, text=True, check=False).stdout
    return len(re.findall(r"<heap nr=", said))
