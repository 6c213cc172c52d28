"""The private PostGIS cluster: made, started, stopped and found again.

Layout of a cluster's folder: `data/` (PostgreSQL's own), `run/` (the Unix socket), `log/`, and three configuration
files that are written anew at every start, so that a newer program brings its newer tuning.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg2

from weathermap.errors import StoreError
from weathermap.settings import Settings
from weathermap.store import postgres
from weathermap.store.room import check_room, disk_full, folder_error
from weathermap.store.tuning import write_configuration

ROLE = "weathermap"  # owns the tables
APP_ROLE = "weathermap_app"  # what server, worker and imports work as: it cannot rewrite events
DATABASE = "weathermap"
ROOM = 200 * 2**20  # bytes: an empty cluster takes 40 MB, its first WAL segments the rest
LONGEST_SOCKET = 107 - len("/.s.PGSQL.5432")  # bytes of a socket's folder: sun_path holds 108 with its end


@dataclass(frozen=True)
class Cluster:
    """A private cluster in `directory`. `durable=False` (fsync off) is for throw-away clusters of tests only."""

    directory: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        return self.directory / "data"

    @property
    def log(self) -> Path:
        return self.directory / "log"

    @property
    def socket_dir(self) -> Path:
        """`run/` beside the data, or a short name under /tmp when that path is too long for a socket."""
        near = self.directory / "run"
        if len(os.fsencode(near)) <= LONGEST_SOCKET:
            return near
        digest = hashlib.sha256(os.fsencode(self.directory)).hexdigest()[:12]
        return Path("/tmp") / f"weathermap-{os.geteuid()}-{digest}"

    def url(self, database: str = DATABASE, role: str = ROLE) -> str:
        """What psql, QGIS and SQLAlchemy reach `database` by (libpq's form, no driver named)."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_dir), safe='/')}&port=5432"

    def version(self) -> str | None:
        """The major version of the PostgreSQL that made the cluster; None before it is made."""
        mark = self.data / "PG_VERSION"
        return mark.read_text().strip() if mark.is_file() else None

    def pid(self) -> int | None:
        """The running postmaster's process id; None when none runs, also when its file was left by a killed one."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split("\n", 1)[0])
            inside = Path(f"/proc/{pid}/cwd").readlink()  # the postmaster works inside its data folder
        except (OSError, ValueError):
            return None
        return pid if inside == self.data.resolve() else None

    def start(self) -> None:
        """Make the cluster if there is none and start it if it does not run. Returns when it takes connections.

        Raises StoreError: PostgreSQL or PostGIS missing, folder unusable, disk full, or what PostgreSQL said.
        """
        with self._alone():
            # Twice, because a postmaster that was just killed may still be dying when it is first looked at.
            self._bring_up()
            if not self._answers():
                self._bring_up()
                if not self._answers():
                    raise self._failure("PostgreSQL takes no connections", "")
            self._require_postgis()
            postgres.create_database(self.url("postgres"), DATABASE, APP_ROLE)

    def _bring_up(self) -> None:
        if self.pid() is not None:
            return
        bin_dir = postgres.programs(self.version())
        check_room(self.directory, ROOM if self.version() is None else ROOM // 8)
        if self.version() is None:
            self._make(bin_dir)
        self._launch(bin_dir)

    def stop(self, seconds: int = 20) -> None:
        """Stop the cluster: open transactions are rolled back. Does nothing when it does not run."""
        if self.pid() is None:
            return
        pg_ctl = postgres.programs(self.version()) / "pg_ctl"
        for mode in ("fast", "immediate"):
            done = postgres.run_as_owner(
                pg_ctl, "-D", self.data, "-m", mode, "-w", "-t", str(seconds), "stop", seconds=seconds + 10
            )
            if done.returncode == 0 or self.pid() is None:
                return
        raise StoreError(f"PostgreSQL in {self.data} does not stop: {done.stderr.strip()}")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One start at a time: two commands at once must not both run initdb."""
        try:
            self.directory.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.directory / "start.lock", os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise folder_error(self.directory, error) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def _make(self, bin_dir: Path) -> None:
        """initdb beside its place, then a rename: one that was killed half-way leaves nothing that looks whole."""
        making = self.directory / "data.making"
        shutil.rmtree(making, ignore_errors=True)
        postgres.give_to_owner(making, 0o700)
        if postgres.run_as_owner("test", "-w", making).returncode:
            raise StoreError(
                f"The user `{postgres.owner()}`, whom PostgreSQL runs as, cannot enter {self.directory}.",
                "Set WEATHERMAP_DATA to a folder outside a home that is closed to others, e.g. /var/lib/weathermap.",
            )
        # Peer authentication, so that no password exists; byte order and UTF-8 whatever the machine's language.
        done = postgres.run_as_owner(
            *(bin_dir / "initdb", "-D", making, "-U", ROLE, "--auth=peer", "--encoding=UTF8", "--locale=C.UTF-8"),
            *("--data-checksums", *(() if self.durable else ("--no-sync",))),
        )
        if done.returncode:
            shutil.rmtree(making, ignore_errors=True)
            raise self._failure("PostgreSQL could not make its cluster", done.stderr)
        making.rename(self.data)

    def _launch(self, bin_dir: Path) -> None:
        postgres.give_to_owner(self.log, 0o755)
        if self.socket_dir.is_dir() and self.socket_dir.stat().st_uid not in (0, os.geteuid(), _owner_uid()):
            raise StoreError(
                f"{self.socket_dir} belongs to another user.", "Remove it, or set a shorter WEATHERMAP_DATA."
            )
        postgres.give_to_owner(self.socket_dir, 0o755)
        configuration = write_configuration(self.directory, self.socket_dir, (ROLE, APP_ROLE), self.durable)
        # `pid()` has shown that nothing runs here: these were left by a killed one, whose number may live on in a
        # zombie or in another program. PostgreSQL's own check of the shared memory still guards the data.
        for left in (self.data / "postmaster.pid", self.socket_dir / ".s.PGSQL.5432.lock"):
            left.unlink(missing_ok=True)
        first = self.log / "start.log"
        for attempt in range(20):
            done = postgres.run_as_owner(
                *(bin_dir / "pg_ctl", "-D", self.data, "-l", first, "-w", "-t", "60"),
                *("-o", f"-c config_file={configuration}", "start"),
            )
            if done.returncode == 0:
                return
            # A SIGKILLed postmaster's children hold its shared memory for some tenths of a second.
            if attempt == 19 or "shared memory block" not in self._last_words():
                raise self._failure("PostgreSQL does not start", done.stderr)
            time.sleep(0.25)

    def _answers(self) -> bool:
        """Wait while the server comes up (a crashed one recovers first); False when it is gone."""
        while self.pid() is not None:
            try:
                psycopg2.connect(self.url("postgres"), connect_timeout=5).close()
                return True
            except psycopg2.OperationalError:
                time.sleep(0.05)
        return False

    def _require_postgis(self) -> None:
        with closing(psycopg2.connect(self.url("postgres"))) as connection, connection.cursor() as cursor:
            cursor.execute(
                "SELECT (SELECT setting FROM pg_config WHERE name = 'PKGLIBDIR')"
                " FROM pg_available_extensions WHERE name = 'postgis'"
            )
            found = cursor.fetchone()
        # Debian brings the extension's files and its library in two packages: either may be missing.
        if found is None or not list(Path(found[0]).glob("postgis-*.so")):
            package = f"postgresql-{self.version()}-postgis-3"
            raise StoreError("PostgreSQL is here, PostGIS is not.", f"Install it as root: apt-get install {package}")

    def _last_words(self, lines: int = 12) -> str:
        files = sorted(self.log.glob("*.log"), key=lambda file: file.stat().st_mtime)
        return "\n".join(line for file in files[-2:] for line in file.read_text(errors="replace").splitlines()[-lines:])

    def _failure(self, what: str, said: str) -> StoreError:
        words = f"{said.strip()}\n{self._last_words()}".strip()
        if "No space left" in words:
            return disk_full(self.directory, what)
        return StoreError(f"{what} in {self.data}:\n{words}", f"Its whole log is in {self.log}.")


def _owner_uid() -> int:
    return pwd.getpwnam(postgres.owner()).pw_uid


def start_cluster(settings: Settings) -> None:
    """Start the private cluster (made on first use)."""
    Cluster(settings.cluster_dir.absolute()).start()


def stop_cluster(settings: Settings) -> None:
    """Stop the private cluster if it runs."""
    Cluster(settings.cluster_dir.absolute()).stop()


def running_cluster_url(settings: Settings, role: str = APP_ROLE) -> str | None:
    """The URL of the private cluster's database over its Unix socket; None when the cluster does not run."""
    cluster = Cluster(settings.cluster_dir.absolute())
    return cluster.url(role=role) if cluster.pid() is not None else None


@contextmanager
def cluster_at_hand(settings: Settings) -> Iterator[None]:
    """The private cluster runs inside: started for the while if the map does not run. Nothing to do for a server of
    one's own (WEATHERMAP_DATABASE_URL)."""
    ours = settings.database_url is None and running_cluster_url(settings) is None
    if ours:
        start_cluster(settings)
    try:
        yield
    finally:
        if ours:
            stop_cluster(settings)
