"""Children: started again with growing pauses, stopped for certain, never left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from weathermap.work import child
from weathermap.work.child import Child, Pause

PARENT = """
import os, sys, time
from weathermap.work import child
child.WEATHERMAP = (sys.executable, "-c", "import time; time.sleep(60)")
made = child.Child("one", (), {}, print)
made.start()
print(made.process.pid, flush=True)
time.sleep(60)
"""


def until(condition: Callable[[], object], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return False


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def make(monkeypatch: pytest.MonkeyPatch, code: str, said: list[str] | None = None) -> Child:
    monkeypatch.setattr(child, "WEATHERMAP", (sys.executable, "-c", code))
    return Child("worker", (), {}, (said if said is not None else []).append)


def test_pauses_grow_to_half_a_minute_and_shrink_after_a_calm_minute() -> None:
    pause = Pause()
    assert [pause.failed(0) for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert not pause.over()
    assert pause.failed(61) == 0.5


def test_one_that_dies_is_said_and_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    made = make(monkeypatch, "import sys; sys.exit(3)", said)
    made.start()
    first = made.process
    assert first
    first.wait()
    made.watch()
    assert said == ["The worker ended with code 3; it starts again in 0.5 s."]
    assert made.process is None
    assert until(lambda: made.watch() or made.process is not None)
    assert made.process is not first
    made.stop(5)


def test_one_that_does_not_listen_is_killed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    up = tmp_path / "up"
    code = "import pathlib, signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    code += f"pathlib.Path({str(up)!r}).touch(); time.sleep(60)"
    made = make(monkeypatch, code)
    made.start()
    assert made.process
    assert until(up.exists)
    started = time.monotonic()
    made.stop(0.5)
    assert made.process.returncode == -signal.SIGKILL
    assert time.monotonic() - started < 3


def test_grandchildren_go_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    code = (
        "import subprocess, sys, time, pathlib\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"pathlib.Path({str(noted)!r}).write_text(str(p.pid)); time.sleep(60)"
    )
    made = make(monkeypatch, code)
    made.start()
    assert until(lambda: noted.exists() and noted.read_text())
    made.stop(1)
    assert until(lambda: not alive(int(noted.read_text())))


def test_a_killed_supervisor_leaves_no_child() -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        assert alive(pid)
        os.kill(parent.pid, signal.SIGKILL)
        assert until(lambda: not alive(pid))
