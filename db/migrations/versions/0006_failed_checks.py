"""One more ending: who did not pass the practice, or the question about the instructions."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_CHECK = "CHECK (ended IN ('screened_out', 'full', 'timed_out', 'failed_checks'))"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE assignment DROP CONSTRAINT ck_assignment_ended")
        op.execute("ALTER TABLE assignment ALTER COLUMN ended TYPE VARCHAR(16)")
        op.execute(f"ALTER TABLE assignment ADD CONSTRAINT ck_assignment_ended {_CHECK}")
        return
    # SQLite changes no check; a column takes its own along when it goes.
    op.execute(
        f"ALTER TABLE assignment ADD COLUMN ended_by VARCHAR(16) CONSTRAINT ck_assignment_ended "
        f"{_CHECK.replace('ended', 'ended_by', 1)}"
    )
    op.execute("UPDATE assignment SET ended_by = ended")
    op.execute("ALTER TABLE assignment DROP COLUMN ended")
    op.execute("ALTER TABLE assignment RENAME COLUMN ended_by TO ended")
