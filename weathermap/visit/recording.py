"""A visit or a problem from the street into the store: once, whoever sends it however often.

A fail makes an issue by the one way in, tied to its clause. The caller owns the transaction.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Row, select, text

from weathermap.city.pack import Standard
from weathermap.errors import Refused
from weathermap.issue.batch import NONE, Batch, Reports, Visits, empty_moves, empty_reports
from weathermap.issue.intake import take_in
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.visit_tables import observation, visit
from weathermap.visit.checking import check_found, check_visited, open_issue, since
from weathermap.visit.shots import claim, shots_of
from weathermap.visit.sightings import Elsewhere, Found, Observed, Visited


@dataclass(frozen=True)
class Recorded:
    """`again`: it was stored before. `numbers`: of the issues, by the sender's key."""

    again: bool
    numbers: Mapping[str, str]


@dataclass(frozen=True)
class Problem:
    """A problem with where it was found."""

    found: Found
    point: str
    source: str
    seen: Observed | None = None
    standard: Standard | None = None
    address: str = ""  # in words; '': the point's


def record_visit(connection: Connection, city: City, account: Account, visited: Visited) -> Recorded:
    """Store a visit with its observations, issues and photos.

    Raises Refused, UnknownName, Missing (photos), Elsewhere (the id is taken), Meanwhile (someone else was there).
    """
    alone(connection, city, visited.key)
    stored = connection.execute(
        select(visit).where(visit.c.city_id == city.city_id, visit.c.key == visited.key)
    ).first()
    if stored is not None:
        if stored.digest is None or bytes(stored.digest) != visited.digest:
            zh = "这次巡查已用同一编号存过，内容不同：请核对后重新登记。"
            raise Elsewhere(
                f"The visit {visited.key} is stored with other content.", "Look at it, or send a new one.", zh
            )
        return Recorded(True, numbers_of(connection, city, [f.key for f in _founds(visited)]))
    standards = check_visited(city, account, visited)
    since(connection, city, account, visited)
    shots = shots_of(connection, account, visited.shots)
    source = _source(city, visited.kind)
    problems = [
        Problem(one.found, visited.point, source, one, standards[one.standard])
        for one in visited.observed
        if one.found is not None and not one.found.known
    ]
    now = time.time_ns() // 1_000
    issues = _take(connection, city, account, problems, shots, now, _visits(city, account, visited, now))
    visit_id = _complete(connection, city, visited)
    for one in visited.observed:
        issue = None if one.found is None else issues.get(one.found.key)
        if one.found is not None and one.found.known:
            issue = open_issue(connection, city, one.found.known)
        row = {name: getattr(one, name) for name in ("standard", "edition", "result", "note")}
        connection.execute(observation.insert().values(**row, visit_id=visit_id, issue_id=issue))
        claim(connection, [shots[key] for key in one.photos], visit_id, one.standard, None)
        if one.found is not None:
            evidence = None if one.found.known else issue
            claim(connection, [shots[key] for key in one.found.photos], visit_id, one.standard, evidence)
    claim(connection, [shots[key] for key in visited.photos], visit_id, None, None)
    return Recorded(False, numbers_of(connection, city, [problem.found.key for problem in problems]))


