"""`weathermap run`: PostgreSQL, schema, first city, worker and server, each started again when it dies."""

from __future__ import annotations

import http.client
import logging
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FrameType

import click

from weathermap.errors import StoreError, WeathermapError
from weathermap.progress import step
from weathermap.settings import Settings, check_host
from weathermap.store.cluster import Cluster
from weathermap.store.db import migrate_store
from weathermap.work.child import Child, Pause
from weathermap.work.filling import demo_words, first_steps, has_demo, is_new
from weathermap.work.guard import check_port, sole_use
from weathermap.work.logs import configure_logs

log = logging.getLogger("weathermap.supervisor")
BEAT_S = 0.1
PATIENCE_S = 60.0  # until a server that does not get ready is worth a word
LOG_BYTES, LOG_FILES = 10_000_000, 5


class StopAskedError(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


def run_all(settings: Settings) -> None:
    """Run until told to stop. Raises SettingError, PortTaken or StoreError, all before anything is left running."""
    check_host(settings)
    check_port(settings)
    with sole_use(settings):
        own = replace(settings, log_file=settings.data_dir / "logs" / "supervisor.log")
        configure_logs("supervisor", own)
        with _signals() as stop:
            _House(settings, stop).live()


class _Stop:
    """Set by a signal; looked at between steps, so that none is torn in the middle."""

    wanted = False
    anew = False  # SIGUSR1: a restore put another store under worker and server

    def check(self) -> None:
        if self.wanted:
            raise StopAskedError

    def set(self, number: int, _frame: FrameType | None) -> None:
        if number == signal.SIGUSR1:
            self.anew = True
            return
        self.wanted = True
        log.info("told to stop", extra={"signal": signal.Signals(number).name})


@contextmanager
def _signals() -> Iterator[_Stop]:
    stop = _Stop()
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1)
    before = {number: signal.signal(number, stop.set) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _House:
    """Everything that runs, and the order in which it comes and goes."""

    def __init__(self, settings: Settings, stop: _Stop) -> None:
        self.settings = settings
        self.stop = stop
        self.cluster = None if settings.database_url else Cluster(settings.cluster_dir)
        self.cluster_pause = Pause()
        self.worker = self._child("worker", "work")
        self.server = self._child("server", "serve")
        self.top_up: Child | None = None
        self.started = time.monotonic()

    def _child(self, name: str, *words: str, log_file: bool = True) -> Child:
        file = self.settings.data_dir / "logs" / f"{name}.log"
        return Child(name, words, {"WEATHERMAP_LOG_FILE": str(file)} if log_file else {}, self._tell)

    def _tell(self, line: str) -> None:
        click.echo(f"weathermap: {line}  (logs: {self.settings.data_dir / 'logs'})", err=True)

    def live(self) -> None:
        try:
            self._open()
            self._watch()
        except StopAskedError:
            click.echo("\nweathermap: stopping …", err=True)
        finally:
            self._close()
        click.echo("weathermap: stopped.", err=True)

    def _open(self) -> None:
        if self.cluster:
            with step("PostgreSQL with PostGIS"):
                self.cluster.start()
        self.stop.check()
        log.info("schema", extra={"did": migrate_store(self.settings)})
        self.stop.check()
        if is_new(self.settings):
            self._fill()
        elif has_demo(self.settings):
            self.top_up = self._child("demo top-up", *demo_words(self.settings), log_file=False)
            self.top_up.start()

    def _fill(self) -> None:
        """As commands of their own: the core may not import what makes a demo."""
        for name, words in first_steps(self.settings):
            job = self._child(name, *words, log_file=False)
            job.start()
            try:
                while (code := job.ended()) is None:
                    self.stop.check()
                    time.sleep(BEAT_S)
            finally:
                job.stop(3.0)
            if code:
                raise StoreError(
                    f"The {name} could not be loaded (exit code {code}, see above).", "Mend it, start again."
                )

    def _watch(self) -> None:
        told = late = False
        rotated = 0.0
        while True:
            self.stop.check()
            if self.stop.anew:
                self.stop.anew = False
                self._begin_anew()
            self._watch_cluster()
            self.worker.watch()
            self.server.watch()
            self._watch_top_up()
            if not told:
                told = self._tell_ready()
                if not told and not late and time.monotonic() - self.server.started > PATIENCE_S:
                    late = True
                    self._tell("The server is still not ready.")
            if time.monotonic() - rotated > 60:
                rotated = time.monotonic()
                self._rotate()
            time.sleep(BEAT_S)

    def _begin_anew(self) -> None:
        log.info("worker and server start anew")
        for child in (self.server, self.worker):
            child.stop(3.0)
            child.start()

    def _watch_cluster(self) -> None:
        if self.cluster is None or self.cluster.pid() is not None or not self.cluster_pause.over():
            return
        pause = self.cluster_pause.failed(0.0)
        try:
            self.cluster.start()
            self._tell("PostgreSQL had ended; it runs again.")
            log.error("PostgreSQL had ended and was started again")
        except WeathermapError as error:
            self._tell(f"PostgreSQL has ended and does not start, next try in {pause:g} s: {error}")
            log.error("PostgreSQL does not start", extra={"why": str(error)})

    def _watch_top_up(self) -> None:
        if self.top_up is not None and (code := self.top_up.ended()) is not None:
            if code:
                self._tell(f"The demo year was not topped up (exit code {code}, see above).")
            self.top_up = None

    def _tell_ready(self) -> bool:
        path = "/readyz" if self.settings.city_dir else "/healthz"
        if not _answers(self.settings, path):
            return False
        seconds = time.monotonic() - self.started
        log.info("ready", extra={"seconds": round(seconds, 2)})
        host = f"[{self.settings.host}]" if ":" in self.settings.host else self.settings.host
        click.echo(f"\n  The map: http://{host}:{self.settings.port}/   ({seconds:.1f} s; Ctrl-C stops it)\n", err=True)
        return True

    def _rotate(self) -> None:
        for file in (self.settings.data_dir / "logs").glob("*.log"):
            if file.stat().st_size > LOG_BYTES:
                for number in range(LOG_FILES - 1, 0, -1):
                    older = file.with_suffix(f".log.{number}")
                    if older.exists():
                        older.rename(file.with_suffix(f".log.{number + 1}"))
                file.rename(file.with_suffix(".log.1"))

    def _close(self) -> None:
        """Who asks first, who answers last: server, worker, PostgreSQL. A second Ctrl-C changes nothing."""
        children = [child for child in (self.top_up, self.server, self.worker) if child is not None]
        for child in children:
            child.ask_to_stop()
        for child in children:
            child.stop(3.0)
        if self.cluster:
            self.cluster.stop()


def _answers(settings: Settings, path: str) -> bool:
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=2)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
