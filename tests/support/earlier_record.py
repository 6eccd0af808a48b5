"""Records as earlier versions wrote them: one that is kept in a file, and any record of today without what is new.

`record-of-0006.json.gz` is an export of the version at revision 0006. It holds the 17 and the known exemptions in their
first editions, and what an admin did on top of them: GG-1 approved, the lift of GG-2 and the letter of FS-1 corrected, the
hold of NGO-4 and the letter of CFK-1 retracted, a hold by France on NGO-4, the title of KR-1 edited.
"""

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import MetaData

from db.database import Database
from db.maintenance import json_snapshot
from db.maintenance.json_snapshot import load_rows, write_snapshot
from db.maintenance.migrate import migrate, revision

REVISION = "0006"
FILE = Path(__file__).with_name("record-of-0006.json.gz")


def load_earlier_record(database: Database) -> None:
    """Fill an empty database with the record, in the schema of its revision."""
    migrate(database, to=REVISION)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "record.json"
        path.write_bytes(gzip.decompress(FILE.read_bytes()))
        load_export(database, path)


def load_export(database: Database, path: Path) -> None:
    """Load an export of the revision that the database is at."""
    with database.engine.begin() as connection:
        load_rows(connection, _schema(database), path)


def earlier_export(source: Database, old: Database, path: Path) -> dict[str, list[dict[str, Any]]]:
    """Write what the version of the database ``old`` would have exported of ``source``; return the tables."""
    write_snapshot(source, path)
    content = json.loads(path.read_text(encoding="utf-8"))["tables"]
    for row in content["standings"]:  # columns of earlier revisions that the newest no longer has
        kinds = [each["kind"] for each in content["standing_kinds"] if each["project_id"] == row["project_id"]]
        row |= {"kinds": kinds, "extension_pending": False}
    schema = _schema(old).tables
    tables = {
        name: [{key: value for key, value in row.items() if key in schema[name].c} for row in rows]
        for name, rows in content.items()
        if name in schema
    }
    parts = [
        f"{json.dumps(name)}: [" + ",".join(f"\n{json_snapshot._line(row)}" for row in rows) + "\n]"
        for name, rows in tables.items()
    ]
    with old.engine.connect() as connection:
        heading = json_snapshot._heading(revision(connection))
    path.write_text(heading + ",\n".join(parts) + "\n" + json_snapshot.END, encoding="utf-8")
    return tables


def _schema(database: Database) -> MetaData:
    metadata = MetaData()
    metadata.reflect(database.engine)
    return metadata
