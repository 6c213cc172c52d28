"""The issues of a list as Arrow batches straight from PostgreSQL, as they come: one statement, one instant."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass

import pyarrow as pa
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql.psycopg2 import dialect

from weathermap.errors import StoreError
from weathermap.issue.listing import Filter, chosen_issues
from weathermap.issue.moved import MOVED
from weathermap.store.sql import source_of

PIECE = 8 << 20  # bytes of a batch, about


@dataclass(frozen=True)
class Field:
    """A column of the files: key, heading in Chinese and English, width in a sheet."""

    key: str
    zh: str
    en: str
    width: float

    def head(self, lang: str) -> str:
        return self.zh if lang == "zh" else self.en


FIELDS = (
    Field("number", "编号", "Number", 24),
    Field("state", "状态代码", "State", 11),
    Field("category", "类别代码", "Category code", 11),
    Field("category_name", "类别", "Category", 16),
    Field("source", "来源代码", "Source code", 11),
    Field("source_name", "来源", "Source", 14),
    Field("unit", "单位代码", "Unit code", 9),
    Field("unit_name", "责任单位", "Unit", 20),
    Field("area", "网格代码", "Area code", 18),
    Field("area_name", "网格", "Area", 14),
    Field("reported_at", "上报时间", "Reported", 17),
    Field("notified_at", "通报时间", "Notified", 17),
    Field("deadline", "时限", "Deadline", 17),
    Field("fed_back_at", "反馈时间", "Fed back", 17),
    Field("rectified_at", "整改时间", "Rectified", 17),
    Field("overdue", "逾期", "Overdue", 7),
    Field("address", "地址", "Address", 30),
    Field("lon", "经度", "Longitude", 11),
    Field("lat", "纬度", "Latitude", 11),
)


def statement_of(connection: Connection, chosen: Filter, guard: bool = False) -> str:
    """The statement with its values in it, as `COPY` and Arrow's driver want it. Raises UnknownName.

    Its instants are in the time zone of the session. `guard`: no text of it can be taken for a formula.
    """
    begin = source_of("issues_moved") if chosen.state in MOVED else chosen_issues()
    compiled = text(f"{begin} {source_of('issues_export')}").compile(dialect=dialect())
    cursor = connection.connection.cursor()
    values = {**chosen.parameters(), "guard": guard}
    written: bytes = cursor.mogrify(str(compiled), {name: values[name] for name in compiled.params})
    cursor.close()
    return written.decode()


@contextmanager
def open_stream(url: str, statement: str, timezone: str) -> Iterator[pa.RecordBatchReader]:
    """The rows of a statement as batches. Raises StoreError."""
    from adbc_driver_postgresql import dbapi

    with dbapi.connect(url) as session, session.cursor() as cursor:
        cursor.execute(f"SET timezone = '{timezone}'")
        cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(PIECE)})
        try:
            cursor.execute(statement)
            with closing(_Ahead(cursor.fetch_record_batch())) as ahead:
                yield pa.RecordBatchReader.from_batches(ahead.schema, ahead.batches())
        except session.OperationalError as error:
            raise StoreError("The store broke off while issues were read.", "Try again in a moment.") from error


class _Ahead:
    """Reads the next batches in a thread while the last one is being written: store and writer work side by side."""

    DEPTH = 2  # batches that wait

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self.schema = reader.schema
        self._reader = reader
        self._queue: queue.Queue[pa.RecordBatch | BaseException | None] = queue.Queue(self.DEPTH)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def batches(self) -> Iterator[pa.RecordBatch]:
        """As they come; what went wrong in reading is raised here."""
        while (found := self._queue.get()) is not None:
            if isinstance(found, BaseException):
                raise found
            yield found

    def close(self) -> None:
        """Stop reading, also in the middle."""
        self._stop.set()
        while self._thread.is_alive():
            with suppress(queue.Empty):
                self._queue.get(timeout=0.05)
        self._thread.join()

    def _read(self) -> None:
        try:
            for batch in self._reader:
                if self._stop.is_set():
                    return
                self._queue.put(batch)
            self._queue.put(None)
        except BaseException as error:
            self._queue.put(error)
