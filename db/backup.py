"""A whole copy of the database in one SQLite file, made while the bot writes.

The copy is of one moment. What was still to be sent then may have been sent since, so in the copy it counts as
uncertain: a bot that starts from it looks into the channel before it posts (docs/delivery.md).
"""

import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, and_, func, insert, or_, select, text, update
from sqlalchemy.orm import Session

from db.check import problems
from db.database import Database
from db.migrate import migrate
from db.models import Act, Base, Delivery, UpdateRow
from db.new_file import new_file
from db.outbox import WORKSPACE_REASONS, DeliveryState

ROWS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Copied:
    """How many acts, updates and messages a copy holds, and what ``db.check`` finds in it."""

    acts: int
    updates: int
    messages: int
    findings: tuple[str, ...]


def backup(database: Database, target: Path) -> Copied:
    """Copy the database to ``target``, a file that does not exist yet; it is there whole or not at all.

    The copy is opened and checked before it gets its name. Raises AidError.
    """
    with new_file(target) as path:
        copy_sqlite(database, path) if database.is_sqlite else _copy_rows(database, path)
        return _finish(path)


def keep_as_it_is(database: Database, revision: str) -> Path:
    """Copy an SQLite file of an older revision beside itself, under a name that no file has; returns its path.

    To go back to it, run the version of the bot that it is of.
    """
    source = Path(str(database.engine.url.database))
    names = (source.with_name(f"{source.name}.at-{revision}{more}") for more in ("", *(f"-{n}" for n in range(2, 1000))))
    target = next(name for name in names if not name.exists())
    with new_file(target) as path:
        copy_sqlite(database, path)
        file = Database(f"sqlite:///{path}")
        try:
            with file.writing() as session:
                _doubt_what_may_be_sent(session)
        finally:
            file.close()
    return target


def copy_sqlite(database: Database, path: Path) -> None:
    """Copy page by page, in one reading transaction: in write-ahead mode nobody has to wait for it."""
    copy = sqlite3.connect(path)
    try:
        with database.engine.connect() as connection:
            source = connection.connection.driver_connection
            if not isinstance(source, sqlite3.Connection):
                raise TypeError(type(source))
            source.backup(copy)
    finally:
        copy.close()


def _copy_rows(database: Database, path: Path) -> None:
    """Copy row by row from one snapshot into a new file of the same revision."""
    file = Database(f"sqlite:///{path}")
    try:
        migrate(file)
        with database.engine.connect() as source, file.writing() as session:
            snapshot = source.execution_options(isolation_level="REPEATABLE READ")
            session.execute(text("PRAGMA defer_foreign_keys = ON"))
            for table in Base.metadata.sorted_tables:
                _copy_table(snapshot, session.connection(), table)
    finally:
        file.close()


def _copy_table(source: Connection, target: Connection, table: Table) -> None:
    found = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*table.primary_key))
    for rows in found.mappings().partitions():
        # A value left out is NULL; None given for JSON would become a null of JSON's own.
        alike: dict[Sequence[str], list[dict[str, Any]]] = defaultdict(list)
        for row in rows:
            known = {name: value for name, value in row.items() if value is not None}
            alike[tuple(known)].append(known)
        for each in alike.values():
            target.execute(insert(table), each)


def _finish(path: Path) -> Copied:
    """Open the copy, make what was to be sent uncertain, and check it. Raises AidError for a damaged one."""
    file = Database(f"sqlite:///{path}")
    try:
        with file.writing() as session:
            _doubt_what_may_be_sent(session)
        with file.reading() as session:
            findings = tuple(problems(session))
            acts, updates, messages = (
                session.scalar(select(func.count()).select_from(table)) or 0 for table in (Act, UpdateRow, Delivery)
            )
    finally:
        file.close()
    return Copied(acts, updates, messages, findings)


def _doubt_what_may_be_sent(session: Session) -> None:
    session.execute(
        update(Delivery)
        .where(may_be_sent_since())
        .values(state=DeliveryState.UNCERTAIN.value, leased_by=None, leased_until=None)
    )


def may_be_sent_since() -> ColumnElement[bool]:
    """Rows that go out by themselves; blocked ones wait for a person."""
    return or_(
        Delivery.state.in_([DeliveryState.PENDING.value, DeliveryState.SENDING.value]),
        and_(Delivery.state == DeliveryState.BLOCKED.value, Delivery.reason.in_(WORKSPACE_REASONS)),
    )