def record_issue(
    connection: Connection,
    city: City,
    account: Account,
    found: Found,
    point: str,
    source: str = "",
    address: str = "",
    tell: bool = False,
) -> Recorded:
    """Store a problem found on the way, outside a visit; or told to somebody: then `source` and `address` say more.

    `tell`: as `take_in`. Raises Refused, UnknownName, Missing.
    """
    alone(connection, city, found.key)
    known = numbers_of(connection, city, [found.key])
    if known:
        return Recorded(True, known)
    check_found(city, account, found, point, address)
    shots = shots_of(connection, account, list(found.photos))
    problem = Problem(found, point, source or _source(city, "patrol"), address=address)
    issues = _take(connection, city, account, [problem], shots, time.time_ns() // 1_000, None, tell)
    claim(connection, [shots[key] for key in found.photos], None, None, issues[found.key])
    return Recorded(False, numbers_of(connection, city, [found.key]))


def alone(connection: Connection, city: City, key: str) -> None:
    """Two that send the same at once come one after the other."""
    asked = text("SELECT pg_advisory_xact_lock(:city, hashtext(:key))")
    connection.execute(asked, {"city": city.city_id, "key": key})


def _founds(visited: Visited) -> list[Found]:
    return [one.found for one in visited.observed if one.found is not None]


def _source(city: City, kind: str) -> str:
    """The source of the visit's own name, else the first of its kind. Raises Refused for a pack without any."""
    wanted = "round" if kind == "round" else "patrol"
    fitting = [source.code for source in city.pack.sources if source.kind == wanted]
    if kind in fitting:
        return kind
    if not fitting:
        raise Refused(f"The pack of {city.code} has no source of kind {wanted!r}.", "Add one to sources.csv.")
    return fitting[0]


def person_of(city: City, account: Account) -> str:
    """Code of the person on duty that an account is. Raises Refused for one that is nobody of the pack."""
    at = np.flatnonzero(city.person_ids == (account.person_id or 0))
    if not len(at):
        zh = f"账号 {account.name} 没有绑定在岗人员，请联系管理员绑定。"
        raise Refused(f"{account.name} is bound to nobody on duty.", "Ask the administrator to bind the account.", zh)
    return city.pack.people[int(at[0])].code


def _texts(values: Sequence[object]) -> np.ndarray[Any, Any]:
    return np.array([*values, None], dtype=object)[:-1]


def _visits(city: City, account: Account, visited: Visited, now: int) -> Visits:
    """Official times are those of the receipt."""
    at = np.array([now], dtype=np.int64)
    who = _texts([person_of(city, account)])
    return Visits(_texts([visited.key]), _texts([visited.kind]), _texts([visited.point]), who, at, at)


def _take(
    connection: Connection,
    city: City,
    account: Account,
    problems: Sequence[Problem],
    shots: Mapping[str, Row[Any]],
    now: int,
    visits: Visits | None,
    tell: bool = False,
) -> dict[str, int]:
    """The one way in. Returns the ids of the new issues by the sender's key."""
    reports = _reports(city, account, problems, shots, now) if problems else empty_reports()
    take_in(connection, city, Batch(reports, empty_moves(), visits), recorded=now, tell=tell)
    k = t.issue_key.c
    keys = [problem.found.key for problem in problems]
    asked = select(k.source_key, k.issue_id).where(k.city_id == city.city_id, k.source_key.in_(keys))
    return {row.source_key: row.issue_id for row in connection.execute(asked)} if keys else {}


def _reports(
    city: City, account: Account, problems: Sequence[Problem], shots: Mapping[str, Row[Any]], now: int
) -> Reports:
    n, nan = len(problems), float("nan")
    founds = [problem.found for problem in problems]
    places = [city.book.points.get(problem.point, -1) for problem in problems]

    def real(values: Sequence[float | None]) -> np.ndarray[Any, Any]:
        return np.array([nan if value is None else value for value in values], dtype=np.float64)

    return Reports(
        source=_texts([problem.source for problem in problems]),
        source_key=_texts([found.key for found in founds]),
        category=_texts([found.category for found in founds]),
        lon=real([found.lon for found in founds]),
        lat=real([found.lat for found in founds]),
        reported_at=np.full(n, now, dtype=np.int64),
        address=_texts(
            [
                problem.address or (city.pack.points[place].address if place >= 0 else "")
                for problem, place in zip(problems, places, strict=True)
            ]
        ),
        point=_texts([problem.point for problem in problems]),
        unit=_texts([""] * n),
        deadline=np.full(n, NONE, dtype=np.int64),
        error_m=real([found.error_m for found in founds]),
        flag=_texts([""] * n),
        closed_early=np.zeros(n, dtype=bool),
        by=_texts([person_of(city, account)] * n),
        beside=_texts([_beside(problem, shots) for problem in problems]),
    )


def _beside(problem: Problem, shots: Mapping[str, Row[Any]]) -> dict[str, object]:
    """What the issue's first event says of how it was found: the clause that it breaks, words, photos."""
    told: dict[str, object] = {}
    if problem.seen is not None and problem.standard is not None:
        told |= {"standard": problem.seen.standard, "edition": problem.seen.edition, "clause": problem.standard.clause}
    if problem.found.note:
        told["note"] = problem.found.note
    if problem.found.photos:
        told["photos"] = [bytes(shots[key].sha256).hex() for key in problem.found.photos]
    return told


def _complete(connection: Connection, city: City, visited: Visited) -> int:
    """What the one way in does not know of a visit. Returns its id."""
    values = {
        "told_start": visited.start,
        "told_end": visited.end,
        "note": visited.note,
        "digest": visited.digest,
        "round_id": visited.round_id,
    }
    v = visit.c
    changed = visit.update().where(v.city_id == city.city_id, v.key == visited.key).values(values)
    return int(connection.execute(changed.returning(v.visit_id)).scalar_one())


def numbers_of(connection: Connection, city: City, keys: Sequence[str]) -> dict[str, str]:
    k, i = t.issue_key.c, t.issue.c
    asked = select(k.source_key, i.number).join_from(t.issue_key, t.issue, i.issue_id == k.issue_id)
    rows = connection.execute(asked.where(k.city_id == city.city_id, k.source_key.in_(list(keys))))
    return {row.source_key: row.number for row in rows}
