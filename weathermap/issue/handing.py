"""Handing an issue over to the unit that answers for it, and on to another."""

from __future__ import annotations

from weathermap.errors import UnknownName
from weathermap.issue.appending import Plan, append, post
from weathermap.issue.batch import NONE, Moves
from weathermap.issue.track import SECOND_US, Track
from weathermap.store.registry import City


def actor_of(moves: Moves, row: int, city: City) -> int:
    person = city.book.people.get(moves.actor[row], -1)
    return int(city.person_ids[person]) if person >= 0 else 0


def named_unit(moves: Moves, row: int) -> str:
    return "" if moves.unit is None else str(moves.unit[row])


def hand_over(track: Track, city: City, unit: str = "") -> None:
    """To `unit`, or to the one that the duties named on entry; its head answers for it."""
    track.unit = unit or track.unit
    if track.unit:
        row = city.book.units[track.unit]
        if track.unit_id != int(city.unit_ids[row]) or not track.person_id:
            head = int(city.book.heads[row])
            track.person_id = int(city.person_ids[head]) if head >= 0 else 0
        track.unit_id = int(city.unit_ids[row])
    track.subjects = city.subjects(track.places, track.unit_id, track.category_id, track.source_id)


def hand_on(result: Plan, track: Track, city: City, moves: Moves, row: int, at: int) -> None:
    """Another unit answers for it from `at` on; the deadline stays. One not handed over yet is only routed anew."""
    unit, before = named_unit(moves, row), track.unit
    if unit not in city.book.units:
        raise UnknownName(f"The pack of {city.code} has no unit {unit!r}.", "Take a code of units.csv.")
    held = track.unit_id
    data: dict[str, object] = {"unit" if held else "route": unit, "from": before or None, "named": True}
    if moves.note[row]:
        data["note"] = moves.note[row]
    taken = track.flow.handed_on(at // SECOND_US)
    append(result, track, "reassign", at, actor_of(moves, row, city), data, NONE)
    if not held:
        track.unit = unit
        return
    post(result, [(s, m, -n) for s, m, n in taken], _of_unit(track, city), at)
    hand_over(track, city, unit)
    post(result, taken, _of_unit(track, city), at)


def _of_unit(track: Track, city: City) -> list[int]:
    """What counts for the unit alone: itself and its slices."""
    return city.counted([track.unit_id], track.category_id, track.source_id)
