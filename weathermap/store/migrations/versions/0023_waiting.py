"""What waits now stands in one index; words of an address are found by pairs of characters."""

from __future__ import annotations

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(Path(__file__).with_name("0023_waiting.sql").read_text(encoding="utf-8"))


def downgrade() -> None:
    raise NotImplementedError("A store is never migrated back: restore the backup taken before.")
