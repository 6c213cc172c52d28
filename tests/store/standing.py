"""Issues that stand in a state of one's choice, in the toy city."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, select

from tests.store.random_life import columns
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_moves
from weathermap.issue.intake import take_in
from weathermap.store import tables as t
from weathermap.store.registry import City

PACK = read_pack(Path(__file__).parents[1] / "packs" / "toy")
DAY_US = 86_400_000_000
# the way into each state, from the first report
WAYS: dict[str, tuple[str, ...]] = {
    "reported": (),
    "rejected": ("reject",),
    "handling": ("dispatch",),
    "to_check": ("dispatch", "feed_back"),
    "rectified": ("dispatch", "feed_back", "check_pass"),
    "suspended": ("dispatch", "suspend"),
    "void": ("void",),
    "merged": ("dispatch", "merge"),
    "split": ("dispatch", "split"),
}


def put(
    connection: Connection,
    city: City,
    key: str,
    way: tuple[str, ...],
    now: int,
    area: int = 0,
    recorded: int | None = None,
    category: str = PACK.categories[0].code,
) -> str:
    """One issue of unit T001 in a row of the finest areas, on its way; its number. `recorded`: as take_in takes it."""
    source = PACK.sources[0].code
    spot = PACK.finest.geoms[area].representative_point()
    at = now - 300_000_000
    report = (source, key, category, spot.x, spot.y, at, "", "", "T001", NONE, float("nan"), "", False)
    moves = [(source, key, move, at + i, "P001", NONE, "") for i, move in enumerate(way, 1)]
    batch = Batch(columns(Reports, [report]), columns(Moves, moves) if moves else empty_moves())  # type: ignore[arg-type]
    take_in(connection, city, batch, recorded)
    i, k = t.issue.c, t.issue_key.c
    asked = select(i.number).join(t.issue_key, k.issue_id == i.issue_id).where(k.source_key == key)
    return str(connection.execute(asked).scalar_one())
