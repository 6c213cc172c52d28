"""What an account is bound to: city, unit and person, by the codes of the pack."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, func, select

from weathermap.errors import UnknownName
from weathermap.people.roles import ADMINISTRATORS
from weathermap.store import tables as t
from weathermap.store.catalog import find_city


@dataclass(frozen=True)
class Bound:
    """Ids, None where there is none."""

    city_id: int | None
    unit_id: int | None
    person_id: int | None
    name: str
    area: str = ""  # LEVEL:CODE


def bind(
    connection: Connection,
    roles: Iterable[str],
    city: str | None,
    unit: str | None,
    person: str | None,
    area: str | None = None,
) -> Bound:
    """Look the codes up; a person brings their unit along. `area`: LEVEL:CODE. Raises UnknownName."""
    if set(roles) <= ADMINISTRATORS:
        return Bound(None, None, None, "")
    city_id = find_city(connection, city).city_id
    named = _row(connection, t.person, city_id, "person", person)
    held = _row(connection, t.unit, city_id, "unit", unit)
    unit_id = held.unit_id if held else named.unit_id if named else None
    within = _area(connection, city_id, (area or "").strip())
    return Bound(city_id, unit_id, named and named.person_id, named.name if named else "", within)


def _area(connection: Connection, city_id: int, area: str) -> str:
    """LEVEL:CODE of an area of the newest borders, or ''."""
    if not area:
        return ""
    level, _, code = area.partition(":")
    a = t.area.c
    newest = select(func.max(a.version)).where(a.city_id == city_id).scalar_subquery()
    asked = select(a.area_id).where(a.city_id == city_id, a.version == newest, a.level == level, a.code == code)
    if connection.execute(asked).first() is None:
        raise UnknownName(
            f"The city has no area {area!r}.",
            "Write LEVEL:CODE, e.g. town:350581001.",
            f"没有区域 {area}。请写“层级:编码”，如 town:350581001。",
        )
    return area


def _row(connection: Connection, table: Table, city_id: int, what: str, code: str | None) -> Any:
    if not code:
        return None
    row = connection.execute(select(table).where(table.c.city_id == city_id, table.c.code == code)).first()
    if row is None:
        raise UnknownName(
            f"The city has no {what} {code!r}.",
            f"Take a code of the pack's table of {what}s.",
            f"没有编码为 {code} 的{'单位' if what == 'unit' else '人员'}。请用表中的编码。",
        )
    return row
