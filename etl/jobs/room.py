"""What a job is made with, and what came of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from etl.export.question import Question
from weathermap.issue.listing import Filter
from weathermap.settings import Settings
from weathermap.store.catalog import Catalog
from weathermap.work.jobs import Job, Progress


@dataclass(frozen=True)
class Readers:
    """How a job's parameters are read: as a request's are, by the functions that read those."""

    question: Callable[[Mapping[str, str], Catalog], Question]
    issues: Callable[[dict[str, str], Catalog], Filter]


@dataclass(frozen=True)
class Room:
    """Where a job is made."""

    settings: Settings
    engine: Engine
    url: str  # of the store, for Arrow's driver
    readers: Readers
    connection: Connection  # for reading
    catalog: Catalog
    job: Job
    progress: Progress

    @contextmanager
    def file(self, ending: str) -> Iterator[Path]:
        """A file to write; it takes its place when all is written. A first try's file is replaced."""
        folder = self.settings.export_folder
        folder.mkdir(parents=True, exist_ok=True)
        path = self.path(ending)
        part = folder / f".{path.name}"
        part.unlink(missing_ok=True)
        try:
            yield part
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)

    def path(self, ending: str) -> Path:
        """Where the job's file lies."""
        return self.settings.export_folder / f"{self.job.job_id}-{self.job.kind}.{ending}"

    def made(self, ending: str, name: str, mimetype: str, said: str = "") -> dict[str, Any]:
        """What `finish` notes of a job that made a file."""
        path = self.path(ending)
        size = os.stat(path).st_size  # noqa: PTH116
        return {"file": path.name, "name": name, "mimetype": mimetype, "bytes": size, "said": said}
