"""Places in the design that come back, endings before the end, and how a panel sent somebody."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Written out, because Alembic would make SQLite's table anew for the check, and other tables
    # refer to it; both databases take a column with its check.
    op.execute(
        "ALTER TABLE assignment ADD COLUMN ended VARCHAR(12) CONSTRAINT ck_assignment_ended "
        "CHECK (ended IN ('screened_out', 'full', 'timed_out'))"
    )
    op.add_column("assignment", sa.Column("arrival", sa.String(length=64), nullable=True))
    op.add_column(
        "assignment", sa.Column("place", sa.Integer(), server_default="1", nullable=False)
    )
    op.execute("UPDATE assignment SET place = number")
    op.create_index(
        op.f("ix_assignment_version_mode_arm_place"),
        "assignment",
        ["version", "mode", "arm", "place"],
    )
    op.create_index(
        op.f("ix_assignment_version_mode_state_arm"),
        "assignment",
        ["version", "mode", "state", "arm"],
    )
