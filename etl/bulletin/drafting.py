"""A draft of a bulletin: its window's facts read once, its map drawn, a head to begin with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from etl.bulletin.facts import Facts, gather, named_units
from etl.bulletin.kinds import OFFICIAL, kind_of, window_of
from etl.bulletin.picture import map_of
from weathermap.judge.bulletins import draft
from weathermap.people.accounts import Account
from weathermap.store.catalog import Catalog

SCHEDULED = ("daily", "weekly", "monthly", "special")  # what a schedule may write


def write_draft(
    connection: Connection,
    account: Account,
    catalog: Catalog,
    kind: str,
    window: tuple[datetime, datetime],
    now: datetime,
    head: Mapping[str, str] | None = None,
    job_id: int | None = None,
) -> int:
    """Keep a draft over a window (its first and last second). Returns its number."""
    since, at = window
    facts = gather(connection, catalog, kind_of(kind), since, at)
    picture = map_of(connection, catalog, facts)
    head = head or first_head(catalog, facts, now)
    return draft(connection, account, catalog.city_id, kind, head, facts, picture, named_units(facts), at, job_id)


def first_head(catalog: Catalog, facts: Facts, now: datetime) -> dict[str, str]:
    """A head to begin with; the office writes over it."""
    today = now.astimezone(ZoneInfo(catalog.timezone)).date()
    first, last = facts["from"][:10], facts["to"][:10]
    name = facts["kind_name"].split("（")[0]
    return {
        "title": f"关于{first if first == last else f'{first}至{last}'}文明城市督查情况的{name}",
        "number": f"文明督〔{today.year}〕　号",
        "recipients": "各镇人民政府、街道办事处，各责任单位",
        "signer": f"{catalog.name}文明城市创建指挥部",
        "signed_on": today.isoformat(),
        "matter": "",
    }


def before(kind: str, instant: datetime, timezone: str) -> tuple[datetime, datetime]:
    """The last whole window of a kind at an instant: up to that day's 08:00, the week or the month before."""
    local = instant.astimezone(ZoneInfo(timezone))
    day = local.date()
    if kind == "daily":
        day -= timedelta(days=int(local.time() < OFFICIAL))
    elif kind == "weekly":
        day -= timedelta(days=7)
    else:
        day = day.replace(day=1) - timedelta(days=1)
    return window_of(kind, day, timezone, instant)
