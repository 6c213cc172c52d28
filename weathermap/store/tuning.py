"""The private cluster's configuration: safe first, then modestly tuned to the machine's memory."""

from __future__ import annotations

import os
import pwd
from collections.abc import Sequence
from pathlib import Path

from weathermap.store import postgres

MEGABYTE = 2**20


def write_configuration(directory: Path, socket_dir: Path, roles: Sequence[str], durable: bool) -> Path:
    """Write `postgresql.conf`, `pg_hba.conf` and `pg_ident.conf` into `directory`; returns the first's path.

    They lie outside PostgreSQL's own folder, so that root never writes where `postgres` could have put a link.
    """
    values = _values(directory, socket_dir) | ({} if durable else THROW_AWAY)
    lines = [
        "# Written at every start. Your own settings: ALTER SYSTEM SET …",
        *(f"{k} = {v}" for k, v in values.items()),
    ]
    # Peer authentication: the kernel says which user asks, so there is no password to leak.
    users = sorted({postgres.owner(), pwd.getpwuid(os.geteuid()).pw_name, "root"})
    files = {
        "postgresql.conf": lines,
        "pg_hba.conf": ["local all all peer map=house", "local replication all peer map=house"],
        "pg_ident.conf": [f"house {user} {role}" for user in users for role in roles],
    }
    for name, content in files.items():
        path = directory / name
        path.write_text("\n".join(content) + "\n", encoding="utf-8")
        path.chmod(0o644)
    return directory / "postgresql.conf"


def _values(directory: Path, socket_dir: Path) -> dict[str, str]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MEGABYTE
    buffers = max(64, min(512, memory // 8))
    return {
        "listen_addresses": "''",
        "unix_socket_directories": _quoted(socket_dir),
        "port": "5432",
        "hba_file": _quoted(directory / "pg_hba.conf"),
        "ident_file": _quoted(directory / "pg_ident.conf"),
        "max_connections": "80",
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "wal_compression": "lz4",  # index builds write whole pages: pglz took a third of their time
        "hot_standby_feedback": "on",  # as a replica: no long answer is cut off by what the primary clears away
        "wal_receiver_timeout": "10s",  # and it knows soon that it hears nothing
        "wal_buffers": "64MB",  # a load's sessions need not write the log themselves: its writer keeps up
        "max_wal_size": "4GB",  # a checkpoint amid a load has each of its pages logged once more
        "default_toast_compression": "lz4",
        "shared_buffers": f"{buffers}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": "128MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "lc_messages": "'C.UTF-8'",
        "logging_collector": "on",
        "log_directory": _quoted(directory / "log"),
        "log_filename": "'postgresql-%u.log'",
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_line_prefix": "'%m [%p] %a '",
    }


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}
