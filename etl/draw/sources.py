"""What a schematic pack is drawn from: outline, codes and names, seats, and the pack's own drawing tables."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import shapely
from shapely.geometry.base import BaseGeometry

SUFFIXES = (("居委会", ""), ("村委会", "村"), ("村民委员会", "村"), ("居民委员会", ""))
Place = tuple[float, float]


@dataclass(frozen=True)
class Town:
    """A town as it is to be drawn: `sites` are (lon, lat, km²); an overlay zone has none."""

    code: str
    name: str
    name_en: str
    sites: tuple[tuple[float, float, float], ...]
    seat: Place


@dataclass(frozen=True)
class Community:
    """A community as it is to be drawn: roughly at `near` if that is known; `zone` is an overlay that it belongs to."""

    code: str
    name: str
    name_en: str
    town: str
    near: Place | None
    zone: str


def rows(path: Path) -> list[dict[str, str]]:
    """A CSV file with a header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_outline(path: Path) -> BaseGeometry:
    """The one shape of a GeoJSON file, WGS84 degrees."""
    features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
    if len(features) != 1:
        raise ValueError(f"{path} has {len(features)} features: the outline is one.")
    return shapely.geometry.shape(features[0]["geometry"])


def read_neighbours(path: Path) -> list[tuple[str, str, BaseGeometry]]:
    """(code, name, shape) of every county of a GeoJSON file."""
    features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
    return [
        (
            str(f["properties"]["district_adcode"]),
            f["properties"]["district_name"],
            shapely.geometry.shape(f["geometry"]),
        )
        for f in features
    ]


def read_towns(streets: Path, seats: Path, drawing: Path) -> list[Town]:
    """Towns by code. The streets file has no header: code, name, …; `drawing` is the pack's drawing/towns.csv."""
    names = _names(streets)
    place = {row["code"]: (float(row["lon"]), float(row["lat"])) for row in rows(seats)}
    english: dict[str, str] = {}
    sites: dict[str, list[tuple[float, float, float]]] = {code: [] for code in names}
    for row in rows(drawing):
        english[row["code"]] = row["name_en"]
        if row["km2"]:
            sites[row["code"]].append((float(row["lon"]), float(row["lat"]), float(row["km2"])))
    return [Town(code, names[code], english[code], tuple(sites[code]), place[code]) for code in sorted(names)]


def read_communities(villages: Path, drawing: Path) -> list[Community]:
    """Communities by code, with display names: 金林社区, 仕林村. `drawing` is the pack's drawing/communities.csv."""
    names = _names(villages)
    return sorted((_community(row, names) for row in rows(drawing)), key=lambda community: community.code)


def _community(row: Mapping[str, str], names: Mapping[str, str]) -> Community:
    near = (float(row["lon"]), float(row["lat"])) if row["lon"] else None
    name = row["name"] or short_name(names[row["code"]])
    return Community(row["code"], name, row["name_en"], row["parent"] or row["code"][:-3], near, row["zone"])


def short_name(name: str) -> str:
    """The place's name without its committee: 金林社区居委会 → 金林社区, 仕林村委会 → 仕林村."""
    for suffix, instead in SUFFIXES:
        if name.endswith(suffix):
            return name.removesuffix(suffix) + instead
    return name


def _names(path: Path) -> dict[str, str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {row[0]: row[1] for row in csv.reader(file)}
