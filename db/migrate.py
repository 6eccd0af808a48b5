"""Bring a database's schema to the version that this code expects."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, select

from db.database import Database
from db.errors import AidError, sentence

MIGRATING = 1718
"""PostgreSQL's number for the lock that one migration holds."""


def migrate(database: Database, to: str = "head") -> tuple[str | None, str]:
    """Run all migrations that are missing, up to revision ``to``; returns the revisions before and after.

    Several may start at once: one migrates, the others wait. Raises AidError, and changes nothing, where the
    database was written by a newer version of the bot.
    """
    with database.writing() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        before = _current(connection)
        config = _config(connection)
        _refuse_newer(before, ScriptDirectory.from_config(config))
        command.upgrade(config, to)
        after = _current(connection)
    return before, str(after)


def pending(database: Database) -> bool:
    """Whether migrations are missing."""
    with database.engine.connect() as connection:
        script = ScriptDirectory.from_config(_config(connection))
        return _current(connection) != script.get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(revision: str | None, script: ScriptDirectory) -> None:
    known = {each.revision for each in script.walk_revisions()}
    if revision is not None and revision not in known:
        raise AidError(
            sentence(
                "The database has revision {revision}, which this version of the bot does not know. "
                "Run the newer version, or restore a backup."
            ),
            revision=revision,
        )
