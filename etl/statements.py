"""A ledger's table → what its rows state, as columns: key, category, times, position, state. The rest is rejected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from etl.codes import category_codes, each, unit_codes
from etl.notes import Notes
from etl.positions import Positions, Spots, no_positions, read_positions
from etl.quarantine import Rejection
from etl.read import Ledger
from etl.rejecting import AHEAD, microseconds, one_a_key, reject_rows
from etl.rules import ColumnMapping
from etl.times import UNREADABLE, Instants, none_at, read_instants
from weathermap.city.crs import WGS84
from weathermap.city.offset import system
from weathermap.city.pack import Pack
from weathermap.issue.batch import NONE, Columns, Text, Times

UNREAD = "coordinates are no numbers, or none that this system has: taken as missing"
CENTURY_US = 100 * 365 * 86_400_000_000  # a deadline this long after its report is a slip of the keyboard


@dataclass(frozen=True)
class Statements(Columns):
    """What the usable rows of a ledger state; parallel columns."""

    row: NDArray[np.int64]  # in the ledger's table
    key: Text
    category: Text
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    flag: Text  # of the position
    reported_at: Times
    closed_at: Times  # when it was closed or voided
    status_at: Times
    deadline: Times
    state: Text  # open | closed | void | reported
    unit: Text
    address: Text
    note: Text  # what was unclear, in words; goes into the first events
    written: Text | None = None  # coordinates and system as the ledger has them; None: they are those stored

    @property
    def latest(self) -> Times:
        """The instant of the last word about each row, NONE without one."""
        return np.maximum(self.closed_at, self.status_at)

    def numbered(self) -> Statements:
        """The same, for a table that holds these rows alone."""
        return replace(self, row=np.arange(len(self)))


@dataclass(frozen=True)
class Reading:
    """All that reading brought. Rows read = statements + rejected + repeats."""

    statements: Statements
    rejected: list[Rejection]
    repeats: int  # rows with the key of another row of the file
    repeated: list[Rejection]  # those of them that say something else
    remarks: Counter[str]


@dataclass(frozen=True)
class _Times:
    """The time columns of all rows, what is impossible taken out."""

    reported: Times
    closed: Times
    status: Times
    deadline: Times


def read_statements(ledger: Ledger, mapping: ColumnMapping, pack: Pack, now: datetime) -> Reading:
    """Statements of `ledger`; `pack` holds every category that is to be known. Raises LedgerError (missing columns)."""
    usable, rejected, remarks = read_rows(ledger, mapping, pack, now)
    kept, repeated = one_a_key(ledger, usable.row, usable.key, usable.latest)
    return Reading(usable.take(kept), rejected, len(usable) - len(kept), repeated, remarks)


def read_rows(
    ledger: Ledger, mapping: ColumnMapping, pack: Pack, now: datetime, spots: Spots | None = None
) -> tuple[Statements, list[Rejection], Counter[str]]:
    """The usable rows, also those that repeat a key, the rejected ones and remarks.

    `spots`: the default points, where `ledger` is only a part of one.
    """
    ledger.need(mapping.columns())
    notes = Notes(len(ledger))
    _note_cells(ledger, notes)
    times = _times(ledger, mapping, pack, notes, now)
    category, _ = category_codes(ledger.columns[mapping.category.column], mapping.category, pack.categories)
    position = _positions(ledger, mapping, pack, notes, spots)
    state, closed = _states(ledger, mapping, times, notes)
    everything = Statements(
        row=np.arange(len(ledger)),
        key=ledger.columns[mapping.key],
        category=category,
        lon=position.lon,
        lat=position.lat,
        flag=position.flag,
        reported_at=times.reported,
        closed_at=closed,
        status_at=times.status,
        deadline=times.deadline,
        state=state,
        unit=_units(ledger, mapping, pack, notes),
        address=ledger.columns[mapping.address] if mapping.address else np.full(len(ledger), "", dtype=object),
        note=notes.texts(),
        written=_written(ledger, mapping),
    )
    rejected = reject_rows(ledger, mapping, pack, category, times.reported, now)
    good = np.ones(len(ledger), dtype=bool)
    good[list(rejected)] = False
    remarks = notes.remarks(good)
    if spots is None:
        remarks.update(remarks_on(position.found))
    return everything.take(good), [rejected[row] for row in sorted(rejected)], remarks


def _times(ledger: Ledger, mapping: ColumnMapping, pack: Pack, notes: Notes, now: datetime) -> _Times:
    rule, late = mapping.times, microseconds(now + AHEAD)

    def read(name: str, column: str) -> Times:
        zone = pack.config.timezone
        found = read_instants(ledger.columns[column], rule.formats, zone) if column else none_at(len(ledger))
        _note_flags(name, found, notes)
        return found.us

    reported = read("reported", rule.reported_at)
    closed, status, deadline = (
        read("closing", rule.closed_at),
        read("status", rule.status_at),
        read("deadline", rule.deadline),
    )
    far = (deadline != NONE) & (reported != NONE) & (deadline // 2 - np.maximum(reported, 0) // 2 > CENTURY_US // 2)
    return _Times(
        reported,
        notes.dropping(closed > late, closed, "closing time in the future ignored"),
        notes.dropping(status > late, status, "status time in the future ignored"),
        notes.dropping(far, deadline, "deadline more than 100 years ahead ignored"),
    )


def _note_cells(ledger: Ledger, notes: Notes) -> None:
    for row, faults in ledger.faults.items():
        for fault in faults:
            notes.add(row, f"{fault.column}: {fault.reason}")


def _note_flags(name: str, read: Instants, notes: Notes) -> None:
    for flag in sorted(set(read.flag.tolist()) - {""}):
        if (name, flag) != ("reported", UNREADABLE):  # those rows are rejected, with this reason
            notes.on(read.flag == flag, f"{name} time {flag}")


def _positions(ledger: Ledger, mapping: ColumnMapping, pack: Pack, notes: Notes, spots: Spots | None) -> Positions:
    rule = mapping.position
    if rule is None:
        return no_positions(len(ledger))
    x, y = ledger.columns[rule.lon], ledger.columns[rule.lat]
    position = read_positions(x, y, rule, pack, spots)
    unused = (position.flag != "") & ((x != "") | (y != ""))
    unread = unused & (position.flag == "missing")
    for rows, remark in ((unread, UNREAD), (unused & ~unread, "")):
        notes.on(rows, remark, lambda row: f"position {x[row]}, {y[row]} not used: {position.flag[row]}")
    return position


def remarks_on(found: Iterable[tuple[float, float, int]]) -> dict[str, int]:
    """What is said of default points that nobody named."""
    why = "taken for a default point (real_points in the mapping keeps it)"
    return {f"rows at exactly {a}, {b}: {why}": rows for a, b, rows in found}


def _written(ledger: Ledger, mapping: ColumnMapping) -> Text | None:
    """The coordinates as they stand in the ledger, with their system; None where that is WGS 84 in degrees."""
    rule = mapping.position
    if rule is None or system(rule.crs) in (WGS84, "OGC:CRS84"):
        return None
    x, y = ledger.columns[rule.lon], ledger.columns[rule.lat]
    return np.where((x != "") | (y != ""), x + ", " + y + f" ({system(rule.crs)})", "").astype(object)


def _states(ledger: Ledger, mapping: ColumnMapping, times: _Times, notes: Notes) -> tuple[Text, Times]:
    """State and end of each row. Contradictions are decided and noted: the status wins over the closing time."""
    by_time = np.where(times.closed == NONE, "open", "closed").astype(object)
    if mapping.status is None:
        return by_time, times.closed
    values, states = ledger.columns[mapping.status.column], mapping.status.states
    state = each(values, lambda value: states.get(value, ""))
    for value in sorted(set(values[state == ""].tolist())):
        why = f"status {value!r} is not in the mapping: closed if there is a closing time, else open"
        notes.on((state == "") & (values == value), why)
    state = np.where(state == "", by_time, state)
    at = np.where(times.closed == NONE, times.status, times.closed)
    timeless = (state == "closed") & (at == NONE)
    notes.on(timeless, "status says closed, no time says when: kept open")
    still = np.isin(state, ("open", "reported")) & (times.closed != NONE)
    notes.dropping(still, times.closed, "status says open, closing time ignored")
    state = np.where(timeless, "open", state).astype(object)
    return state, np.where(np.isin(state, ("closed", "void")), at, NONE)


def _units(ledger: Ledger, mapping: ColumnMapping, pack: Pack, notes: Notes) -> Text:
    if mapping.unit is None:
        return np.full(len(ledger), "", dtype=object)
    values = ledger.columns[mapping.unit.column]
    codes = unit_codes(values, mapping.unit, pack.units)
    for value in sorted(set(values[codes == ""].tolist()) - {""}):
        notes.on((codes == "") & (values == value), f"unit {value!r} is not in the pack: the duties decide")
    return codes
