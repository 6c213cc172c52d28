"""Whether what comes from the street can be stored: names that exist, whole results, nobody there meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from weathermap.city.pack import Standard
from weathermap.errors import Refused, UnknownName
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.registry import City
from weathermap.store.sql import query
from weathermap.store.visit_tables import round_
from weathermap.visit.sightings import KINDS, MOST, NOTE, RESULTS, Found, Meanwhile, Visited


def check_visited(city: City, account: Account, visited: Visited) -> dict[str, Standard]:
    """The standards of the visit's observations, by code. Raises Refused, UnknownName."""
    _key(visited.key)
    if visited.kind not in KINDS:
        raise UnknownName(f"There is no kind of visit {visited.kind!r}.", f"Kinds: {', '.join(KINDS)}.")
    at = city.book.points.get(visited.point, -1)
    if at < 0:
        raise _no_point(visited.point)
    point = city.pack.points[at]
    own = {standard.code: standard for standard in city.pack.standards if standard.point_kind == point.kind}
    if len({one.standard for one in visited.observed}) < len(visited.observed):
        raise Refused(
            "A standard is judged twice in one visit.", "Judge each once.", "同一项标准判了两次，请各判一次。"
        )
    for one in visited.observed:
        if one.standard not in own:
            zh = f"{point.name} 的检查表里没有 {one.standard}：检查表已改，请重新打开再判。"
            raise UnknownName(
                f"{one.standard!r} is no standard of {point.name}.", "The checklist changed: look again.", zh
            )
        if one.result not in RESULTS:
            raise UnknownName(f"There is no result {one.result!r}.", f"Results: {', '.join(RESULTS)}.")
        if (one.result == "fail") != (one.found is not None):
            zh = f"{one.standard}：不合格要带一个问题，其余不带，请重新判。"
            raise Refused(f"{one.standard}: a fail brings its problem, and nothing else does.", "Judge it again.", zh)
        if one.found is not None and not one.found.known:
            check_found(city, account, one.found, visited.point)
        _short(one.note)
    _short(visited.note)
    if len(visited.shots) > MOST:
        zh = f"一次巡查最多 {MOST} 张照片，现有 {len(visited.shots)} 张，请移出几张。"
        raise Refused(f"The visit has {len(visited.shots)} photos.", f"At most {MOST} belong to one.", zh)
    if visited.start and visited.end and visited.end < visited.start:
        raise Refused("The visit ends before it begins.", "Mend its times.", "结束早于开始，请改时间。")
    return own


def check_found(city: City, account: Account, found: Found, point: str, address: str = "") -> None:
    """`address`: where it is in words, of what has neither point nor position. Raises Refused, UnknownName."""
    _key(found.key)
    if found.category not in city.book.categories:
        zh = f"没有类别“{found.category}”，请从列表中选。"
        raise UnknownName(f"There is no category {found.category!r}.", "Choose one of the list.", zh)
    if point and point not in city.book.points:
        raise _no_point(point)
    if not point and not address and (found.lon is None or found.lat is None):
        zh = "没有位置：请选点位，或允许手机定位。"
        raise Refused("The problem has no place.", "Choose a point, or let the phone say where it is.", zh)
    _short(found.note)


def _key(key: str) -> None:
    try:
        UUID(key)
    except ValueError as error:
        raise Refused(f"{key[:40]!r} is no id.", "An id is a UUID that the sender makes.") from error


def _short(note: str) -> None:
    if len(note) > NOTE:
        zh = f"说明有 {len(note)} 个字，最多 {NOTE} 个。"
        raise Refused(f"A note has {len(note)} characters.", f"At most {NOTE} are kept.", zh)


def _no_point(code: str) -> UnknownName:
    zh = f"没有点位 {code}：可能已从申报名单中去掉。"
    return UnknownName(f"There is no declared point {code!r}.", "It may have been taken off the list.", zh)


def open_issue(connection: Connection, city: City, number: str) -> int:
    """Id of an issue that is open already. Raises UnknownName."""
    i = t.issue.c
    found = connection.execute(select(i.issue_id).where(i.city_id == city.city_id, i.number == number)).scalar()
    if found is None:
        zh = f"没有问题 {number}，请作为新问题上报。"
        raise UnknownName(f"There is no issue {number}.", "Report it as a new one.", zh)
    return int(found)


def since(connection: Connection, city: City, account: Account, visited: Visited) -> None:
    """Raises Meanwhile when somebody else visited the point today, after the visit that this visitor knew of."""
    if visited.round_id is not None:
        known = select(round_.c.round_id).where(round_.c.round_id == visited.round_id, round_.c.city_id == city.city_id)
        if connection.execute(known).first() is None:
            raise UnknownName(f"There is no round {visited.round_id}.", "Open it from the list of rounds.")
    if visited.last is None:
        return
    zone = ZoneInfo(city.pack.config.timezone)
    midnight = datetime.now(UTC).astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = {
        "point_id": int(city.point_ids[city.book.points[visited.point]]),
        "person_id": account.person_id,
        "last": visited.last,
        "midnight": midnight,
    }
    rows = connection.execute(query("visits_meanwhile"), asked).all()
    if rows:
        seen = [
            {
                "at": row.started_at.isoformat(),
                "by": row.name or row.title or "",
                "fails": row.fails,
                "issues": row.issues,
            }
            for row in rows
        ]
        raise Meanwhile(f"{len(rows)} visits of {visited.point} came meanwhile.", seen, rows[0].key)
