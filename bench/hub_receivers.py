"""Where the benchmark's deliveries go: nginx where there is one, else a small server of our own; both take every body
and answer 204, at every address of 127/8."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

_NGINX = """
worker_processes 1; pid {folder}/pid; error_log {folder}/error.log; daemon off;
events {{ worker_connections 8192; }}
http {{
  access_log off; client_body_buffer_size 256k; client_max_body_size 8m; client_body_temp_path {folder}/body;
  keepalive_requests 1000000;
  upstream nobody {{ server 127.0.0.1:1; }}
  server {{ listen 0.0.0.0:{port} backlog=8192; location / {{ return 204; }} }}
}}
"""


class Receivers:
    """A process that takes deliveries."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        program = shutil.which("nginx")
        if program:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / "nginx.conf").write_text(_NGINX.format(folder=folder, port=self.port))
            command = [program, "-p", str(folder), "-c", str(folder / "nginx.conf")]
            self.name = "nginx"
        else:
            command = [sys.executable, "-m", "bench.hub_receivers", str(self.port)]
            self.name = "a Python server of our own"
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise SystemExit("the receivers did not start")

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


def address(number: int) -> str:
    """An address of 127/8 for each callback."""
    return f"127.{1 + number // 62_500}.{(number // 250) % 250}.{1 + number % 250}"


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def serve(port: int) -> None:
    """Take deliveries until ended, in one thread."""
    import selectors

    picker, ours = selectors.DefaultSelector(), socket.create_server(("0.0.0.0", port), backlog=8192)
    ours.setblocking(False)
    picker.register(ours, selectors.EVENT_READ, None)
    missing: dict[int, int] = {}
    while True:
        for key, _ in picker.select():
            if key.data is None:
                line, _ = ours.accept()
                line.setblocking(False)
                picker.register(line, selectors.EVENT_READ, line)
                continue
            line, number = key.data, key.fd
            data = line.recv(262144)
            if not data:
                missing.pop(number, None)
                picker.unregister(line)
                line.close()
                continue
            left = missing.pop(number, None)
            if left is None:
                head, _, rest = data.partition(b"\r\n\r\n")
                length = next(int(it[15:]) for it in head.split(b"\r\n") if it.lower().startswith(b"content-length:"))
                left = length - len(rest)
            else:
                left -= len(data)
            if left > 0:
                missing[number] = left
            else:
                line.send(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n")


if __name__ == "__main__":
    serve(int(sys.argv[1]))
