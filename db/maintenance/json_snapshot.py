"""Export of the whole record as JSON, and its import into another database of any kind.

The file has one row per line, so memory does not grow with the record. As in a backup, unsent messages are marked
uncertain: a bot that starts from it looks into the channel before posting. What an earlier version wrote is migrated
in a scratch database first.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path
from typing import IO, Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    MetaData,
    String,
    Table,
    collate,
    delete,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from db.column_types import FieldDateText, UtcTime, plain_value
from db.database import Database
from db.domain.dates import parse_date, utc_now
from db.epoch import begin_epoch
from db.errors import AidError, BadInput
from db.installation_tables import WORKSPACE_TABLES
from db.integrity.check import find_problems
from db.maintenance.atomic_file import scratch_folder
from db.maintenance.migrate import last_revision, migrate, refuse_newer, revision
from db.maintenance.past_versions import rebuild_versions
from db.maintenance.sqlite_copy import copy_unchanged, may_be_sent_since
from db.models import (
    COUNTED,
    VERSIONS,
    Base,
    CouncilMember,
    CounterVersion,
    DayCounter,
    Delivery,
    Epoch,
    Preference,
    UpdateRow,
)
from db.outbox.deliveries import DeliveryState
from db.paging import in_parts
from db.people import SHIPPED

FORMAT = "aid-status-record"
END = "}}\n"
LONGEST_HEADING = 200  # characters; another file's first line may be all of it
DERIVED = {
    *(table.name for table in (*VERSIONS.values(), COUNTED)),
    CounterVersion.__tablename__,
    DayCounter.__tablename__,
}
NOT_EXPORTED = {*WORKSPACE_TABLES, Epoch.__tablename__, "alembic_version", *DERIVED}
SQLITE_BEGINS = b"SQLite format 3\0"
ROWS_AT_ONCE = 1000
APPEND_ONLY = UpdateRow.__tablename__  # rows are never changed and point to earlier ones only


@dataclass(frozen=True, slots=True)
class TransferResult:
    """The number of rows transferred, and the findings of ``db.integrity.check`` in the target."""

    rows: int
    findings: tuple[str, ...] = ()


def is_snapshot(path: Path) -> bool:
    return path.suffix.lower() == ".json"


def is_database(path: Path) -> bool:
    """Return True for an SQLite file, whatever its name. Raises OSError where it cannot be read."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(SQLITE_BEGINS)) == SQLITE_BEGINS


def write_snapshot(database: Database, path: Path) -> TransferResult:
    """Write a consistent snapshot to ``path``, withheld names included, workspace tokens excluded."""
    rows = 0
    with database.engine.connect() as connection, path.open("w", encoding="utf-8", newline="\n") as file:
        one = connection if database.is_sqlite else connection.execution_options(isolation_level="REPEATABLE READ")
        file.write(_heading(revision(one)))
        uncertain = set(one.scalars(select(Delivery.id).where(may_be_sent_since())))
        for number, table in enumerate(_tables(Base.metadata).values()):
            file.write((",\n" if number else "") + f"{json.dumps(table.name)}: [")
            for count, row in enumerate(rows_of(one, table)):
                whole = _uncertain(row) if table.name == Delivery.__tablename__ and row["id"] in uncertain else row
                file.write(
                    (",\n" if count else "\n") + _line({name: plain_value(value) for name, value in whole.items()})
                )
                rows += 1
            file.write("\n]")
        file.write("\n}}\n")
    return TransferResult(rows)


def read_record(database: Database, path: Path) -> TransferResult:
    """Load an export or SQLite file of this or an earlier version into an empty database, or raise AidError."""
    with scratch_folder() as folder:
        current = _at_this_revision(path, folder)
        with database.writing() as session:
            _check_empty(session)
            rows = load_rows(session.connection(), Base.metadata, current)
            rebuild_versions(session)
            session.execute(delete(Epoch))
            begin_epoch(session, utc_now(), imported=True)
            findings = tuple(find_problems(session))
    return TransferResult(rows, findings)


def _at_this_revision(path: Path, folder: Path) -> Path:
    """Return ``path`` if it is an export of this revision, else one that is made in a scratch database in ``folder``."""
    file, current = folder / "record.db", folder / "record.json"
    scratch = Database(f"sqlite:///{file}")
    try:
        if is_database(path):
            copy_unchanged(path, file)
        else:
            with _file_errors(), path.open(encoding="utf-8") as exported:
                found = _read_heading(exported)
            refuse_newer(found)
            if found == last_revision():
                return path
            migrate(scratch, to=found)
            with scratch.writing() as session:
                earlier = MetaData()
                earlier.reflect(session.connection())
                load_rows(session.connection(), earlier, path)
        with scratch.engine.connect() as connection:
            if revision(connection) is None:
                raise _unreadable()
        with _file_errors():
            migrate(scratch, keep=False)
            write_snapshot(scratch, current)
    except (DatabaseError, sqlite3.DatabaseError) as error:
        raise _unreadable() from error
    finally:
        scratch.close()
    return current


def _tables(metadata: MetaData) -> dict[str, Table]:
    # Without workspace tokens: the file may be passed around, and reinstalling gets new ones.
    return {table.name: table for table in metadata.sorted_tables if table.name not in NOT_EXPORTED}


