"""Alembic's entry: migrate over the connection that `db.migrations.upgrade` hands over."""

from alembic import context

from db.migrations import VERSION_TABLE
from db.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
