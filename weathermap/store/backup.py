"""The whole store into one file and back. The file is pg_dump's custom archive: `pg_restore` alone can read it too."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

from weathermap.errors import SchemaTooNew, StoreError
from weathermap.progress import step
from weathermap.settings import Settings
from weathermap.store import postgres
from weathermap.store.cluster import Cluster, cluster_at_hand
from weathermap.store.db import (
    connect_engine,
    database_url,
    head,
    known_revisions,
    migrate,
    owner_url,
    reachable,
    revision,
)
from weathermap.store.room import disk_full, folder_error

RESTORING = "_restoring"  # the name's end of a database that is being filled
REPLACED = "_replaced"  # and of one that has just been replaced


def backup_store(settings: Settings, file: Path) -> str:
    """Write the store, as it is at one instant, into `file`; the map may run meanwhile. Returns what was done.

    The file appears whole or not at all. Raises StoreError.
    """
    part = file.with_name(f".{file.name}.part")
    with cluster_at_hand(settings), step(f"backup into {file}"):
        url = owner_url(settings)
        engine = connect_engine(url, pool=1)
        with reachable(engine) as connection:
            found = revision(connection)
        engine.dispose()
        if found is None:
            raise StoreError("The store is empty: there is nothing to back up.")
        try:
            with part.open("wb") as handle:
                os.fchmod(handle.fileno(), 0o600)  # it holds all that the store holds
            done = postgres.run_client(
                _program(settings, "pg_dump"),
                url,
                *("--format=custom", "--compress=3", "--no-owner", "--no-privileges", "--file", part.absolute()),
            )
            if done.returncode:
                raise _failure(f"The backup into {file} failed", done, file.parent)
            _settle(part, file)
        except OSError as error:
            raise folder_error(file.parent, error) from error
        finally:
            part.unlink(missing_ok=True)
    photos = settings.data_dir / "photos"
    beside = f" Photos are not in it: copy {photos} too." if photos.is_dir() else ""
    return f"{file}: {file.stat().st_size / 1e6:.1f} MB, schema {found}.{beside}"


def _settle(part: Path, file: Path) -> None:
    """On the disk first, then under its name."""
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    part.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def restore_store(settings: Settings, file: Path, replace: bool = False) -> str:
    """Bring the store back from `file`, into a new database that takes the old one's name once it is whole.

    Raises StoreError (not a backup, cut off, store not empty and not `replace`) or SchemaTooNew; then nothing changed.
    """
    with cluster_at_hand(settings):
        url = owner_url(settings)
        archived = _check_archive(settings, file)
        if not replace and _holds_city(url):
            raise StoreError(
                "The store already holds a city.",
                "Add --replace to put the backup in its place (back up what is there first).",
            )
        name = str(psycopg2.extensions.parse_dsn(url).get("dbname", ""))
        with _maintenance(url) as admin, _new_database(admin, name + RESTORING, url) as fresh:
            with step(f"restore from {file}"):
                done = postgres.run_client(
                    _program(settings, "pg_restore"),
                    fresh,
                    *("--exit-on-error", "--no-owner", "--no-privileges", "--jobs=2", file.absolute()),
                )
                if done.returncode:
                    raise _failure(f"{file} cannot be restored; the store is as it was", done, settings.data_dir)
                engine = connect_engine(fresh, pool=1)
                migrate(engine, psycopg2.extensions.parse_dsn(database_url(settings)).get("user"))
                engine.dispose()
            _swap(admin, name)
    return f"Restored from {file}: schema {archived}" + ("." if archived == head() else f", brought to {head()}.")


def _check_archive(settings: Settings, file: Path) -> str:
    """The schema revision that the archive holds, read without a database."""
    pg_restore = _program(settings, "pg_restore")
    command = [str(pg_restore), "--data-only", "--table=alembic_version", "--file=-", str(file)]
    done = subprocess.run(command, env=postgres.clean_environment(), capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    starts = [number for number, line in enumerate(lines) if line.startswith("COPY ") and "alembic_version" in line]
    if done.returncode or not starts:
        said = done.stderr.strip() or "it holds no store of this program"
        raise StoreError(f"{file} is not a whole backup: {said}.", "Take another backup file; the store is as it was.")
    found: str = lines[starts[0] + 1].strip()
    if found not in known_revisions():
        raise SchemaTooNew(
            f"{file} was written by a newer program (schema {found}; this program knows {head()}).",
            "Install the newer program, then restore; the store is as it was.",
        )
    return found


def _holds_city(url: str) -> bool:
    with closing(_connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('city') IS NOT NULL")
        if cursor.fetchone() != (True,):
            return False
        cursor.execute("SELECT EXISTS (SELECT FROM city)")
        return cursor.fetchone() == (True,)


def _connect(url: str) -> psycopg2.extensions.connection:
    try:
        return psycopg2.connect(url, application_name="weathermap-restore")
    except psycopg2.OperationalError as error:
        raise StoreError(f"The store does not answer: {str(error).strip()}", "Is PostgreSQL running?") from error


def _beside(url: str, database: str) -> str:
    """The same server's other database."""
    return str(psycopg2.extensions.make_dsn(url, dbname=database))


