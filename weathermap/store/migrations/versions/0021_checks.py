"""Checks by photo or on the spot."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0021_checks.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("A store is never migrated back: restore the backup taken before.")
