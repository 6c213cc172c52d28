"""Drawing the unit cells of one area: rows along its main direction, cut into blocks of nearly equal size.

Everything here is plane geometry in metres. A cell border meets the area's border only at a vertex that the area
already has, so that drawing cells never changes the area and its neighbours keep identical vertices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Polygon

Floats = NDArray[np.float64]
STEP = 0.25  # longest border segment, as a share of a cell's side: where cell borders can end
SMALLEST = 0.45  # a piece below this share of the wanted size joins a neighbour
LARGEST = 1.9  # a joined cell stays below this share of the wanted size if it can
REUSE = 0.22  # a corner this near (share of a cell's side) is used again: blocks meet at crossings


def draw_cells(polygon_metric: Polygon, size_m2: float, seed: int) -> list[Polygon]:
    """Cells of about `size_m2` (m²) that exactly cover `polygon_metric` (metres), rows from north, each from west.

    Deterministic by `seed`. Border segments longer than STEP of a cell's side get vertices; shorter ones are kept as
    they are, bit for bit. A polygon below one and a half cells comes back whole.
    """
    side = math.sqrt(size_m2)
    polygon = with_vertices(polygon_metric, STEP * side * 1.05)
    if polygon.area < 1.5 * size_m2:
        return [polygon]
    drawing = _Drawing(polygon, side, np.random.default_rng(seed))
    cells = join_small(drawing.cells(), size_m2)
    return sorted(cells, key=lambda cell: drawing.place(cell))


def with_vertices(polygon: Polygon, longest: float) -> Polygon:
    """`polygon` with vertices put evenly on every segment longer than `longest` (metres)."""
    rings = [_ring_with_vertices(np.asarray(ring.coords), longest) for ring in (polygon.exterior, *polygon.interiors)]
    return Polygon(rings[0], rings[1:])


def _ring_with_vertices(ring: Floats, longest: float) -> Floats:
    parts = []
    for a, b in pairwise(ring):
        length = math.dist(a, b)
        pieces = math.ceil(length / (0.9 * longest)) if length > longest else 1
        parts.append(a + (b - a) * (np.arange(pieces) / pieces)[:, None])
    return np.vstack([*parts, ring[:1]])


def main_direction(polygon: Polygon) -> float:
    """Angle of the main direction to the x axis, radians, between −π/4 and π/4: rows run roughly west to east."""
    corners = shapely.get_coordinates(shapely.minimum_rotated_rectangle(polygon))
    a, b = corners[1] - corners[0], corners[2] - corners[1]
    along = a if np.hypot(*a) >= np.hypot(*b) else b
    angle = math.atan2(along[1], along[0])
    return (angle + math.pi / 4) % (math.pi / 2) - math.pi / 4


class _Drawing:
    """One area's drawing, in a frame turned by its main direction: x along the rows, y across them."""

    def __init__(self, polygon: Polygon, side: float, rng: np.random.Generator) -> None:
        self.side, self.rng = side, rng
        angle = main_direction(polygon)
        self.turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        rings = [np.asarray(ring.coords)[:-1] for ring in (polygon.exterior, *polygon.interiors)]
        self.own = np.vstack(rings)  # border vertices as given, never changed
        self.vertices = self.own @ self.turn  # the same, turned
        turned = np.split(self.vertices, np.cumsum([len(ring) for ring in rings])[:-1])
        self.polygon = Polygon(turned[0], turned[1:])
        shapely.prepare(self.polygon)
        self.edges = [list(zip(ring, np.roll(ring, -1, axis=0), strict=True)) for ring in turned]
        self.back = {tuple(t): tuple(o) for t, o in zip(self.vertices.tolist(), self.own.tolist(), strict=True)}
        self.rows = self._row_places()

    def cells(self) -> list[Polygon]:
        """The pieces before small ones are joined, in the frame and with the vertices of the given polygon."""
        chords = [_Chord(a, b) for a, b in self._row_chords()]
        border = [(tuple(a), tuple(b)) for ring in self.edges for a, b in ring]
        strips = self._faces(border + [(c.nodes[0], c.nodes[-1]) for c in chords])
        cuts = [cut for strip in strips for cut in self._cuts(strip, chords)]
        lines = border + [pair for chord in chords for pair in chord.pairs()] + cuts
        return [self._turn_back(face) for face in self._faces(lines)]

    def place(self, cell: Polygon) -> tuple[int, float]:
        """Sort key: row from the north, then from the west."""
        x, y = np.asarray(cell.centroid.coords)[0] @ self.turn
        return -int(np.searchsorted(self.rows, y)), float(x)

    def _row_places(self) -> Floats:
        """Where the row lines cross the middle of the area, south to north."""
        _, low, _, high = self.polygon.bounds
        count = max(1, round((high - low) / self.side))
        heights = self.rng.uniform(0.86, 1.14, count)
        return np.asarray(low + np.cumsum(heights)[:-1] * (high - low) / heights.sum())

    def _row_chords(self) -> Iterator[tuple[Floats, Floats]]:
        west, _, east, _ = self.polygon.bounds
        tilt = min(0.03, 0.2 * self.side / (east - west))
        for y in self.rows:
            rise = self.rng.uniform(-tilt, tilt) * (east - west) / 2
            line = LineString([(west - 1, y - rise), (east + 1, y + rise)])
            for piece in shapely.get_parts(shapely.intersection(self.polygon, line)):
                if isinstance(piece, LineString) and (found := self._between_vertices(piece, self.polygon)):
                    yield found

    def _between_vertices(self, piece: LineString, inside: Polygon) -> tuple[Floats, Floats] | None:
        """The best line near `piece` that joins two border vertices and touches the border nowhere else."""
        ends = np.asarray(piece.coords)[[0, -1]]
        near = [np.argsort(np.hypot(*(self.vertices - end).T))[:3] for end in ends]
        pairs = [(self.vertices[i], self.vertices[j]) for i in near[0] for j in near[1] if i != j]
        pairs.sort(key=lambda pair: math.dist(pair[0], ends[0]) + math.dist(pair[1], ends[1]))
        return next((pair for pair in pairs if self._clean(pair[0], pair[1], inside)), None)

    def _clean(self, a: Floats, b: Floats, inside: Polygon) -> bool:
        """Whether the line a–b runs inside, and keeps off the border except near its ends."""
        length = math.dist(a, b)
        if length < 0.3 * self.side:
            return False
        margin = min(0.3, 0.12 * self.side / length)
        trimmed = LineString([a + (b - a) * 0.001, b - (b - a) * 0.001])
        middle = LineString([a + (b - a) * margin, b - (b - a) * margin])
        return bool(
            shapely.contains_properly(inside, trimmed)
            and shapely.distance(middle, shapely.boundary(inside)) > 0.02 * self.side
        )

    def _cuts(self, strip: Polygon, chords: list[_Chord]) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
        """Lines across one strip at equal shares of its area; their ends become corners of the chords they meet."""
        count = round(strip.area / self.side**2)
        if count < 2:
            return []
        shapely.prepare(strip)
        _, low, _, high = strip.bounds
        beside = [chord for chord in chords if shapely.distance(strip, chord.line) < 1e-6]
        cuts: list[LineString] = []
        for x in self._equal_shares(strip, count):
            lean = self.rng.uniform(-0.05, 0.05) * (high - low)
            line = LineString([(x - lean, low - 1), (x + lean, high + 1)])
            for piece in shapely.get_parts(shapely.intersection(strip, line)):
                if not isinstance(piece, LineString):
                    continue
                a, b = (self._corner(np.asarray(end), beside) for end in (piece.coords[0], piece.coords[-1]))
                cut = LineString([a[0], b[0]])
                if self._clean(a[0], b[0], strip) and not any(shapely.distance(cut, c) < 0.1 * self.side for c in cuts):
                    cuts.append(cut)
                    for point, chord in (a, b):
                        if chord is not None:
                            chord.add(point)
        return [(tuple(cut.coords[0]), tuple(cut.coords[-1])) for cut in cuts]

    def _equal_shares(self, strip: Polygon, count: int) -> Floats:
        """Where to cut, so that `count` pieces have nearly equal areas; shape (count − 1,)."""
        west, low, east, high = strip.bounds
        x = np.linspace(west, east, 12 * count + 1)
        middles = (x[:-1] + x[1:]) / 2
        uprights = shapely.linestrings([[(m, low - 1), (m, high + 1)] for m in middles])
        share = np.concatenate([[0.0], np.cumsum(shapely.length(shapely.intersection(strip, uprights)))])
        wanted = (np.arange(1, count) + self.rng.uniform(-0.13, 0.13, count - 1)) / count
        return np.asarray(np.interp(wanted, share / share[-1], x))

    def _corner(self, end: Floats, chords: list[_Chord]) -> tuple[Floats, _Chord | None]:
        """Where a cut that would end at `end` ends: at a corner of a chord (old or new), or at a border vertex."""
        for chord in chords:
            if shapely.distance(chord.line, shapely.Point(end)) < 1e-6:
                old = chord.nearest(end)
                return (old if math.dist(old, end) < REUSE * self.side else end), chord
        return self.vertices[np.argmin(np.hypot(*(self.vertices - end).T))], None

    def _faces(self, lines: list[tuple[tuple[float, ...], tuple[float, ...]]]) -> list[Polygon]:
        """Faces of the linework that lie in the area (its holes are faces too)."""
        faces = shapely.get_parts(shapely.polygonize(list(map(LineString, lines))))
        return [face for face in faces if shapely.contains(self.polygon, face.representative_point())]

    def _turn_back(self, face: Polygon) -> Polygon:
        return shapely.transform(face, lambda coords: np.array([self._given(c) for c in coords.tolist()]))

    def _given(self, corner: list[float]) -> tuple[float, ...]:
        key = tuple(corner)
        return self.back[key] if key in self.back else tuple(self.turn @ np.array(corner))


