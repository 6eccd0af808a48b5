"""Memory of an import for the rows read so far, on disk: a file may have more rows than fit into memory."""

import pickle
import sqlite3
from datetime import date
from typing import Any

_ROWS = "CREATE TABLE rows (position INTEGER PRIMARY KEY, day TEXT, number TEXT, target INTEGER, content BLOB)"
# The rows with something to record: each report after the row that it is about.
_ORDER = """
    SELECT own.position FROM rows own LEFT JOIN rows target ON target.position = own.target
    WHERE own.day IS NOT NULL
    ORDER BY CASE WHEN :by_day THEN coalesce(target.day, own.day) END,
        CASE WHEN NOT :as_made THEN :direction * coalesce(target.position, own.position) END,
        target.position IS NOT NULL AND NOT :as_made, own.position
"""


class RowMemory:
    """The rows of one import by position, and values by name."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")  # a file of SQLite's own, gone when it is closed
        self._file.execute("CREATE TABLE names (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        self._file.execute(_ROWS)
        self._file.execute("CREATE INDEX numbers ON rows (number)")

    def first(self, key: str, position: int) -> int:
        """Return the position of the first row that was asked about with ``key``."""
        self._file.execute("INSERT OR IGNORE INTO names VALUES (?, ?)", (f"row of {key}", position))
        return int(self.load(f"row of {key}"))

    def store(self, name: str, value: str) -> None:
        self._file.execute("INSERT OR REPLACE INTO names VALUES (?, ?)", (name, value))

    def load(self, name: str) -> str:
        """Return the value stored under ``name``, empty if there is none."""
        found = self._file.execute("SELECT value FROM names WHERE name = ?", (name,)).fetchone()
        return str(found[0]) if found else ""

    def add(self, position: int, row: object, *, day: date | None, number: str, target: str) -> None:
        """Keep a row with its place in the order of recording: its day, its number, the position that it reports of.

        A row without a day has nothing to record.
        """
        about = int(target) if target.isdecimal() else None
        values = (position, day and day.isoformat(), number, about, pickle.dumps(row))
        self._file.execute("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", values)

    def aim(self, position: int, number: str) -> str:
        """Make a row another report of the first row with ``number``; return the position of that one, empty for none."""
        query = "SELECT position FROM rows WHERE number = ? AND position != ? ORDER BY position LIMIT 1"
        found = self._file.execute(query, (number, position)).fetchone()
        self._file.execute("UPDATE rows SET target = ? WHERE position = ?", (found and found[0], position))
        return str(found[0]) if found else ""

    def order(self, *, as_made: bool, by_day: bool, backwards: bool) -> list[int]:
        """Return the positions of the rows with something to record, in the order in which they are recorded.

        Reports follow what they are about, except in a file that has the order in which a record was made.
        """
        values = {"as_made": as_made, "by_day": by_day, "direction": -1 if backwards else 1}
        return [position for (position,) in self._file.execute(_ORDER, values)]

    def keep(self, position: int, row: object) -> None:
        self._file.execute("UPDATE rows SET content = ? WHERE position = ?", (pickle.dumps(row), position))

    def row(self, position: int) -> Any:
        (content,) = self._file.execute("SELECT content FROM rows WHERE position = ?", (position,)).fetchone()
        return pickle.loads(content)  # noqa: S301  written above, in a file that nobody else can open

    def close(self) -> None:
        self._file.close()
