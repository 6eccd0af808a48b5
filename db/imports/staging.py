"""Long imports on SQLite, where one writer keeps all others waiting: worked out in a copy, then published at once.

The copy is one of the whole database, in a folder beside it. Rows are checked and written there while people go on
recording. What the copy has more then goes into the database in one short transaction (db.imports.merge), unless
somebody has changed meanwhile what the rows were checked against.
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
    """A copy of the database in which an import is worked out."""

    source: Database
    copy: Database
    path: Path

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Open a transaction in the copy; no other writer waits for it."""
        with self.copy.writing() as session:
            snapshot_baseline(session)
            yield session

    def publish(self) -> bool:
        """Put what the copy has more into the database; False, and nothing is written, where it cannot stand any more."""
        with self.copy.writing() as session:
            collect_touched(session)
        self.copy.close()
        return merge_into(self.source, self.path)


def can_be_staged(database: Database) -> bool:
    """Return True for an SQLite file, which can be copied and whose writers would wait for a long transaction."""
    return database.is_sqlite and Path(database.engine.url.database or "").is_file()


@contextmanager
def staging_copy(database: Database) -> Iterator[StagingCopy]:
    """Make a copy of the database, deleted at the end of the block. Only the process's user may read it."""
    folder = Path(database.engine.url.database or "").resolve().parent
    with TemporaryDirectory(prefix=".aid-import-", dir=folder) as within:
        path = Path(within) / "stage.db"
        copy_sqlite(database, path)
        copy = Database(f"sqlite:///{path}")
        try:
            yield StagingCopy(database, copy, path)
        finally:
            copy.close()
