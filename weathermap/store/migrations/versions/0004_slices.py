"""Tallies by category and source; `weathermap.tally.refill` counts them for what is stored already."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0004_slices.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("A store is never migrated back: restore the backup taken before.")
