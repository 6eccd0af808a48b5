"""First occurrences of a file's rows, kept on disk, as a file may have more rows than fit into memory."""

import sqlite3
from types import TracebackType
from typing import Self

from db.imports.table import CellLocation


class FirstOccurrences:
    """The locations where keys occurred first in one import."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")  # a file of SQLite's own, gone when it is closed
        self._file.execute("CREATE TABLE places (key TEXT PRIMARY KEY, line INTEGER, sheet TEXT) WITHOUT ROWID")

    def first(self, key: str, place: CellLocation) -> CellLocation:
        """Return the first location of ``key``, which is ``place`` for a new one."""
        self._file.execute("INSERT OR IGNORE INTO places VALUES (?, ?, ?)", (key, place.line, place.sheet))
        line, sheet = self._file.execute("SELECT line, sheet FROM places WHERE key = ?", (key,)).fetchone()
        return CellLocation(line, sheet)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
