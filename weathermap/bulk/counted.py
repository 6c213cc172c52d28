"""What is to be counted of planned issues, as columns: kept with their chunk until the whole load is tallied."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from weathermap.issue.batch import Text
from weathermap.store import binary as b

Ints = NDArray[np.int64]
Ids = NDArray[np.int32]


@dataclass(frozen=True)
class Counted:
    """Issues that were handed over, parallel; µs, NONE where there is none."""

    shape: Text
    start: Ints  # when handed over
    end: Ints
    deadline: Ints
    red: NDArray[np.bool_]
    category: Ids
    source: Ids
    holders: Ids  # area ids of levels and overlays, then the unit's; 0 for none; shape (n, holders)

    def __len__(self) -> int:
        return len(self.shape)

    def where(self, chosen: NDArray[np.bool_]) -> Self:
        """The chosen ones."""
        return type(self)(**{name: column[chosen] for name, column in vars(self).items()})

    def packed(self) -> bytes:
        """An Arrow stream, compressed: some 20 bytes an issue."""
        columns: dict[str, pa.Array] = {
            "shape": b.texts(self.shape).dictionary_encode(),
            **{name: pa.array(getattr(self, name)) for name in ("start", "end", "deadline", "red")},
            **{name: pa.array(getattr(self, name), pa.int32()) for name in ("category", "source")},
            **{f"holder{k}": pa.array(column, pa.int32()) for k, column in enumerate(self.holders.T)},
        }
        sink = pa.BufferOutputStream()
        table = pa.table(columns)
        with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="lz4")) as writer:
            writer.write_table(table)
        found: bytes = sink.getvalue().to_pybytes()
        return found

    @classmethod
    def unpacked(cls, stream: bytes) -> Self:
        """What `packed` packed."""
        table = pa.ipc.open_stream(pa.py_buffer(stream)).read_all()
        columns = {name: table[name].to_numpy() for name in table.column_names if name != "shape"}
        names = sorted((name for name in columns if name.startswith("holder")), key=lambda name: int(name[6:]))
        holders = np.column_stack([columns.pop(name) for name in names])
        shape = table["shape"].cast(pa.string()).to_numpy(zero_copy_only=False)
        return cls(shape=shape.astype(object), holders=holders, **columns)
