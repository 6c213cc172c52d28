"""What was unclear in a ledger: a note on each row (kept in its first event) and a remark with its count (shown)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from etl.times import written
from weathermap.issue.batch import NONE, Text, Times


class Notes:
    """Notes on `n` rows, and remarks on the ledger."""

    def __init__(self, n: int) -> None:
        self._rows: dict[int, list[str]] = {}
        self._n = n
        self._remarks: dict[str, list[int]] = {}

    def on(self, rows: NDArray[np.bool_], remark: str, note: Callable[[int], str] | None = None) -> None:
        """Note `note` of each row (else the remark itself) and count them under `remark` ('' = do not count)."""
        found = np.flatnonzero(rows).tolist()
        for row in found:
            self._rows.setdefault(row, []).append(note(row) if note else remark)
        if found and remark:
            self._remarks.setdefault(remark, []).extend(found)

    def add(self, row: int, remark: str) -> None:
        """Note and count one row."""
        self._rows.setdefault(row, []).append(remark)
        self._remarks.setdefault(remark, []).append(row)

    def remarks(self, kept: NDArray[np.bool_]) -> Counter[str]:
        """How many of the rows that are `kept` each remark is on: of what is rejected nothing was decided."""
        counts = {remark: int(kept[rows].sum()) for remark, rows in self._remarks.items()}
        return Counter({remark: n for remark, n in counts.items() if n})

    def dropping(self, wrong: NDArray[np.bool_], us: Times, why: str) -> Times:
        """`us` (µs since 1970Z) without the wrong ones, which are noted with what they said."""
        self.on(wrong, why, lambda row: f"{why}: {written(int(us[row]))}")
        return np.where(wrong, NONE, us)

    def texts(self) -> Text:
        """The notes of each row, joined; '' for most."""
        found = np.full(self._n, "", dtype=object)
        for row, notes in self._rows.items():
            found[row] = "; ".join(notes)
        return found