class _Chord:
    """A row line between two border vertices, with the corners that cuts have put on it."""

    def __init__(self, a: Floats, b: Floats) -> None:
        self.line = LineString([a, b])
        self.nodes: list[tuple[float, ...]] = [tuple(a), tuple(b)]

    def nearest(self, point: Floats) -> Floats:
        """The corner nearest to `point`."""
        return np.array(min(self.nodes, key=lambda node: math.dist(node, point)))

    def add(self, point: Floats) -> None:
        """Put a corner at `point`, unless there is one."""
        if tuple(point) not in self.nodes:
            self.nodes.append(tuple(point))

    def pairs(self) -> Iterator[tuple[tuple[float, ...], tuple[float, ...]]]:
        """The line from corner to corner."""
        start = self.line.coords[0]
        ordered = sorted(self.nodes, key=lambda node: math.dist(node, start))
        return pairwise(ordered)


def join_small(cells: list[Polygon], size_m2: float) -> list[Polygon]:
    """`cells` with each piece below SMALLEST of `size_m2` joined to the neighbour it shares most border with."""
    cells = list(cells)
    while len(cells) > 1:
        areas = [cell.area for cell in cells]
        least = int(np.argmin(areas))
        if areas[least] >= SMALLEST * size_m2:
            break
        piece = cells.pop(least)
        shared = shapely.length(shapely.intersection(shapely.boundary(piece), shapely.boundary(np.array(cells))))
        touching = np.flatnonzero(shared > 0)
        if not len(touching):
            cells.append(piece)
            break
        roomy = [i for i in touching if cells[i].area + piece.area <= LARGEST * size_m2]
        best = int(max(roomy, key=lambda i: shared[i]) if roomy else min(touching, key=lambda i: cells[i].area))
        joined = shapely.coverage_union_all([cells[best], piece])
        assert isinstance(joined, Polygon)  # two pieces that share a border
        cells[best] = joined
    return cells
