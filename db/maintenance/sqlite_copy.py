"""Copies of an SQLite database, for backups and before migrations."""

import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import ColumnElement, and_, or_, update

from db.database import Database
from db.domain.dates import utc_now
from db.epoch import mark_as_copy
from db.maintenance.atomic_file import create_atomically
from db.models import Delivery
from db.outbox.deliveries import WORKSPACE_REASONS, DeliveryState


def backup_before_migration(database: Database, revision: str) -> Path:
    """Copy an SQLite file beside itself, for the version of the bot that it belongs to; return the path."""
    source = Path(str(database.engine.url.database))
    names = (
        source.with_name(f"{source.name}.at-{revision}{more}") for more in ("", *(f"-{n}" for n in range(2, 1000)))
    )
    target = next(name for name in names if not name.exists())
    with create_atomically(target) as path:
        copy_sqlite(database, path)
        mark_copy(path)
    return target


def copy_sqlite(database: Database, path: Path) -> None:
    """Copy the pages in one read transaction; in write-ahead mode it blocks nobody."""
    with closing(sqlite3.connect(path)) as copy, database.engine.connect() as connection:
        source = connection.connection.driver_connection
        assert isinstance(source, sqlite3.Connection)
        source.backup(copy)


def copy_unchanged(source: Path, path: Path) -> None:
    """Copy an SQLite file that may be anybody's, and leave it as it is. Raises sqlite3.DatabaseError."""
    # Without a log nobody writes; to open the file for reading would then want a place for a new log.
    mode = "mode=ro" if source.with_name(f"{source.name}-wal").exists() else "immutable=1"
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?{mode}", uri=True)) as original,
        closing(sqlite3.connect(path)) as copy,
    ):
        original.backup(copy)


def mark_copy(path: Path) -> None:
    """Let a copy begin its own epoch, with unsent messages uncertain."""
    unsent = update(Delivery).where(may_be_sent_since())
    with closing(Database(f"sqlite:///{path}")) as file, file.writing() as session:
        session.execute(unsent.values(state=DeliveryState.UNCERTAIN.value, leased_by=None, leased_until=None))
        mark_as_copy(session, utc_now())


def may_be_sent_since() -> ColumnElement[bool]:
    """Return the condition for rows that are sent without a person's help; other blocked ones wait for somebody."""
    return or_(
        Delivery.state.in_([DeliveryState.PENDING.value, DeliveryState.SENDING.value]),
        and_(Delivery.state == DeliveryState.BLOCKED.value, Delivery.reason.in_(WORKSPACE_REASONS)),
    )
