"""Accounts of the demo: one a role, with a password that everyone knows. Made in a store whose city is the demo's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.errors import UnknownName
from weathermap.people.accounts import create_account, find_account
from weathermap.store import tables as t
from weathermap.store.sql import query

DEMO_PASSWORD = "demo-weather"
# login → role
DEMO_ROLES = {
    f"demo-{role}": role
    for role in ("commander", "supervisor", "dispatcher", "checker", "head", "handler", "inspector")
}
# role → the posts in the pack whose people stand in for it, the better first
STAND_INS = {
    "supervisor": ("supervisor", "inspector"),
    "dispatcher": ("supervisor", "inspector"),
    "checker": ("supervisor", "inspector"),
    "handler": ("handler", "head"),
}
_WHAT = {
    "commander": ("督办、挂账审批", "orders, approves suspensions"),
    "supervisor": ("核查、催办、延期审批", "checks, urges, approves extensions"),
    "dispatcher": ("立案、派遣", "files and dispatches"),
    "checker": ("核查结案", "checks and closes"),
    "head": ("本单位的全部问题", "all that their unit has to do"),
    "handler": ("办理与反馈", "handles and feeds back"),
    "inspector": ("巡查上报", "walks and reports"),
}


def demo_login(login: str) -> tuple[str, str]:
    """What this account does, in Chinese and English."""
    return _WHAT[DEMO_ROLES[login]]


def make_demo_accounts(connection: Connection, city_id: int) -> int:
    """Make those that are missing; head and handler are of the unit with most open issues. Returns their number."""
    busiest = connection.execute(query("unit_busiest"), {"city_id": city_id}).scalar()
    made = 0
    for login, role in DEMO_ROLES.items():
        try:
            find_account(connection, login)
            continue
        except UnknownName:
            pass
        unit = busiest if role in ("head", "handler") else None
        if unit is None and role in ("head", "handler"):
            continue
        person = _person(connection, city_id, role, unit)
        name = person.name if person else login
        bound = person.unit_id if person else unit
        create_account(
            connection, login, name, [role], city_id, bound, person and person.person_id, password=DEMO_PASSWORD
        )
        made += 1
    return made


def _person(connection: Connection, city_id: int, role: str, unit: int | None) -> Row[Any] | None:
    """Who in the pack does this work; dispatcher and checker are not the supervisor over again."""
    p = t.person.c
    first, second = STAND_INS.get(role, (role, role))
    asked = select(t.person).where(p.city_id == city_id, p.role.in_((first, second)), ~p.retired)
    if unit is not None:
        asked = asked.where(p.unit_id == unit)
    skip = {"dispatcher": 1, "checker": 2}.get(role, 0)
    return connection.execute(asked.order_by(p.role != first, p.person_id).offset(skip).limit(1)).first()
