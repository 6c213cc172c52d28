"""What an empty store is given: the city's pack, and its demo year."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, select

from weathermap.settings import Settings
from weathermap.store import tables as t
from weathermap.store.db import open_store


def is_new(settings: Settings) -> bool:
    """No city, or only ours and without an issue: then an earlier first filling was cut off."""
    if settings.city_dir is None:
        return False
    with _connection(settings) as connection:
        cities = connection.scalars(select(t.city.c.code)).all()
        issues = connection.execute(select(t.issue.c.issue_id).limit(1)).first()
    return not cities or (settings.demo and issues is None and cities == [_code(settings.city_dir)])


def has_demo(settings: Settings) -> bool:
    """Our city's ledger is the demo's, which grows with the days."""
    if settings.city_dir is None or not settings.demo:
        return False
    ours = (t.city.c.demo.is_not(None)) & (t.city.c.code == _code(settings.city_dir))
    with _connection(settings) as connection:
        return connection.execute(select(t.city.c.city_id).where(ours)).first() is not None


def demo_words(settings: Settings) -> tuple[str, ...]:
    """The command that fills in the demo year, or the days that it lacks."""
    return ("demo", "--city", str(settings.city_dir))


def first_steps(settings: Settings) -> list[tuple[str, tuple[str, ...]]]:
    """Names and commands that fill an empty store, in their order."""
    steps: list[tuple[str, tuple[str, ...]]] = [("city", ("city", "load", str(settings.city_dir)))]
    return [*steps, ("demo year", demo_words(settings))] if settings.demo else steps


@contextmanager
def _connection(settings: Settings) -> Iterator[Connection]:
    engine = open_store(settings)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def _code(pack: Path) -> str:
    """The city's code in a pack; empty when it cannot be read, which loading it will explain."""
    try:
        return str(tomllib.loads((pack / "city.toml").read_text(encoding="utf-8"))["city"]["code"])
    except (OSError, ValueError, KeyError):
        return ""
