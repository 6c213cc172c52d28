"""After a migration: what a newer program counts and an older one did not, is counted for the issues stored already."""

from __future__ import annotations

from sqlalchemy import Connection, Engine, exists, select
from sqlalchemy.dialects.postgresql import insert

from weathermap.progress import step
from weathermap.store import tables as t
from weathermap.store.registry import open_city
from weathermap.store.slices import make_slices
from weathermap.tally.rebuild import rebuild_tallies


def refill(engine: Engine) -> list[str]:
    """Make the slices of cities that have none, and their tallies. Returns the cities' codes."""
    with engine.begin() as connection:
        lacking = (
            select(t.city.c.code)
            .where(~exists().where(t.tally_slice.c.city_id == t.city.c.city_id))
            .where(exists().where(t.pack_version.c.city_id == t.city.c.city_id))
        )
        codes = list(connection.execute(lacking).scalars())
        for code in codes:
            with step(f"counting {code} by category and source"):
                _slice(connection, code)
    return codes


def _slice(connection: Connection, code: str) -> None:
    city = open_city(connection, code)
    rows = [
        {"city_id": city.city_id, "code": s.code, "name": s.name, "name_en": s.name_en, "retired": False}
        for s in city.pack.specials
    ]
    if rows:
        connection.execute(insert(t.special).on_conflict_do_nothing(), rows)
    if make_slices(connection, city.city_id, city.version, city.pack.config.levels):
        rebuild_tallies(connection, open_city(connection, code))
