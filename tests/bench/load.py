"""Servers under load: start one, ask it for answers on open connections, say how many a second."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLIENTS = 8


@dataclass(frozen=True)
class Rate:
    """Of one server at one zoom."""

    a_second: float
    tile_bytes: float
    largest: int


@contextmanager
def running(command: list[str], port: int, environ: dict[str, str], path: str) -> Iterator[None]:
    """A server, stopped at the end."""
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ}, start_new_session=True) as process:
        try:
            for _ in range(600):
                try:
                    if Client(port).get(path):
                        break
                except OSError:
                    time.sleep(0.1)
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)


class Client:
    """One open connection that reads whole answers and keeps nothing but the last."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray(64 * 2**20)
        self.view = memoryview(self.buffer)

    def get(self, path: str) -> memoryview:
        """The body; raises when the answer is not 200 or 204."""
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: bench\r\n\r\n".encode())
        got, head = 0, -1
        while head < 0:
            got += self._more(got)
            head = self.buffer.find(b"\r\n\r\n", 0, got)
        lines = bytes(self.view[:head]).lower()
        assert lines.split(b" ", 2)[1][:3] in (b"200", b"204"), lines
        start = lines.find(b"content-length:")
        length = int(lines[start + 15 : (lines + b"\r\n").find(b"\r\n", start)]) if start >= 0 else 0
        while got < head + 4 + length:
            got += self._more(got)
        return self.view[head + 4 : head + 4 + length]

    def _more(self, got: int) -> int:
        read = self.socket.recv_into(self.view[got:])
        if not read:
            raise OSError("closed")
        return read


def measure(port: int, paths: list[str], seconds: float) -> Rate:
    """Eight clients go through the tiles again and again."""
    count, size, largest = [0] * CLIENTS, [0] * CLIENTS, [0] * CLIENTS
    clients = [Client(port) for _ in range(CLIENTS)]
    for path in paths[:4]:
        clients[0].get(path)
    end = time.perf_counter() + seconds

    def ask(k: int) -> None:
        at = k * len(paths) // CLIENTS
        while time.perf_counter() < end:
            length = len(clients[k].get(paths[at % len(paths)]))
            count[k], size[k], largest[k], at = count[k] + 1, size[k] + length, max(largest[k], length), at + 1

    start = time.perf_counter()
    threads = [threading.Thread(target=ask, args=(k,)) for k in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    taken = time.perf_counter() - start
    return Rate(sum(count) / taken, sum(size) / max(1, sum(count)), max(largest))


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
