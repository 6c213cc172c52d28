"""The compiled loops of the locator: building the label raster, reading it, measuring distances. The only numba.

**The raster.** Pixel (row, column) of a point is ⌊(lat − y0)·sy⌋, ⌊(lon − x0)·sx⌋, computed alike everywhere. A pixel
that no border comes near holds its area's label. Along a row, neighbouring pixels that borders do come near form a
*run*, and such a pixel holds where its run lies in `words`: [first column, number of edges n, state at its left end,
tolerance] and n times [x1, y1, x2, y2, change], edges upward, cut to the row, in pixels from the run's first column
and the row.

**The state** of a place is Σ (2²⁴ + label + 1) over the areas that hold it: 0 in none, 2²⁴ + label + 1 in exactly one.
Crossing an edge eastward adds the edge's change, so the state of a point is that at its run's left end plus the
changes of the run's edges west of it: a ray cast a few pixels long, with no search and no list of candidates.

**Exact**, though the edges are kept in single precision: a point farther from each kept edge than the run's tolerance
is on the same side of it as of the true one, for then no edge passes the point on its way from the true place to the
kept one. The few others, and places in several areas at once, come back as UNDECIDED and shapely decides them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

NOWHERE = -1
UNDECIDED = -2
BITS = 24
ONE = 1 << BITS  # what one area adds to a state, beside its label + 1
LOW = ONE - 1
HEADER, EDGE = 4, 5  # words
SLACK = 1.0 / 256  # pixels that a border is thought to be wider on each side when pixels are marked
BLOCK = 512  # points whose pixels are fetched together, so that the memory's waits overlap
INT32 = 2**31 - 1
FAN = 8  # edges in a leaf of the tree, and children of a node


def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled on first use and kept on disk, where there is a place for it."""
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(loop)
    except RuntimeError:  # neither beside the source nor in the user's cache folder can be written
        return njit(nogil=True, error_model="numpy")(loop)


@compiled
def merge_edges(ends, area, ends_bits, out_ends, out_sides):  # type: ignore[no-untyped-def]
    """Directed ring segments → upward edges, each once. Returns their number.

    ends (n, 4): x1, y1, x2, y2 with the interior on the left; ends_bits: the same memory as int64; area (n,).
    out_ends (n, 4), lower end first; out_sides (n, 2): area to the west and to the east, NOWHERE for none.
    """
    n = len(area)
    size = 16
    while size < 2 * n:
        size *= 2
    slots = np.full(size, -1, dtype=np.int32)
    found = 0
    for i in range(n):
        up = ends[i, 1] < ends[i, 3] or (ends[i, 1] == ends[i, 3] and ends[i, 0] < ends[i, 2])
        a = 0 if up else 2
        b = 2 - a
        if ends_bits[i, 0] == ends_bits[i, 2] and ends_bits[i, 1] == ends_bits[i, 3]:
            continue
        mix = np.uint64(ends_bits[i, a]) * np.uint64(0x9E3779B97F4A7C15)
        mix = (mix ^ (mix >> np.uint64(29)) ^ np.uint64(ends_bits[i, a + 1])) * np.uint64(0xBF58476D1CE4E5B9)
        mix = (mix ^ (mix >> np.uint64(32)) ^ np.uint64(ends_bits[i, b])) * np.uint64(0x94D049BB133111EB)
        mix = (mix ^ (mix >> np.uint64(29)) ^ np.uint64(ends_bits[i, b + 1])) * np.uint64(0x9E3779B97F4A7C15)
        slot = np.int64((mix ^ (mix >> np.uint64(32))) & np.uint64(size - 1))
        side = 0 if up else 1
        while True:
            edge = slots[slot]
            if edge < 0:
                slots[slot] = found
                out_ends[found, 0], out_ends[found, 1] = ends[i, a], ends[i, a + 1]
                out_ends[found, 2], out_ends[found, 3] = ends[i, b], ends[i, b + 1]
                out_sides[found, side], out_sides[found, 1 - side] = area[i], NOWHERE
                found += 1
                break
            if (
                out_sides[edge, side] == NOWHERE
                and out_ends[edge, 0] == ends[i, a]
                and out_ends[edge, 1] == ends[i, a + 1]
                and out_ends[edge, 2] == ends[i, b]
                and out_ends[edge, 3] == ends[i, b + 1]
            ):
                out_sides[edge, side] = area[i]
                break
            slot = (slot + 1) & (size - 1)
    return found


