"""Export of the whole record as JSON, and its import into another database of any kind.

The file has one row per line, so memory does not grow with the record. As in a backup, unsent messages are marked
uncertain: a bot that starts from it looks into the channel before posting.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

from sqlalchemy import JSON, URL, Column, ColumnElement, Connection, Date, Table, func, insert, select, text, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from db.column_types import FieldDateText, UtcTime
from db.database import Database
from db.domain.dates import parse_date
from db.errors import N_, AidError
from db.installation_tables import WORKSPACE_TABLES
from db.integrity.check import find_problems
from db.maintenance.migrate import pending, revision
from db.maintenance.sqlite_copy import may_be_sent_since
from db.models import Base, CouncilMember, Delivery, UpdateRow
from db.outbox.deliveries import DeliveryState

FORMAT = "aid-status-record"
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
        file.write(json.dumps({"format": FORMAT, "revision": revision(one)})[:-1] + ', "tables": {\n')
        uncertain = set(one.scalars(select(Delivery.id).where(may_be_sent_since())))
        for number, table in enumerate(_tables()):
            file.write((",\n" if number else "") + f"{json.dumps(table.name)}: [")
            for count, row in enumerate(_rows(one, table)):
                whole = _uncertain(row) if table.name == Delivery.__tablename__ and row["id"] in uncertain else row
                file.write((",\n" if count else "\n") + json.dumps(whole, ensure_ascii=False, sort_keys=True))
                rows += 1
            file.write("\n]")
        file.write("\n}}\n")
    return TransferResult(rows)


def read_snapshot(database: Database, path: Path) -> TransferResult:
    """Load a snapshot into a migrated database that is empty but for Council members, which it replaces.

    Raises AidError, and changes nothing, for another file, another revision or a database in use.
    """
    with path.open(encoding="utf-8") as file, database.writing() as session:
        _check_heading(file, revision(session.connection()))
        _check_empty(session)
        connection = session.connection()
        rows = 0
        for table in _tables():
            rows += _read_table(connection, table, file)
        if not database.is_sqlite:
            _reset_sequences(connection)
        session.flush()
        findings = tuple(find_problems(session))
    return TransferResult(rows, findings)


def read_database(database: Database, path: Path) -> TransferResult:
    """Load the record of an SQLite file as ``read_snapshot`` does, without changing the file.

    Also raises AidError where the file is damaged or of another version of the bot.
    """
    other = Database(URL.create("sqlite", database=str(path)).render_as_string())
    try:
        _check_version(other, path)
        with TemporaryDirectory(prefix="aid-move-") as folder:
            written = Path(folder) / "record.json"
            write_snapshot(other, written)
            return read_snapshot(database, written)
    finally:
        other.close()


def _check_version(other: Database, path: Path) -> None:
    try:
        old = pending(other)
    except DatabaseError as error:
        raise _unreadable() from error
    if old:
        raise AidError(
            N_(
                "{file} is not of this version of the bot. Bring it there first: "
                "`DATABASE_URL=sqlite:///{file} python -m bot migrate`."
            ),
            file=str(path),
        )


def _tables() -> list[Table]:
    # Without workspace tokens: the file may be passed around, and reinstalling gets new ones.
    return [table for table in Base.metadata.sorted_tables if table.name not in WORKSPACE_TABLES]


def _rows(connection: Connection, table: Table) -> Iterator[dict[str, object]]:
    result = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table).order_by(*table.primary_key))
    for row in result.mappings():
        yield {name: _plain(value) for name, value in row.items() if value is not None}


def _uncertain(row: dict[str, object]) -> dict[str, object]:
    values = {name: value for name, value in row.items() if name not in {"leased_by", "leased_until"}}
    return {**values, "state": DeliveryState.UNCERTAIN.value}


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bool | int | str | list | dict):
        return value
    return str(value)  # a date, with precision or without


def _check_heading(file: IO[str], own: str | None) -> None:
    try:
        heading = json.loads(file.readline().rstrip("\n") + "}}")
        ours = heading["format"] == FORMAT
        revision_found = heading["revision"]
    except (ValueError, KeyError, TypeError) as error:
        raise _unreadable() from error
    if not ours:
        raise _unreadable()
    if revision_found != own:
        raise AidError(
            N_(
                "The file was written at revision {found} of the database and this one is at {own}. Export it again "
                "with this version of the bot."
            ),
            found=revision_found,
            own=own,
        )


def _check_empty(session: Session) -> None:
    session.query(CouncilMember).delete()
    for table in _tables():
        if session.scalar(select(func.count()).select_from(table)):
            raise AidError(
                N_(
                    "The database holds something already ({table}). A whole record is read into an empty one: "
                    "name a new one in DATABASE_URL."
                ),
                table=table.name,
            )


def _read_table(connection: Connection, table: Table, file: IO[str]) -> int:
    heading = file.readline().rstrip("\n")
    if heading != f"{json.dumps(table.name)}: [":
        raise _unreadable()
    later = [column for column in table.c if _points_to_itself(column)] if table.name != APPEND_ONLY else []
    rows, waiting = 0, []
    for batch in _batches(file):
        read = [_typed(table, row) for row in batch]
        waiting += [_key_and_values(row, table, later) for row in read if any(column.name in row for column in later)]
        for row in read:
            for column in later:
                row.pop(column.name, None)
        _insert(connection, table, read)
        rows += len(read)
    for keys, values in waiting:
        connection.execute(update(table).where(*keys).values(values))
    return rows


def _batches(file: IO[str]) -> Iterator[list[dict[str, object]]]:
    """Yield the rows up to the end of a table in batches."""
    batch: list[dict[str, object]] = []
    for line in file:
        if line.startswith("]"):
            yield batch
            return
        try:
            batch.append(json.loads(line.rstrip("\n").removesuffix(",")))
        except ValueError as error:
            raise _unreadable() from error
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    raise _unreadable()


def _typed(table: Table, row: dict[str, Any]) -> dict[str, object]:
    try:
        return {name: _value(table.c[name], value) for name, value in row.items()}
    except (KeyError, ValueError, TypeError, AttributeError, AidError) as error:
        raise _unreadable() from error


def _value(column: Column[object], value: Any) -> object:
    if isinstance(column.type, UtcTime):
        return datetime.fromisoformat(value)
    if isinstance(column.type, FieldDateText):
        return parse_date(value)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    if not isinstance(column.type, JSON) and isinstance(value, list | dict):
        raise TypeError(value)
    return value


def _points_to_itself(column: Column[object]) -> bool:
    return any(key.column.table is column.table for key in column.foreign_keys)


def _key_and_values(
    row: dict[str, object], table: Table, later: Sequence[Column[object]]
) -> tuple[list[ColumnElement[bool]], dict[str, object]]:
    """Return the key of a row, and the values to set once the rows that they point to exist."""
    keys = [column == row[column.name] for column in table.primary_key]
    return keys, {column.name: row[column.name] for column in later if column.name in row}


def _insert(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    """Insert rows, those of the same columns together; append-only ones in their order, since they point to earlier ones.

    An omitted value is NULL; None for a JSON column would be stored as JSON null.
    """
    ordered = rows if table.name == APPEND_ONLY else sorted(rows, key=tuple)
    for _, batch in groupby(ordered, key=tuple):
        connection.execute(insert(table), list(batch))


def _reset_sequences(connection: Connection) -> None:
    """Set PostgreSQL's sequences to continue after the highest numbers loaded."""
    for table in Base.metadata.sorted_tables:
        key = table.primary_key.columns.values()[0]
        name = connection.scalar(select(func.pg_get_serial_sequence(table.name, key.name)))
        if name:
            highest = connection.scalar(select(func.max(key)))
            connection.execute(text("SELECT setval(:name, :next, false)"), {"name": name, "next": (highest or 0) + 1})


def _unreadable() -> AidError:
    return AidError(N_("The file is no whole record that `export` or `backup` wrote. Export it again."))
