"""Numbers as people read them: 41,516; 98.73%; +12; 「–」 for what is not known."""

from __future__ import annotations

from typing import Any

from etl.export.columns import Column
from weathermap.weather.words import percent


def rate_shown(value: float | None) -> str:
    """A share as a percentage; 「–」 for that of nothing."""
    return "–" if value is None else percent(value, 2)


def shown(value: Any, column: Column) -> str:
    """A value of a column as text. A share below one is never rounded up to 100%."""
    if value is None:
        return "–"
    if column.kind == "rate":
        return percent(value, 2)
    if column.kind == "points":
        return f"{value * 100:+.2f}"
    if column.kind == "change":
        return f"{value:+,}" if value else "0"
    return f"{value:,}" if column.kind == "count" else str(value)
