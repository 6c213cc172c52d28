"""Settings, read once from the environment into a frozen object and passed in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from weathermap.errors import SettingError


@dataclass(frozen=True)
class Settings:
    """What the environment decides. `database_url` is None when the program keeps its own private cluster."""

    data_dir: Path
    database_url: str | None
    host: str
    port: int
    log_level: str

    @property
    def cluster_dir(self) -> Path:
        """The private PostgreSQL cluster's folder."""
        return self.data_dir / "postgres"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """Settings from WEATHERMAP_DATA, WEATHERMAP_DATABASE_URL, HOST, PORT and WEATHERMAP_LOG_LEVEL.

    Raises SettingError naming the variable, its value and the values that would do.
    """
    default = Path("/var/lib/weathermap") if os.geteuid() == 0 else Path.home() / ".local/share/weathermap"
    return Settings(
        data_dir=Path(environ.get("WEATHERMAP_DATA") or default),
        database_url=environ.get("WEATHERMAP_DATABASE_URL") or None,
        host=environ.get("HOST") or "127.0.0.1",
        port=_port(environ.get("PORT") or "8000"),
        log_level=(environ.get("WEATHERMAP_LOG_LEVEL") or "INFO").upper(),
    )


def _port(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 65535:
        raise SettingError(f"PORT is {text!r}, which is not a port.", "Set a whole number from 1 to 65535, e.g. PORT=8000.")
    return int(text)
