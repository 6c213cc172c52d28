"""From draws to the ledger's columns: positions, addresses, units and words of what was drawn."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from etl.demo.chance import Chance, Reals
from etl.demo.life import MOVE, NAMES, SECOND_US, STATE, Lives, Steps
from etl.demo.noticing import HOTLINE, PATROL, ROUND, SLOTS, SNAPSHOT, Noticed
from etl.demo.places import Ints, Places, addresses, positions
from weathermap.city.calendar import local_days
from weathermap.issue.batch import NONE, Moves, Reports
from weathermap.issue.book import Book

POINT_NAMED = 0.85  # of the reports at a declared point, so many name it
UNPLACED = 0.06  # of the hotline's calls about a special work: no position, only the leading unit
PATROL_WEIGHTS = (0.6, 0.18, 0.1, 0.06, 0.06)  # of the pack's patrol sources, in its order
NOTES: dict[str, tuple[str, ...]] = {
    "reject": ("不属创建受理范围", "与已有案卷重复", "现场未发现问题", "照片无法辨认"),
    "void": ("现场核实不存在", "重复交办", "属正常施工，不构成问题"),
    "suspend": ("需列入改造计划，挂账", "权属正在协调，缓办", "待雨季过后施工，缓办"),
    "extend": ("材料采购需时", "需多部门协同处置", "天气原因延期"),
    "check_fail": ("现场仍有残留，返工", "整改不彻底，返工", "反馈照片与现场不符，返工"),
    "reopen": ("问题反弹", "整改后再次出现"),
}


@dataclass(frozen=True)
class Placed:
    """Where drawn reports lie and who gets them; parallel arrays. Rows point into the pack; −1 none."""

    lon: Reals  # NaN without a position
    lat: Reals
    point: Ints
    town: Ints
    unit: Ints
    source: Ints
    given: NDArray[np.bool_]  # the source names the unit itself

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Placed:
        return Placed(*(getattr(self, f.name)[rows] for f in fields(self)))


def join_placed(parts: list[Placed]) -> Placed:
    """One after the other."""
    return Placed(*(np.concatenate([getattr(part, f.name) for part in parts]) for f in fields(Placed)))


def place(noticed: Noticed, where: Places, chance: Chance, sources: list[int]) -> Placed:
    """Locate and route what was drawn, by the same locator and router as the intake."""
    book, pack, key = where.book, where.book.pack, noticed.key
    lon, lat = positions(where, chance, key, noticed.spot)
    point = where.spots.point[noticed.spot]
    named = (noticed.kind == ROUND) | (chance.uniform("point", key) < POINT_NAMED)  # a round knows where it stands
    point = np.where(named, point, -1)
    lead = {special.code: book.units.get(special.unit, -1) for special in pack.specials}
    leading = np.array([lead.get(category.special, -1) for category in pack.categories], dtype=np.int64)[
        noticed.category
    ]
    given = (noticed.kind == HOTLINE) & (leading >= 0) & (chance.uniform("unplaced", key) < UNPLACED)
    lon, lat, point = np.where(given, np.nan, lon), np.where(given, np.nan, lat), np.where(given, -1, point)
    area = book.locator.locate(lon, lat)
    source = _sources(noticed, book, chance, sources)
    codes = np.array([category.code for category in pack.categories], dtype=object)[noticed.category]
    kinds = np.array([*(entry.kind for entry in pack.points), ""], dtype=object)[point]
    coded = np.array([entry.code for entry in pack.sources], dtype=object)[source]
    days = local_days((noticed.at * SECOND_US).astype(np.int64), pack.config.timezone)
    unit = book.router.route(codes, area, kinds, coded, days).unit.astype(np.int64)
    town = np.where(area >= 0, where.town_of[area], -1).astype(np.int64)
    return Placed(lon, lat, point, town, np.where(given, leading, unit), source, given)


def _sources(noticed: Noticed, book: Book, chance: Chance, sources: list[int]) -> Ints:
    """The pack's source of each report; patrols' reports are spread over its patrols of several kinds."""
    found = np.array(sources, dtype=np.int64)[noticed.kind]
    patrols = np.array([i for i, s in enumerate(book.pack.sources) if s.kind == "patrol"][: len(PATROL_WEIGHTS)])
    ends = np.cumsum(PATROL_WEIGHTS[: len(patrols)])
    drawn = patrols[np.searchsorted(ends, chance.uniform("patrol", noticed.key) * ends[-1])]
    return np.where(noticed.kind == PATROL, drawn, found)


def begin(noticed: Noticed, placed: Placed) -> Lives:
    """Lives just reported."""
    n = len(noticed)
    nothing = np.full(n, np.nan)
    return Lives(
        key=noticed.key,
        kind=noticed.kind,
        unit=placed.unit.copy(),
        town=placed.town.copy(),
        category=noticed.category,
        state=np.full(n, STATE["reported"], dtype=np.int64),
        seq=np.ones(n, dtype=np.int64),
        last=noticed.at.copy(),
        notified=nothing.copy(),
        deadline=nothing.copy(),
        suspended=nothing.copy(),
        extended=np.zeros(n, dtype=bool),
    )


def write_reports(noticed: Noticed, placed: Placed, where: Places, chance: Chance) -> Reports:
    """The reports' columns, in the order given."""
    pack, n = where.book.pack, len(noticed)
    units = np.array([unit.code for unit in pack.units], dtype=object)
    gps = np.where(noticed.kind == SNAPSHOT, np.round(4 + 40 * chance.uniform("gps", noticed.key) ** 2, 1), np.nan)
    return Reports(
        source=np.array([source.code for source in pack.sources], dtype=object)[placed.source],
        source_key=source_keys(noticed.key),
        category=np.array([category.code for category in pack.categories], dtype=object)[noticed.category],
        lon=placed.lon,
        lat=placed.lat,
        reported_at=_microseconds(noticed.at),
        address=np.array(addresses(where, chance, noticed.key, noticed.spot), dtype=object),
        point=np.array([*(point.code for point in pack.points), ""], dtype=object)[placed.point],
        unit=np.where(placed.given, units[placed.unit], ""),
        deadline=np.full(n, NONE, dtype=np.int64),
        error_m=gps,
        flag=np.where(np.isnan(placed.lon), "missing", "").astype(object),
        closed_early=np.zeros(n, dtype=bool),
    )


