"""What is looked at before anything is started: the port is free, the data folder is ours alone."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

from weathermap.errors import PortTaken, SettingError, StoreError
from weathermap.settings import Settings
from weathermap.store.room import folder_error

PATIENCE_S = 2.0  # a server that was just killed gives its port back within that


def check_port(settings: Settings) -> None:
    """Raises PortTaken when another program listens on HOST:PORT, SettingError when the system refuses the port."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            _bind(settings)
            return
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                if time.monotonic() < deadline:
                    time.sleep(0.1)
                    continue
                raise PortTaken(
                    f"Another program listens on port {settings.port}: this map, started before, or something else.",
                    f"Stop that one, or take another port: PORT={settings.port % 65535 + 1} make run",
                ) from error
            raise SettingError(
                f"HOST {settings.host!r}, PORT {settings.port} cannot be listened on: {error.strerror}.",
                "Take a port above 1023 and a loopback address, e.g. PORT=8000.",
            ) from error


def _bind(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: connections of an earlier run that are still fading out do not count as a taken port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((settings.host, settings.port))


@contextmanager
def sole_use(settings: Settings) -> Iterator[None]:
    """Hold the data folder alone. The kernel gives it free when we end, however that happens.

    Raises StoreError when another `weathermap run` holds it, or when the folder cannot be written.
    """
    path = settings.data_dir / "run.lock"
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise folder_error(settings.data_dir, error) from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "?"
            raise StoreError(
                f"The map already runs on {settings.data_dir} (process {holder}).",
                f"Stop it first (kill {holder}), or give this one its own folder: WEATHERMAP_DATA=…",
            ) from None
        try:
            os.truncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        except OSError as error:
            raise folder_error(settings.data_dir, error) from error
        yield
    finally:
        os.close(handle)


def ask_to_begin_anew(settings: Settings) -> bool:
    """Tell the `weathermap run` that holds the data folder to start worker and server again, for the store under them
    is another one. False when none runs."""
    try:
        handle = os.open(settings.data_dir / "run.lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return False
    except BlockingIOError:
        os.kill(int(os.pread(handle, 20, 0)), signal.SIGUSR1)
        return True
    finally:
        os.close(handle)
