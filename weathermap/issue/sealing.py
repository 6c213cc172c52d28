"""Sealing all cities' days, as the worker does it each night and a command at any time."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine, select

from weathermap.issue.root_file import export_roots
from weathermap.issue.roots import Root, seal_day
from weathermap.settings import Settings
from weathermap.store import tables as t

PAUSE_S = 60.0  # between the worker's looks at the day


def city_codes(connection: Connection) -> Sequence[str]:
    return connection.execute(select(t.city.c.code).order_by(t.city.c.city_id)).scalars().all()


def seal_all(engine: Engine, early: bool = False) -> list[Root]:
    """Seal what waits, each city in a transaction of its own; the roots that were made."""
    with engine.connect() as connection:
        codes = city_codes(connection)
    made = []
    for code in codes:
        with engine.begin() as connection:
            root = seal_day(connection, code, early)
        made += [root] if root is not None else []
    return made


def seal_nightly(engine: Engine, settings: Settings) -> int:
    """The worker's part: seal what waits and write it elsewhere, if a place is named. 0: nothing is left to do.

    Raises OutputError where that place cannot be written; what is sealed stays so and is written next time.
    """
    seal_all(engine)
    if settings.roots is not None:
        with engine.connect() as connection:
            for code in city_codes(connection):
                export_roots(connection, code, settings.roots)
    return 0
