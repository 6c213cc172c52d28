"""The log: one JSON object a line, with the id of the request that a line belongs to."""

from __future__ import annotations

import json
import logging
import sys
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from types import TracebackType

from weathermap.settings import Settings

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)
# What every record carries anyway; all else came by `extra={…}` and is shown.
ORDINARY = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class JsonLines(logging.Formatter):
    """`at` (UTC), `level`, `part`, `logger`, `message`, `request_id` if any, the extras, `trace` of an error."""

    def __init__(self, part: str) -> None:
        super().__init__()
        self.part = part

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "part": self.part,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if asked := request_id.get():
            line["request_id"] = asked
        line |= {key: value for key, value in vars(record).items() if key not in ORDINARY and key not in line}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


def configure_logs(part: str, settings: Settings) -> None:
    """Send all logging, and what nobody caught, to the log as JSON; `part` is worker, server or supervisor."""
    handler = _handler(settings)
    handler.setFormatter(JsonLines(part))
    logging.basicConfig(level=settings.log_level, handlers=[handler], force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # else each start says that it found its plugins
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread


def _handler(settings: Settings) -> logging.Handler:
    if settings.log_file is None:
        return logging.StreamHandler(sys.stderr)
    settings.log_file.parent.mkdir(parents=True, exist_ok=True)
    # Watched: the supervisor renames a grown file, every process that writes it goes on in a new one.
    return WatchedFileHandler(settings.log_file, encoding="utf-8")


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        logging.getLogger("weathermap").critical("nobody caught this", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
        found = (args.exc_type, args.exc_value, args.exc_traceback)
        logging.getLogger("weathermap").critical("nobody caught this in a thread", exc_info=found)