def rows_of(connection: Connection, table: Table) -> Iterator[dict[str, object]]:
    """Yield the rows of a table by its key, without the values that are NULL: None in a column of JSON is JSON's null."""
    # PostgreSQL sorts text by the language of the server, SQLite by its bytes.
    text_order = "C" if connection.dialect.name == "postgresql" else "BINARY"
    order = [collate(key, text_order) if isinstance(key.type, String) else key for key in table.primary_key]
    result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*order))
    for row in result.mappings():
        yield {name: value for name, value in row.items() if value is not None or not table.c[name].nullable}


def _uncertain(row: dict[str, object]) -> dict[str, object]:
    values = {name: value for name, value in row.items() if name not in {"leased_by", "leased_until"}}
    return {**values, "state": DeliveryState.UNCERTAIN.value}


def _line(row: object) -> str:
    return json.dumps(row, ensure_ascii=False, sort_keys=True, allow_nan=False)


@contextmanager
def _file_errors() -> Iterator[None]:
    """Raise an AidError for whatever a file may hold that is not as `export` writes it."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, OverflowError, BadInput) as error:
        raise _unreadable() from error


def _heading(revision: object) -> str:
    return json.dumps({"format": FORMAT, "revision": revision})[:-1] + ', "tables": {\n'


def _read_heading(file: IO[str]) -> str:
    line = file.readline(LONGEST_HEADING)
    found: str = json.loads(line + "}}")["revision"]
    if line != _heading(str(found)):
        raise ValueError(line)
    return found


def _check_empty(session: Session) -> None:
    session.execute(delete(CouncilMember))
    session.execute(delete(Preference).where(Preference.changed_by == SHIPPED))  # messages about migrations
    for table in _tables(Base.metadata).values():
        if session.scalar(select(func.count()).select_from(table)):
            raise AidError(
                "The database is not empty ({table}). A complete record can only be loaded into an empty "
                "one: set DATABASE_URL to a new database.",
                table=table.name,
            )


def load_rows(connection: Connection, metadata: MetaData, path: Path) -> int:
    """Insert the rows of an export of the revision that ``metadata`` describes; return their number."""
    rows, tables = 0, _tables(metadata)
    with _file_errors(), path.open(encoding="utf-8") as file:
        _read_heading(file)
        while tables:
            name = json.loads(file.readline().removesuffix(": [\n"))
            rows += _read_table(connection, tables.pop(name), file)
        if file.read(len(END) + 1) != END:
            raise ValueError(END)
    if connection.dialect.name == "postgresql":
        _reset_sequences(connection, metadata)
    return rows


def _read_table(connection: Connection, table: Table, file: IO[str]) -> int:
    """Insert the rows of a table; what points to the table itself is set once all rows are there."""
    own = (
        []
        if table.name == APPEND_ONLY
        else [each.parent.name for each in table.foreign_keys if each.column.table is table]
    )
    rows, waiting = 0, []
    for batch in in_parts(_rows_in(table, file), ROWS_AT_ONCE):
        for row in batch:
            values = {name: row.pop(name) for name in own if name in row}
            if values:
                key = [column == row[column.name] for column in table.primary_key]
                waiting.append(update(table).where(*key).values(values))
        insert_rows(connection, table, batch)
        rows += len(batch)
    for statement in waiting:
        connection.execute(statement)
    return rows


def _rows_in(table: Table, file: IO[str]) -> Iterator[dict[str, object]]:
    """Yield the rows up to the end of a table."""
    for line in file:
        if line in {"],\n", "]\n"}:
            return
        yield _typed(table, line.rstrip("\n").removesuffix(","))
    raise ValueError(table.name)


def _typed(table: Table, line: str) -> dict[str, object]:
    """Return the row of a line, which must be written as `export` writes it: no doubled key, NaN or lone surrogate."""
    row: dict[str, Any] = json.loads(line)
    required = {column.name for column in table.c if not column.nullable}
    if _line(row) != line or not required <= row.keys():
        raise ValueError(table.name)
    return {name: _value(table.c[name], value) for name, value in row.items()}


def _value(column: Column[object], value: Any) -> object:
    kind = column.type
    if isinstance(kind, JSON):
        return value
    typed = value
    if isinstance(kind, FieldDateText):
        typed = parse_date(value)
    elif isinstance(kind, UtcTime | DateTime):
        typed = datetime.fromisoformat(value)
    elif isinstance(kind, Date):
        typed = date.fromisoformat(value)
    elif type(value) is not kind.python_type:
        raise TypeError(column.name)
    if plain_value(typed) != value:
        raise ValueError(column.name)
    return typed


def insert_rows(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows of the same columns together (an omitted value is NULL); append-only ones in their order."""
    ordered = rows if table.name == APPEND_ONLY else sorted(rows, key=tuple)
    for _, batch in groupby(ordered, key=tuple):
        connection.execute(insert(table), list(batch))


def _reset_sequences(connection: Connection, metadata: MetaData) -> None:
    """Set PostgreSQL's sequences to continue after the highest numbers loaded."""
    for table in _tables(metadata).values():
        key = table.primary_key.columns.values()[0]
        name = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if name:
            highest = connection.scalar(select(func.max(key)))
            connection.execute(text("SELECT setval(:name, :next, false)"), {"name": name, "next": (highest or 0) + 1})


def _unreadable() -> AidError:
    return AidError("The file is not a complete record written by `export` or `backup`. Export it again.")
