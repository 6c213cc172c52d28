"""The compiled loops of the locator: building the label raster, reading it, measuring distances.

**The raster.** Pixel (row, column) of a point is ⌊(lat − y0)·sy⌋, ⌊(lon − x0)·sx⌋, computed alike everywhere. A pixel
that no border comes near holds its area's label. Along a row, neighbouring pixels that borders do come near form a
*run*; a run is cut into *chunks* of some pixels with few edges each, and such a pixel holds which chunk it belongs to.

**The state** of a place is Σ (2²⁴ + label + 1) over the areas that hold it: 0 in none, 2²⁴ + label + 1 in exactly one.
Crossing an edge eastward adds the edge's change, so the state of a point is that at its chunk's left end plus the
changes of the chunk's edges west of it: a ray a few pixels long, with no search and no list of candidates.

**A chunk** is one line of the processor's cache, 64 bytes (more where it has more than four edges): x1, y1, x2, y2 of
four upward edges, cut to the chunk, as int16; the four changes; the state at the lower left corner, the first column,
units a pixel along x, lines. What lies west of the chunk is pushed onto its left end: an edge that crosses it at height
c is an upright edge there, from c to the top. So a state holds at the corner, whatever happens along the left end.

**Exact**, though the edges are kept in steps of some millimetres: a point farther than a step from each kept edge is on
the same side of it as of the true one, for then no edge passes the point on its way from the true place to the kept
one. The few others, and places in several areas at once, come back as UNDECIDED and shapely decides them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

NOWHERE = -1
UNDECIDED = -2
BITS = 24
ONE = 1 << BITS  # what one area adds to a state, beside its label + 1
LOW = ONE - 1
LANES = 4  # edges in a line
LINE = 16  # int32 words in a line: 8 of coordinates, 4 changes, then
STATE, COLUMN, SCALE, LINES = 12, 13, 14, 15
WIDEST = 16  # columns of a chunk
UNITS = 32000  # coordinates run from −UNITS to UNITS over a row's height, or a chunk's width, and SLACK beside it
FAR = 32767  # where the edges that a line lacks lie
SLACK = 1.0 / 256  # pixels that a border is thought to be wider on each side when pixels are marked
BLOCK = 512  # points whose pixels are fetched together, so that the memory's waits overlap
MOST = 2**28  # of a change or a state that fits into a line: what 15 areas add
DOUBT = 2**40


def compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Compiled on first use and kept on disk, where there is a place for it."""
    try:
        return njit(nogil=True, cache=True, error_model="numpy")(loop)
    except RuntimeError:  # neither beside the source nor in the user's cache folder can be written
        return njit(nogil=True, error_model="numpy")(loop)


def fixed(array: NDArray[Any], kind: type) -> NDArray[Any]:
    """In one piece, of this type, read-only: the one kind of array that the loops are compiled for."""
    view: NDArray[Any] = np.ascontiguousarray(array, dtype=kind).view()
    view.flags.writeable = False
    return view


@compiled
def merge_edges(ends, area, ends_bits, out_ends, out_sides):
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
def count_rows(ends, grid, shape, counts):
    """counts (height + 1,): how many edges come near each row, counted at row + 1."""
    for i in range(len(ends)):
        low = max(int(np.floor((ends[i, 1] - grid[1]) * grid[3] - SLACK)), 0)
        high = min(int(np.floor((ends[i, 3] - grid[1]) * grid[3] + SLACK)), shape[0] - 1)
        for row in range(low, high + 1):
            counts[row + 1] += 1


