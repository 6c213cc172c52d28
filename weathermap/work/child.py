"""A child process that is started, watched, started again with growing pauses, and stopped."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

log = logging.getLogger("weathermap.supervisor")
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec nothing may be
# As `weathermap …`, whatever the working folder and PATH are.
WEATHERMAP = (sys.executable, "-c", "from weathermap.cli import main; main()")


class Pause:
    """The time until the next try: 0.5 s, doubled up to 30 s; short again after a minute without failure."""

    FIRST, LONGEST, CALM = 0.5, 30.0, 60.0

    def __init__(self) -> None:
        self.seconds = self.FIRST
        self.until = 0.0

    def failed(self, alive_s: float) -> float:
        """Call when a try ended after `alive_s` seconds; returns the pause before the next."""
        if alive_s >= self.CALM:
            self.seconds = self.FIRST
        pause, self.seconds = self.seconds, min(self.seconds * 2, self.LONGEST)
        self.until = time.monotonic() + pause
        return pause

    def over(self) -> bool:
        return time.monotonic() >= self.until


class Child:
    """One `weathermap …` command as a process group of its own, so that Ctrl-C reaches the supervisor alone."""

    def __init__(
        self, name: str, words: Sequence[str], environ: Mapping[str, str], tell: Callable[[str], None]
    ) -> None:
        self.name = name
        self.words = words
        self.environ = {**os.environ, **environ}
        self.tell = tell
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.pause = Pause()

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [*WEATHERMAP, *self.words],
            stdin=subprocess.DEVNULL,
            env=self.environ,
            start_new_session=True,
            preexec_fn=_end_with_parent(os.getpid()),
        )
        log.info("started", extra={"child": self.name, "pid": self.process.pid})

    def ended(self) -> int | None:
        """The exit code once it has ended."""
        return None if self.process is None else self.process.poll()

    def watch(self) -> None:
        """Start it again if it has ended and its pause is over."""
        if self.process is not None and (code := self.process.poll()) is not None:
            self.process = None
            pause = self.pause.failed(time.monotonic() - self.started)
            log.error("ended", extra={"child": self.name, "code": code, "again_in_s": pause})
            self.tell(f"The {self.name} ended with code {code}; it starts again in {pause:g} s.")
        if self.process is None and self.pause.over():
            self.start()

    def ask_to_stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()

    def stop(self, seconds: float) -> None:
        """SIGTERM, then after `seconds` SIGKILL to whatever is left of its group."""
        if self.process is None:
            return
        self.ask_to_stop()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            log.warning("killed, for it did not stop", extra={"child": self.name, "waited_s": seconds})
        _kill_group(self.process.pid)
        self.process.wait()
        log.info("stopped", extra={"child": self.name})


def _kill_group(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return  # all of it has ended


def _end_with_parent(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return prepare
