"""One issue's events played again: what they post, and what of it each unit that held the issue counts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from weathermap.tally.measures import Delta, Flow

Held = tuple[str, list[Delta]]  # code of a unit, and what it counts


def replay(events: Sequence[Row[Any]]) -> tuple[list[Delta], list[Held]]:
    """(what the issue counts, what its units count), of its events in order: `move`, `data`, `second`, `red_line`."""
    flow = Flow(events[0].red_line)
    held: list[Held] = []
    for event in events:
        data = json.loads(event.data)
        second, before = int(event.second), len(flow.deltas)
        if event.move == "reassign" and "unit" in data:
            taken = flow.handed_on(second)
            if held:
                held[-1][1].extend((at, measure, -n) for at, measure, n in taken)
            held.append((data["unit"], taken))
        flow.apply(event.move, second, _deadline(data))
        if event.move == "dispatch" and data["unit"]:
            held.append((data["unit"], []))
        if held:
            held[-1][1].extend(flow.deltas[before:])
    return flow.deltas, held


def _deadline(data: Mapping[str, Any]) -> int | None:
    until = data.get("deadline")
    return int(datetime.fromisoformat(until).timestamp()) if until else None
