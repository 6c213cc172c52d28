"""Are a ledger's coordinates in the system that its mapping says? Others are tried on them and the evidence is told.

Evidence is pairs: rows that lie in the city (or in the area that the ledger itself names) under one system and not
under the other. A system is suspected only when nearly all such rows speak against it (McNemar's test).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.agreement import located, share
from etl.codes import area_codes
from etl.numerals import numbers, paired
from etl.read import Ledger
from etl.rules import ColumnMapping
from weathermap.city.chain import index_of
from weathermap.city.crs import WGS84
from weathermap.city.offset import BD09, GCJ02, in_degrees, system, to_wgs84
from weathermap.issue.batch import Text
from weathermap.issue.book import Book

SAMPLE = 5_000  # rows that are looked at
CROWD = 0.01  # a spot with a larger share of them is left out: it may be a default point
FEW = 20  # rows that must speak for another system
CLEAR = 25.0  # McNemar's chi²: five standard deviations
CHINA = (73.0, 136.0)  # degrees of longitude between which the services' systems are used
Floats = NDArray[np.float64]
Rows = NDArray[np.bool_]


@dataclass(frozen=True)
class Reading:
    """Positions under one system: which rows lie in the city, and which in the area that the ledger names."""

    crs: str
    swapped: bool
    inside: Rows
    agreeing: Mapping[str, tuple[Rows, Rows]]  # level → (rows that name an area, those of them that lie in it)

    @property
    def name(self) -> str:
        return f"{self.crs} with x and y swapped" if self.swapped else self.crs

    def figures(self) -> str:
        """What it comes to, in words."""
        said = [f"{share(int(self.inside.sum()), len(self.inside))} lie in the city"]
        said += [
            f"{share(int(fits.sum()), int(named.sum()))} in the {level} that they name"
            for level, (named, fits) in self.agreeing.items()
            if named.any()
        ]
        return " and ".join(said)

    def fits(self) -> Rows:
        """All evidence on end: in the city, and in each named area."""
        return np.concatenate([self.inside, *(fits for _, fits in self.agreeing.values())])


@dataclass(frozen=True)
class Suspicion:
    """Another system fits a ledger's positions clearly better."""

    said: Reading
    better: Reading
    rows: int

    def __str__(self) -> str:
        return (
            f"Of {self.rows:,} positions, as {self.said.name} {self.said.figures()}; "
            f"as {self.better.name} {self.better.figures()}"
        )

    @property
    def remedy(self) -> str:
        """What to write."""
        if self.better.swapped:
            return "Swap lon and lat in [position] of the mapping" + (
                f', and write crs = "{self.better.crs}".' if self.better.crs != self.said.crs else "."
            )
        return f'Write crs = "{self.better.crs}" in [position] of the mapping.'


def suspect(ledger: Ledger, rules: ColumnMapping, book: Book) -> Suspicion | None:
    """Whether another system than the mapping's fits the positions of `ledger` clearly better. Reads its beginning."""
    if rules.position is None:
        return None
    sample = _sample(ledger, rules)
    if sample is None:
        return None
    x, y, columns = sample
    wanted = {
        level: area_codes(columns[rule.column], rule, book.pack.areas[level]) for level, rule in rules.published.items()
    }
    said = read_as(rules.position.crs, False, x, y, book, wanted)
    others = (read_as(crs, swapped, x, y, book, wanted) for crs, swapped in candidates(x, y, book, rules.position.crs))
    better = max((other for other in others if clearly(other, said)), key=lambda r: int(r.fits().sum()), default=None)
    return Suspicion(said, better, len(x)) if better else None


def clearly(other: Reading, said: Reading) -> bool:
    """Whether the other system fits so much better that chance does not explain it."""
    gained = int((other.fits() & ~said.fits()).sum())
    lost = int((said.fits() & ~other.fits()).sum())
    return gained >= FEW and (gained - lost) > 0 and (gained - lost) ** 2 / (gained + lost) >= CLEAR


