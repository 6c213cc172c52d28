"""All that the desk tells of one issue: five fixes, receipt, how its term ran, what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Connection, select

from weathermap.duty.custody import UNIT
from weathermap.errors import UnknownName
from weathermap.evidence.photos import photos_of
from weathermap.issue.receipt import issue_rows, receipt_of
from weathermap.issue.receipt_words import sentences
from weathermap.issue.workflow import MOVES, requested
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.registry import City
from web.desk.citizens import Heard, citizens_of
from web.desk.placemap import place_map
from web.desk.term import Term, term_of
from web.desk.time import Clock
from web.desk.words import words


@dataclass(frozen=True)
class Step:
    """One event in words."""

    at: str
    name: str
    who: str
    note: str


@dataclass(frozen=True)
class Photo:
    """A photo of an event."""

    digest: str
    what: str  # the event's name and time
    width: int
    height: int


@dataclass(frozen=True)
class Story:
    """An issue as its page shows it."""

    issue: Any
    handler: int  # person of the last feedback, 0: none
    requested: bool  # its unit asked for something that nobody has answered
    category: str
    source: str
    unit: str
    place: str
    fixes: list[tuple[str, str, str]]  # word, text, where it comes from
    receipt: list[str]
    term: Term
    steps: list[Step]
    map: Markup | None
    before: list[Photo]  # of the report and until the first feedback
    after: list[Photo]  # of the last feedback and since
    citizens: list[Heard]


def story_of(connection: Connection, city: City, catalog: Catalog, number: str, clock: Clock, lang: str) -> Story:
    """Raises UnknownName."""
    i = t.issue.c
    issue = connection.execute(issue_rows().where(i.number == number, i.city_id == city.city_id)).first()
    if issue is None:
        raise UnknownName(f"There is no issue {number}.", "Numbers are written CITY-YYYYMMDD-NNNNNN.")
    e, p = t.issue_event.c, t.person.c
    events = connection.execute(
        select(e.seq, e.at, e.move, e.data, e.actor, p.name)
        .outerjoin_from(t.issue_event, t.person, p.person_id == e.actor)
        .where(e.issue_id == issue.issue_id)
        .order_by(e.seq)
    ).all()
    teller = _Teller(connection, city, catalog, issue, clock, lang)
    handler = next((event.actor for event in reversed(events) if event.move == "feed_back"), 0)
    citizens = citizens_of(connection, issue.issue_id, clock, lang)
    pictures = [row for row in photos_of(connection, issue.issue_id) if row.seq not in citizens.hidden]
    return Story(
        issue=issue,
        handler=handler,
        requested=requested([event.move for event in events]),
        category=teller.category,
        source=teller.source,
        unit=teller.unit,
        place=teller.place,
        fixes=teller.fixes(json.loads(events[0].data) if events else {}),
        receipt=teller.receipt(connection),
        term=term_of(city, issue, teller.category_code, events, clock.now, teller.holder),
        steps=[teller.step(event) for event in reversed(events)],
        before=teller.photos(events, pictures, after=False),
        after=teller.photos(events, pictures, after=True),
        map=place_map(connection, catalog, issue, lang, teller.place),
        citizens=citizens.heard,
    )


class _Teller:
    """Finds the words for one issue."""

    def __init__(
        self, connection: Connection, city: City, catalog: Catalog, issue: Any, clock: Clock, lang: str
    ) -> None:
        self.city, self.catalog, self.issue, self.clock, self.zh = city, catalog, issue, clock, lang == "zh"
        self.w = words(lang)
        c, s = t.category.c, t.source.c
        row = connection.execute(select(t.category).where(c.category_id == issue.category_id)).one()
        self.category_code, self.category = row.code, self._name(row)
        self.source = self._name(connection.execute(select(t.source).where(s.source_id == issue.source_id)).one())
        person = connection.execute(select(t.person).where(t.person.c.person_id == issue.person_id)).first()
        self.person = f"{person.name} · {person.title}" if person else ""
        point = connection.execute(select(t.point).where(t.point.c.point_id == issue.point_id)).first()
        self.point = self._name(point) if point else ""
        self.point_kind = point.kind if point else ""
        self.unit = next((self._name(unit) for unit in catalog.units if unit.id == issue.unit_id), "")
        chain = [catalog.by_id[place] for place in issue.places if place in catalog.by_id]
        named = [self._name(place) for place in chain if place.level in catalog.levels[1:3]]
        self.place = (" " if self.zh else ", ").join([*named, self.point or issue.address]).strip(" ,")

    def _name(self, row: Any) -> str:
        return str(row.name if self.zh or not row.name_en else row.name_en)

    def _unit_name(self, code: str) -> str:
        return next((self._name(unit) for unit in self.catalog.units if unit.code == code), code)

    # -- five fixes ------------------------------------------------------------------
    def fixes(self, reported: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        """Person, task, deadline, standard, responsibility, each with where it comes from."""
        w, receipt = self.w, self.issue.receipt
        duty = receipt.get("duty")
        by_duty = (f"职责表 {duty}" if self.zh else f"Duty {duty}") if duty else self._rule(receipt)
        standard, clause = self._broken(reported) if reported.get("standard") else self._standard()
        return [
            (w.person, self.person or w.none, by_duty if self.person else ""),
            (w.task, self._task(), ("上报：" if self.zh else "Reported: ") + self.clock.at(self.issue.reported_at)),
            (w.deadline, *self._deadline()),
            (w.standard, standard or w.none, clause),
            (w.duty, self.unit or w.none, by_duty if self.unit else ""),
        ]

    def _rule(self, receipt: Mapping[str, Any]) -> str:
        if receipt.get("rule") == "given":
            return "来源单位指定" if self.zh else "Named by the source"
        return "没有匹配的职责，由派遣员决定" if self.zh else "No duty matched: the dispatchers decide"

    def _task(self) -> str:
        where = self.point or self.issue.address
        return f"{self.category}{'：' if self.zh and where else ': ' if where else ''}{where}"

    def _deadline(self) -> tuple[str, str]:
        at = self.issue.deadline
        if at is None:
            return self.w.none, ""
        pack = self.city.pack
        if not pack.limits:
            return self.clock.at(at), "来源给定" if self.zh else "Given by the source"
        limit = self.city.book.limits.of(self.category_code)
        kinds = {
            "clock_hours": ("紧急工作时", "clock hours"),
            "work_hours": ("工作时", "working hours"),
            "workdays": ("工作日", "workdays"),
        }
        unit = kinds[limit.kind][0 if self.zh else 1]
        term = f"{limit.amount:g} {unit}"
        until = f"{term}，至 {self.clock.at(at)}" if self.zh else f"{term}, until {self.clock.at(at)}"
        return until, f"{'时限表' if self.zh else 'Limits'} {limit.category or '*'}" + (
            "；改派不重置" if self.zh else "; handing it on never resets it"
        )

    def _broken(self, reported: Mapping[str, Any]) -> tuple[str, str]:
        """The one standard that failed on a visit, with its clause and edition, as the report's event keeps them."""
        code = reported["standard"]
        name = next((self._name(one) for one in self.city.pack.standards if one.code == code), code)
        return name, " ".join(part for part in (reported.get("clause"), reported.get("edition")) if part)

    def _standard(self) -> tuple[str, str]:
        """The standards of the declared point's kind: which, from what clause to what; none without a point."""
        rows = [s for s in self.city.pack.standards if self.point_kind and s.point_kind == self.point_kind]
        kind = next((k for k in self.city.pack.point_kinds if k.code == self.point_kind), None)
        if not rows or kind is None:
            return "", ""
        name, first, last = self._name(kind), rows[0].clause, rows[-1].clause
        text = f"{name}标准，{len(rows)} 条" if self.zh else f"{name}: {len(rows)} standards"
        return text, first if first == last else f"{first} – {last[len(_common(first, last)) :]}"

    def receipt(self, connection: Connection) -> list[str]:
        """How it was decided where it lies and who answers, in sentences."""
        return sentences(receipt_of(connection, self.city, self.issue), "zh" if self.zh else "en")

    def holder(self, kind: str, unit: str) -> str:
        """Who holds it: a unit by name, all else in a word."""
        return (
            (self._unit_name(unit) if unit else self.w.none) if kind == UNIT else str(getattr(self.w, f"with_{kind}"))
        )

    # -- evidence --------------------------------------------------------------------
    def photos(self, events: Sequence[Any], rows: Sequence[Any], after: bool) -> list[Photo]:
        """Photos before the first feedback, or from the last one on; a task's answer shows its own."""
        fed = [event.seq for event in events if event.move == "feed_back"]
        answers = {event.seq for event in events if event.move == "answer"}
        rows = [row for row in rows if row.seq not in answers]
        found = [row for row in rows if (bool(fed) and row.seq >= fed[-1] if after else not fed or row.seq < fed[0])]
        by_seq = {event.seq: event for event in events}
        return [Photo(row.sha256.hex(), self._moment(by_seq[row.seq]), row.width, row.height) for row in found]

    def _moment(self, event: Any) -> str:
        move = MOVES[event.move]
        return f"{move.zh if self.zh else move.en} {self.clock.at(event.at)}"

    # -- what happened -----------------------------------------------------------------
    def step(self, event: Any) -> Step:
        data, move = json.loads(event.data), MOVES[event.move]
        until = data.get("deadline") or data.get("until")
        said = [data["note"]] if data.get("note") else []
        if event.move in ("dispatch", "reassign") and (data.get("unit") or data.get("route")):
            said.append(self.w.to_unit(self._unit_name(data.get("unit") or data["route"])))
        said += [self.w.of_event(key, data[key]) for key in ("into", "parts", "by", "by_itself") if data.get(key)]
        if event.move == "redate":
            said.append(self.w.was_due(self.clock.at(datetime.fromisoformat(data["from"]))))
        if until:
            at = self.clock.at(datetime.fromisoformat(until))
            said.append(f"至 {at}" if self.zh else f"until {at}")
        return Step(self.clock.at(event.at), move.zh if self.zh else move.en, event.name or "", " · ".join(said))


def _common(first: str, last: str) -> str:
    """What two clauses begin with alike, up to the last full stop or bracket."""
    at = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), 0)
    return first[: max(first.rfind(mark, 0, at) + 1 for mark in "》 ")]
