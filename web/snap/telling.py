"""What a ticket tells its citizen: where the matter stands and what happened, in plain words; nobody's name in it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.evidence.photos import photos_of
from weathermap.snap.tickets import asked_now, fate_of, parts_done, parts_of
from weathermap.store import tables as t
from weathermap.store.catalog import Catalog
from weathermap.store.snap_tables import snap_answer
from web.desk.time import Clock

HEADLINES: dict[str, tuple[str, str]] = {
    "reported": ("收到了，正在看", "We have it and are looking at it"),
    "handling": ("已经交办，正在处理", "Handed over and being dealt with"),
    "to_check": ("说是处理好了，您看行吗？", "They say it is done. Is it?"),
    "rectified": ("已经解决了，您看行吗？", "It has been fixed. Has it?"),
    "suspended": ("一时办不了，先挂账，到期再办", "It takes longer and has been put off"),
    "rejected": ("这一件没有受理", "This one was not taken up"),
    "void": ("这一件已经取消", "This one was cancelled"),
    "split": ("分成几部分，各自在办", "Divided into parts, each being dealt with"),
    "merged": ("已经交办，正在处理", "Handed over and being dealt with"),
}
TOLD: dict[str, tuple[str, str]] = {
    "report": ("收到{place}", "Received{place}"),
    "reject": ("没有受理", "Not taken up"),
    "restore": ("重新受理", "Taken up after all"),
    "dispatch": ("已交{unit}", "Handed to {unit}"),
    "reassign": ("改由{unit}处理", "Handed on to {unit}"),
    "accept": ("{unit}已经知道", "{unit} knows of it"),
    "feed_back": ("{unit}说处理好了", "{unit} says it is done"),
    "check_pass": ("别人去看过了，确实好了", "Somebody else looked: it is done"),
    "check_fail": ("别人去看过了，还没有好，退回重做", "Somebody else looked: not done, sent back"),
    "reopen": ("重新处理", "Taken up again"),
    "extend": ("期限延长", "Given more time"),
    "redate": ("期限按日历重算", "Due by another calendar"),
    "suspend": ("一时办不了，先挂账", "Put off, for it takes longer"),
    "resume": ("继续处理", "Going on"),
    "order": ("领导在督办", "Under a leader's order"),
    "list_publicly": ("挂牌督办", "Publicly listed"),
    "void": ("取消", "Cancelled"),
    "merge": ("有人报过同一件，合在一起办", "The same was reported before; the two are one now"),
    "split": ("分成几部分，各自去办", "Divided into parts"),
    "follow": ("又有市民关注", "Another citizen reported it"),
    "confirm": ("有市民说已经好了", "A citizen says it is fixed"),
    "doubt": ("有市民说没有好", "A citizen says it is not"),
    "ask_reopen": ("有市民要求重新处理", "A citizen asks for it to be taken up again"),
}
OWN: dict[str, tuple[str, str]] = {
    "follow": ("您也关注了", "You followed it"),
    "confirm": ("您说：真的好了", "You said: it is fixed"),
    "doubt": ("您说：没有好", "You said: it is not"),
    "ask_reopen": ("您说：没有好，请求重新处理", "You said: it is not, and asked for it to be taken up again"),
}
REFUSED = ("看过您的意见，没有重新处理", "Your word was looked at; it is not taken up again")
PARTS_DONE = ("各部分都办好了，您看行吗？", "All parts are done. Has it been fixed?")
PART_STATES: dict[str, tuple[str, str]] = {
    "reported": ("等待交办", "waits to be handed over"),
    "handling": ("正在处理", "being dealt with"),
    "to_check": ("说是处理好了", "said to be done"),
    "rectified": ("已经解决", "fixed"),
    "suspended": ("先挂账，到期再办", "put off"),
}
PART_ENDED = ("不用办了", "not needed any more")
REASONED = ("reject", "void", "feed_back")  # moves whose note is meant for the citizen as well


@dataclass(frozen=True)
class Line:
    """One thing that happened."""

    at: str
    what: str
    note: str = ""


@dataclass(frozen=True)
class Picture:
    """A photo on the ticket."""

    digest: str
    at: str
    width: int
    height: int


@dataclass(frozen=True)
class Told:
    """A ticket as its page shows it."""

    state: str
    headline: str
    category: str
    place: str
    until: str  # when it is due at the latest, while it is being dealt with
    asked: bool  # whether "was it really fixed?" is open
    answered: str  # 'fixed' | 'not' after the answer | ''
    lines: list[Line]  # newest first
    before: list[Picture]
    after: list[Picture]
    parts: list[tuple[str, str]]  # of a split issue: who deals with each, and where it stands


def tell(connection: Connection, catalog: Catalog, ticket: Row[Any], lang: str) -> Told:
    """All of it."""
    zh, clock = lang == "zh", Clock(catalog.timezone, lang, datetime.now(UTC))
    issue = fate_of(connection, ticket)
    parts = parts_of(connection, issue)
    ends = parts or [issue]
    e, a = t.issue_event.c, snap_answer.c
    # where it was merged, its own story ends and the other's goes on; where it was split, those of its parts
    both = (ticket.issue_id, issue.issue_id, *(part.issue_id for part in parts))
    events = connection.execute(
        select(e.issue_id, e.seq, e.at, e.move, e.data).where(e.issue_id.in_(both)).order_by(e.at, e.seq)
    ).all()
    answers = connection.execute(
        select(a.issue_id, a.seq, a.fixed).where(a.snap_id == ticket.snap_id).order_by(a.at)
    ).all()
    own = {(ticket.issue_id, ticket.seq)} | {(row.issue_id, row.seq) for row in answers}
    if len(set(both)) > 1:
        events = [one for one in events if one.issue_id == ticket.issue_id or one.move not in ("report", "file")]
    place = _place(catalog, issue, zh)
    category = connection.execute(select(t.category).where(t.category.c.category_id == issue.category_id)).one()
    pictures = [row for issue_id in dict.fromkeys(both) for row in photos_of(connection, issue_id)]
    fed = {event.issue_id: event.seq for event in events if event.move == "feed_back"}  # the last of each
    done = {one.issue_id for one in ends if one.state in ("to_check", "rectified")}
    moments = {(event.issue_id, event.seq): event.at for event in events}

    def shown(rows: list[Any]) -> list[Picture]:
        at = [clock.at(moments.get((row.issue_id, row.seq))) for row in rows]
        return [Picture(row.sha256.hex(), when, row.width, row.height) for row, when in zip(rows, at, strict=True)]

    theirs = {(event.issue_id, event.seq) for event in events if event.move == "follow"}

    def by_office(row: Any) -> bool:
        return (row.issue_id, row.seq) not in theirs  # what other citizens sent is theirs

    asked = asked_now(connection, ticket, issue)
    said = answers[-1] if answers and done and not asked else None
    return Told(
        state=issue.state,
        headline=(PARTS_DONE if parts_done(parts) else HEADLINES[issue.state])[0 if zh else 1],
        category=_name(category, zh),
        place=place,
        until=clock.at(issue.deadline) if issue.state == "handling" and issue.deadline else "",
        asked=asked,
        answered="" if said is None else "fixed" if said.fixed else "not",
        lines=_lines(catalog, events, own, place, clock, zh),
        before=shown([row for row in pictures if (row.issue_id, row.seq) == (ticket.issue_id, ticket.seq)]),
        after=shown(
            [
                row
                for row in pictures
                if row.issue_id in done and row.seq >= fed.get(row.issue_id, row.seq + 1) and by_office(row)
            ]
        ),
        parts=[_part(catalog, part, zh) for part in parts],
    )


def _lines(catalog: Catalog, events: Any, own: set[tuple[int, int]], place: str, clock: Clock, zh: bool) -> list[Line]:
    which, lines, reopen_asked = 0 if zh else 1, [], False
    held: dict[int, str] = {}  # the unit of each issue
    units = {entry.code: entry for entry in catalog.units}
    for event in events:
        data = json.loads(event.data)
        if event.move in ("dispatch", "reassign") and (code := data.get("unit") or data.get("route")):
            held[event.issue_id] = _name(units[code], zh) if code in units else code
        unit = held.get(event.issue_id, "")
        words = OWN.get(event.move) if (event.issue_id, event.seq) in own else None
        words = words or TOLD.get(event.move)
        if event.move == "refuse" and reopen_asked:
            words, reopen_asked = REFUSED, False
        reopen_asked = reopen_asked or event.move == "ask_reopen"
        if words is None:
            continue  # the office's own business
        where = (f"，属{place}" if zh else f": {place}") if place else ""
        filled = words[which].format(place=where, unit=unit or ("责任单位" if zh else "the unit in charge"))
        note = data.get("note", "") if event.move in REASONED or words is REFUSED else ""
        lines.append(Line(clock.at(event.at), filled, note))
    return lines[::-1]


def _part(catalog: Catalog, part: Any, zh: bool) -> tuple[str, str]:
    unit = next((place for place in catalog.units if place.id == part.unit_id), None)
    who = _name(unit, zh) if unit else ("责任单位" if zh else "The unit in charge")
    return who, PART_STATES.get(part.state, PART_ENDED)[0 if zh else 1]


def _place(catalog: Catalog, issue: Any, zh: bool) -> str:
    chain = [catalog.by_id[place] for place in issue.places if place in catalog.by_id]
    named = [_name(place, zh) for place in chain if place.level in catalog.levels[1:3]]
    return (" " if zh else ", ").join(named)


def _name(row: Any, zh: bool) -> str:
    return str(row.name if zh or not row.name_en else row.name_en)
