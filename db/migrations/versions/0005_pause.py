"""A live version may take a pause: newcomers are asked to come back later."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "study_version", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True)
    )
