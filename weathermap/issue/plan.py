"""`plan`: a batch → the rows to write. Decides everything, touches nothing; the store only writes what it returns.

An issue's moves are taken in order of time. A move that a source dates before the one it follows happened, for us, at
the instant of the move it follows; the source's own time stays in the event.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from weathermap.duty.deadlines import after_suspension, deadlines
from weathermap.errors import UnknownName
from weathermap.issue.appending import TO_JSON as TO_JSON
from weathermap.issue.appending import Plan, append, iso
from weathermap.issue.batch import NONE, Batch, Moves, Reports, empty_reports
from weathermap.issue.decide import Decisions, decide
from weathermap.issue.handing import actor_of, hand_on, hand_over, named_unit
from weathermap.issue.ledger import START
from weathermap.issue.recategorise import recategorise
from weathermap.issue.track import SECOND_US, Key, Track
from weathermap.issue.workflow import NEW
from weathermap.store.registry import City
from weathermap.tally.measures import Flow

NO_TIMES = np.array([], dtype=np.int64)


def plan(batch: Batch, city: City, ids: list[int], stored: dict[Key, Track], recorded: int = NONE) -> Plan:
    """Plan a batch: `ids` for its reports, `stored` the tracks of issues that its moves continue.

    `recorded`: when it becomes known, µs; NONE: everything at its own instant.

    Raises UnknownName for a source, category or issue that does not exist, IllegalMove for a move out of order;
    each names the issue.
    """
    reports = batch.reports
    by_key = _moves_by_issue(batch.moves)
    result = Plan(reports, decide(empty_reports(), city.book, NO_TIMES), [], [], [], [], [], [], recorded, city.since)
    if ids:
        _report(result, batch, city, ids, by_key)
    for key, rows in by_key.items():
        if key not in stored:
            raise UnknownName(
                f"A move names issue {key[1]!r} of source {key[0]!r}, which does not exist.", "Report it first."
            )
        track = stored[key]
        _follow(result, track, rows, batch.moves, city, NONE)
        result.touched.append(track)
    return result


def _report(result: Plan, batch: Batch, city: City, ids: list[int], by_key: dict[Key, list[int]]) -> None:
    """The new issues, and their moves, which are taken out of `by_key`."""
    reports = batch.reports
    _check_names(reports, city)
    keys = list(zip(reports.source.tolist(), reports.source_key.tolist(), strict=True))
    decisions = result.decisions = decide(reports, city.book, _first_dispatch(keys, by_key, batch.moves))
    places = city.places(decisions.area, decisions.overlays)
    for row, (key, issue_id) in enumerate(zip(keys, ids, strict=True)):
        track = _new_track(row, key, issue_id, places[row], reports, decisions, city)
        data = _report_data(row, reports, decisions, city)
        append(result, track, "report", int(reports.reported_at[row]), _reporter(row, reports, city), data, NONE)
        _follow(result, track, by_key.pop(key, []), batch.moves, city, int(decisions.deadline[row]))
        result.new.append(track)


def _check_names(reports: Reports, city: City) -> None:
    book = city.book
    for what, codes, known in (
        ("source", reports.source, book.sources),
        ("category", reports.category, book.categories),
    ):
        for code in set(codes.tolist()) - known.keys():
            raise UnknownName(
                f"The pack of {city.code} has no {what} {code!r}.",
                f"Add it to the pack, or map it to one of: {', '.join(known)}.",
            )


def _moves_by_issue(moves: Moves) -> dict[Key, list[int]]:
    """Rows of `moves` of each issue, in order of time; equal times keep the order of the batch."""
    found: dict[Key, list[int]] = defaultdict(list)
    order = np.argsort(moves.at, kind="stable").tolist()
    sources, source_keys = moves.source.tolist(), moves.source_key.tolist()
    for row in order:
        found[sources[row], source_keys[row]].append(row)
    return dict(found)


def _first_dispatch(
    keys: list[Key], by_key: dict[Key, list[int]], moves: Moves
) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    found = np.full(len(keys), NONE, dtype=np.int64)
    for i, key in enumerate(keys):
        for row in by_key.get(key, ()):
            if moves.move[row] == "dispatch":
                found[i] = moves.at[row]
                break
    return found


def _new_track(
    row: int, key: Key, issue_id: int, places: list[int], reports: Reports, decisions: Decisions, city: City
) -> Track:
    unit = int(decisions.unit[row])
    return Track(
        issue_id=issue_id,
        key=key,
        category=reports.category[row],
        unit=city.pack.units[unit].code if unit >= 0 else "",
        subjects=places,
        unit_id=0,
        state=NEW,
        seq=0,
        hash=START,
        last_us=int(reports.reported_at[row]),
        flow=Flow(city.pack.categories[city.book.categories[reports.category[row]]].red_line),
        places=places,
        category_id=int(city.category_ids[city.book.categories[reports.category[row]]]),
        source_id=int(city.source_ids[city.book.sources[reports.source[row]]]),
    )


def _report_data(row: int, reports: Reports, decisions: Decisions, city: City) -> dict[str, object]:
    area = int(decisions.area[row])
    lon, lat = float(decisions.lon[row]), float(decisions.lat[row])
    data: dict[str, object] = {
        "source": reports.source[row],
        "key": reports.source_key[row],
        "category": reports.category[row],
        "version": city.version,
        "area": city.pack.finest.codes[area] if area >= 0 else None,
        "position": decisions.position[row],
    }
    if decisions.overlays:
        data["overlays"] = {
            level: city.pack.areas[level].codes[rows[row]]
            for level, rows in decisions.overlays.items()
            if rows[row] >= 0
        }
    if lon == lon:
        data["at"] = [lon, lat]
    if reports.beside is not None:
        data |= reports.beside[row]
    if reports.deadline[row] != NONE:  # the source's own: it holds whenever the issue is handed over
        data["deadline"] = iso(int(reports.deadline[row]) // SECOND_US * SECOND_US)
    return data


def _reporter(row: int, reports: Reports, city: City) -> int:
    """Id of the person on duty who reports, 0 for anyone else: who that is stands apart."""
    known = -1 if reports.by is None else city.book.people.get(reports.by[row], -1)
    return int(city.person_ids[known]) if known >= 0 else 0


def _follow(result: Plan, track: Track, rows: list[int], moves: Moves, city: City, deadline: int) -> None:
    """Apply the moves of one issue; `deadline` is the one decided on entry, NONE for stored issues."""
    for row in rows:
        move, at, until = moves.move[row], int(moves.at[row]), int(moves.until[row])
        data: dict[str, object] = {}
        if at < track.last_us:
            data["source_at"] = iso(at)
            at = track.last_us
        if move == "dispatch":
            until = until if until != NONE else deadline if deadline != NONE else _later_deadline(track, at, city)
            until = until if until == NONE else until // SECOND_US * SECOND_US  # deadlines are whole seconds
            named = named_unit(moves, row)
            hand_over(track, city, named)
            data |= {"unit": track.unit or None, "deadline": iso(until) if until != NONE else None}
            data |= {"named": True} if named else {}
        elif move == "reassign":
            at = max(at, (track.last_us // SECOND_US + 1) * SECOND_US)  # its own second: every instant has one holder
            hand_on(result, track, city, moves, row, at)
            continue
        elif move == "recategorise":
            recategorise(result, track, city, moves, row, at)
            continue
        elif move == "resume":
            until = _resumed_deadline(track, at, city)
            data["deadline"] = iso(until) if until != NONE else None
        elif until != NONE:
            data["deadline" if move in ("extend", "redate") else "until"] = iso(until)
        if moves.note[row]:
            data["note"] = moves.note[row]
        if moves.facts is not None and moves.facts[row]:
            data |= moves.facts[row]
        if moves.photos is not None and moves.photos[row]:
            data["photos"] = moves.photos[row].split()
        append(result, track, move, at, actor_of(moves, row, city), data, until)


def _resumed_deadline(track: Track, at: int, city: City) -> int:
    """The deadline after a suspension, by the clock of its category; µs."""
    flow = track.flow
    if flow.deadline is None or flow.suspended is None:
        return NONE
    instants = np.array([flow.deadline, flow.suspended, at // SECOND_US]) * SECOND_US
    always = np.array([city.book.limits.always(track.category)])
    return int(after_suspension(city.book.calendar, always, *instants.reshape(3, 1))[0])


def _later_deadline(track: Track, at: int, city: City) -> int:
    """The deadline of an issue reported in an earlier batch and dispatched now."""
    if track.given_us != NONE or not city.pack.limits:
        return track.given_us
    category = np.array([track.category], dtype=object)
    return int(deadlines(city.book.calendar, city.book.limits, category, np.array([at]))[0])
