"""Schematic inspection points inside drawn communities, by the pack's table drawing/points.csv.

`where` of a kind: `town` one in every town at its seat, `community` one in every community, `urban` more in small
(dense) communities, `outer` in large ones, `any` everywhere. Points keep off borders: nobody argues whose they are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from etl.draw.sources import Community, Town, rows

HEADER = ("code", "kind", "name", "name_en", "lon", "lat", "unit", "address", "declared_on", "person")
OFF_BORDER = 30.0  # metres
DECLARED = (date(2024, 4, 15), date(2025, 3, 20), date(2025, 9, 10), date(2026, 3, 18))
DECLARED_SHARE = (0.55, 0.25, 0.12, 0.08)


@dataclass(frozen=True)
class Land:
    """Where points may stand: communities with their metric shapes, and the towns that they lie in."""

    communities: Sequence[Community]
    shapes: NDArray[np.object_]
    towns: Mapping[str, Town]
    project: Transformer

    def weight(self, where: str) -> NDArray[np.float64]:
        """How likely a point stands in each community, all together 1."""
        area = shapely.area(self.shapes)
        weight = {"urban": (area / 1e6) ** -1.5, "outer": np.where(area > 0.9e6, area, 0.0)}.get(where, area**0.0)
        return np.asarray(weight / weight.sum())


def write_points(out: Path, land: Land, seed: int) -> int:
    """Write OUT/points.csv; returns how many points."""
    rng = np.random.default_rng([seed, 2])
    governing = {row["area"]: row["code"] for row in rows(out / "units.csv") if row["area"]}
    found = [row for kind in rows(out / "drawing/points.csv") for row in _of_kind(kind, land, governing, rng)]
    keepers = _keepers(out, [str(row[6]) for row in found])
    with (out / "points.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows((f"P{i:04d}", *row, keepers[i - 1]) for i, row in enumerate(found, 1))
    return len(found)


def _keepers(out: Path, addresses: Sequence[str]) -> list[str]:
    """The fixed inspector of each point, '' without any: neighbouring communities to one, to all equally many."""
    people = rows(out / "people.csv") if (out / "people.csv").is_file() else []
    inspectors = [row["code"] for row in people if row["role"] == "inspector"]
    kept = [""] * len(addresses)
    for at, row in enumerate(sorted(range(len(addresses)), key=addresses.__getitem__)):
        kept[row] = inspectors[at * len(inspectors) // len(addresses)] if inspectors else ""
    return kept


def _of_kind(
    kind: Mapping[str, str], land: Land, governing: Mapping[str, str], rng: np.random.Generator
) -> Iterator[tuple[object, ...]]:
    """Rows of one kind of point, without their codes."""
    names, names_en = kind["names"].split("/"), kind["names_en"].split("/")
    used: dict[str, int] = {}
    for k in _communities(kind["where"], int(kind["count"]), land, rng):
        community = land.communities[k]
        town = land.towns[community.town]
        place, place_en = (town.name, town.name_en) if kind["where"] == "town" else (community.name, community.name_en)
        pick = int(rng.integers(len(names)))
        free = [i for i in (*range(pick, len(names)), *range(pick)) if place + names[i] not in used]
        pick = free[0] if free else pick
        used[place + names[pick]] = number = used.get(place + names[pick], 0) + 1
        again = f"{number}号点" if number > 1 else ""
        again_en = f" {number}" if number > 1 else ""
        lon, lat = _spot(land.shapes[k], land.project, rng)
        yield (
            kind["kind"],
            place + names[pick] + again,
            f"{place_en} {names_en[pick]}{again_en}",
            lon,
            lat,
            kind["unit"] or governing[community.town],
            town.name + community.name,
            rng.choice(np.array(DECLARED), p=DECLARED_SHARE).isoformat(),
        )


def _communities(where: str, count: int, land: Land, rng: np.random.Generator) -> list[int]:
    if where == "community":
        return list(range(len(land.communities)))
    if where == "town":
        return [_at_seat(town, land) for town in land.towns.values()]
    chosen: list[int] = []
    weight = land.weight(where)
    most = int((weight > 0).sum()) // (5 if where == "urban" else 1)
    while len(chosen) < count:  # none twice in a batch: small batches crowd the likely communities
        batch = min(count - len(chosen), most)
        chosen += rng.choice(len(weight), size=batch, replace=False, p=weight).tolist()
    return sorted(chosen)


def _at_seat(town: Town, land: Land) -> int:
    own = [k for k, community in enumerate(land.communities) if community.town == town.code]
    seat = shapely.Point(land.project.transform(*town.seat))
    return min(own, key=lambda k: float(shapely.distance(land.shapes[k], seat)))


def _spot(shape: BaseGeometry, project: Transformer, rng: np.random.Generator) -> tuple[float, float]:
    """A place inside `shape`, denser towards its middle; degrees, 6 decimals."""
    inner = shapely.buffer(shape, -OFF_BORDER)
    middle = shapely.get_coordinates(shapely.maximum_inscribed_circle(shape))[0]
    spread = 0.42 * np.sqrt(shape.area)
    for _ in range(200):
        x, y = middle + rng.normal(0.0, spread, 2)
        if shapely.contains_xy(inner, x, y):
            lon, lat = project.transform(x, y, direction="INVERSE")
            return round(lon, 6), round(lat, 6)
    raise ValueError(f"No place {OFF_BORDER:.0f} m off the border was found in an area of {shape.area:.0f} m².")
