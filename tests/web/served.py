"""The real server, in a process of its own, on a free port and a test's store."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.web.test_serve import ROOT, free_port, wait_until_it_answers
from weathermap.settings import Settings

SERVE = "from weathermap.settings import read_settings; from web.serve import run_server; run_server(read_settings())"


@dataclass(frozen=True)
class Served:
    url: str
    process: subprocess.Popen[bytes]


@contextmanager
def serve(settings: Settings, port: int | None = None) -> Iterator[Served]:
    """Serve the store of `settings`; everything is stopped at the end."""
    chosen = port or free_port()
    environ = {
        **os.environ,
        "PORT": str(chosen),
        "WEATHERMAP_DATABASE_URL": settings.database_url or "",
        "WEATHERMAP_READ_URL": settings.read_url or "",
        "WEATHERMAP_DATA": str(settings.data_dir),
        "WEATHERMAP_LOG_LEVEL": settings.log_level,
    }
    with subprocess.Popen([sys.executable, "-c", SERVE], cwd=ROOT, env=environ) as process:
        try:
            wait_until_it_answers(chosen)
            yield Served(f"http://127.0.0.1:{chosen}", process)
        finally:
            process.kill()
