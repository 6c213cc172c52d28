"""What administrators changed: who, when, before and after, from which day; appended."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from weathermap.city.pack import Pack
from weathermap.city.rows import rows_of
from weathermap.city.schema import TABLES
from weathermap.people.accounts import Account
from weathermap.store.admin_tables import admin_change

ACCOUNT = "account"
MOST = 200


@dataclass(frozen=True)
class Changed:
    """One row, before and after; None where there was or is none."""

    subject: str
    target: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    valid_from: date


def record(
    connection: Connection, by: Account, changes: Iterable[Changed], city_id: int | None, pack_version: int | None
) -> None:
    """Append changes."""
    rows = [
        {
            "at": datetime.now(UTC),
            "account_id": by.account_id,
            "login": by.login,
            "city_id": city_id,
            "subject": each.subject,
            "target": each.target,
            "before": _text(each.before),
            "after": _text(each.after),
            "valid_from": each.valid_from,
            "pack_version": pack_version,
        }
        for each in changes
    ]
    if rows:
        connection.execute(admin_change.insert(), rows)


def _text(row: dict[str, Any] | None) -> str | None:
    return None if row is None else json.dumps(row, ensure_ascii=False)


def changes_of(connection: Connection, subjects: Sequence[str], target: str = "", most: int = MOST) -> list[Row[Any]]:
    """The newest changes of some subjects, or of one target, newest first."""
    c = admin_change.c
    asked = select(admin_change).where(c.subject.in_(subjects))
    if target:
        asked = asked.where(c.target == target)
    return list(connection.execute(asked.order_by(c.change_id.desc()).limit(most)))


def differing(before: str | None, after: str | None) -> list[tuple[str, Any, Any]]:
    """(column, before, after) of what a change changed."""
    old, new = json.loads(before or "{}"), json.loads(after or "{}")
    names = list(dict.fromkeys([*old, *new]))
    return [(name, old.get(name, ""), new.get(name, "")) for name in names if old.get(name, "") != new.get(name, "")]


def overwritten(connection: Connection, city_id: int, stored: Pack, wanted: Pack) -> list[Row[Any]]:
    """Changes made on the pages that loading `wanted` would undo: still as they were made, and other there."""
    c = admin_change.c
    asked = select(admin_change).where(c.city_id == city_id, c.subject.in_(list(TABLES)), c.pack_version.is_not(None))
    newest = {(row.subject, row.target): row for row in connection.execute(asked.order_by(c.change_id))}
    tables = {subject for subject, _ in newest}
    here, there = ({table: _by_key(pack, table) for table in tables} for pack in (stored, wanted))
    return [
        row
        for (subject, target), row in newest.items()
        if here[subject].get(target) == json.loads(row.after or "null") != there[subject].get(target)
    ]


def _by_key(pack: Pack, table: str) -> dict[str, dict[str, str]]:
    return {row[TABLES[table].key]: row for row in rows_of(pack.files, table)}
