"""Lives from rows of a store: where the demo's issues stood when it was left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from etl.demo.chance import Reals
from etl.demo.life import STATE, Lives
from etl.demo.noticing import KINDS, SLOTS
from etl.demo.places import Ints
from etl.demo.topup import Stored
from etl.demo.writing import key_of
from weathermap.issue.book import Book

DEMO_KEY = re.compile(rf"\d{{8}}-\d{{{len(str(SLOTS)) - 1}}}")


def recall(rows: Sequence[tuple[Any, ...]], book: Book, towns: Mapping[int, int]) -> Stored:
    """Lives of the demo's own issues among `rows`; others in the same city are left alone.

    Each row: source key, source, its kind, category, unit (None before dispatch), area id, state, events so far, when
    it was last moved, dispatched, due and suspended, extended, unit of the receipt. `towns`: area id → row.
    """
    ours = [row for row in rows if DEMO_KEY.fullmatch(row[0]) and row[2] in KINDS]
    key, source, kind, category, unit, area, state, seq, last, notified, deadline, suspended, extended, routed = (
        zip(*ours, strict=True) if ours else ((),) * 14
    )
    lives = Lives(
        key=_whole([key_of(entry) for entry in key]),
        kind=_whole([KINDS.index(entry) for entry in kind]),
        unit=_whole([book.units.get(own or before or "", -1) for own, before in zip(unit, routed, strict=True)]),
        town=_whole([towns.get(entry, -1) for entry in area]),
        category=_whole([book.categories[entry] for entry in category]),
        state=_whole([STATE[entry] for entry in state]),
        seq=_whole(list(seq)),
        last=_instants(last),
        notified=_instants(notified),
        deadline=_instants(deadline),
        suspended=_instants(suspended),
        extended=np.array(extended, dtype=bool),
    )
    return Stored(lives, _whole([book.sources[entry] for entry in source]))


def _instants(column: Sequence[datetime | None]) -> Reals:
    return np.array([np.nan if at is None else at.timestamp() for at in column], dtype=np.float64)


def _whole(column: list[int]) -> Ints:
    return np.array(column, dtype=np.int64)