@compiled
def count_rows(ends, grid, shape, counts):  # type: ignore[no-untyped-def]
    """counts (height + 1,): how many edges come near each row, counted at row + 1."""
    for i in range(len(ends)):
        low = max(int(np.floor((ends[i, 1] - grid[1]) * grid[3] - SLACK)), 0)
        high = min(int(np.floor((ends[i, 3] - grid[1]) * grid[3] + SLACK)), shape[0] - 1)
        for row in range(low, high + 1):
            counts[row + 1] += 1


@compiled
def fill_rows(ends, grid, shape, place, first, last, edge):  # type: ignore[no-untyped-def]
    """The spans of columns that each edge comes near in each row, row after row; place (height,): where one begins."""
    for i in range(len(ends)):
        x1, y1 = (ends[i, 0] - grid[0]) * grid[2], (ends[i, 1] - grid[1]) * grid[3]
        x2, y2 = (ends[i, 2] - grid[0]) * grid[2], (ends[i, 3] - grid[1]) * grid[3]
        for row in range(max(int(np.floor(y1 - SLACK)), 0), min(int(np.floor(y2 + SLACK)), shape[0] - 1) + 1):
            xa, _, xb, _ = cut(x1, y1, x2, y2, row)
            at = place[row]
            first[at] = max(int(np.floor(min(xa, xb) - SLACK)), 0)
            last[at] = min(int(np.floor(max(xa, xb) + SLACK)), shape[1] - 1)
            edge[at] = i
            place[row] = at + 1


@compiled
def cut(x1, y1, x2, y2, row):  # type: ignore[no-untyped-def]
    """The part of an upward edge within a row and SLACK beside it."""
    xa, ya, xb, yb = x1, y1, x2, y2
    if y1 < row - SLACK:
        ya = row - SLACK
        xa = min(max(x1 + (ya - y1) / (y2 - y1) * (x2 - x1), min(x1, x2)), max(x1, x2))
    if y2 > row + 1 + SLACK:
        yb = row + 1 + SLACK
        xb = min(max(x1 + (yb - y1) / (y2 - y1) * (x2 - x1), min(x1, x2)), max(x1, x2))
    return xa, ya, xb, yb


@compiled
def fill_raster(ends, sides, grid, bounds, first, last, edge, raster, words, reals, several):  # type: ignore[no-untyped-def]
    """Rows of spans (bounds (height + 1,)) → raster (height, width) and words; reals: the same memory as float32.

    several (k, 3): row, first column, end of stretches that lie in several areas; their pixels are left NOWHERE.
    Returns (words used, stretches used).
    """
    used, stretches = 0, 0
    height, width = raster.shape
    for row in range(height):
        lo, hi = bounds[row], bounds[row + 1]
        order = lo + np.argsort(first[lo:hi], kind="mergesort")
        state, column, at = 0, 0, 0
        while at < hi - lo:
            left = first[order[at]]
            right = last[order[at]]
            end = at + 1
            while end < hi - lo and first[order[end]] <= right:
                right = max(right, last[order[end]])
                end += 1
            stretches = stretch(raster, several, stretches, row, column, left, state)
            raster[row, left : right + 1] = UNDECIDED - used
            column = right + 1
            tolerance = (right - left + 3) / 4194304.0 + 1e-7
            fits = abs(state) <= INT32 and tolerance < SLACK / 2
            words[used], words[used + 1], words[used + 2] = left, 0, state if fits else 2 * ONE
            reals[used + 3] = tolerance
            record = used + HEADER
            for k in range(at, end):
                i = edge[order[k]]
                x1, y1 = (ends[i, 0] - grid[0]) * grid[2], (ends[i, 1] - grid[1]) * grid[3]
                x2, y2 = (ends[i, 2] - grid[0]) * grid[2], (ends[i, 3] - grid[1]) * grid[3]
                change = 0
                if sides[i, 0] != NOWHERE:
                    change -= ONE + sides[i, 0] + 1
                if sides[i, 1] != NOWHERE:
                    change += ONE + sides[i, 1] + 1
                xa, ya, xb, yb = cut(x1, y1, x2, y2, row)
                reals[record], reals[record + 1] = xa - left, ya - row
                reals[record + 2], reals[record + 3] = xb - left, yb - row
                words[record + 4] = change
                record += EDGE
                if y1 <= row + 0.5 < y2:
                    state += change
            if fits:
                words[used + 1] = end - at
                used = record
            else:
                used += HEADER
            at = end
        stretches = stretch(raster, several, stretches, row, column, width, state)
    return used, stretches


