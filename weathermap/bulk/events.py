"""The events of new issues, as columns: their JSON texts, their chain, their order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from weathermap.bulk.seals import Digests, digest, digests, seal_all
from weathermap.bulk.sha256 import WIDTH
from weathermap.bulk.texts import chosen, joined, lengths, named, quoted, reals, seconds
from weathermap.issue.batch import NONE, Reports
from weathermap.issue.decide import Decisions
from weathermap.issue.ledger import START
from weathermap.issue.lives import SHAPES, Lives
from weathermap.issue.workflow import MOVES
from weathermap.lookup import looked_up
from weathermap.store import binary as b
from weathermap.store.registry import City

Ints = NDArray[np.int64]
NAMES = pa.array(list(MOVES), pa.string())
NUMBER = {name: i for i, name in enumerate(MOVES)}
NOTHING = "{}"


@dataclass(frozen=True)
class Events:
    """All events, issue after issue, each in order; and by issue the last one's place and seal."""

    table: pa.Table  # of issue_event
    at: Ints  # µs, shape (events,)
    last: Ints  # place of each issue's last event, shape (n,)
    heads: Digests  # its hash, shape (n, WIDTH)


def events_of(reports: Reports, lives: Lives, decided: Decisions, city: City, ids: Ints) -> Events:
    """The events of these lives; `ids` of their issues."""
    n = len(reports)
    steps = np.array([1 + len(moves) for moves in SHAPES.values()], dtype=np.int64)
    kind = _shapes(lives)
    count = steps[kind]
    first = np.cumsum(count) - count
    total = int(count.sum())
    at, move, text = np.empty(total, np.int64), np.empty(total, np.int64), np.empty(total, np.int64)
    hashes = np.empty((total, WIDTH), dtype=np.uint8)
    pool = _Pool()
    place = pool.add(report_texts(reports, decided, city))
    heads = np.broadcast_to(np.frombuffer(START, dtype=np.uint8), (n, WIDTH)).copy()
    heads[:] = seal_all(heads, ids, 1, reports.reported_at, "report", pool.last)
    at[first], move[first], text[first], hashes[first] = reports.reported_at, NUMBER["report"], place, heads
    for shape, moves in enumerate(SHAPES.values()):
        rows = np.flatnonzero(kind == shape)
        for k, name in enumerate(moves, start=1):
            if not len(rows):
                continue
            when = reports.reported_at[rows] if k == 1 else lives.end[rows]
            place = pool.add(_text(k, name, rows, lives, decided, city))
            heads[rows] = seal_all(heads[rows], ids[rows], k + 1, when, name, pool.last)
            here = first[rows] + k
            at[here], move[here], text[here], hashes[here] = when, NUMBER[name], place, heads[rows]
    row = np.repeat(np.arange(n), count)
    table = pa.table(
        {
            "issue_id": pa.array(ids[row]),
            "seq": pa.array((np.arange(total) - first[row] + 1).astype(np.int32)),
            "city_id": b.constant(city.city_id, total, pa.int16()),
            "at": b.instants(at),
            "move": NAMES.take(pa.array(move)),
            "actor": b.constant(0, total, pa.int64()),
            "data": pool.texts().take(pa.array(text)),
            "hash": b.fixed(hashes),
        }
    )
    return Events(table, at, first + count - 1, heads)


class _Pool:
    """Texts of events, those that are the same once."""

    def __init__(self) -> None:
        self._parts: list[pa.Array] = []
        self._n = 0
        self.last: Digests = np.zeros((0, WIDTH), dtype=np.uint8)  # digests of the texts added last, or of the one

    def add(self, texts: pa.Array | str) -> Ints | int:
        """The place of each text, or of the one."""
        if isinstance(texts, str):
            self.last = digest(texts)
            texts, place = pa.array([texts]), np.full(1, self._n)
        else:
            self.last, place = digests(texts), np.arange(self._n, self._n + len(texts))
        self._parts.append(texts)
        self._n += len(texts)
        return place

    def texts(self) -> pa.Array:
        return pa.concat_arrays(self._parts)


def _shapes(lives: Lives) -> Ints:
    number = {shape: i for i, shape in enumerate(SHAPES)}
    return looked_up(lives.shape, number.__getitem__)


def report_texts(reports: Reports, decided: Decisions, city: City) -> pa.Array:
    """The data of the first events."""
    located = np.isfinite(decided.lon)
    codes = city.pack.finest.codes
    return joined(
        '{"source":',
        quoted(b.texts(reports.source)),
        ',"key":',
        quoted(b.texts(reports.source_key)),
        ',"category":',
        quoted(b.texts(reports.category)),
        f',"version":{city.version},"area":',
        named(codes, decided.area),
        ',"position":',
        quoted(b.texts(decided.position)),
        _overlays(decided, city),
        chosen(located, joined(',"at":[', reals(decided.lon), ",", reals(decided.lat), "]"), ""),
        chosen(reports.deadline != NONE, joined(',"deadline":', seconds(reports.deadline)), ""),
        "}",
    )


def _overlays(decided: Decisions, city: City) -> pa.Array | str:
    """`,"overlays":{…}` of each issue: only what holds it."""
    if not decided.overlays:
        return ""
    within: pa.Array | None = None
    for level, rows in decided.overlays.items():
        there = rows >= 0
        entry = joined(f'"{level}":', named(city.pack.areas[level].codes, rows))
        if within is None:
            within = chosen(there, entry, "")
        else:
            apart = chosen(there & (lengths(within) > 0), ",", "")
            within = joined(within, apart, chosen(there, entry, ""))
    return joined(',"overlays":{', within, "}")


def _text(k: int, move: str, rows: Ints, lives: Lives, decided: Decisions, city: City) -> pa.Array | str:
    notes = (lives.note if k == 1 else lives.end_note)[rows] if k <= 2 else None
    note = _noted(notes)
    if move == "dispatch":
        until = decided.deadline[rows]
        units = [unit.code for unit in city.pack.units]
        return joined(
            '{"unit":', named(units, decided.unit[rows]), ',"deadline":', seconds(until), _note(note, ","), "}"
        )
    return NOTHING if note is None else joined("{", _note(note, ""), "}")


def _note(note: pa.Array | None, before: str) -> pa.Array | str:
    if note is None:
        return ""
    return chosen(lengths(note) > 2, joined(f'{before}"note":', note), "")


def _noted(notes: NDArray[np.object_] | None) -> pa.Array | None:
    """Notes as JSON strings; None where no row has one."""
    return None if notes is None or not (notes != "").any() else quoted(b.texts(notes))
