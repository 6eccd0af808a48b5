"""Bring a database's schema to the version that this code expects."""

from pathlib import Path

from sqlalchemy import Connection, func, inspect, select, text

from db.database import Database
from db.errors import AidError, sentence

VERSIONS = Path(__file__).parent / "migrations" / "versions"
MIGRATING = 1718
"""PostgreSQL's number for the lock that one migration holds."""


def migrate(database: Database, to: str = "head") -> tuple[str | None, str]:
    """Run all migrations that are missing, up to revision ``to``; returns the revisions before and after.

    Several may start at once: one migrates, the others wait. Raises AidError, and changes nothing, where the
    database was written by a newer version of the bot.
    """
    with database.engine.connect() as connection:
        before = _current(connection)
    if before == _last() and to == "head":
        return before, before
    from db.migrating import upgrade  # noqa: PLC0415  a start that has nothing to migrate need not wait for its import

    with database.writing() as session:
        connection = session.connection()
        if not database.is_sqlite:
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATING)))
        before = _current(connection)
        _refuse_newer(before)
        upgrade(connection, to)
        after = _current(connection)
    return before, str(after)


def pending(database: Database) -> bool:
    """Whether migrations are missing."""
    with database.engine.connect() as connection:
        return _current(connection) != _last()


def _current(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _revisions() -> list[str]:
    """The revisions that this version knows, in order: their files begin with them."""
    return sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def _last() -> str:
    return _revisions()[-1]


def _refuse_newer(revision: str | None) -> None:
    if revision is not None and revision not in _revisions():
        raise AidError(
            sentence(
                "The database has revision {revision}, which this version of the bot does not know. "
                "Run the newer version, or restore a backup."
            ),
            revision=revision,
        )
