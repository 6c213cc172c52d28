"""The server's process: walls that hang on neither starve a request nor hold up a stop."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from web.serve import CONNECTIONS

ROOT = Path(__file__).parent.parent.parent
SERVE = """
from weathermap.settings import read_settings
from web.serve import run_server
run_server(read_settings(), "tests.web.hanging_app:application")
"""
WALLS = 520


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def get(port: int, path: str) -> str:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
        connection.request("GET", path)
        return connection.getresponse().read().decode()


def answers(port: int) -> bool:
    try:
        return bool(get(port, "/healthz"))
    except OSError:
        return False


def wait_until_it_answers(port: int) -> None:
    deadline = time.monotonic() + 180  # a loaded machine takes its time
    while not answers(port):
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.05)


@pytest.fixture
def served() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    port = free_port()
    environ = {**os.environ, "PORT": str(port)}
    with subprocess.Popen([sys.executable, "-c", SERVE], cwd=ROOT, env=environ) as process:
        try:
            wait_until_it_answers(port)
            yield process, port
        finally:
            process.kill()


@contextmanager
def walls(port: int, number: int) -> Iterator[None]:
    """`number` connections that have read their first event and hang on."""
    held = []
    try:
        for _ in range(number):
            connection = socket.create_connection(("127.0.0.1", port), timeout=5)
            held.append(connection)
            connection.sendall(b"GET /stream HTTP/1.1\r\nHost: t\r\n\r\n")
        for connection in held:
            got = b""
            while b"event: tick" not in got:
                got += connection.recv(4096)
        yield
    finally:
        for connection in held:
            connection.close()


def test_room_for_walls_and_requests_beside_them() -> None:
    assert CONNECTIONS > 2_000


def test_a_request_is_answered_beside_walls_and_a_stop_takes_no_longer_than_3_s(
    served: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, port = served
    with walls(port, WALLS):
        assert get(port, "/healthz")
        started = time.monotonic()
        process.terminate()
        process.wait(10)
        assert time.monotonic() - started < 3.5
    with socket.create_server(("127.0.0.1", port)):
        pass  # the port is free again


def test_a_killed_server_leaves_nothing_that_holds_the_port(served: tuple[subprocess.Popen[bytes], int]) -> None:
    process, port = served
    worker = int(get(port, "/healthz"))
    assert worker != process.pid
    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 5
    while answers(port):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_dead_worker_ends_the_server_so_that_the_supervisor_sees_it(
    served: tuple[subprocess.Popen[bytes], int],
) -> None:
    process, port = served
    os.kill(int(get(port, "/healthz")), signal.SIGKILL)
    assert process.wait(10) != 0


def test_a_taken_port_is_said_and_nothing_is_served() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        environ = {**os.environ, "PORT": str(other.getsockname()[1])}
        done = subprocess.run([sys.executable, "-c", SERVE], cwd=ROOT, env=environ, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"PortTaken" in done.stderr
