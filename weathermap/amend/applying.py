"""An amendment made: the changed pack is loaded like any other, open issues follow, and who did it is kept; all in one
transaction, the caller's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from weathermap.amend.amendment import Amendment, draft
from weathermap.amend.history import record
from weathermap.amend.looking import ROUTES
from weathermap.errors import Refused, Stale
from weathermap.issue.reassign import reassign
from weathermap.people.access_log import note
from weathermap.people.accounts import Account
from weathermap.store import tables as t
from weathermap.store.cities import load
from weathermap.store.packs import have_pack_alone
from weathermap.store.registry import City


@dataclass(frozen=True)
class Applied:
    """The version of the pack that it made, and how many open issues went to another unit or got another deadline."""

    pack_version: int
    moved: int
    redated: int = 0


def apply(
    connection: Connection, city: City, wanted: Amendment, by: Account, hand_over: bool = True, address: str = ""
) -> Applied:
    """Load the city's pack with the amendment; `city` is as it was looked at.

    Raises Stale when another pack was loaded since, Refused with the first fault of what it would make.
    """
    have_pack_alone(connection, city.city_id)
    if _newest(connection, city.city_id) != city.pack_version:
        raise Stale(
            "The city's tables were changed meanwhile.",
            "Load the page anew, look at what is there now.",
            "期间有人改过这些表。请重新打开，看过现在的内容再改。",
        )
    made = draft(city.pack, wanted, datetime.now(ZoneInfo(city.pack.config.timezone)).date())
    if made.pack is None:
        first = made.faults[0]
        raise Refused(f"{first.file}:{first.line}: {first.what}", first.remedy, first.zh)
    loaded = load(connection, made.pack)
    version = _newest(connection, city.city_id)
    moved = 0
    if wanted.table in ROUTES and hand_over:
        moved = reassign(connection, city.code).moved
    record(connection, by, made.changed, city.city_id, version)
    for each in made.changed:
        note(connection, by, f"change {each.subject}", each.target, address)
    return Applied(version, moved, loaded.redated.moved if loaded.redated else 0)


def _newest(connection: Connection, city_id: int) -> int:
    p = t.pack_version.c
    return int(connection.execute(select(func.max(p.pack_version)).where(p.city_id == city_id)).scalar_one())