@compiled
def fill_rows(ends, grid, shape, place, first, last, edge):
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
def cut(x1, y1, x2, y2, row):
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
def fill_raster(ends, sides, grid, bounds, first, last, edge, raster, lines, several):
    """Rows of spans (bounds (height + 1,)) → raster (height, width) and lines: (int32, int16 and float32 views, each
    flat, of one memory).

    several (k, 3): row, first column, end of stretches that lie in several areas; their pixels are left NOWHERE.
    Returns (lines used, stretches used).
    """
    used, stretches = np.int64(0), np.int64(0)
    height, width = np.int64(raster.shape[0]), np.int64(raster.shape[1])
    for row in range(height):
        lo, hi = bounds[row], bounds[row + 1]
        order = lo + np.argsort(first[lo:hi], kind="mergesort")
        cuts = np.empty((hi - lo, 4))
        changes = np.empty(hi - lo, dtype=np.int64)
        starts = np.empty(hi - lo, dtype=np.int32)
        stops = np.empty(hi - lo, dtype=np.int32)
        for k in range(hi - lo):
            at = order[k]
            i = edge[at]
            x1, y1 = (ends[i, 0] - grid[0]) * grid[2], (ends[i, 1] - grid[1]) * grid[3]
            x2, y2 = (ends[i, 2] - grid[0]) * grid[2], (ends[i, 3] - grid[1]) * grid[3]
            cuts[k, 0], cuts[k, 1], cuts[k, 2], cuts[k, 3] = cut(x1, y1, x2, y2, row)
            changes[k] = worth(sides[i, 1]) - worth(sides[i, 0])
            starts[k], stops[k] = first[at], last[at]
        state, column, begin = np.int64(0), np.int64(0), np.int64(0)
        while begin < hi - lo:
            left, right, end = np.int64(starts[begin]), np.int64(stops[begin]), begin + 1
            while end < hi - lo and starts[end] <= right:
                right = max(right, np.int64(stops[end]))
                end += 1
            stretches = stretch(raster, several, stretches, row, column, left, state)
            run = slice(begin, end)
            used = fill_run(
                cuts[run], changes[run], starts[run], stops[run], row, left, right, state, raster, lines, used
            )
            for k in range(begin, end):
                if cuts[k, 1] <= row + 0.5 < cuts[k, 3]:
                    state += changes[k]
            column, begin = right + 1, end
        stretches = stretch(raster, several, stretches, row, column, width, state)
    return used, stretches


@compiled
def worth(label):
    """What an area adds to the state of a place in it."""
    return np.int64(ONE + label + 1) if label != NOWHERE else np.int64(0)


