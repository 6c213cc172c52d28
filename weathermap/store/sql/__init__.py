"""The set-shaped and spatial questions: one .sql file each, that an editor or psql can run."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import TextClause, text


@cache
def query(name: str) -> TextClause:
    """The statement in `name`.sql, with its :parameters."""
    return text(source_of(name))


@cache
def source_of(name: str) -> str:
    """The text of `name`.sql: for questions that are put together from parts."""
    return Path(__file__).with_name(f"{name}.sql").read_text(encoding="utf-8")
