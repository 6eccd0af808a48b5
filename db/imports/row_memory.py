"""Memory of an import for the rows read so far, on disk: a file may have more rows than fit into memory."""

import sqlite3
from types import TracebackType
from typing import Self

from db.imports.table import CellLocation


class RowMemory:
    """The locations where keys occurred first in one import, and values by name."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")  # a file of SQLite's own, gone when it is closed
        self._file.execute("CREATE TABLE places (key TEXT PRIMARY KEY, line INTEGER, sheet TEXT) WITHOUT ROWID")
        self._file.execute("CREATE TABLE names (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")

    def first(self, key: str, place: CellLocation) -> CellLocation:
        """Return the first location of ``key``, which is ``place`` for a new one."""
        self._file.execute("INSERT OR IGNORE INTO places VALUES (?, ?, ?)", (key, place.line, place.sheet))
        line, sheet = self._file.execute("SELECT line, sheet FROM places WHERE key = ?", (key,)).fetchone()
        return CellLocation(line, sheet)

    def store(self, name: str, value: str) -> None:
        """Store a value under ``name``, in place of an earlier one."""
        self._file.execute("INSERT OR REPLACE INTO names VALUES (?, ?)", (name, value))

    def load(self, name: str) -> str:
        """Return the value stored under ``name``, empty if there is none."""
        found = self._file.execute("SELECT value FROM names WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
