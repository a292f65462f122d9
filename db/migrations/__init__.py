"""The steps from an empty database to the schema of this release, run by Alembic.

No ``alembic.ini`` is needed: the configuration is made here, so an installed package migrates
from any folder.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

VERSION_TABLE = "whyface_schema"
"""The table that holds the schema's revision; its name tells our databases from others."""


def configuration() -> Config:
    """Alembic's configuration for this package's own scripts."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    return config


def revision(connection: Connection) -> str | None:
    """The revision that the database is at; None for an empty one."""
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def revisions() -> list[str]:
    """The revisions that this release knows, newest first."""
    scripts = ScriptDirectory.from_config(configuration())
    return [script.revision for script in scripts.walk_revisions()]


def upgrade(connection: Connection) -> None:
    """Bring the database to this release's schema, inside the caller's transaction."""
    config = configuration()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