@compiled
def fill_run(cuts, changes, starts, stops, row, left, right, state, raster, lines, used):
    """Cut a run into chunks, each as wide as LANES edges allow. Returns the lines used."""
    low = row - SLACK
    a = left
    while a <= right:
        west = a - SLACK
        corner, crossing = state, np.int64(0)
        for k in range(len(cuts)):
            if a > left:
                if cuts[k, 1] <= low < cuts[k, 3] and cuts[k, 0] < west:
                    corner += changes[k]
                crossing += (cuts[k, 0] < west) != (cuts[k, 2] < west)
        b, edges = a - 1, np.int64(0)
        while b < right and b - a + 1 < WIDEST:
            wider = np.int64(0)
            for k in range(len(cuts)):
                wider += starts[k] <= b + 1 and stops[k] >= a
            if b >= a and crossing + wider > LANES:
                break
            b, edges = b + 1, wider
        n = -(-(edges + crossing) // LANES)
        raster[row, a : b + 1] = UNDECIDED - used
        fill_chunk(cuts, changes, starts, stops, row, a, b, a > left, corner, lines, used, n)
        used += n
        a = b + 1
    return used


@compiled
def fill_chunk(cuts, changes, starts, stops, row, a, b, inner, corner, lines, used, n):
    """Write the n lines of the chunk of columns a to b."""
    words, shorts, reals = lines
    west, east = a - SLACK, b + 1 + SLACK
    scale = 2 * UNITS / (b - a + 1)
    words[used * LINE : (used + n) * LINE] = 0
    for line in range(used, used + n):
        shorts[line * 2 * LINE : line * 2 * LINE + 4 * LANES] = FAR
    fits = np.abs(corner) <= MOST
    record = np.int64(0)
    for k in range(len(cuts)):
        xa, ya, xb, yb = cuts[k, 0], cuts[k, 1], cuts[k, 2], cuts[k, 3]
        fits &= np.abs(changes[k]) <= MOST
        if inner and (xa < west) != (xb < west):
            c = min(max(ya + (west - xa) / (xb - xa) * (yb - ya), ya), yb)
            upright = changes[k] if xb < west else -changes[k]
            write(words, shorts, used, record, 0.0, c - row, 0.0, 1 + SLACK, scale, upright, True)
            record += 1
            if xa < west:
                xa, ya = west, c
            else:
                xb, yb = west, c
        elif inner and xa < west:
            continue
        if starts[k] > b or stops[k] < a:
            continue
        if (xa > east) != (xb > east):
            c = min(max(ya + (east - xa) / (xb - xa) * (yb - ya), ya), yb)
            if xa > east:
                xa, ya = east, c
            else:
                xb, yb = east, c
        elif xa > east:
            continue
        write(words, shorts, used, record, xa - a, ya - row, xb - a, yb - row, scale, changes[k], False)
        record += 1
    words[used * LINE + STATE] = corner if fits else 2 * ONE
    words[used * LINE + COLUMN] = a
    reals[used * LINE + SCALE] = scale
    words[used * LINE + LINES] = n if fits else 0


@compiled
def write(words, shorts, used, record, xa, ya, xb, yb, scale, change, upright):
    """One edge of a chunk; places in pixels from its lower left corner."""
    line = used + record // LANES
    lane = record % LANES
    at = line * 2 * LINE + lane
    edge_of_chunk = -UNITS - np.int64(np.round(SLACK * scale))
    shorts[at] = edge_of_chunk if upright else np.int64(np.round(xa * scale)) - UNITS
    shorts[at + LANES] = np.int64(np.round(ya * 2 * UNITS)) - UNITS
    shorts[at + 2 * LANES] = edge_of_chunk if upright else np.int64(np.round(xb * scale)) - UNITS
    shorts[at + 3 * LANES] = np.int64(np.round(yb * 2 * UNITS)) - UNITS
    words[line * LINE + 2 * LANES + lane] = change


@compiled
def stretch(raster, several, stretches, row, start, end, state):
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
def find(lon, lat, grid, raster, words, reals, out):
    """Label of each point (degrees), NOWHERE or UNDECIDED, into out; returns how many are UNDECIDED.

    raster is flat here; its first pixel lies in no area and stands for all that is outside.
    """
    x0, y0, sx, sy = grid[0], grid[1], grid[2], grid[3]
    width, height = grid[4], grid[5]
    columns = int(width)
    undecided = 0
    near = np.empty(BLOCK, dtype=np.int32)
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
            prefetch(words, np.int64(UNDECIDED - out[near[k]]) * LINE)
        for k in range(m):
            i = near[k]
            line = np.int64(UNDECIDED - out[i])
            x, y = (lon[i] - x0) * sx - words[line * LINE + COLUMN], (lat[i] - y0) * sy
            u = np.float32(x * reals[line * LINE + SCALE] - UNITS)
            v = np.float32((y - np.floor(y)) * (2 * UNITS) - UNITS)
            label = resolve(u, v, line, words[line * LINE + LINES], words)
            out[i] = label
            undecided += label == UNDECIDED
    return undecided


@intrinsic
def prefetch(typing, words, at):
    """Have the line of the cache that holds words[at] fetched, without waiting for it."""

    def generate(context, builder, signature, given):
        memory = context.make_array(signature.args[0])(context, builder, given[0]).data
        place = builder.bitcast(builder.gep(memory, [given[1]]), ir.PointerType(ir.IntType(8)))
        number = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [place.type, number, number, number])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        builder.call(function, [place, number(0), number(3), number(1)])  # to read, to keep, data
        return context.get_dummy_value()

    return types.void(words, types.int64), generate


