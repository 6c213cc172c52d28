"""Every move on every state by everybody, through the desk: made where the table of moves allows it, refused else.

Each legal case has an issue of its own; those that are illegal share one a state, which nothing may have changed at the
end: so one look tells what became of all of them.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import Connection, Engine, select

from tests.store.random_life import columns
from tests.store.standing import PACK, WAYS
from tests.web.hand import PASSWORD, Hand
from weathermap.issue.batch import NONE, Batch, Moves, Reports
from weathermap.issue.hands import open_moves
from weathermap.issue.intake import take_in
from weathermap.issue.workflow import ANY, HOLDER, MOVES, SAME, STATES, TASK, Move
from weathermap.people.accounts import Account, create_account, find_account
from weathermap.people.roles import ROLES, STAFF
from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.cities import load_pack
from weathermap.store.db import open_store
from weathermap.store.people_tables import task_link
from weathermap.store.registry import City, open_city
from weathermap.tally.fold import fold
from weathermap.tally.verify import verify_store
from web.app import create_app

# login → role, unit, person: every role that has a desk, and again from the unit that handled, or another
PEOPLE = {
    "commander": ("commander", "", "PC1"),
    "supervisor": ("supervisor", "", "PS1"),
    "inspector": ("inspector", "", "PI1"),
    "dispatcher": ("dispatcher", "", "PI2"),
    "checker": ("checker", "B01", "PB1"),
    "assessor": ("assessor", "", "PB3"),
    "head": ("head", "T001", "P001"),
    "handler": ("handler", "T001", "PR1"),
    "contractor": ("contractor", "T001", "PK1"),
    "foreign": ("handler", "T101", "P102"),
    "own": ("checker", "T001", "PB2"),
}
OURS = [move for move in MOVES.values() if move.roles]
ALONE = ("pass_on", "send_back", "take_back")
HANDLED_BY = "P001"


@dataclass(frozen=True)
class Case:
    """One try: who makes which move on an issue in which state."""

    login: str
    move: Move
    state: str

    @property
    def key(self) -> str:
        shared = f"refuse-{self.state}" if self.move.name == "refuse" else self.state
        return f"{self.login}-{self.move.name}-{self.state}" if self.legal else shared

    @property
    def way(self) -> tuple[str, ...]:
        """Into the state; with something asked for, where the move answers that."""
        asked = {"handling": ("hand_back",), "rectified": ("ask_reopen",)}
        return WAYS[self.state] + (asked.get(self.state, ()) if self.move.name == "refuse" else ())

    @property
    def legal(self) -> bool:
        """What the table says."""
        role, unit, person = PEOPLE[self.login]
        holds = unit == "T001" and "dispatch" in self.way
        fed = "feed_back" in self.way and person == HANDLED_BY
        whose = holds if self.move.unit == HOLDER else not holds and not fed
        return self.state in self.move.sources and role in self.move.roles and (self.move.unit == ANY or whose)


CASES = [Case(login, move, state) for login in PEOPLE for move in OURS for state in STATES]


@pytest.fixture(scope="module")
def settings(clone: Callable[..., Settings]) -> Settings:
    """The toy city with people of every role, and an issue for each case."""
    made = clone()
    engine = open_store(made)
    with engine.begin() as connection:
        load_pack(connection, PACK)
        city = open_city(connection)
        people = dict(connection.execute(select(t.person.c.code, t.person.c.person_id)).all())  # type: ignore[arg-type]
        units = dict(connection.execute(select(t.unit.c.code, t.unit.c.unit_id)).all())  # type: ignore[arg-type]
        for login, (role, unit, person) in PEOPLE.items():
            create_account(connection, login, login, [role], city.city_id, units.get(unit), people[person], PASSWORD)
        for role in set(ROLES) - STAFF:
            place = None if role.endswith("_admin") else city.city_id
            create_account(connection, role, role, [role], place, password=PASSWORD)
        _issues(connection, city)
        _tasks(connection, city.city_id, units["T001"])
    engine.dispose()
    return made


def _issues(connection: Connection, city: City) -> None:
    source, category, spot = PACK.sources[0].code, PACK.categories[0].code, PACK.finest.geoms[0].representative_point()
    at, nan = time.time_ns() // 1_000 - 300_000_000, float("nan")
    keys = [*{case.key: case.way for case in CASES}.items(), ("survivor", WAYS["handling"])]
    place = (category, spot.x, spot.y, at, "", "", "T001", NONE, nan, "", False)
    reports = [(source, key, *place) for key, _ in keys]
    moves = [
        (source, key, move, at + step, HANDLED_BY, NONE, "") for key, way in keys for step, move in enumerate(way, 1)
    ]
    take_in(connection, city, Batch(columns(Reports, reports), columns(Moves, moves)))  # type: ignore[arg-type]


def _tasks(connection: Connection, city_id: int, unit_id: int) -> None:
    """A task that was passed on and answered, where the move is about one."""
    k, now = t.issue_key.c, datetime.now(UTC)
    wanted = {case.key for case in CASES if case.legal and TASK in case.move.needs}
    for issue_id in connection.execute(select(k.issue_id).where(k.source_key.in_(wanted))).scalars():
        row = {"issue_id": issue_id, "seq": 1, "city_id": city_id, "token": secrets.token_bytes(32), "unit_id": unit_id}
        more = {"salt": b"", "to_whom": "村", "until": now + timedelta(days=1), "given_at": now, "answer": "done"}
        connection.execute(task_link.insert().values(**row, **more))


def test_every_move_is_made_by_whom_the_table_says_and_by_nobody_else(settings: Settings, engine: Engine) -> None:
    app, k, i = create_app(settings), t.issue_key.c, t.issue.c
    with engine.connect() as connection:
        asked = select(k.source_key, i.number, i.seq, i.state, i.unit_id).join(t.issue, i.issue_id == k.issue_id)
        before = {row.source_key: row for row in connection.execute(asked)}
        accounts = {login: find_account(connection, login) for login in PEOPLE}
        handler = connection.execute(select(t.person.c.person_id).where(t.person.c.code == HANDLED_BY)).scalar_one()
    for login in PEOPLE:
        hand = Hand(app, login)
        for move in OURS:
            cases = [Case(login, move, state) for state in STATES]
            apart = [[case] for case in cases if case.legal] if move.name in ALONE else []
            for some in [*apart, [case for case in cases if [case] not in apart]]:
                rows = [before[case.key] for case in some]
                issues = [f"{row.number}@{row.seq}" for row in rows]
                form = {
                    "csrf": hand.csrf,
                    "move": move.name,
                    "issue": issues,
                    **_given(move, before["survivor"].number),
                }
                answer = hand.client.post("/desk/moves", data=form)
                done = sum(case.legal for case in some)
                told = parse_qs(urlsplit(answer.location or "").query)
                said = 1 if answer.status_code == 200 else int(told.get("n", ["0"])[0])
                assert said == done, (login, move.name, told)
                assert (done == len(some)) == ("refused" not in told), (login, move.name, told)
    with engine.connect() as connection:
        after = {row.source_key: row for row in connection.execute(asked)}
    for case in CASES:
        was, became = before[case.key], after[case.key]
        offered = open_moves(accounts[case.login], was.state, was.unit_id, _fed(case, handler), asked=True)
        assert (case.move in offered) == case.legal, case
        assert (became.seq != was.seq) == case.legal, case
        target = case.state if not case.legal or case.move.target == SAME else case.move.target
        assert became.state == target, case
    assert sum(case.legal for case in CASES) > 80
    assert all(any(case.legal for case in CASES if case.move is move) for move in OURS if move.name != "report")
    fold(engine)
    assert verify_store(engine) == []


def _fed(case: Case, handler: int) -> int:
    return handler if "feed_back" in case.way else 0


def _given(move: Move, survivor: str) -> dict[str, object]:
    """What the move needs, and nothing else."""
    given: dict[str, object] = {
        "note": "已清理",
        "until": f"{datetime.now() + timedelta(days=3):%Y-%m-%d}",
        "unit": "T101",
        "into": survivor,
        "to": "村",
        "task": "1",
        "category": "E0505",
    }
    parts = {"part_category": ["E0102", "E0505"], "part_unit": ["T101", "B02"], "part_note": ["", "拖车"]}
    return {need: given[need] for need in move.needs if need in given} | (parts if "parts" in move.needs else {})


def test_who_has_no_desk_moves_nothing(settings: Settings, engine: Engine) -> None:
    app = create_app(settings)
    with engine.connect() as connection:
        row = connection.execute(select(t.issue.c.number, t.issue.c.seq).where(t.issue.c.state == "handling")).first()
        accounts: list[Account] = [find_account(connection, role) for role in sorted(set(ROLES) - STAFF)]
    assert row is not None
    for account in accounts:
        client = app.test_client()
        client.post("/sign-in", data={"login": account.login, "password": PASSWORD})
        for move in OURS:
            form = {"move": move.name, "issue": f"{row.number}@{row.seq}", "note": "x"}
            assert client.post("/desk/moves", data=form).status_code == 403
        assert not [m for state in STATES for m in open_moves(account, state, None, 0)]
    anonymous = app.test_client()
    assert anonymous.post("/desk/moves", data={"move": "void"}).status_code == 401
