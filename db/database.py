"""The database: SQLite in a file by default, PostgreSQL by its address; sessions that read or write.

A writing session is one transaction that is rolled back unless its block ends without an error. On SQLite
it takes the write lock at its start, so that what it reads stays true until it commits.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVarTuple

from sqlalchemy import (
    Connection,
    Engine,
    Executable,
    Result,
    Select,
    Table,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
)
from sqlalchemy.orm import DeclarativeBase, Session

from db.errors import N_, AidError

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

Columns = TypeVarTuple("Columns")

SQLITE_WAIT_SECONDS = 10
MOST_BOUND = 5_000
"""Maximum bind parameters per statement (SQLite allows 32,766)."""


class Lock(IntEnum):
    """Advisory locks, by PostgreSQL's numbers."""

    MIGRATION = 1718
    SEED = 1719
    FAILURE_NOTICES = 17181


_WRITE = "aid_write"
_CONNECTION = "aid_connection"
"""Where a session for reading keeps its one connection; to ask for it takes as long as a short statement."""


class Database:
    """One database; pass it to whatever reads or records. Raises AidError for an address it cannot use."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self._write_engine = self.engine.execution_options(**{_WRITE: True})

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def write_engine(self) -> Engine:
        """Return an engine whose transactions take SQLite's write lock at their start, for a library that opens its own."""
        return self._write_engine

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for reading; nothing done in it is kept."""
        with Session(self.engine, expire_on_commit=False, info={_CONNECTION: None}) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction, committed at the end of the block and rolled back on any error."""
        with Session(self._write_engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        self.engine.dispose()


def lock_rows(session: Session, query: Select[*Columns], *, skip: bool = False) -> Select[*Columns]:
    """Add locking of its rows until the transaction ends to ``query``; SQLite's writers are alone anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return query
    return query.with_for_update(skip_locked=skip)


def fetch(session: Session, prepared: Executable, **values: object) -> Result[*tuple[Any, ...]]:
    """Return the rows of a statement over tables (not classes) that is built once; what the session has changed is seen.

    It goes past the session, which would look for objects to make of the rows.
    """
    connection: Connection | None = session.info.get(_CONNECTION)
    if connection is None:
        session.flush()
        connection = session.connection()
        if _CONNECTION in session.info:
            session.info[_CONNECTION] = connection
    return connection.execute(prepared, values)


def write_rows(session: Session, model: type[DeclarativeBase], rows: Iterable[Mapping[str, object]]) -> None:
    """Write new rows in bulk, each with the same columns; no object is made of them. What the session holds goes first."""
    session.flush()
    if values := list(rows):
        session.connection().execute(insert(model), values)


def insert_for(session: Session) -> "Callable[[type[DeclarativeBase] | Table], Insert]":
    """Return the INSERT that knows ON CONFLICT, of the database in use; the other one is not imported."""
    name = session.get_bind().dialect.name
    dialect_insert: Callable[[type[DeclarativeBase] | Table], Insert] = import_module(
        f"sqlalchemy.dialects.{name}"
    ).insert
    return dialect_insert


def advisory_lock(session: Session, lock: Lock) -> None:
    """Take ``lock`` until the transaction ends, waiting for others that hold it; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(lock.value)))


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": SQLITE_WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    if parsed.get_backend_name() == "postgresql":
        return create_engine(parsed, hide_parameters=True, pool_pre_ping=True, pool_size=20, max_overflow=20)
    raise AidError(
        N_(
            "The database address begins with `{name}:`, which is not supported. Use `sqlite:///file` "
            "or `postgresql+psycopg://…`."
        ),
        name=parsed.drivername,
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver opens no transaction of its own; _begin_sqlite does
    _use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Switch a new database over; two that do so at once would lock each other out, however long they may wait."""
    deadline = time.monotonic() + SQLITE_WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return  # noqa: TRY300 - what failed is tried again
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