@intrinsic
def cross(typing, words, line, u, v):
    """(words, line, u, v) → what crossing the line's four edges from the left to (u, v) adds to the state, or DOUBT
    if the point is too near one of them. All four at once: written out, since LLVM would not find that by itself."""

    def generate(context, builder, signature, given):
        array, line, u, v = given
        start = builder.mul(line, line.type(LINE))
        memory = context.make_array(signature.args[0])(context, builder, array).data
        four, real = ir.VectorType(ir.IntType(32), LANES), ir.VectorType(ir.FloatType(), LANES)

        def load(offset, kind):
            place = builder.gep(memory, [builder.add(start, start.type(offset))])
            found = builder.load(builder.bitcast(place, ir.PointerType(kind)), typ=kind)
            found.align = 8
            return found

        def coordinates(k):
            short = load(k * LANES // 2, ir.VectorType(ir.IntType(16), LANES))
            return builder.sitofp(builder.sext(short, four), real)

        def all_lanes(value, kind):
            vector = ir.Constant(kind, ir.Undefined)
            for lane in range(LANES):
                vector = builder.insert_element(vector, value, ir.IntType(32)(lane))
            return vector

        u, v = all_lanes(u, real), all_lanes(v, real)
        x1, y1, x2, y2 = (coordinates(k) for k in range(4))
        zero, step = ir.Constant(real, [0.0] * LANES), ir.Constant(real, [1.0] * LANES)
        dx, dy = builder.fsub(x2, x1), builder.fsub(y2, y1)
        side = builder.fsub(builder.fmul(dx, builder.fsub(v, y1)), builder.fmul(dy, builder.fsub(u, x1)))
        width = builder.select(builder.fcmp_ordered("<", dx, zero), builder.fsub(zero, dx), dx)
        reach = builder.fadd(width, dy)
        near = builder.fcmp_ordered("<=", side, reach)
        near = builder.and_(near, builder.fcmp_ordered(">=", side, builder.fsub(zero, reach)))
        near = builder.and_(near, builder.fcmp_ordered(">=", v, builder.fsub(y1, step)))
        near = builder.and_(near, builder.fcmp_ordered("<=", v, builder.fadd(y2, step)))
        east = builder.fcmp_ordered("<", side, zero)
        east = builder.and_(east, builder.fcmp_ordered(">=", v, y1))
        east = builder.and_(east, builder.fcmp_ordered("<", v, y2))
        changes = builder.select(east, load(2 * LANES, four), ir.Constant(four, [0] * LANES))
        doubt = builder.bitcast(near, ir.IntType(LANES))
        added = ir.IntType(32)(0)
        for lane in range(LANES):
            added = builder.add(added, builder.extract_element(changes, ir.IntType(32)(lane)))
        added = builder.sext(added, ir.IntType(64))
        return builder.select(builder.icmp_signed("!=", doubt, doubt.type(0)), added.type(DOUBT), added)

    return types.int64(words, types.int64, types.float32, types.float32), generate


@compiled
def resolve(u, v, line, n, words):
    """The label of a place in a chunk of n lines, by crossing its edges from the left."""
    state = np.int64(words[line * LINE + STATE])
    for each in range(line, line + n):
        state += cross(words, each, u, v)
    if state == 0:
        return NOWHERE
    return (state & LOW) - 1 if state >> BITS == 1 else UNDECIDED


@compiled
def project(lon, lat, box, a, out):
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
def bins_of(units, i, frame):
    """First and last column, first and last row of the bins that an edge's box touches."""
    west, east = min(units[i, 0], units[i, 2]), max(units[i, 0], units[i, 2])
    south, north = min(units[i, 1], units[i, 3]), max(units[i, 1], units[i, 3])
    c1, c2 = int(np.floor((west - frame[1]) / frame[3])), int(np.floor((east - frame[1]) / frame[3]))
    r1, r2 = int(np.floor((south - frame[2]) / frame[3])), int(np.floor((north - frame[2]) / frame[3]))
    columns, rows = int(frame[4]), int(frame[5])
    return (
        min(max(c1, 0), columns - 1),
        min(max(c2, 0), columns - 1),
        min(max(r1, 0), rows - 1),
        min(max(r2, 0), rows - 1),
    )


@compiled
def count_bins(units, frame, counts):
    """counts (bins + 1,): edges of each bin, counted at bin + 1."""
    for i in range(len(units)):
        c1, c2, r1, r2 = bins_of(units, i, frame)
        for row in range(r1, r2 + 1):
            for column in range(c1, c2 + 1):
                counts[row * int(frame[4]) + column + 1] += 1


@compiled
def fill_bins(units, sides, frame, place, out_units, out_sides):
    """The edges of each bin, bin after bin; place (bins,): where one begins."""
    for i in range(len(units)):
        c1, c2, r1, r2 = bins_of(units, i, frame)
        for row in range(r1, r2 + 1):
            for column in range(c1, c2 + 1):
                at = place[row * int(frame[4]) + column]
                place[row * int(frame[4]) + column] = at + 1
                out_units[at], out_sides[at] = units[i], sides[i]


@compiled
def nearest(xy, frame, starts, units, flanks, label, rank, own, only_own, reach, area, away):
    """The nearest area of each point by the distance to its edges, and that distance.

    xy (n, 2), metres; own (n,): with only_own the label of the only areas that count, else of those that do not count
    (NOWHERE: all count; UNDECIDED: the point is left out); label, rank (areas,): of each area; reach: how far is
    looked, metres; area, away (n,): the answers, NOWHERE and NaN without one. Of equally near ones the first in rank.
    """
    unit, side = frame[0], frame[3]
    columns, rows = int(frame[4]), int(frame[5])
    for k in range(len(xy)):
        area[k], away[k] = NOWHERE, np.nan
        if own[k] == UNDECIDED or len(units) == 0:
            continue
        x, y = xy[k, 0] / unit, xy[k, 1] / unit
        # The place in the bins' ground that is nearest to the point; whatever lies there is at least as far from it.
        px = min(max(x, frame[1]), frame[1] + columns * side)
        py = min(max(y, frame[2]), frame[2] + rows * side)
        beyond = (x - px) * (x - px) + (y - py) * (y - py)
        column, row = min(int((px - frame[1]) / side), columns - 1), min(int((py - frame[2]) / side), rows - 1)
        inset = min(
            min(px - frame[1] - column * side, frame[1] + (column + 1) * side - px),
            min(py - frame[2] - row * side, frame[2] + (row + 1) * side - py),
        )
        found, best = NOWHERE, (reach / unit) * (reach / unit)
        last = max(max(column, columns - 1 - column), max(row, rows - 1 - row))
        for ring in range(1, last + 2):  # the first is the point's bin and those around it
            clear = (ring - 1) * side + inset if ring > 1 else 0.0
            if beyond + clear * clear > best:
                break
            west, east = max(column - ring, 0), min(column + ring, columns - 1)
            for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
                at = r * columns
                if ring == 1 or r == row - ring or r == row + ring:
                    found, best = scan(
                        x, y, starts[at + west], starts[at + east + 1], units, flanks, label, rank, own[k], only_own,
                        found, best,
                    )  # fmt: skip
                    continue
                if column - ring >= 0:
                    at = r * columns + column - ring
                    found, best = scan(
                        x, y, starts[at], starts[at + 1], units, flanks, label, rank, own[k], only_own, found, best
                    )
                if column + ring < columns:
                    at = r * columns + column + ring
                    found, best = scan(
                        x, y, starts[at], starts[at + 1], units, flanks, label, rank, own[k], only_own, found, best
                    )
        if found != NOWHERE:
            area[k], away[k] = found, np.sqrt(best) * unit


@compiled
def scan(x, y, start, stop, units, flanks, label, rank, own, only_own, found, best):
    """(nearest area that counts, square of its distance) after a stretch of edges. Edges that meet where they are
    nearest give the same number to the last bit."""
    for i in range(start, stop):
        x1, y1, x2, y2 = (
            np.float64(units[i, 0]),
            np.float64(units[i, 1]),
            np.float64(units[i, 2]),
            np.float64(units[i, 3]),
        )
        dx, dy = x2 - x1, y2 - y1
        length = dx * dx + dy * dy
        along = (x - x1) * dx + (y - y1) * dy
        if along <= 0:
            d = (x - x1) * (x - x1) + (y - y1) * (y - y1)
        elif along >= length:
            d = (x - x2) * (x - x2) + (y - y2) * (y - y2)
        else:
            off = dx * (y - y1) - dy * (x - x1)
            d = off * off / length
        if d > best:
            continue
        for flank in range(2):
            area = flanks[i, flank]
            if area != NOWHERE and (label[area] == own) == only_own:
                if d < best or found == NOWHERE or rank[area] < rank[found]:
                    found = area
                best = d
    return found, best
