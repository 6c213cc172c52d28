"""PostGIS agrees with the locator: on and beside the vertices and edges of every area, chain and overlays."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, text

from weathermap.city.pack import Areas
from weathermap.city.reading import read_pack
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city

PACKS = Path(__file__).parents[1] / "packs"
ASK = """
SELECT q.i, a.code FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS q (x, y, i)
JOIN area AS a ON a.level = :level AND ST_Covers(a.geom, ST_SetSRID(ST_MakePoint(q.x, q.y), 4326))
"""


@pytest.mark.parametrize("name", ["toy", "plain"])
def test_postgis_finds_the_same_areas(connection: Connection, name: str) -> None:
    load_pack(connection, read_pack(PACKS / name))
    book = open_city(connection).book
    for locator in (book.locator, *book.overlays.values()):
        lon, lat = places(locator.areas)
        holders: list[set[str]] = [set() for _ in lon]
        asked = {"x": lon.tolist(), "y": lat.tolist(), "level": locator.areas.level}
        for i, code in connection.execute(text(ASK), asked):
            holders[i - 1].add(code)
        rank = {code: int(locator._rank[row]) for row, code in enumerate(locator.areas.codes.tolist())}
        wanted = [min(codes, key=rank.__getitem__) if codes else None for codes in holders]
        found = locator.locate(lon, lat).tolist()
        assert [locator.areas.codes[row] if row >= 0 else None for row in found] == wanted
        assert any(len(codes) > 1 for codes in holders) or len(locator.areas) == 1, "no point lies on a shared border"


def places(areas: Areas) -> tuple[np.ndarray, np.ndarray]:
    """Vertices, middles of edges, the numbers beside them, and points anywhere."""
    chance = np.random.default_rng(7)
    xy, of_ring = shapely.get_coordinates(shapely.get_parts(shapely.boundary(areas.geoms)), return_index=True)
    start = np.flatnonzero(of_ring[1:] == of_ring[:-1])[:400]
    on = np.vstack([xy[start], (xy[start] + xy[start + 1]) / 2])
    beside = np.nextafter(on, chance.choice([-np.inf, np.inf], on.shape))
    west, south, east, north = shapely.total_bounds(areas.geoms)
    anywhere = chance.uniform([west, south], [east, north], (400, 2))
    points = np.vstack([on, beside, anywhere])
    return points[:, 0].copy(), points[:, 1].copy()