def _sample(ledger: Ledger, rules: ColumnMapping) -> tuple[Floats, Floats, dict[str, Text]] | None:
    position = rules.position
    piece = next(ledger.batches(), None)
    if piece is None or position is None:
        return None
    chosen = np.unique(np.linspace(0, len(piece) - 1, min(len(piece), 4 * SAMPLE)).astype(np.int64))
    table = piece.table.take(chosen)
    x, y = (numbers(table[name].to_numpy().astype(object)) for name in (position.lon, position.lat))
    spot = paired(x, y)
    _, which, counts = np.unique(spot, return_inverse=True, return_counts=True)
    kept = np.isfinite(x) & np.isfinite(y) & (counts[which] <= max(FEW, CROWD * len(x)))
    rows = np.flatnonzero(kept)[:: max(1, int(kept.sum()) // SAMPLE)]
    columns = {rule.column: table[rule.column].to_numpy().astype(object)[rows] for rule in rules.published.values()}
    return (x[rows], y[rows], columns) if len(rows) else None


def read_as(
    crs: str, swapped: bool, x: Floats, y: Floats, book: Book, wanted: Mapping[str, NDArray[np.object_]]
) -> Reading:
    """The positions (x, y) under a system; `wanted`: level → code of the area that each row names, '' none."""
    lon, lat = to_wgs84(y, x, crs) if swapped else to_wgs84(x, y, crs)
    off = ~(np.abs(lon) <= 180) | ~(np.abs(lat) <= 90)
    lon, lat = np.where(off, np.nan, lon), np.where(off, np.nan, lat)
    city = shapely.union_all(book.pack.areas[book.pack.config.levels[0]].geoms)
    shapely.prepare(city)
    agreeing = {}
    for level, codes in wanted.items():
        index = index_of(book.pack.areas[level])
        area = np.array([index.get(code, -1) for code in codes.tolist()], dtype=np.int64)
        agreeing[level] = (area >= 0, (area >= 0) & (located(book, level, lon, lat) == area))
    return Reading(crs, swapped, shapely.intersects_xy(city, lon, lat), agreeing)


def candidates(x: Floats, y: Floats, book: Book, said: str) -> Iterator[tuple[str, bool]]:
    """(system, swapped) that could be meant by numbers like these, in this city, other than what is said."""
    west, south, east, north = shapely.total_bounds(book.pack.areas[book.pack.config.levels[0]].geoms)
    middle = (west + east) / 2
    degrees = not len(x) or bool((np.abs(x) <= 180).mean() > 0.5 and (np.abs(y) <= 180).mean() > 0.5)
    if degrees:
        systems = [WGS84, *([GCJ02, BD09] if CHINA[0] <= middle <= CHINA[1] else [])]
    else:
        systems = [book.pack.config.metric_crs, *_projected(middle, (south + north) / 2)]
    known = [crs for crs in dict.fromkeys(systems) if crs != system(said)]
    if in_degrees(said) and system(said) not in (GCJ02, BD09) and WGS84 in known:
        known.remove(WGS84)  # systems of true degrees differ by less than a metre here
    yield from ((crs, False) for crs in known)
    yield from ((crs, True) for crs in [said, *known] if degrees or not in_degrees(crs))


def _projected(lon: float, lat: float) -> Iterator[str]:
    """Usual projected systems at a place: UTM, web Mercator and, in China, the 3° zones of CGCS2000 (4513–4554)."""
    yield f"EPSG:{(32600 if lat >= 0 else 32700) + int((lon + 180) // 6) + 1}"
    yield "EPSG:3857"
    if CHINA[0] <= lon <= CHINA[1]:
        zone = round(lon / 3)
        yield from (
            f"EPSG:{base + n - 25}" for n in (zone, zone - 1, zone + 1) for base in (4534, 4513) if 25 <= n <= 45
        )
