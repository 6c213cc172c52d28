"""The receipt of an issue: how it was decided where it lies, who answers and until when; as facts and in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from weathermap.city.chain import ancestors, index_of
from weathermap.city.pack import Duty
from weathermap.duty.routing import matches
from weathermap.duty.specificity import specificity
from weathermap.errors import UnknownName
from weathermap.issue.changed import Changed, changed_since
from weathermap.store import tables as t
from weathermap.store.registry import City, open_city

ASPECTS = ("area", "category", "point_kind", "source")  # of a duty's specificity, in their order


@dataclass(frozen=True)
class Named:
    """Something with a code and names."""

    code: str
    name: str
    name_en: str

    def said(self, lang: str) -> str:
        """Its name in a language, with its code where that tells more."""
        name = self.name_en if lang == "en" and self.name_en else self.name
        coded = f"{name} ({self.code})" if lang == "en" else f"{name}（{self.code}）"
        return name if name in ("", self.code) else coded


@dataclass(frozen=True)
class Receipt:
    """What was decided about one issue on entry. Distances in metres; None where there is none."""

    number: str
    source_key: str
    category: Named
    source: Named
    position: str  # located | missing | default | swapped | outside
    lon: float | None  # degrees, EPSG:4326
    lat: float | None
    written: str  # the coordinates as the source wrote them and their system, '' where they are the same
    error_m: float
    version: int  # of the boundaries
    valid_from: datetime
    chain: tuple[tuple[str, Named], ...]  # (level, area) from the city down; the last one is where it lies
    border_m: float | None
    runner_up: Named | None
    runner_up_m: float | None
    runner_up_unit: Named | None
    rule: str  # duty | given | none
    duty: Duty | None
    duty_code: str
    others: int  # further duties of today's pack that match too
    won_over: str  # the next of them
    won_by: str  # one of ASPECTS: in what the duty is more specific
    unit: Named | None  # as decided on entry
    deadline: datetime | None
    limit: tuple[float, str, str] | None  # amount, kind, pattern of limits.csv
    review: bool
    since: tuple[Changed, ...]  # what changed after it
    timezone: str

    def facts(self) -> dict[str, Any]:
        """For a program."""

        def plain(value: Any) -> Any:
            if isinstance(value, Named):
                return vars(value)
            return value.isoformat() if isinstance(value, datetime) else value

        found = {name: plain(value) for name, value in vars(self).items() if name not in ("duty", "chain", "since")}
        found["chain"] = [{"level": level, **vars(area)} for level, area in self.chain]
        found["since"] = [{**vars(each), "at": each.at.isoformat()} for each in self.since]
        found["limit"] = self.limit and dict(zip(("amount", "kind", "category"), self.limit, strict=True))
        found["duty"] = self.duty and {
            name: getattr(self.duty, name)
            for name in ("code", "category", "area", "point_kind", "source", "unit", "responsibility", "clause")
        }
        return found


def find_receipt(connection: Connection, wanted: str, code: str | None = None) -> Receipt:
    """The receipt of an issue, by its number or its source's key. Raises UnknownName."""
    row = find_issue(connection, wanted, code)
    return receipt_of(connection, open_city(connection, row.city), row)


def issue_rows() -> Select[Any]:
    """Issues as `receipt_of` reads them. The source's key is the first event's: no index leads to `issue_key`."""
    i, s, e = t.issue.c, t.source.c, t.issue_event.c
    key = select(cast(e.data, JSONB)["key"].astext).where(e.issue_id == i.issue_id, e.seq == 1).scalar_subquery()
    spot = func.ST_X(i.geom).label("lon"), func.ST_Y(i.geom).label("lat")
    asked = select(t.issue, key.label("source_key"), *spot, s.code.label("source"), t.city.c.code.label("city"))
    return asked.join_from(t.issue, t.source, s.source_id == i.source_id).join(t.city, t.city.c.city_id == i.city_id)


def find_issue(connection: Connection, wanted: str, code: str | None) -> Any:
    """A row of `issue_rows`, by number or key. Raises UnknownName."""
    i, k = t.issue.c, t.issue_key.c
    asked = issue_rows()
    if code:
        asked = asked.where(t.city.c.code == code)
    rows = connection.execute(asked.where(i.number == wanted)).all()
    if not rows:
        mine = k.city_id == t.source.c.city_id, k.source_id == t.source.c.source_id
        known = select(k.issue_id).where(*mine, k.source_key == wanted)
        rows = connection.execute(asked.where(i.issue_id.in_(known)).limit(10)).all()
    if not rows:
        raise UnknownName(
            f"There is no issue {wanted}.", "Give its number (CITY-YYYYMMDD-NNNNNN) or the key that its source gave it."
        )
    if len(rows) > 1:
        found = ", ".join(f"{row.number} ({row.source})" for row in rows)
        raise UnknownName(f"Several issues have the key {wanted}: {found}.", "Give one of the numbers.")
    return rows[0]


