"""Migration of a database's schema to the version that this code expects."""

import logging
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from db.admin.organisations import add_usual_aliases
from db.chain import link_earlier_rows
from db.database import Database, Lock, advisory_lock
from db.domain.dates import utc_now
from db.errors import AidError
from db.maintenance.past_versions import rebuild_versions
from db.maintenance.sqlite_copy import backup_before_migration
from db.outbox.deliveries import UpgradePayload
from db.outbox.notices import leave_message
from db.updates.status_cache import rebuild_all, rebuild_names

LOG = logging.getLogger(__name__)
VERSIONS = Path(__file__).parents[1] / "migrations" / "versions"
TOLD_OF = "0007"  # the last revision with changes that people have to know: lines are typed differently since


def migrate(database: Database, to: str = "head", *, keep: bool = True) -> tuple[str | None, str]:
    """Run the missing migrations up to revision ``to``; return the revisions before and after.

    Of several processes one migrates and the others wait. An SQLite file that holds a record is first copied to a
    file beside it, unless ``keep`` is false. What is stored of the updates and names is then derived again by the
    rules of this version. Raises AidError, and changes nothing, for a database of a newer version of the bot.
    """
    before = _present(database)
    if before == last_revision() and to == "head":
        return before, before
    from db.maintenance.alembic_runner import upgrade  # noqa: PLC0415  a start with nothing to migrate does without it

    with database.writing() as session:
        connection = session.connection()
        advisory_lock(session, Lock.MIGRATION)
        before = revision(connection)
        refuse_newer(before)
        if keep and database.is_sqlite and before not in {None, last_revision()}:
            copy = backup_before_migration(database, str(before))  # under the write lock
            LOG.info("the database of revision %s is kept in %s", before, copy)
        upgrade(connection, to)
        after = revision(connection)
        if before is not None and after == last_revision():
            add_usual_aliases(session)
            rebuild_names(session)
            rebuild_all(session)
            rebuild_versions(session)
            link_earlier_rows(session)
        if before is not None and before < TOLD_OF <= str(after):
            leave_message(session, f"upgrade:{TOLD_OF}", UpgradePayload(notice="upgrade", revision=TOLD_OF), utc_now())
    return before, str(after)


def pending(database: Database) -> bool:
    return _present(database) != last_revision()


def require_file(database: Database) -> None:
    """Raise AidError for an SQLite file that is missing or empty: the address may be wrong, or a volume not there."""
    file = Path(database.engine.url.database or "")
    if not (database.is_sqlite and file.parent.is_dir()):
        return
    # A look would leave an empty file behind.
    if not (file.exists() and file.stat().st_size and _present(database)):
        raise AidError("There is no database {file} yet. Run `python -m bot migrate` first.", file=str(file))


def require_current(database: Database) -> None:
    """Raise AidError, with what to do, unless the database is of this version of the bot."""
    if not database.is_read_only:
        require_file(database)
    current = _present(database)
    refuse_newer(current)
    if current != last_revision():
        raise AidError("The database is not at this version of the bot. Run `python -m bot migrate` first.")


def _present(database: Database) -> str | None:
    with database.engine.connect() as connection:
        return revision(connection)


def revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def revisions() -> list[str]:
    """Return the revisions that this version knows, in order: file names begin with them."""
    return sorted(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def last_revision() -> str:
    return revisions()[-1]


def refuse_newer(revision: str | None) -> None:
    """Raise AidError for a revision that this version does not know."""
    if revision is not None and revision not in revisions():
        raise AidError(
            "The database has revision {revision}, which this version of the bot does not know. "
            "Run the newer version, or restore a backup.",
            revision=revision,
        )
