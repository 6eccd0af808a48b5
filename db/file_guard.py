"""Guard of an SQLite file that is in use: moved, replaced or deleted, it would take what is written nowhere."""

import os
from pathlib import Path

from db.errors import N_, AidError

PARTS = ("", "-wal", "-shm")


class DatabaseLost(AidError):
    """The file of the database is not the one that was opened."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            N_(
                "The database file {file} was moved, replaced or deleted while the bot runs, so nothing was recorded. "
                "Tell the person who runs the bot."
            ),
            file=path.name,
        )


class FileGuard:
    """Identity of the files that are open; SQLite removes all but the first with its last connection."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._opened: dict[str, tuple[int, int]] = {}
        self._connections = 0

    def opened(self, *_: object) -> None:
        self._connections += 1

    def closed(self, *_: object) -> None:
        self._connections -= 1
        if self._connections <= 0:
            self._opened = {part: identity for part, identity in self._opened.items() if not part}

    def check(self) -> None:
        """Raise DatabaseLost if a file that was there before is another one now, or none."""
        # Without a connection of our own, another process may end the log and begin one anew.
        for part in PARTS if self._connections > 0 else PARTS[:1]:
            try:
                stat = os.stat(f"{self._path}{part}")  # noqa: PTH116  a Path takes twice as long
            except FileNotFoundError:
                identity = None
            else:
                identity = (stat.st_dev, stat.st_ino)
            if identity and part not in self._opened:
                self._opened[part] = identity
            elif identity != self._opened.get(part):
                raise DatabaseLost(self._path)
