"""A record as the version before wrote it: `record-of-0006.json.gz`, an export of that version at revision 0006.

It holds the 17 and the known exemptions in their first editions, and what an admin did on top of them: GG-1 approved,
the lift of GG-2 and the letter of FS-1 corrected, the hold of NGO-4 and the letter of CFK-1 retracted, a hold by France
on NGO-4, the title of KR-1 edited.
"""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Date, DateTime, MetaData, Table, select, text

from db.database import Database
from db.maintenance.migrate import migrate

REVISION = "0006"
FILE = Path(__file__).with_name("record-of-0006.json.gz")


def load_earlier_record(database: Database) -> None:
    """Fill an empty database with the record, in the schema of its revision."""
    migrate(database, to=REVISION)
    content = json.loads(gzip.decompress(FILE.read_bytes()))
    assert content["revision"] == REVISION
    metadata = MetaData()
    metadata.reflect(database.engine)
    with database.engine.begin() as connection:
        for name, rows in content["tables"].items():
            table = metadata.tables[name]
            for row in rows:
                values = {key: _as(table.c[key], value) for key, value in row.items()}
                connection.execute(table.insert(), values)
            if rows and not database.is_sqlite and _is_serial(table):
                top = connection.scalar(select(table.c.id).order_by(table.c.id.desc()).limit(1))
                connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), {top})"))


def _is_serial(table: Table) -> bool:
    return "id" in table.c and table.c.id.type.python_type is int


def _as(column: Column[Any], value: Any) -> Any:
    """Return a value of JSON as the column takes it."""
    if isinstance(column.type, JSON) or value is None:
        return value
    if isinstance(column.type, DateTime):
        return datetime.fromisoformat(value).astimezone(UTC)
    if isinstance(column.type, Date):
        return date.fromisoformat(value)
    return bool(value) if isinstance(column.type, Boolean) else value
