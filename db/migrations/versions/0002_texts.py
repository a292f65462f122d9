"""An answer may be a text: `response_option.text`, beside or in place of the number."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite cannot relax a column: the table is made anew with the rows that are there.
    with op.batch_alter_table("response_option") as table:
        table.add_column(sa.Column("text", sa.Text(), nullable=True))
        table.alter_column("value", existing_type=sa.Float(), nullable=True)
        table.create_check_constraint(
            op.f("ck_response_option_answered"), "value IS NOT NULL OR text IS NOT NULL"
        )
