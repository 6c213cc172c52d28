"""Reaching the store: the engine, the schema's revision, migrations."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DisconnectionError, OperationalError

from weathermap.errors import SchemaTooNew, StoreError
from weathermap.settings import Settings
from weathermap.store.roles import grant_use

MIGRATION_LOCK = 0x57EA7
POOL = 16
RESTED_S = 1.0


def database_url(settings: Settings) -> str:
    """The libpq URL of the store: WEATHERMAP_DATABASE_URL, else the running private cluster. Raises StoreError.

    Of the role that server, worker and imports work as: see `owner_url`.
    """
    from weathermap.store.cluster import APP_ROLE

    return settings.database_url or _cluster_url(settings, APP_ROLE)


def owner_url(settings: Settings) -> str:
    """As `database_url`, of the role that owns the tables: for migrations, backup and restore. WEATHERMAP_OWNER_URL."""
    from weathermap.store.cluster import ROLE

    return settings.owner_url or settings.database_url or _cluster_url(settings, ROLE)


def _cluster_url(settings: Settings, role: str) -> str:
    from weathermap.store.cluster import running_cluster_url

    url = running_cluster_url(settings, role)
    if url is None:
        raise StoreError(
            f"The private PostgreSQL cluster in {settings.cluster_dir} is not running.",
            "Start it with `make run` (or `weathermap run`), or set WEATHERMAP_DATABASE_URL.",
        )
    return url


def reading_url(settings: Settings) -> str:
    """Where the map server reads: WEATHERMAP_READ_URL, a replica, else the store itself. Raises StoreError."""
    return settings.read_url or database_url(settings)


def connect_engine(url: str, pool: int = POOL) -> Engine:
    """An engine on a libpq URL; sessions speak UTC and name themselves."""

    def connect() -> psycopg2.extensions.connection:
        return psycopg2.connect(url, application_name="weathermap", options="-c timezone=UTC -c jit=off")

    engine = create_engine("postgresql+psycopg2://", creator=connect, pool_size=pool, max_overflow=0)
    _ask_the_rested(engine)
    return engine


def _ask_the_rested(engine: Engine) -> None:
    """Ask a connection that lay idle whether its server still lives; not one just used: that is a round trip saved."""

    @event.listens_for(engine, "checkin")
    def left(_: Any, record: Any) -> None:
        record.info["left"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def taken(raw: Any, record: Any, _: Any) -> None:
        if time.monotonic() - record.info.get("left", math.inf) > RESTED_S:
            try:
                engine.dialect.do_ping(raw)
            except engine.dialect.loaded_dbapi.Error as error:
                raise DisconnectionError from error  # the pool makes a new one


def open_store(settings: Settings, reading: bool = False) -> Engine:
    """An engine on a store whose schema is this program's. Raises StoreError or SchemaTooNew.

    `reading`: for what only reads, from the replica if there is one.
    """
    engine = connect_engine(reading_url(settings) if reading else database_url(settings))
    engine.update_execution_options(index_folder=settings.index_folder)
    with reachable(engine) as connection:
        found, wanted = revision(connection), head()
    if found == wanted:
        return engine
    if found is None or found in known_revisions():
        raise StoreError(
            f"The store's schema is {found or 'empty'}, this program needs {wanted}.", "Run `weathermap migrate`."
        )
    raise _too_new(found)


def migrate_store(settings: Settings) -> str:
    """Bring the schema to this program's head, one process at a time. Returns what was done."""
    role = psycopg2.extensions.parse_dsn(database_url(settings)).get("user")
    return migrate(connect_engine(owner_url(settings), pool=1), role)


def migrate(engine: Engine, app_role: str | None = None) -> str:
    """As `migrate_store`, on an engine of the owner's; `app_role` may use the tables then, and rewrite no event."""
    with reachable(engine) as connection:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (MIGRATION_LOCK,))
        found = revision(connection)
        if found == head():
            grant_use(connection, app_role)
            connection.commit()
            return f"The schema is {found}: nothing to do."
        config = _config()
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise _too_new(found or "?") from error
        grant_use(connection, app_role)
        connection.commit()
    from weathermap.tally.refill import refill

    refill(engine)
    return f"The schema went from {found or 'nothing'} to {head()}."


@contextmanager
def reachable(engine: Engine) -> Iterator[Connection]:
    """A connection, or StoreError in words when the server does not answer."""
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise StoreError(
            f"The store does not answer: {str(error.orig).strip()}",
            "Is PostgreSQL running (`make run`), and is WEATHERMAP_DATABASE_URL right?",
        ) from error
    with connection:
        yield connection


def revision(connection: Connection) -> str | None:
    """The schema revision that the store is at, None when empty."""
    return MigrationContext.configure(connection).get_current_revision()


def head() -> str:
    """The schema revision that this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def known_revisions() -> set[str]:
    """All schema revisions that this program knows."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def _too_new(found: str) -> SchemaTooNew:
    return SchemaTooNew(
        f"The store's schema is {found}, which this program (head {head()}) does not know: a newer program wrote it.",
        "Install the newer program; nothing was changed.",
    )
