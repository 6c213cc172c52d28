"""The toy city with many declared points, visits and issues at them: what a real city's inspectors filter."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from sqlalchemy import Engine

from tests.store.random_life import DAY_US, columns
from weathermap.city.reading import read_pack
from weathermap.issue.batch import NONE, Batch, Moves, Reports, Visits
from weathermap.issue.intake import take_in
from weathermap.store.cities import load_pack
from weathermap.store.registry import open_city
from weathermap.tally.fold import fold

TOY = Path(__file__).parent / "packs" / "toy"
KINDS = 41
PLACES = ("市场", "公园", "学校", "小区", "背街", "广场", "医院", "车站", "书店", "公厕")


def write_pack(folder: Path, many: int) -> Path:
    """The toy pack with `many` points of KINDS kinds, each with three standards."""
    shutil.copytree(TOY, folder)
    chance = random.Random(7)
    cells = list(read_pack(TOY).finest.geoms)
    units = [unit.code for unit in read_pack(TOY).units]
    inspectors = [person.code for person in read_pack(TOY).people if person.role == "inspector"]
    kinds = [f"D{k:02}" for k in range(1, KINDS + 1)]
    old = ("market", "street", "estate")  # that duties name
    rows = [f"{kind},第{k}类点位,Kind {k}" for k, kind in enumerate(kinds, 1)]
    (folder / "point_kinds.csv").write_text("\n".join(["code,name,name_en", *(f"{k},{k},{k}" for k in old), *rows, ""]))
    standards = [f"{kind}-{n},{kind},标准{n},Standard {n},第{n}条,2026,E0102" for kind in kinds for n in (1, 2, 3)]
    kept = (folder / "standards.csv").read_text().rstrip("\n")
    (folder / "standards.csv").write_text("\n".join([kept, *standards, ""]))
    lines = ["code,kind,name,name_en,lon,lat,unit,address,declared_on,person"]
    for k in range(many):
        spot = chance.choice(cells).representative_point()
        lon, lat = spot.x + chance.uniform(-4e-4, 4e-4), spot.y + chance.uniform(-4e-4, 4e-4)
        name = f"{chance.choice(PLACES)}{k + 1}号"
        kind, unit = chance.choice(kinds), chance.choice(units)
        who = chance.choice(inspectors)
        lines.append(f"P{k + 1:04},{kind},{name},Point {k + 1},{lon:.6f},{lat:.6f},{unit},{k + 1} 路,,{who}")
    (folder / "points.csv").write_text("\n".join([*lines, ""]))
    return folder


def fill(engine: Engine, folder: Path, issues: int) -> None:
    """Load the pack; nine points of ten visited, most of them lately; `issues` open at points, a third overdue."""
    pack, chance = read_pack(folder), random.Random(8)
    now = time.time_ns() // 1_000
    seen: list[tuple[object, ...]] = []
    for point in pack.points:
        if chance.random() < 0.9:
            start = now - int(chance.uniform(0.1, 36) * DAY_US)
            seen.append((f"v-{point.code}", "patrol", point.code, "", start, start + 600_000_000))
    reports: list[tuple[object, ...]] = []
    moves: list[tuple[object, ...]] = []
    for k in range(issues):
        source, category, point = pack.sources[0].code, chance.choice(pack.categories).code, chance.choice(pack.points)
        at = now - (40 if k % 3 == 0 else 0) * DAY_US - 1_000_000
        key, nan = f"m-{k}", float("nan")
        reports.append((source, key, category, nan, nan, at, point.address, point.code, "", NONE, nan, "", False))
        moves.append((source, key, "dispatch", at, "", NONE, ""))
    with engine.begin() as connection:
        load_pack(connection, pack)
        batch = Batch(columns(Reports, reports), columns(Moves, moves), columns(Visits, seen))  # type: ignore[arg-type]
        take_in(connection, open_city(connection), batch)
    fold(engine)
