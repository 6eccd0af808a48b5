"""A copy of a SQLite database while the bot writes."""

import sqlite3
from pathlib import Path

from db.database import Database
from db.errors import AidError, sentence


def backup(database: Database, target: Path) -> None:
    """Copy the database to ``target``, a file that does not exist yet. Raises AidError."""
    if not database.is_sqlite:
        raise AidError(sentence("This copies SQLite databases. For PostgreSQL use `pg_dump`."))
    if target.exists():
        raise AidError(sentence("{file} exists already. Give a new name."), file=str(target))
    if not target.parent.is_dir():
        raise AidError(sentence("There is no folder {folder}."), folder=str(target.parent))
    source = sqlite3.connect(str(database.engine.url.database))
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)
    finally:
        copy.close()
        source.close()