@contextmanager
def _maintenance(url: str) -> Iterator[psycopg2.extensions.connection]:
    """A connection beside the store's database, from which that one can be renamed."""
    with closing(_connect(_beside(url, "postgres"))) as connection:
        connection.autocommit = True
        yield connection


@contextmanager
def _new_database(admin: psycopg2.extensions.connection, name: str, url: str) -> Iterator[str]:
    """An empty database; gone again at the end unless it was renamed."""
    with admin.cursor() as cursor:
        drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
        cursor.execute(drop)
        try:
            cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        except psycopg2.errors.InsufficientPrivilege as error:
            remedy = (
                "Give the store's user CREATEDB: a restore fills a new database, which then takes the old one's place."
            )
            raise StoreError(f"The new database cannot be made: {str(error).strip()}", remedy) from error
        try:
            yield _beside(url, name)
        finally:
            cursor.execute(drop)


def _swap(admin: psycopg2.extensions.connection, name: str) -> None:
    """Close the old database, send everyone out, exchange the names in one transaction, drop the old one."""
    old, new, replaced = (sql.Identifier(name + end) for end in ("", RESTORING, REPLACED))
    rename = sql.SQL("BEGIN; ALTER DATABASE {old} RENAME TO {replaced}; ALTER DATABASE {new} RENAME TO {old}; COMMIT")
    with admin.cursor() as cursor:
        cursor.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(replaced))
        _admit(admin, name, False)  # else a server that comes back at once keeps the name from being changed
        try:
            cursor.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s", (name,))
            cursor.execute(rename.format(old=old, new=new, replaced=replaced))
        except psycopg2.Error as error:
            cursor.execute("ROLLBACK")
            _admit(admin, name, True)
            raise StoreError(
                f"The store cannot be replaced; it is as it was: {str(error).strip()}", "Stop the map."
            ) from error
        cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(replaced))


def _admit(admin: psycopg2.extensions.connection, name: str, admitted: bool) -> None:
    with admin.cursor() as cursor:
        statement = sql.SQL("ALTER DATABASE {} WITH ALLOW_CONNECTIONS {}")
        cursor.execute(statement.format(sql.Identifier(name), sql.Literal(admitted)))


def _program(settings: Settings, name: str) -> Path:
    version = None if settings.database_url else Cluster(settings.cluster_dir).version()
    return postgres.programs(version) / name


def _failure(what: str, done: subprocess.CompletedProcess[str], folder: Path) -> StoreError:
    if "No space left" in done.stderr:
        return disk_full(folder.absolute(), what)
    return StoreError(f"{what}: {done.stderr.strip()}", "Is the file whole, and is there room on the disk?")
