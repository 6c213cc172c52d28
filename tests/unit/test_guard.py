"""What is looked at before anything is started."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from weathermap.errors import PortTaken, SettingError, StoreError
from weathermap.settings import Settings, read_settings
from weathermap.work import guard

HOLD = """
import sys, time
from pathlib import Path
from weathermap.settings import read_settings
from weathermap.work.guard import sole_use
with sole_use(read_settings({"WEATHERMAP_DATA": sys.argv[1]})):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return replace(read_settings({}), data_dir=tmp_path / "data")


@pytest.fixture
def holder(settings: Settings) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(settings.data_dir)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_taken_port_is_named_with_one_to_try(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "PATIENCE_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(PortTaken, match=rf"port {port}.*PORT={port + 1} make run"):
            guard.check_port(replace(settings, port=port))
    guard.check_port(replace(settings, port=port))


def test_an_address_that_is_not_ours_is_named(settings: Settings) -> None:
    with pytest.raises(SettingError, match=r"192\.0\.2\.1.*cannot be listened on"):
        guard.check_port(replace(settings, host="192.0.2.1"))


def test_a_data_folder_has_one_user(settings: Settings, holder: subprocess.Popen[str]) -> None:
    with pytest.raises(StoreError, match=f"already runs .*process {holder.pid}"), guard.sole_use(settings):
        pass


def test_a_killed_one_leaves_the_folder_free(settings: Settings, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()
    with guard.sole_use(settings):
        assert (settings.data_dir / "run.lock").read_text() == f"{os.getpid()}\n"


def test_a_folder_that_cannot_be_made_is_named(settings: Settings) -> None:
    settings.data_dir.write_text("a file")
    with pytest.raises(StoreError, match="cannot be written"), guard.sole_use(settings):
        pass


def test_only_a_running_map_is_asked_to_begin_anew(settings: Settings) -> None:
    assert not guard.ask_to_begin_anew(settings)
    asked: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _frame: asked.append(number))
    try:
        with guard.sole_use(settings):
            assert guard.ask_to_begin_anew(settings)
        assert not guard.ask_to_begin_anew(settings)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert asked == [signal.SIGUSR1]