@compiled
def stretch(raster, several, stretches, row, start, end, state):  # type: ignore[no-untyped-def]
    """Label the pixels between two runs."""
    if start >= end:
        return stretches
    if state >> BITS == 1:
        raster[row, start:end] = (state & LOW) - 1
    elif state != 0:
        several[stretches, 0], several[stretches, 1], several[stretches, 2] = row, start, end
        return stretches + 1
    return stretches


@compiled
def find(lon, lat, grid, raster, words, reals, out):  # type: ignore[no-untyped-def]
    """Label of each point (degrees), NOWHERE or UNDECIDED, into out; returns how many are UNDECIDED.

    raster is flat here; its first pixel lies in no area and stands for all that is outside.
    """
    x0, y0, sx, sy = grid[0], grid[1], grid[2], grid[3]
    width, height = grid[4], grid[5]
    columns = int(width)
    undecided = 0
    near = np.empty(BLOCK, dtype=np.int32)
    counts = np.empty(BLOCK, dtype=np.int32)
    for begin in range(0, len(lon), BLOCK):
        m = 0
        for i in range(begin, min(begin + BLOCK, len(lon))):
            x, y = (lon[i] - x0) * sx, (lat[i] - y0) * sy
            inside = (x >= 0) & (x < width) & (y >= 0) & (y < height)
            x, y = x if inside else 0.0, y if inside else 0.0
            label = raster[int(y) * columns + int(x)]
            out[i] = label
            near[m] = i
            m += label < NOWHERE
        for k in range(m):
            counts[k] = words[UNDECIDED - out[near[k]] + 1]
        for k in range(m):
            i = near[k]
            run = UNDECIDED - out[i]
            y = (lat[i] - y0) * sy
            label = resolve((lon[i] - x0) * sx - words[run], y - np.floor(y), run, counts[k], words, reals)
            out[i] = label
            undecided += label == UNDECIDED
    return undecided


@compiled
def resolve(x, y, run, n, words, reals):  # type: ignore[no-untyped-def]
    """The label of a place in a run, by crossing the run's edges from its left end."""
    state = np.int64(words[run + 2])
    tolerance = np.float64(reals[run + 3])
    doubtful = False
    for e in range(n):
        at = run + HEADER + EDGE * e
        x1, y1 = np.float64(reals[at]), np.float64(reals[at + 1])
        dx, dy = np.float64(reals[at + 2]) - x1, np.float64(reals[at + 3]) - y1
        side = dx * (y - y1) - dy * (x - x1)
        rise = y - y1
        doubtful |= (np.abs(side) <= tolerance * (np.abs(dx) + dy)) & (rise >= -tolerance) & (rise <= dy + tolerance)
        crossed = (side < 0) & (rise >= 0) & (y < np.float64(reals[at + 3]))
        state += words[at + 4] if crossed else 0
    if doubtful:
        return UNDECIDED
    if state == 0:
        return NOWHERE
    return (state & LOW) - 1 if state >> BITS == 1 else UNDECIDED


@compiled
def project(lon, lat, box, a, out):  # type: ignore[no-untyped-def]
    """The polynomials a (2, d, d) of a plane at each point; out (n, 2)."""
    west, south = box[0], box[1]
    across, along = 2 / (box[2] - west), 2 / (box[3] - south)
    d = a.shape[1]
    for k in range(len(lon)):
        u, v = (lon[k] - west) * across - 1, (lat[k] - south) * along - 1
        x, y = 0.0, 0.0
        for i in range(d - 1, -1, -1):
            p, q = 0.0, 0.0
            for j in range(d - 1, -1, -1):
                p, q = p * v + a[0, i, j], q * v + a[1, i, j]
            x, y = x * u + p, y * u + q
        out[k, 0], out[k, 1] = x, y


@compiled
def box_leaves(ends, boxes):  # type: ignore[no-untyped-def]
    """boxes (⌈n / FAN⌉, 4): around each FAN edges."""
    for k in range(len(boxes)):
        boxes[k, 0], boxes[k, 1], boxes[k, 2], boxes[k, 3] = np.inf, np.inf, -np.inf, -np.inf
        for i in range(k * FAN, min((k + 1) * FAN, len(ends))):
            boxes[k, 0] = min(boxes[k, 0], min(ends[i, 0], ends[i, 2]))
            boxes[k, 1] = min(boxes[k, 1], min(ends[i, 1], ends[i, 3]))
            boxes[k, 2] = max(boxes[k, 2], max(ends[i, 0], ends[i, 2]))
            boxes[k, 3] = max(boxes[k, 3], max(ends[i, 1], ends[i, 3]))


