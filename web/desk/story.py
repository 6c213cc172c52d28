"""All that the desk tells of one issue: five fixes, receipt, how its term ran, what happened."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from markupsafe import Markup
from sqlalchemy import Connection, select

from weathermap.city.pack import Category
from weathermap.duty.custody import UNIT
from weathermap.errors import UnknownName
from weathermap.evidence.photos import photos_of
from weathermap.issue.receipt import Receipt, issue_rows, receipt_of
from weathermap.issue.receipt_words import sentences
from weathermap.issue.workflow import MOVES, requested
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.registry import City
from web.desk.citizens import Heard, citizens_of
from web.desk.fixes import Fix, Fixes
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
    fixes: list[Fix]
    receipt: list[str]  # how it was decided where it lies and who answers, in sentences
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
    receipt = receipt_of(connection, city, issue)
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
        fixes=teller.fixes(receipt, json.loads(events[0].data) if events else {}),
        receipt=sentences(receipt, lang),
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
        self.city, self.catalog, self.issue, self.clock, self.lang = city, catalog, issue, clock, lang
        self.zh = lang == "zh"
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
        spot = self.point or issue.address  # an address often begins with the village's name
        named = [name for name in named if not spot.startswith(name)]
        self.place = (" " if self.zh else ", ").join([*named, spot]).strip(" ,")

    def _name(self, row: Any) -> str:
        return str(row.name if self.zh or not row.name_en else row.name_en)

    def _unit_name(self, code: str) -> str:
        return next((self._name(unit) for unit in self.catalog.units if unit.code == code), code)

    def _category_name(self, code: str) -> str:
        return next((self._name(one) for one in self.city.pack.categories if one.code == code), code)

    # -- decided ---------------------------------------------------------------------
    def fixes(self, receipt: Receipt, reported: Mapping[str, Any]) -> list[Fix]:
        given_up = Category(self.category_code, self.category, self.category, "event", "", False)
        named = (one for one in self.city.pack.categories if one.code == self.category_code)
        category = next(named, given_up)
        return Fixes(
            self.city, self.issue, receipt, reported, category, self.point, self.point_kind, self.person, self.unit,
            self.clock, self.lang,
        ).told()  # fmt: skip

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
        if event.move == "recategorise":
            said.append(self._category_name(data["category"]))
            said += [self.w.to_unit(self._unit_name(data["route"]))] if data["route"] else []
        if event.move == "redate":
            said.append(self.w.was_due(self.clock.at(datetime.fromisoformat(data["from"]))))
        if until:
            at = self.clock.at(datetime.fromisoformat(until))
            said.append(f"至 {at}" if self.zh else f"until {at}")
        return Step(self.clock.at(event.at), move.zh if self.zh else move.en, event.name or "", " · ".join(said))
