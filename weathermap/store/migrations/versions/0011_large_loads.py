"""Large loads on their way: what a killed one had begun, so that it goes on from there."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0011_large_loads.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("A store is never migrated back: restore the backup taken before.")
