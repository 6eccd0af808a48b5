"""Backup: a consistent copy of the database in one SQLite file, made while the bot writes (docs/delivery.md)."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text

from db.database import Database
from db.integrity.check import find_problems
from db.maintenance.atomic_file import create_atomically
from db.maintenance.json_snapshot import ROWS_AT_ONCE, insert_rows, rows_of
from db.maintenance.migrate import migrate
from db.maintenance.sqlite_copy import copy_sqlite, mark_copy
from db.models import Base, ChangeSet, Delivery, UpdateRow
from db.paging import in_parts


@dataclass(frozen=True, slots=True)
class BackupResult:
    """The numbers of change sets, updates and messages in a copy, and the findings of ``db.integrity.check``."""

    acts: int
    updates: int
    messages: int
    findings: tuple[str, ...]


def backup(database: Database, target: Path) -> BackupResult:
    """Copy the database atomically to ``target``, a new file, after checking the copy. Raises AidError."""
    with create_atomically(target) as path:
        copy_sqlite(database, path) if database.is_sqlite else _copy_rows(database, path)
        mark_copy(path)
        with closing(Database(f"sqlite:///{path}")) as file, file.reading() as session:
            findings = tuple(find_problems(session))
            acts, updates, messages = (
                session.scalar(select(func.count()).select_from(table)) or 0
                for table in (ChangeSet, UpdateRow, Delivery)
            )
    return BackupResult(acts, updates, messages, findings)


def _copy_rows(database: Database, path: Path) -> None:
    """Copy row by row from one snapshot into a new file of the same revision."""
    with closing(Database(f"sqlite:///{path}")) as file:
        migrate(file)
        with database.engine.connect() as source, file.writing() as session:
            snapshot = source.execution_options(isolation_level="REPEATABLE READ")
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            for table in Base.metadata.sorted_tables:
                for batch in in_parts(rows_of(snapshot, table), ROWS_AT_ONCE):
                    insert_rows(session.connection(), table, batch)
