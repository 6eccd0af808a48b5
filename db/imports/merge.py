"""Merge of an import, staged in a copy of an SQLite database, into the database itself.

Numbers assigned to others meanwhile stay theirs; those of the import move behind them. A concurrent change of a
project that the import touches, or of data that its rows were checked against, prevents the merge.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from sqlalchemy import Column, Table, text
from sqlalchemy.orm import Session

from db.database import Database
from db.models import Base
from db.updates.counters import update_counters

STAGE = "stage"  # the schema name of the attached copy
CACHE_KB = 16_384  # page cache while merging; a smaller one writes the same pages repeatedly

# Tables that must not have changed at all: names, refs, predecessors, Council members, the days of reminders.
CHECKED_AGAINST = ("organisations", "projects", "council_members", "preferences")

# Tables whose rows are replaced with the project.
OF_PROJECT = ("project_sectors", "project_words", "standings", "standing_kinds", "holds", "reminders")

# Tables that grow, with the column that tells which rows are new.
ADDED = {
    **dict.fromkeys(("organisations", "projects", "acts", "updates", "audit"), "id"),
    **dict.fromkeys(("update_projects", "update_sources"), "update_id"),
    "word_endings": "rowid",
}
NUMBERED = ("acts", "updates", "audit", "reminders")  # others add rows to these meanwhile
PLANNED = "key <> 'reminders-planned'"  # the scheduler's own progress, which does not matter here


def snapshot_baseline(session: Session) -> None:
    """Store in the copy, before the import, what is compared later and the highest numbers."""
    for name in (*CHECKED_AGAINST, *OF_PROJECT):
        session.execute(text(f"CREATE TABLE before_{name} AS SELECT * FROM {name}"))
    session.execute(text("CREATE TABLE marks (name TEXT PRIMARY KEY, highest INTEGER NOT NULL)"))
    for name, key in {**ADDED, **dict.fromkeys(NUMBERED, "id")}.items():
        session.execute(text(f"INSERT INTO marks SELECT '{name}', coalesce(max({key}), 0) FROM {name}"))


def collect_touched(session: Session) -> None:
    """Store in the copy, after the import, the ids of the projects that it adds, changes or updates."""
    session.execute(text("CREATE TABLE touched (project_id INTEGER PRIMARY KEY)"))
    queries = [f"SELECT project_id FROM update_projects WHERE update_id > {_mark('updates')}"]
    queries += [f"SELECT id FROM ({_differs('projects', 'before_projects')})"]
    queries += [f"SELECT project_id FROM ({_differs(name, f'before_{name}')})" for name in OF_PROJECT]
    for query in queries:
        session.execute(text(f"INSERT OR IGNORE INTO touched {query}"))


def merge_into(database: Database, path: Path) -> bool:
    """Merge the import in the copy at ``path`` in one transaction; return False, writing nothing, on a conflict."""
    with database.writing_beside(path, STAGE) as session:
        if any(session.scalar(text(f"SELECT EXISTS ({query})")) for query in _changed_meanwhile()):
            return False
        session.execute(text(f"PRAGMA main.cache_size = -{CACHE_KB}"))
        touched = list(session.scalars(text(f"SELECT project_id FROM {STAGE}.touched")))
        with update_counters(session, touched):
            _take_over(session)
    return True


def _changed_meanwhile() -> Iterator[str]:
    """Yield queries that find rows only where there is a conflict."""
    for name in CHECKED_AGAINST:
        condition = f"WHERE {PLANNED}" if name == "preferences" else ""
        yield _differs(f"main.{name}", f"{STAGE}.before_{name}", condition)
    ours = f"SELECT project_id FROM {STAGE}.touched"
    for name in OF_PROJECT:
        yield _differs(f"main.{name}", f"{STAGE}.before_{name}", f"WHERE project_id IN ({ours})")
    updates, acts = _mark("updates", f"{STAGE}."), _mark("acts", f"{STAGE}.")
    yield f"SELECT 1 FROM main.update_projects WHERE update_id > {updates} AND project_id IN ({ours})"
    both = f"main.acts AS theirs JOIN {STAGE}.acts AS own USING (key)"
    yield f"SELECT 1 FROM {both} WHERE theirs.id > {acts} AND own.id > {acts}"


def _differs(one: str, other: str, condition: str = "") -> str:
    """Build a query of the rows that are in one of two tables only."""
    first, second = f"SELECT * FROM {one} {condition}", f"SELECT * FROM {other} {condition}"
    return f"SELECT * FROM ({first} EXCEPT {second}) UNION ALL SELECT * FROM ({second} EXCEPT {first})"


def _mark(name: str, schema: str = "") -> str:
    return f"(SELECT highest FROM {schema}marks WHERE name = '{name}')"


def _take_over(session: Session) -> None:
    marks = {row.name: row.highest for row in session.execute(text(f"SELECT name, highest FROM {STAGE}.marks"))}
    moved = {
        name: (marks[name], (session.scalar(text(f"SELECT coalesce(max(id), 0) FROM main.{name}")) or 0) - marks[name])
        for name in NUMBERED
    }
    for name in OF_PROJECT:
        session.execute(text(f"DELETE FROM main.{name} WHERE project_id IN (SELECT project_id FROM {STAGE}.touched)"))
    for table in Base.metadata.sorted_tables:
        if table.name in OF_PROJECT:
            _add(session, table, f"project_id IN (SELECT project_id FROM {STAGE}.touched)", moved)
        elif table.name in ADDED:
            _add(session, table, f"{ADDED[table.name]} > {marks[table.name]}", moved)
    _change_projects(session, marks["projects"])


def _change_projects(session: Session, mark: int) -> None:
    columns = ", ".join(_quoted(column) for column in Base.metadata.tables["projects"].c)
    changed = f"SELECT * FROM {STAGE}.projects WHERE id <= {mark} EXCEPT SELECT * FROM {STAGE}.before_projects"
    session.execute(
        text(
            f"UPDATE main.projects SET ({columns}) = "
            f"(SELECT {columns} FROM {STAGE}.projects AS now WHERE now.id = main.projects.id) "
            f"WHERE id IN (SELECT id FROM ({changed}))"
        )
    )


def _add(session: Session, table: Table, condition: str, moved: Mapping[str, tuple[int, int]]) -> None:
    columns = ", ".join(_quoted(column) for column in table.c)
    values = ", ".join(_value(column, moved) for column in table.c)
    ignore = "OR IGNORE " if table.name == "word_endings" else ""  # somebody else may have added the word
    session.execute(
        text(
            f"INSERT {ignore}INTO main.{table.name} ({columns}) SELECT {values} FROM {STAGE}.{table.name} WHERE {condition}"
        )
    )


def _value(column: Column[object], moved: Mapping[str, tuple[int, int]]) -> str:
    """Build the value of a column; the import's own numbers, and references to them, move behind those of others."""
    name = _quoted(column)
    points_to = next((key.column.table.name for key in column.foreign_keys), "")
    mark, move = moved.get(column.table.name if column.name == "id" else points_to, (0, 0))
    return f"CASE WHEN {name} > {mark} THEN {name} + {move} ELSE {name} END" if move else name


def _quoted(column: Column[object]) -> str:
    return f'"{column.name}"'
