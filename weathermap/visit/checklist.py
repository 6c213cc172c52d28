"""What is looked at where: the kinds of points and their standards, from the pack that is archived in the store."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from weathermap.city.archive import archived_file
from weathermap.city.finding import Findings
from weathermap.city.pack import PointKind, Standard
from weathermap.city.schema import TABLES
from weathermap.city.tables import read_table
from weathermap.store import tables as t


@dataclass(frozen=True)
class Checklist:
    """A pack's kinds of points and what is checked at each."""

    kinds: tuple[PointKind, ...]
    standards: tuple[Standard, ...]

    def of(self, kind: str) -> tuple[Standard, ...]:
        """The standards of one kind, in the pack's order."""
        return tuple(standard for standard in self.standards if standard.point_kind == kind)


def read_checklist(connection: Connection, city_id: int, pack_version: int) -> Checklist:
    """The checklist of a loaded pack; empty where the pack has none."""
    chosen = select(t.pack_version.c.archive).where(
        t.pack_version.c.city_id == city_id, t.pack_version.c.pack_version == pack_version
    )
    archive = connection.execute(chosen).scalar_one()

    def rows(name: str) -> tuple[object, ...]:
        table = TABLES[name]
        content = archived_file(archive, table.file)
        return read_table(table, content, Findings(strict=True)).rows if content else ()

    return Checklist(rows("point_kinds"), rows("standards"))  # type: ignore[arg-type]
