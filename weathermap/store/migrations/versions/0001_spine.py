"""The spine: cities, areas, units, points, issues with their events, visits, tallies."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0001_spine.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("A store is never migrated back: restore the backup taken before.")