@compiled
def edge_distance(x, y, ends, i):  # type: ignore[no-untyped-def]
    """Square of the distance to an edge; the same number from all edges that meet where it is nearest."""
    x1, y1, x2, y2 = ends[i, 0], ends[i, 1], ends[i, 2], ends[i, 3]
    dx, dy = x2 - x1, y2 - y1
    t = (x - x1) * dx + (y - y1) * dy
    length = dx * dx + dy * dy
    if t <= 0:
        return (x - x1) * (x - x1) + (y - y1) * (y - y1)
    if t >= length:
        return (x - x2) * (x - x2) + (y - y2) * (y - y2)
    side = dx * (y - y1) - dy * (x - x1)
    return side * side / length


@compiled
def nearest(xy, ends, sides, boxes, levels, label, rank, own, only_own, reach, area, away):  # type: ignore[no-untyped-def]
    """The nearest area of each point by the distance to its edges, and that distance.

    xy (n, 2), own (n,): with only_own the label of the only areas that count, else of those that do not count
    (NOWHERE: all count; UNDECIDED: the point is left out); label, rank (areas,): of each area; reach: how far is
    looked; area, away (n,): the answers, NOWHERE and NaN if there is none within reach. Equally near: first in rank.
    """
    for k in range(len(xy)):
        area[k], away[k] = NOWHERE, np.nan
        if own[k] == UNDECIDED or len(ends) == 0:
            continue
        x, y, limit = xy[k, 0], xy[k, 1], reach * reach
        found, best = NOWHERE, limit
        if only_own:  # who stands in an area meets its border first, unless areas overlap
            found, best = descend(x, y, ends, sides, boxes, levels, label, rank, own[k], True, True, limit)
        if found == NOWHERE:
            found, best = descend(x, y, ends, sides, boxes, levels, label, rank, own[k], only_own, False, limit)
        if found != NOWHERE:
            area[k], away[k] = found, np.sqrt(best)


@compiled
def descend(x, y, ends, sides, boxes, levels, label, rank, own, only_own, any_stops, best):  # type: ignore[no-untyped-def]
    """(nearest area that counts, square of its distance) nearer than best; any_stops: none beyond any edge at all."""
    nodes = np.empty(FAN * 16, dtype=np.int64)
    heights = np.empty(FAN * 16, dtype=np.int64)
    far = np.empty(FAN * 16)
    found, depth = NOWHERE, 1
    nodes[0], heights[0], far[0] = 0, len(levels) - 2, 0.0
    while depth:
        depth -= 1
        if far[depth] > best:
            continue
        node, height = nodes[depth], heights[depth]
        if height == 0:
            for i in range(node * FAN, min((node + 1) * FAN, len(ends))):
                west, east = sides[i, 0], sides[i, 1]
                west_counts = west != NOWHERE and (label[west] == own) == only_own
                east_counts = east != NOWHERE and (label[east] == own) == only_own
                if not (west_counts or east_counts or any_stops):
                    continue
                d = edge_distance(x, y, ends, i)
                if d > best:
                    continue
                if d < best:
                    found, best = NOWHERE, d
                if west_counts and (found == NOWHERE or rank[west] < rank[found]):
                    found = west
                if east_counts and (found == NOWHERE or rank[east] < rank[found]):
                    found = east
            continue
        first = node * FAN
        begin = depth
        for child in range(first, min(first + FAN, levels[height] - levels[height - 1])):
            at = levels[height - 1] + child
            dx = max(max(boxes[at, 0] - x, x - boxes[at, 2]), 0.0)
            dy = max(max(boxes[at, 1] - y, y - boxes[at, 3]), 0.0)
            d = dx * dx + dy * dy
            if d > best:
                continue
            slot = depth  # the nearest on top
            while slot > begin and far[slot - 1] < d:
                far[slot], nodes[slot] = far[slot - 1], nodes[slot - 1]
                slot -= 1
            far[slot], nodes[slot], heights[depth] = d, child, height - 1
            depth += 1
    return found, best
