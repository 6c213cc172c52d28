"""The map server's process: granian, one worker process; walls hang on its event loop, requests have threads."""

from __future__ import annotations

import ctypes
import gc
import signal
import tempfile

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from weathermap.settings import Settings, check_host, read_settings
from weathermap.work.guard import check_port
from weathermap.work.logs import configure_logs
from web.basemap import open_basemap
from web.bridge import Bridge

CONNECTIONS = 4_096  # let in at once: walls hold one each, so none waits behind a wall
STOP_S = 2  # walls come back by themselves, so they are not waited for
PR_SET_PDEATHSIG = 1


def run_server(settings: Settings, target: str = "web.serve:application") -> None:
    """Serve on HOST and PORT until SIGTERM or SIGINT. Raises SettingError or PortTaken.

    `target` names the factory of an RSGI app, called in the worker process.
    """
    check_host(settings)
    check_port(settings)
    open_basemap(settings)  # a broken file is said here, before the server's own process would stumble over it
    configure_logs("server", settings)
    Granian(
        target,
        address=str(settings.host).replace("localhost", "127.0.0.1"),
        port=settings.port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        factory=True,
        workers=1,
        backpressure=CONNECTIONS,
        backlog=1024,
        websockets=False,
        workers_kill_timeout=STOP_S,
        log_level=LogLevels.warning,
        # Granian's own lines go to our log: its handlers and levels are left to `configure_logs`.
        log_dictconfig={"loggers": {"_granian": {"handlers": [], "propagate": True}}},
    ).serve()


def application() -> Bridge:
    """The app as the worker process serves it."""
    from web.app import create_app

    settings = read_settings()
    die_with_parent()
    configure_logs("server", settings)
    settings.body_folder.mkdir(parents=True, exist_ok=True)
    tempfile.tempdir = str(settings.body_folder)  # what is being sent waits on the disk; /tmp may be memory
    served = Bridge(create_app(settings))
    gc.collect()
    gc.freeze()  # what was loaded to begin with stays: collections need not look at it, so no answer waits for them
    return served


def die_with_parent() -> None:
    """The kernel ends this process when granian's main one is gone, so that a killed server leaves no port taken."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
