"""Staging of long imports on SQLite, where one writer blocks all others.

Rows are checked and written in a copy of the whole database, in a folder beside it, while people go on recording.
The difference is then merged in one short transaction (db.imports.merge), unless the data that the rows were checked
against has changed meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.orm import Session

from db.database import Database
from db.imports.merge import collect_touched, merge_into, snapshot_baseline
from db.maintenance.sqlite_copy import copy_sqlite


@dataclass(frozen=True, slots=True)
class StagingCopy:
    """A copy of the database in which an import is staged."""

    source: Database
    copy: Database
    path: Path

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Begin a transaction in the copy, which blocks nobody."""
        with self.copy.writing() as session:
            snapshot_baseline(session)
            yield session

    def publish(self) -> bool:
        """Merge the copy into the database; return False, writing nothing, on a conflict."""
        with self.copy.writing() as session:
            collect_touched(session)
        self.copy.close()
        return merge_into(self.source, self.path)


def can_be_staged(database: Database) -> bool:
    """Return True for an SQLite file, where a long transaction would block other writers."""
    return database.is_sqlite and Path(database.engine.url.database or "").is_file()


@contextmanager
def staging_copy(database: Database) -> Iterator[StagingCopy]:
    """Copy the database, readable for this process's user only, and delete the copy at the end of the block."""
    folder = Path(database.engine.url.database or "").resolve().parent
    with TemporaryDirectory(prefix=".aid-import-", dir=folder) as within:
        path = Path(within) / "stage.db"
        copy_sqlite(database, path)
        copy = Database(f"sqlite:///{path}")
        try:
            yield StagingCopy(database, copy, path)
        finally:
            copy.close()
