"""Random but legal lives of issues and visits on a pack: what tests feed the intake with."""

from __future__ import annotations

import random
from dataclasses import fields

import numpy as np

from weathermap.city.pack import Pack
from weathermap.issue.batch import NONE, Batch, Moves, Reports, Visits
from weathermap.issue.workflow import ASKED, ENDED, MOVES, OPEN, OWN, SAME

DAY_US = 86_400_000_000
USUAL = ("dispatch", "feed_back", "check_pass")  # so that a good part of all lives gets to its end
RARE = ("report", "merge", "split")
DONE = (*ASKED, *OWN)  # moves that a life makes in ways of their own
Rows = list[tuple[object, ...]]


def columns(kind: type, rows: Rows) -> object:
    """Rows as parallel columns of `kind`."""
    whole = {"reported_at", "deadline", "at", "until", "start", "end"}
    real = {"lon", "lat", "error_m"}
    names = [field.name for field in fields(kind)][: len(rows[0]) if rows else -3 if kind is Moves else None]
    found = {}
    for i, name in enumerate(names):
        dtype = (
            np.int64 if name in whole else np.float64 if name in real else bool if name == "closed_early" else object
        )
        found[name] = np.array([row[i] for row in rows], dtype=dtype)
    return kind(**found)


def life(pack: Pack, seed: int, issues: int, now_us: int, handed_on: bool = False) -> list[Batch]:
    """The same lives in three batches, one after the other; some moves lie on one second, some ahead of now.

    `handed_on`: some are handed on to other units.
    """
    chance, asking = random.Random(seed), random.Random(-seed)
    reports: Rows = []
    moves: list[Rows] = [[], [], []]
    first: Rows = []
    for k in range(issues):
        at = now_us - chance.randrange(40 * DAY_US)
        source, key = chance.choice(pack.sources).code, f"{seed}-{k}"
        lon, lat = position(pack, chance)
        category = chance.choice(pack.categories).code
        point = pack.points[k % len(pack.points)].code if pack.points and k % 5 == 0 else ""
        reports.append((source, key, category, lon, lat, at, "路边\t1 号\\", point, "", NONE, float("nan"), "", False))
        batch, state = 0, "reported"
        for _ in range(chance.randrange(14)):
            legal = [m for m in MOVES.values() if state in m.sources and m.target != SAME and m.name not in RARE]
            if not legal:
                break
            move = chance.choices(legal, [4 if m.name in USUAL else 1 for m in legal])[0]
            if move.name == "void":  # an issue ends in one of three ways
                move = MOVES[ENDED[k % 3]] if state in MOVES[ENDED[k % 3]].sources else move
            at += chance.choice([0, 1_000_000, 3_600_000_000, 2 * DAY_US, 9 * DAY_US])
            until = at + chance.randrange(12) * DAY_US if move.name == "extend" and chance.random() < 0.8 else NONE
            batch = min(batch + (chance.random() < 0.4), 2)
            moves[batch].append((source, key, move.name, at, "", until, "", ""))
            state = move.target
            if state in OPEN and asking.random() < 0.3:  # asked for: the state stays
                asked, term = asking.choice(ASKED), at + asking.choice([0, 1, 5]) * DAY_US
                moves[batch].append((source, key, asked, at, "", term if term > at else NONE, "限期整改", ""))
            stays = [m.name for m in MOVES.values() if state in m.sources and m.target == SAME and m.name not in DONE]
            if stays and asking.random() < 0.3:
                moves[batch].append((source, key, asking.choice(stays), at, "", NONE, "", ""))
            if handed_on and pack.units and state in MOVES["reassign"].sources and asking.random() < 0.2:
                unit, at = asking.choice(pack.units).code, at + asking.choice([0, 1_000_000, DAY_US])
                moves[batch].append((source, key, "reassign", at, "", NONE, "改派", unit))
        first.append((key,))
    return [
        Batch(columns(Reports, reports if i == 0 else []), columns(Moves, moves[i]), visits(pack, chance, i, now_us))  # type: ignore[arg-type]
        for i in range(3)
    ]


def position(pack: Pack, chance: random.Random) -> tuple[float, float]:
    """Mostly inside the city, sometimes on a corner of two areas, sometimes outside or missing."""
    case = chance.random()
    if case < 0.1:
        return float("nan"), float("nan")
    geom = chance.choice(list(pack.finest.geoms))
    if case < 0.3:
        x, y = geom.exterior.coords[0] if geom.geom_type == "Polygon" else geom.geoms[0].exterior.coords[0]
        return float(x), float(y)
    if case < 0.4:
        return 0.5, 0.5
    inside = geom.representative_point()
    return inside.x, inside.y


def visits(pack: Pack, chance: random.Random, part: int, now_us: int) -> Visits | None:
    """Visits in no order, some of them 30 days apart to the second."""
    if not pack.points:
        return None
    rows: Rows = []
    for k in range(12):
        start = now_us - chance.choice([0, 1, 29, 30, 31, 60]) * DAY_US - chance.choice([0, 0, 5_000_000])
        rows.append((f"{part}-{k}", "patrol", chance.choice(pack.points).code, "", start, start + 600_000_000))
    return columns(Visits, rows)  # type: ignore[return-value]
