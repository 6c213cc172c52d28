"""A store that breaks off is told in words; a fault of the program keeps its trace."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from weathermap.settings import Settings
from weathermap.store.db import connect_engine, database_url, open_store, owner_url
from weathermap.store.trouble import as_store_error
from weathermap.work.child import WEATHERMAP

RAISES_FULL = (
    "DO $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$"
)
PACK = Path(__file__).parents[1] / "packs" / "toy"


def trouble(settings: Settings, statement: str) -> DBAPIError:
    engine = open_store(settings)
    with pytest.raises(DBAPIError) as caught, engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
    return caught.value


def test_a_full_disk_and_a_lost_server_are_told(fresh: Settings) -> None:
    full = as_store_error(trouble(fresh, RAISES_FULL))
    assert full is not None
    assert full.what == "The disk that holds the store is full: could not extend file: No space left on device"
    lost = as_store_error(trouble(fresh, "SELECT pg_terminate_backend(pg_backend_pid())"))
    assert lost is not None
    assert "broke off" in lost.what


def test_a_fault_of_the_program_stays_one(fresh: Settings) -> None:
    error = trouble(fresh, "SELECT nothing FROM nowhere")
    assert isinstance(error, ProgrammingError)
    assert as_store_error(error) is None
    assert as_store_error(ValueError("x")) is None


def test_a_command_tells_a_full_disk_and_stores_nothing(clone: Callable[..., Settings]) -> None:
    settings = clone()
    engine = connect_engine(owner_url(settings))
    with engine.begin() as connection:  # the store fills up with the first area
        connection.execute(
            text(f"CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS $f${body(RAISES_FULL)}$f$")
        )
        connection.execute(text("CREATE TRIGGER fill BEFORE INSERT ON area FOR EACH ROW EXECUTE FUNCTION fill()"))
    environ = {"WEATHERMAP_DATABASE_URL": database_url(settings)}
    done = subprocess.run(
        [*WEATHERMAP, "city", "load", str(PACK)], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "weathermap: The disk that holds the store is full" in done.stderr
    assert "Traceback" not in done.stderr
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM city")).scalar_one() == 0
    engine.dispose()


def body(block: str) -> str:
    """The inside of a DO block."""
    return block.removeprefix("DO $$").removesuffix("$$")