def receipt_of(connection: Connection, city: City, row: Any) -> Receipt:
    """The receipt of an issue's row, told with the names of the boundary version that it was decided by."""
    said: Mapping[str, Any] = row.receipt
    pack, chain = city.pack, _chain(connection, city, said)
    category = next(c for c, n in zip(pack.categories, city.category_ids.tolist(), strict=True) if n == row.category_id)
    source = next(s for s, n in zip(pack.sources, city.source_ids.tolist(), strict=True) if n == row.source_id)
    point = next((p for p, n in zip(pack.points, city.point_ids.tolist(), strict=True) if n == row.point_id), None)
    start = (row.notified_at or row.reported_at).astimezone(ZoneInfo(pack.config.timezone))
    case = (category.code, _inside(city, said), point.kind if point else "", source.code, start)
    rivals = _matching(pack.duties, pack.config.levels, *case)
    duty = next((duty for duty in pack.duties if duty.code == said.get("duty")), None)
    others = rivals[rivals.index(duty) + 1 :] if duty in rivals else []  # less specific
    other = said.get("runner_up") or {}
    valid_from = connection.execute(
        select(t.boundary_version.c.valid_from).where(
            t.boundary_version.c.city_id == city.city_id, t.boundary_version.c.version == said["version"]
        )
    ).scalar_one()
    limit = city.book.limits.named(category.code)
    return Receipt(
        number=row.number,
        source_key=row.source_key,
        category=Named(category.code, category.name, category.name_en),
        source=Named(source.code, source.name, source.name_en),
        position=said.get("position", row.position),
        lon=row.lon,
        lat=row.lat,
        written=said.get("written", ""),
        error_m=float(said["error_m"]),
        version=said["version"],
        valid_from=valid_from,
        chain=chain,
        border_m=said.get("border_m"),
        runner_up=_area(connection, city, said["version"], other["area"]) if other else None,
        runner_up_m=other.get("distance_m"),
        runner_up_unit=_unit(city, other.get("unit")),
        rule=said["rule"],
        duty=duty,
        duty_code=said.get("duty") or "",
        others=len(others),
        won_over=others[0].code if others else "",
        won_by=_aspect(duty, others[0], pack.config.levels) if duty and others else "",
        unit=_unit(city, said.get("unit")),
        deadline=row.deadline,
        limit=(limit.amount, limit.kind, limit.category or "*") if limit else None,
        review=row.review,
        since=changed_since(connection, city, row.issue_id),
        timezone=pack.config.timezone,
    )


def _chain(connection: Connection, city: City, said: Mapping[str, Any]) -> tuple[tuple[str, Named], ...]:
    if not said.get("area"):
        return ()
    a = t.area.c
    here = select(a.path).where(
        a.city_id == city.city_id,
        a.version == said["version"],
        a.level == city.pack.config.levels[-1],
        a.code == said["area"],
    )
    path = connection.execute(here).scalar()
    ids = list(path or [])
    rows = {row.area_id: row for row in connection.execute(select(t.area).where(a.area_id.in_(ids)))}
    return tuple((rows[i].level, Named(rows[i].code, rows[i].name, rows[i].name_en)) for i in ids if i in rows)


def _inside(city: City, said: Mapping[str, Any]) -> frozenset[str]:
    """`LEVEL:CODE` of all areas of today's chain that hold the issue."""
    row = index_of(city.pack.finest).get(said.get("area") or "", -1)
    if row < 0:
        return frozenset()
    levels = city.pack.config.levels
    found = zip(levels, ancestors(city.pack)[row].tolist(), strict=True)
    return frozenset(f"{level}:{city.pack.areas[level].codes[place]}" for level, place in found)


def _matching(
    duties: Sequence[Duty],
    levels: Sequence[str],
    category: str,
    inside: frozenset[str],
    kind: str,
    source: str,
    start: datetime,
) -> list[Duty]:
    """The duties that match a case, the most specific first."""
    day = start.date()
    found = [
        duty
        for duty in duties
        if matches(duty.category, category)
        and (not duty.area or duty.area in inside)
        and duty.point_kind in ("", kind)
        and duty.source in ("", source)
        and (duty.valid_from is None or duty.valid_from <= day)
        and (duty.valid_to is None or day <= duty.valid_to)
    ]
    return sorted(found, key=lambda duty: specificity(duty, levels), reverse=True)


def _aspect(duty: Duty, other: Duty, levels: Sequence[str]) -> str:
    both = zip(ASPECTS, specificity(duty, levels), specificity(other, levels), strict=True)
    return next((name for name, mine, theirs in both if mine != theirs), "")


def _area(connection: Connection, city: City, version: int, code: str) -> Named:
    a = t.area.c
    row = connection.execute(
        select(a.code, a.name, a.name_en).where(
            a.city_id == city.city_id, a.version == version, a.level == city.pack.config.levels[-1], a.code == code
        )
    ).first()
    return Named(row.code, row.name, row.name_en) if row else Named(code, code, "")


def _unit(city: City, code: str | None) -> Named | None:
    if not code:
        return None
    unit = next((unit for unit in city.pack.units if unit.code == code), None)
    return Named(unit.code, unit.name, unit.name_en) if unit else Named(code, code, "")
