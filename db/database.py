"""The database, SQLite in a file or PostgreSQL: sessions that read, and that write, with SQLite's lock from the start."""

import os
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import IntEnum
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVarTuple
from urllib.parse import quote

from sqlalchemy import Engine, Executable, Result, Select, Table, create_engine, event, func, insert, make_url, select
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import DeclarativeBase, Session

from db.errors import N_, AidError
from db.file_guard import FileGuard
from db.prepared import PreparedQueries

if TYPE_CHECKING:
    from sqlalchemy.dialects.sqlite import Insert

Columns = TypeVarTuple("Columns")

SQLITE_WAIT_SECONDS = 10
CONNECT_SECONDS = 3
POOL_SIZE = 20  # connections of one process to PostgreSQL; docs/running.md says so
# of PostgreSQL while people wait: a statement that takes longer is ended and said to have failed
LIMITS = {"options": "-c statement_timeout=8s -c lock_timeout=5s", "tcp_user_timeout": 5000, "keepalives_idle": 10}
MOST_BOUND = 5_000  # maximum bind parameters per statement (SQLite allows 32,766)


class Lock(IntEnum):
    """Advisory locks, by PostgreSQL's numbers."""

    MIGRATION = 1718
    SEED = 1719
    FAILURE_NOTICES = 17181
    CHAIN = 17182
    REMINDERS = 17183
    SUGGESTIONS = 17184
    COUNTERS = 17185
    EPOCH = 17186


_ASK = "aid_ask"
"""Where a session for reading keeps what asks; to ask it for its connection takes as long as a short statement."""


class Database:
    """One database; pass it to whatever reads or records. Raises AidError for an address it cannot use.

    With ``limits`` no statement of PostgreSQL's takes longer than people wait. With ``may_be_read_only`` an SQLite file
    that this process may not write to is opened as it lies there, without a log.
    """

    def __init__(self, url: str, *, limits: bool = False, may_be_read_only: bool = False) -> None:
        self.is_read_only = may_be_read_only and _is_read_only(url)
        if self.is_read_only:
            self.engine = _read_only_engine(url)
        else:
            self.engine = _engine(url, LIMITS) if limits else _engine(url)
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        path = self.engine.url.database if self.is_sqlite and not self.is_read_only else None
        self._check: Callable[[], None] = lambda: None
        if path and path != ":memory:":
            file = FileGuard(Path(path))
            self._check = file.check
            event.listen(self.engine, "connect", file.opened)
            event.listen(self.engine, "close", file.closed)
        self._queries = PreparedQueries()
        self._turn = threading.Lock() if self.is_sqlite else None
        self.write_failure: tuple[float, SQLAlchemyError] | None = None  # the last one, and when (monotonic)
        self.write_engine = self.engine.execution_options()  # takes SQLite's write lock as a transaction begins
        if self.is_sqlite and not self.is_read_only:
            event.listen(self.write_engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Open a session for reading; nothing done in it is kept. Raises DatabaseLost."""
        self._check()
        with self.engine.connect() as connection:
            ask = partial(self._queries.ask, connection) if self.is_sqlite else connection.execute
            session = Session(connection, info={_ASK: ask})
            try:
                yield session
            finally:
                if session.in_transaction():  # what asks has begun none, and closing takes as long as a statement
                    session.close()

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction, rolled back on any error; SQLite's writers of one process take turns. Raises DatabaseLost."""
        self._check()
        turn = self._turn and self._turn.acquire(timeout=SQLITE_WAIT_SECONDS)
        try:
            with Session(self.write_engine, expire_on_commit=False) as session, session.begin():
                yield session
        except SQLAlchemyError as error:
            self.write_failure = time.monotonic(), error
            raise
        finally:
            if self._turn and turn:
                self._turn.release()
        self._check()  # what went into a deleted file is not on record

    def close(self) -> None:
        self.engine.dispose()


def lock_rows(session: Session, query: Select[*Columns], *, skip: bool = False) -> Select[*Columns]:
    """Add locking of its rows until the transaction ends to ``query``; SQLite's writers are alone anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return query
    return query.with_for_update(skip_locked=skip)


def fetch(session: Session, prepared: Executable, **values: object) -> Result[*tuple[Any, ...]]:
    """Return the rows of a statement over tables that is built once, past the session, whose unwritten changes are seen."""
    ask: Callable[..., Result[*tuple[Any, ...]]] | None = session.info.get(_ASK)
    if ask is None:
        session.flush()
        ask = session.connection().execute
    return ask(prepared, values)


def write_rows(session: Session, model: type[DeclarativeBase] | Table, rows: Iterable[Mapping[str, object]]) -> None:
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


AWAY = N_(
    "The database does not answer, and I don't know if anything was recorded. Look with `/aid-status` before you try again."
)
_TROUBLES = {
    "SQLITE_FULL|53100": N_("The database's disk is full, so nothing was recorded. Tell the person who runs the bot."),
    "SQLITE_READONLY|25006": N_(
        "The database is read-only, so nothing was recorded. Tell the person who runs the bot."
    ),
    "SQLITE_BUSY|SQLITE_LOCKED|55P03|57014|53300": N_(
        "The database is busy; nothing was recorded. Try again in a minute."
    ),
    "SQLITE_IOERR|SQLITE_CANTOPEN|57P0.|08...|-": AWAY,
}


def trouble_of(error: Exception) -> AidError | None:
    """Return in words that the database is full, read-only, busy or away; None for any other error."""
    if isinstance(error, PoolTimeout):
        code = "53300"
    else:
        given = [getattr(getattr(error, "orig", None), name, None) for name in ("sqlite_errorname", "sqlstate")]
        code = next(filter(None, given), "-" if isinstance(error, OperationalError) else "")
    return next((AidError(text) for codes, text in _TROUBLES.items() if re.match(codes, code)), None)


def _engine(url: str, limits: Mapping[str, object] = {}) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, hide_parameters=True, connect_args={"timeout": SQLITE_WAIT_SECONDS})
        event.listen(engine, "connect", _prepare_sqlite)
        engine.dialect.do_begin = _begin_reading  # type: ignore[assignment]  # no event: each costs every statement
        return engine
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed,
            hide_parameters=True,
            pool_pre_ping=True,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=SQLITE_WAIT_SECONDS,
            connect_args={"connect_timeout": CONNECT_SECONDS, **limits},
        )
    raise AidError(
        "The database address begins with `{name}:`, which is not supported. Use `sqlite:///file` "
        "or `postgresql+psycopg://…`.",
        name=parsed.drivername,
    )


def _is_read_only(url: str) -> bool:
    """Return True for an SQLite file that cannot be written to, or beside which no log can be made."""
    parsed = make_url(url)
    file = Path(parsed.database or "")
    if parsed.get_backend_name() != "sqlite" or not file.is_file():
        return False
    return not (os.access(file, os.W_OK) and os.access(file.parent.absolute(), os.W_OK))


def _read_only_engine(url: str) -> Engine:
    file = Path(make_url(url).database or "").absolute()
    if file.with_name(f"{file.name}-wal").exists():
        raise AidError(
            "{file} is read-only here, and its log holds what it does not. Copy both to where they can be written to.",
            file=str(file),
        )
    read_only = make_url(url).set(
        database=f"file:{quote(str(file))}", query={"mode": "ro", "immutable": "1", "uri": "true"}
    )
    return create_engine(read_only, hide_parameters=True)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # the driver opens no transaction of its own
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


def _begin_reading(connection: sqlite3.Connection) -> None:
    if not connection.in_transaction:  # a writer's has begun
        connection.execute("BEGIN")
