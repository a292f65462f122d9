"""In which language somebody takes part, where a study speaks several."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("assignment", sa.Column("language", sa.String(length=35), nullable=True))
