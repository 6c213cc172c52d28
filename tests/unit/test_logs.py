"""The log is one JSON object a line, and a line of a request carries its id."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from weathermap.work.logs import JsonLines, request_id
from web.request_log import log_requests

UNCAUGHT = """
import threading
from weathermap.settings import read_settings
from weathermap.work.logs import configure_logs
configure_logs("worker", read_settings())
def fail(): raise ValueError("in a thread 线程")
thread = threading.Thread(target=fail); thread.start(); thread.join()
raise KeyError("at the top")
"""


def record(**extra: object) -> logging.LogRecord:
    return logging.getLogger("t").makeRecord("t", logging.INFO, "f", 1, "通报 %d", (3,), None, extra=extra or None)


def test_a_line_holds_message_extras_and_request() -> None:
    token = request_id.set("abc")
    try:
        line = json.loads(JsonLines("server").format(record(folded=7, path=Path("/x"))))
    finally:
        request_id.reset(token)
    assert line.pop("at").endswith("+00:00")
    shown = {"level": "INFO", "part": "server", "logger": "t", "message": "通报 3", "request_id": "abc"}
    assert line == shown | {"folded": 7, "path": "/x"}


def test_what_nobody_caught_is_in_the_log(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "worker.log"
    done = subprocess.run(
        [sys.executable, "-c", UNCAUGHT], env={"WEATHERMAP_LOG_FILE": str(log)}, capture_output=True, check=False
    )
    assert done.returncode == 1
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [line["level"] for line in lines] == ["CRITICAL", "CRITICAL"]
    assert "in a thread 线程" in lines[0]["trace"]
    assert "at the top" in lines[1]["trace"]


@pytest.fixture
def app() -> Flask:
    made = Flask("t")
    log_requests(made)

    @made.get("/fine")
    def fine() -> str:
        logging.getLogger("inside").info("at work")
        return "fine"

    @made.get("/broken")
    def broken() -> str:
        raise RuntimeError("broken")

    return made


def test_an_id_comes_in_and_goes_out(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    seen: list[str | None] = []
    caplog.handler.addFilter(lambda _: seen.append(request_id.get()) or True)
    answer = app.test_client().get("/fine?a=1", headers={"X-Request-Id": "desk-42"})
    assert answer.headers["X-Request-Id"] == "desk-42"
    assert seen == ["desk-42", "desk-42"]
    ended = caplog.records[-1]
    assert (ended.method, ended.path, ended.status) == ("GET", "/fine?a=1", 200)  # type: ignore[attr-defined]
    assert ended.ms >= 0  # type: ignore[attr-defined]
    assert request_id.get() is None


@pytest.mark.parametrize("sent", ["", "a" * 65, "a b", "x\ty"])
def test_an_unusable_id_is_replaced(app: Flask, sent: str) -> None:
    given = app.test_client().get("/fine", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert len(given) == 16
    assert given != sent


def test_a_broken_request_is_logged_with_its_trace(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    answer = app.test_client().get("/broken")
    assert answer.status_code == 500
    assert answer.headers["X-Request-Id"]
    assert any(found.exc_info for found in caplog.records)
    assert caplog.records[-1].status == 500  # type: ignore[attr-defined]
