"""What a worker of a Dask cluster runs, and how chunks travel to it and back."""

from __future__ import annotations

import io
import pickle
import sys
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

import weathermap
from etl.large.work import Work, work_out
from weathermap.errors import ClusterError
from weathermap.progress import Spent

LIBRARIES = ("numpy", "pandas", "pyarrow", "pyproj", "shapely")  # whose versions may show in what is stored
SQUEEZED = pa.ipc.IpcWriteOptions(compression="lz4")
Kept = tuple[dict[str, str], bytes]  # what the importing process is built of, and its packed `Work`

_opening = Lock()  # a worker's threads open a load once


def keep(built: dict[str, str], work: bytes) -> Kept:
    """A task whose result each worker fetches once; lost with its worker, it is run again."""
    return built, work


def work_out_there(kept: Kept, raw: bytes) -> bytes:
    """A task: the chunk worked out, and the seconds of each stage. Raises ClusterError where another program runs."""
    built, packed = kept
    here = built_of()
    if here != built:
        other = ", ".join(f"{name} {here[name]} (not {built[name]})" for name in built if here[name] != built[name])
        raise ClusterError(
            f"A worker of the cluster runs another program than this one: {other}.",
            "Run scheduler and workers from this program's own environment.",
        )
    with _opening:
        work = _open(packed)
    spent = Spent()
    return pack((work_out(work, unpack(raw), spent), spent))


@cache
def built_of() -> dict[str, str]:
    """What decides what becomes of a row: versions, and a digest of this program's own source."""
    root = Path(weathermap.__file__).parent.parent
    source = sha256()
    for path in sorted(path for folder in ("weathermap", "etl") for path in (root / folder).rglob("*.py")):
        source.update(path.read_bytes())
    python = ".".join(map(str, sys.version_info[:2]))
    return {"source": source.hexdigest()[:12], "python": python, **{name: version(name) for name in LIBRARIES}}


@lru_cache(maxsize=1)
def _open(packed: bytes) -> Work:
    """The load that a worker is at, with its city's indexes."""
    work: Work = unpack(packed)
    work.terms.city.book  # noqa: B018 (built once, not by each thread)
    return work


def pack(what: object) -> bytes:
    """Pickled; tables as Arrow streams, squeezed, of their own rows alone."""
    packed = io.BytesIO()
    _Pickler(packed, protocol=pickle.HIGHEST_PROTOCOL).dump(what)
    return packed.getvalue()


def unpack(packed: bytes) -> Any:
    """What `pack` was given."""
    return pickle.loads(packed)


class _Pickler(pickle.Pickler):
    def reducer_override(self, what: object) -> Any:
        return (_table, (_stream(what),)) if isinstance(what, pa.Table) else NotImplemented


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=SQUEEZED) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _table(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()
