"""The PostgreSQL programs of this machine: where they are, and running them as a user that they accept."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import psycopg2
import psycopg2.extensions

from weathermap.errors import StoreError

INSTALL = "apt-get install --yes --no-install-recommends postgresql-15-postgis-3"
DEBIAN = Path("/usr/lib/postgresql")


def programs(version: str | None = None) -> Path:
    """The folder of initdb, pg_ctl, pg_dump: the newest installed, or of the major `version` that made a cluster.

    Raises StoreError naming the package to install when there is none.
    """
    found = {folder.parent.name: folder for folder in DEBIAN.glob("*/bin") if (folder / "initdb").is_file()}
    if version is None and found:
        return found[max(found, key=int)]
    if version in found:
        return found[version]
    elsewhere = shutil.which("initdb")
    if elsewhere and version in (None, _major(Path(elsewhere))):
        return Path(elsewhere).resolve().parent
    if version is None:
        raise StoreError("PostgreSQL with PostGIS is not installed.", f"Install it as root: {INSTALL}")
    raise StoreError(
        f"The store was made by PostgreSQL {version}, which is not installed (found: {', '.join(found) or 'none'}).",
        f"Install it as root: apt-get install --yes postgresql-{version}-postgis-3",
    )


def _major(program: Path) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    return shown.rpartition(" ")[2].strip().partition(".")[0]


def owner() -> str:
    """The operating system's user that PostgreSQL runs as: it refuses root, so root lends it `postgres`."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid()).pw_name
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise StoreError("PostgreSQL does not run as root and there is no user `postgres`.", INSTALL) from None


def give_to_owner(folder: Path, mode: int) -> None:
    """Make `folder` if need be, owned by the user whom PostgreSQL runs as."""
    folder.mkdir(mode=mode, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        entry = pwd.getpwnam(owner())
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    folder.chmod(mode)


def create_database(url: str, database: str, role: str) -> None:
    """The database and the program's role, where the server at `url` lacks them; a replica has what its primary has."""
    exists = "SELECT count(*) FROM pg_roles WHERE rolname = %s", "SELECT count(*) FROM pg_database WHERE datname = %s"
    with closing(psycopg2.connect(url)) as connection, connection.cursor() as cursor:
        connection.autocommit = True
        cursor.execute(f"SELECT pg_is_in_recovery(), ({exists[0]}), ({exists[1]})", (role, database))
        replica, roles, databases = cursor.fetchone() or (False, 0, 0)
        if replica:
            return
        if not roles:
            cursor.execute(f"CREATE ROLE {role} LOGIN")
        if not databases:
            cursor.execute(f'CREATE DATABASE "{database}"')
        # A restore that was killed while it exchanged databases leaves ours closed.
        cursor.execute(f'ALTER DATABASE "{database}" WITH ALLOW_CONNECTIONS true')


def run_as_owner(*command: str | Path, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    """Run one program as `owner()` from `/`, with nothing of our environment that could lead it elsewhere.

    Never raises for a bad exit code: the caller reads `returncode` and `stderr`.
    """
    words = [str(word) for word in command]
    if os.geteuid() == 0:
        words = ["runuser", "-u", owner(), "--", *words]
    return subprocess.run(
        words, cwd="/", env=clean_environment(), capture_output=True, text=True, timeout=seconds, check=False
    )


def run_client(program: Path, url: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """pg_dump, pg_restore on the database at `url`, as ourselves; a password goes by the environment, not by `ps`."""
    parts = psycopg2.extensions.parse_dsn(url)
    password = parts.pop("password", None)
    environment = clean_environment() | ({"PGPASSWORD": password} if password else {})
    command = [str(program), "--dbname", psycopg2.extensions.make_dsn(**parts), *map(str, words)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def clean_environment() -> dict[str, str]:
    """PATH and language only: a PGHOST or PGDATA of the caller's shell must not reach PostgreSQL's programs."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin:/usr/sbin:/sbin"), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
