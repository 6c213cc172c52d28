"""The map of a bulletin, drawn from its facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from etl.export.columns import COUNTS, PLACE
from etl.export.grid_report import Report
from etl.export.picture import picture
from etl.export.shapes import load_shapes
from weathermap.store.catalog import Catalog


def map_of(connection: Connection, catalog: Catalog, facts: Mapping[str, Any]) -> str:
    """The towns in the weather that the facts name, as SVG; '' where nothing can be drawn."""
    towns = facts["towns"]
    geometry = (facts["version"], facts["level"])
    shapes = load_shapes(connection, catalog, *geometry, [row["code"] for row in towns])
    columns = (*PLACE, next(column for column in COUNTS if column.key == "open"))
    report = Report(
        title=facts["kind_name"],
        lang=facts["lang"],
        columns=columns,
        rows=towns,
        rest=None,
        totals=facts["totals"],
        stamp=[],
        file_stem="",
        weathers=[row["weather"] for row in towns],
        geometry=geometry,
        demo=bool(facts["demo"]),
        headline="",
        at=datetime.fromisoformat(facts["at"]),
    )
    return picture(report, shapes, 480, 340)
