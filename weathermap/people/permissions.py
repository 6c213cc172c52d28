"""What each role may see and change: one table. Which role may make which move stands in the workflow's table."""

from __future__ import annotations

from collections.abc import Iterable

from weathermap.people.roles import ADMINISTRATORS, EVERYONE, STAFF

ANYONE = "anyone"  # needs no sign-in: what citizens see, and the way in itself
LOOK = "look"  # the wall and what it counts; without sign-in while the server hears this machine alone

PERMISSIONS: dict[str, frozenset[str]] = {
    LOOK: EVERYONE,
    "desk": STAFF,  # queues, issues, moves
    "decide": frozenset({"commander", "supervisor"}),  # on proposals of the ladder
    "command": frozenset({"commander"}),  # orders and public listings of units
    "street": frozenset({"inspector", "supervisor", "dispatcher", "assessor"}),  # visits, photos and reports by phone
    "report": frozenset({"inspector", "dispatcher", "supervisor"}),  # what somebody told, written down at the desk
    "loads": STAFF,  # imports, and their rows that were not stored
    "snaps": frozenset({"dispatcher", "supervisor", "commander"}),  # citizens' reports before they are dispatched
    "reporters": frozenset({"dispatcher", "supervisor"}),  # who reported, to call back; never the units that handle
    "reports": STAFF,  # reports on the screen and as files, jobs and schedules
    "admin": ADMINISTRATORS,  # three who keep an eye on one another; what each may do stands below
    "system": frozenset({"system_admin"}),  # units, duties, calendar, categories
    "people": frozenset({"security_admin"}),  # accounts and their roles
    "audit": frozenset({"audit_admin"}),  # who did and saw what
    "import": frozenset({"dispatcher", "supervisor"}),  # ledgers from the desk
    "bulletins": STAFF,  # what was published; units: what names them, before it goes out
    "bulletins_write": frozenset({"commander", "supervisor"}),
    "own": EVERYONE,  # one's own account: password, sign-out
}


def may(roles: Iterable[str], permission: str) -> bool:
    """Whether someone with these roles holds the permission. Raises KeyError for one that does not exist."""
    return permission == ANYONE or not PERMISSIONS[permission].isdisjoint(roles)
