"""Where issues lie: spots at declared points and in cells, few of them hot, with the towns by their size."""

from __future__ import annotations

from dataclasses import dataclass
from zlib import crc32

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.habits import CLASSES, OPEN, place_class
from weathermap.city.chain import ancestors
from weathermap.issue.book import Book

Ints = NDArray[np.int64]
_STREETS = (
    "学府路 人民路 振兴路 民生路 群英路 东港路 建设路 新民路 长福路 和平路 南洋路 香江路 文化路 育才路 友谊路 镇中路 "
    "新华路 工业路 花园路 湖东路 解放路 中山路 青年路 朝阳路 环湾路 胜利路 共富路 迎宾路 港前路 海滨路 兴业路 西环路"
)
STREETS = tuple(_STREETS.split())
LANES = ("一巷", "二巷", "三巷", "东巷", "西巷", "")
NUMBER_SIDES = ("旁", "门前", "对面", "附近")
POINT_SIDES = ("门前", "东侧", "西侧", "南侧", "北侧", "对面", "入口处", "附近")
POINT_SPREAD_M, CELL_SPREAD_M = 16.0, 20.0
HOT_SHARE, FIELD_SHARE = 0.55, 0.30  # of a community's spots in hot cells, in all its cells; relative to its points
TOWN_POWER = 0.8  # big towns have fewer issues a point than small ones
METRE_DEG = 1 / 111_320


@dataclass(frozen=True)
class Spots:
    """Parallel arrays, shape (n spots,). Rows point into the pack; −1 none."""

    lon: Reals
    lat: Reals
    weight: Reals  # share of all issues, together 1
    place: Ints  # row in CLASSES
    point: Ints  # row in the pack's points
    town: Ints
    community: Ints

    def pick(self, luck: Reals) -> Ints:
        """The spot of each uniform draw."""
        ends = np.cumsum(self.weight)
        return np.minimum(np.searchsorted(ends, luck * ends[-1]), len(ends) - 1)


@dataclass(frozen=True)
class Places:
    """The city's spots and the levels that people speak of: the town and the community."""

    book: Book
    town_level: str
    community_level: str
    town_of: NDArray[np.int32]  # of each finest area
    community_of: NDArray[np.int32]
    spots: Spots


def places(book: Book, chance: Chance) -> Places:
    """All spots of a city. A level that the chain lacks is stood in for by the next one it has."""
    levels = book.pack.config.levels
    town, community = min(1, len(levels) - 1), min(2, len(levels) - 1)
    above = ancestors(book.pack)
    town_of, community_of = above[:, town], above[:, community]
    points = _points(book, chance, town_of, community_of)
    cells = _cells(book, chance, town_of, community_of, points)
    both = {name: np.concatenate([getattr(points, name), getattr(cells, name)]) for name in Spots.__dataclass_fields__}
    own = np.bincount(both["town"], both["weight"])
    both["weight"] = both["weight"] * (own ** (TOWN_POWER - 1))[both["town"]]
    both["weight"] /= both["weight"].sum()
    return Places(book, levels[town], levels[community], town_of, community_of, Spots(**both))


def _points(book: Book, chance: Chance, town_of: NDArray[np.int32], community_of: NDArray[np.int32]) -> Spots:
    pack = book.pack
    lon = np.array([point.lon for point in pack.points], dtype=np.float64)
    lat = np.array([point.lat for point in pack.points], dtype=np.float64)
    area = book.locator.locate(lon, lat)
    names = {kind.code: kind.name for kind in pack.point_kinds}
    kinds = [place_class(names.get(point.kind, "")) for point in pack.points]
    rows = np.flatnonzero(area >= 0)
    heat = _heat(chance, "heat/point", np.array([crc32(point.code.encode()) for point in pack.points], dtype=np.int64))
    return Spots(
        lon=lon[rows],
        lat=lat[rows],
        weight=(np.array([weight for _, weight in kinds], dtype=np.float64) * heat)[rows],
        place=np.array([CLASSES.index(name) for name, _ in kinds], dtype=np.int64)[rows],
        point=rows,
        town=town_of[area[rows]].astype(np.int64),
        community=community_of[area[rows]].astype(np.int64),
    )


def _cells(
    book: Book, chance: Chance, town_of: NDArray[np.int32], community_of: NDArray[np.int32], points: Spots
) -> Spots:
    """Every finest area is a spot; in each community a few of them take most of what is found in its streets."""
    finest = book.pack.finest
    inside = shapely.point_on_surface(finest.geoms)
    n = int(community_of.max()) + 1
    declared = np.bincount(points.community, points.weight, minlength=n) + 1.0
    cells = np.bincount(community_of, minlength=n)
    key = np.array([crc32(code.encode()) for code in finest.codes], dtype=np.int64)
    heat = _heat(chance, "heat/cell", key) ** 3
    hottest = np.bincount(community_of, heat, minlength=n)
    weight = HOT_SHARE * heat / hottest[community_of] + FIELD_SHARE / cells[community_of]
    return Spots(
        lon=shapely.get_x(inside),
        lat=shapely.get_y(inside),
        weight=weight * declared[community_of],
        place=np.full(len(finest), CLASSES.index(OPEN), dtype=np.int64),
        point=np.full(len(finest), -1, dtype=np.int64),
        town=town_of.astype(np.int64),
        community=community_of.astype(np.int64),
    )


def _heat(chance: Chance, stream: str, key: Ints) -> Reals:
    """Some spots are hot: log-normal, half of them between 0.5 and 2."""
    return np.exp(chance.normal(stream, key))


def positions(where: Places, chance: Chance, key: Ints, spot: Ints) -> tuple[Reals, Reals]:
    """Positions near the spots, degrees; the spot itself where that would leave the city."""
    spots = where.spots
    spread = np.where(spots.point[spot] >= 0, POINT_SPREAD_M, CELL_SPREAD_M) * METRE_DEG
    lon, lat = spots.lon[spot], spots.lat[spot]
    x = lon + spread * chance.normal("east", key) / np.cos(np.radians(lat))
    y = lat + spread * chance.normal("north", key)
    outside = where.book.locator.locate(x, y) < 0
    return np.round(np.where(outside, lon, x), 6), np.round(np.where(outside, lat, y), 6)


def addresses(where: Places, chance: Chance, key: Ints, spot: Ints) -> list[str]:
    """Readable addresses: 「金林社区 学府路 12 号旁」, or a declared point's name with a side."""
    pack, spots = where.book.pack, where.spots
    names = pack.areas[where.community_level].names
    point, community = spots.point[spot].tolist(), spots.community[spot].tolist()
    number = chance.whole("address/number", key, 180).tolist()
    side = chance.whole("address/side", key, 8).tolist()
    street = (chance.whole("address/street", community, len(STREETS)) + chance.whole("address/which", spot, 3)).tolist()
    lane = chance.whole("address/lane", spot, 2 * len(LANES)).tolist()
    return [
        f"{names[c]} {pack.points[p].name.removeprefix(names[c])}{POINT_SIDES[s]}"
        if p >= 0
        else f"{names[c]} {STREETS[r % len(STREETS)]}{LANES[min(a, len(LANES) - 1)]} {n + 1} 号{NUMBER_SIDES[s % 4]}"
        for p, c, s, r, a, n in zip(point, community, side, street, lane, number, strict=True)
    ]
