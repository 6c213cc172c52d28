"""The map server's process: granian, one worker process, a thread for every wall that hangs on."""

from __future__ import annotations

import ctypes
import signal

from flask import Flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from weathermap.settings import Settings, check_host, read_settings
from weathermap.work.guard import check_port
from weathermap.work.logs import configure_logs

# A server-sent stream holds a thread for as long as it lasts: room for 500 walls and for requests beside them.
# Granian makes threads as they are needed. With as many requests let in as there are threads, none waits behind a wall.
THREADS = 500 + 76
STOP_S = 2  # walls come back by themselves, so they are not waited for
PR_SET_PDEATHSIG = 1


def run_server(settings: Settings, target: str = "web.serve:application") -> None:
    """Serve on HOST and PORT until SIGTERM or SIGINT. Raises SettingError or PortTaken.

    `target` names the factory of a WSGI app, called in the worker process.
    """
    check_host(settings)
    check_port(settings)
    configure_logs("server", settings)
    Granian(
        target,
        address=str(settings.host).replace("localhost", "127.0.0.1"),
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=THREADS,
        backpressure=THREADS,
        blocking_threads_idle_timeout=60,
        backlog=1024,
        websockets=False,
        workers_kill_timeout=STOP_S,
        log_level=LogLevels.warning,
        # Granian's own lines go to our log: its handlers and levels are left to `configure_logs`.
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
    ).serve()


def application() -> Flask:
    """The app as the worker process serves it."""
    from web.app import create_app

    settings = read_settings()
    die_with_parent()
    configure_logs("server", settings)
    return create_app(settings)


def die_with_parent() -> None:
    """The kernel ends this process when granian's main one is gone, so that a killed server leaves no port taken."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
