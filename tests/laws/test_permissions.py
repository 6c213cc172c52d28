"""Every route says what it needs, and every permission and role that is named exists."""

from __future__ import annotations

from sqlalchemy import create_engine

from weathermap.issue.workflow import MOVES
from weathermap.people.permissions import ANYONE, PERMISSIONS
from weathermap.people.roles import ROLES
from weathermap.settings import read_settings
from web.app import create_app
from web.permissions import ROUTES


def test_every_route_declares_its_permission() -> None:
    app = create_app(read_settings({}), engine=create_engine("postgresql+psycopg2://"), url="postgresql://")
    assert set(app.view_functions) == set(ROUTES)
    assert set(ROUTES.values()) <= {ANYONE, *PERMISSIONS}


def test_what_changes_something_is_never_open_to_anyone() -> None:
    app = create_app(read_settings({}), engine=create_engine("postgresql+psycopg2://"), url="postgresql://")
    writing = {rule.endpoint for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}
    way_in = {"account_pages.enter", "account_pages.set_password", "task_pages.answer"}  # by a secret in the address
    citizens = {"snap_pages.send", "ticket_pages.find", "ticket_pages.say"}
    assert {endpoint for endpoint in writing if ROUTES[endpoint] == ANYONE} == way_in | citizens


def test_roles_exist() -> None:
    named = frozenset[str]().union(*PERMISSIONS.values(), *(move.roles for move in MOVES.values()))
    assert named <= set(ROLES)
