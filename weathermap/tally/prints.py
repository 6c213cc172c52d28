"""Fingerprints of tallies: whether what subjects hold is what the events give, without a row for each second.

A print of entries (second s, measure m, ±n) is Σ n, Σ n·(x² mod p), Σ n·(x³ mod p) with x = (32·s + m) mod p and
p = 2³¹ − 1: entries that differ have one print by a chance of about 1 in 2⁶². `verify_prints.sql` takes those of the
events, this module those of the prefix rows; whose differ is recounted second by second. It also holds each row's
sums against its details.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from weathermap.tally.measures import MEASURES

Ints = NDArray[np.int64]
PRIME = 2**31 - 1
HEAD_BYTES, ROWS = 19, 16 * 2**20  # before the rows of a binary COPY; bytes of rows looked at together
WIDTH = len(MEASURES)
NUMBERS = ("subject", "bucket", *MEASURES)
ROW = np.dtype(
    [
        ("fields", ">i2"),
        *(pair for name in NUMBERS for pair in ((f"{name}_size", ">i4"), (name, ">i4"))),
        ("size", ">i4"),
    ]
)
LAST_OF_ALL = 2**62


@dataclass(frozen=True)
class Subjects:
    """Whose prints are asked for, by id: their bucket lengths, before which second they count, and which measures."""

    ids: Ints  # ascending
    bucket_s: Ints
    until: Ints
    counts: NDArray[np.bool_]  # shape (n, measures)


@dataclass
class Held:
    """What prefix rows hold: the print of each subject, and the first sum that its details do not give."""

    subjects: Subjects
    prints: Ints = field(init=False)
    wrong: Mapping[str, Any] | None = None
    _last: int = -1
    _sums: Ints = field(default_factory=lambda: np.zeros(WIDTH, dtype=np.int64))

    def __post_init__(self) -> None:
        self.prints = np.zeros((len(self.subjects.ids), 3), dtype=np.int64)

    def take(self, rows: NDArray[np.void], details: bytes) -> None:
        """Some rows, each subject's by bucket, one after the other over all calls; `details` of all of them."""
        place = np.searchsorted(self.subjects.ids, rows["subject"])
        entry = np.frombuffer(details, dtype=">i4").astype(np.int64)
        row = np.repeat(np.arange(len(rows)), rows["size"] // 4)
        measure, amount = entry >> 1 & 31, 1 - 2 * (entry & 1)
        self._check(rows, np.bincount(row * WIDTH + measure, weights=amount, minlength=len(rows) * WIDTH))
        of = place[row]
        second = (rows["bucket"].astype(np.int64) * self.subjects.bucket_s[place])[row] + (entry >> 6)
        counts = self.subjects.counts[of, measure] & (second < self.subjects.until[of])
        x = np.where(counts, second * 32 + measure, 0) % PRIME
        amount[~counts] = 0
        square = x * x % PRIME
        for k, value in enumerate((amount, amount * square, amount * (square * x % PRIME))):
            np.add.at(self.prints[:, k], of, value)

    def _check(self, rows: NDArray[np.void], grown: NDArray[Any]) -> None:
        sums = np.column_stack([rows[name] for name in MEASURES]).astype(np.int64)
        before = np.vstack([self._sums, sums[:-1]])
        subject = rows["subject"].astype(np.int64)
        before[np.append(self._last, subject[:-1]) != subject] = 0
        expected = before + grown.reshape(-1, WIDTH).astype(np.int64)
        off = np.argwhere(sums != expected)
        if self.wrong is None and len(off):
            i, m = off[0].tolist()
            told = {"total": int(sums[i, m]), "expected": int(expected[i, m]), "measure": MEASURES[m]}
            self.wrong = {"subject_id": int(subject[i]), "bucket": int(rows["bucket"][i]), **told}
        self._last, self._sums = int(subject[-1]), sums[-1]


def held_prints(connection: Connection, subjects: Subjects) -> Held:
    """Read all prefix rows of these subjects."""
    held = Held(subjects)
    if len(subjects.ids):
        low, high = int(subjects.ids[0]), int(subjects.ids[-1])
        asked = (
            f"COPY (SELECT subject_id, bucket, {', '.join(MEASURES)}, detail FROM tally_prefix"
            f" WHERE subject_id BETWEEN {low} AND {high} ORDER BY subject_id, bucket) TO STDOUT BINARY"
        )
        sink = _Rows(held)
        connection.connection.cursor().copy_expert(asked, sink)
        sink.give()
    return held


class _Rows:
    """What COPY writes to: rows are looked at many at a time."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self._waiting = bytearray()
        self._head = HEAD_BYTES

    def write(self, data: bytes) -> None:
        self._waiting += data
        if len(self._waiting) > ROWS:
            self.give()

    def give(self) -> None:
        """Look at the whole rows that wait."""
        whole, at, starts, details = bytes(self._waiting), self._head, [], []
        size_of = struct.Struct(">i").unpack_from
        while at + ROW.itemsize <= len(whole):
            end = at + ROW.itemsize + size_of(whole, at + ROW.itemsize - 4)[0]
            if end > len(whole):
                break
            starts.append(at)
            details.append(whole[at + ROW.itemsize : end])
            at = end
        del self._waiting[:at]
        self._head = 0
        if not starts:
            return
        picked = np.frombuffer(whole, np.uint8)[np.array(starts)[:, None] + np.arange(ROW.itemsize)]
        rows = np.ascontiguousarray(picked).view(ROW).reshape(-1)
        ours = np.isin(rows["subject"], self._held.subjects.ids)
        if not ours.all():  # another city's
            details = [detail for detail, mine in zip(details, ours.tolist(), strict=True) if mine]
            rows = rows[ours]
        if len(rows):
            self._held.take(rows, b"".join(details))


def subjects_of(connection: Connection, versions: Sequence[Mapping[str, Any]]) -> tuple[Subjects, Ints]:
    """All subjects of a city, and the place in `versions` of the boundary version that each is of; units: the newest.

    An earlier version counts up to when the next took its place, and not what is read from the pack of today.
    """
    rows = connection.execute(
        text(
            "SELECT t.subject_id, t.bucket_s, a.version FROM tally_subject AS t"
            " LEFT JOIN tally_slice AS s USING (subject_id)"
            " LEFT JOIN area AS a ON a.area_id = COALESCE(s.holder_id, t.subject_id)"
            " WHERE t.city_id = :city_id ORDER BY t.subject_id"
        ),
        {"city_id": versions[-1]["city_id"]},
    ).all()
    place_of = {asked["version"]: k for k, asked in enumerate(versions)}
    place = np.array([place_of.get(row.version, len(versions) - 1) for row in rows], dtype=np.int64)
    until = [LAST_OF_ALL if asked["until_us"] is None else asked["until_us"] // 1_000_000 for asked in versions]
    all_ = np.array([[asked["until_us"] is None or name not in OF_TODAY for name in MEASURES] for asked in versions])
    ids, size = (np.array([row[k] for row in rows], dtype=np.int64) for k in range(2))
    return Subjects(ids, size, np.array(until, dtype=np.int64)[place], all_[place]), place


OF_TODAY = ("declared", "covered", "visits", "red_overdue")  # read from the pack of today: points, red lines