def write_moves(steps: Steps, lives: Lives, source: Ints, where: Places, chance: Chance) -> Moves:
    """The moves' columns in order of time; `source`: row of each life's source in the pack."""
    steps = steps.take(np.lexsort((steps.seq, steps.at)))
    pack, key = where.book.pack, lives.key[steps.row]
    notes = np.full(len(steps), "", dtype=object)
    for move, words in NOTES.items():
        rows = np.flatnonzero(steps.move == MOVE[move])
        notes[rows] = np.array(words, dtype=object)[chance.whole("note", key[rows], len(words), steps.seq[rows])]
    return Moves(
        source=np.array([entry.code for entry in pack.sources], dtype=object)[source[steps.row]],
        source_key=source_keys(lives.key)[steps.row],
        move=np.array(NAMES, dtype=object)[steps.move],
        at=_microseconds(steps.at),
        actor=_actors(steps, lives, where.book, chance),
        until=_microseconds(steps.until),
        note=notes,
    )


def _actors(steps: Steps, lives: Lives, book: Book, chance: Chance) -> NDArray[np.object_]:
    """Units' own people feed back; supervisors hand over, inspectors check, commanders approve."""
    people = book.pack.people
    codes = np.array([*(person.code for person in people), ""], dtype=object)
    key = lives.key[steps.row]
    found = np.full(len(steps), len(people), dtype=np.int64)
    for roles, moves in (
        (("supervisor", "inspector"), ("dispatch", "reject")),
        (("inspector", "supervisor"), ("check_pass", "check_fail", "reopen")),
        (("commander", "supervisor"), ("suspend", "resume", "extend", "void")),
    ):
        able = next((rows for role in roles if (rows := [i for i, p in enumerate(people) if p.role == role])), [])
        rows = np.flatnonzero(np.isin(steps.move, [MOVE[move] for move in moves]))
        if able:
            found[rows] = np.array(able)[chance.whole(f"actor/{roles[0]}", key[rows], len(able), steps.seq[rows])]
    rows = np.flatnonzero((steps.move == MOVE["feed_back"]) & (lives.unit[steps.row] >= 0))
    found[rows] = _handlers(book)[lives.unit[steps.row[rows]], chance.whole("actor/handler", key[rows], 2)]
    return codes[found]


def _handlers(book: Book) -> Ints:
    """Two handlers of each unit, else its head, else the row past the last person; shape (n units, 2)."""
    people = book.pack.people
    found = np.full((len(book.pack.units), 2), len(people), dtype=np.int64)
    for unit, code in enumerate(entry.code for entry in book.pack.units):
        own = [i for i, p in enumerate(people) if p.unit == code and p.role == "handler"]
        own = own or [i for i, p in enumerate(people) if p.unit == code and p.role == "head"]
        if own:
            found[unit] = own[0], own[-1]
    return found


def source_keys(key: Ints) -> NDArray[np.object_]:
    """yyyymmdd-slot as the ledger writes it."""
    return np.array([f"{k // SLOTS}-{k % SLOTS:07d}" for k in key.tolist()], dtype=object)


def key_of(source_key: str) -> int:
    """The key of a stored issue of the demo."""
    return int(source_key.replace("-", ""))


def _microseconds(at: Reals) -> NDArray[np.int64]:
    known = np.isfinite(at)
    return np.where(known, np.where(known, at, 0.0).astype(np.int64) * SECOND_US, NONE)
