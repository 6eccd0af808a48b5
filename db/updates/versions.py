"""The versions of projects and of their cached statuses: each stood from one change, as it was known, until the next."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlalchemy import BindParameter, Executable, RowMapping, bindparam, delete, insert, literal, select, update
from sqlalchemy.orm import Session

from db.column_types import UtcTime
from db.database import MOST_BOUND, fetch, write_rows
from db.models import COUNTED, VERSIONS, Base
from db.paging import in_parts

OF_FIELDS = ("projects", "project_roles", "project_sectors")
OF_STATUSES = ("standings", "holds", "standing_kinds")
BY_DAY = {**{name: VERSIONS[name] for name in OF_STATUSES}, COUNTED.name: COUNTED}
"""The tables of what stood on each day, as it was known: statuses, and from which day each update counts."""
FOREVER = datetime(9999, 12, 31, tzinfo=UTC)
ALWAYS = datetime(9000, 1, 1, tzinfo=UTC)  # a time at which all that is known now is known
ALL_DAYS = date.min, date.max

Row = TypeVar("Row", bound=Hashable)
Point = TypeVar("Point")
Version = tuple[str, tuple[tuple[str, object], ...]]
"""The table of a version by day and its columns, without the times since when and until when it was known."""


def keep_versions(session: Session, tables: Collection[str], project_ids: Collection[int], since: datetime) -> None:
    """Let what ``tables`` say of these projects now stand from ``since`` on, instead of what stood then or later."""
    session.flush()
    for statement in (statement for name in tables for statement in _KEEP[name]):
        fetch(session, statement, ids=list(project_ids), at=since)


def keep_versions_by_day(session: Session, versions: Mapping[int, Collection[Version]], since: datetime) -> None:
    """Let these be all that is known of each day from ``since`` on, by project id; what stays the same is left alone."""
    wanted = {version for each in versions.values() for version in each}
    for name, table in BY_DAY.items():
        keys = [column.name for column in table.primary_key if column.name != "since"]
        new = {columns for of, columns in wanted if of == name}
        ended = []
        for ids in in_parts(versions, MOST_BOUND):
            session.execute(delete(table).where(table.c.project_id.in_(ids), table.c.since >= since))
            stood = select(table).where(table.c.project_id.in_(ids), table.c.until >= since)
            for row in session.execute(stood).mappings():
                columns = _columns(row)
                until = FOREVER if columns in new else since
                new.discard(columns)
                if until != row["until"]:
                    ended.append({"_until": until, **{f"_{key}": row[key] for key in (*keys, "since")}})
        if ended:
            one = (column == bindparam(f"_{column.name}") for column in table.primary_key)
            session.connection().execute(update(table).where(*one).values(until=bindparam("_until")), ended)
        write_rows(session, table, ({**dict(columns), "since": since, "until": FOREVER} for columns in new))


def kept_by_day(session: Session) -> set[tuple[Version, datetime, datetime]]:
    """Return all versions by day, each with the times since when and until when it was known."""
    return {
        ((name, _columns(row)), row["since"], row["until"])
        for name, table in BY_DAY.items()
        for row in session.execute(select(table)).mappings()
    }


def _columns(row: RowMapping) -> tuple[tuple[str, object], ...]:
    return tuple((name, value) for name, value in row.items() if name not in {"since", "until"})


def spans(stages: Iterable[tuple[Point, Point, Iterable[Row]]]) -> Iterator[tuple[Row, Point, Point]]:
    """Yield each row with the longest spans in which it stood, of stages that follow each other."""
    began: dict[Row, Point] = {}
    last: Point | None = None
    for begin, end, rows in stages:
        standing = set(rows)
        yield from ((row, began.pop(row), begin) for row in began.keys() - standing)
        began |= dict.fromkeys(standing - began.keys(), begin)
        last = end
    if last is not None:
        yield from ((row, begin, last) for row, begin in began.items())


def _keeping(name: str) -> Sequence[Executable]:
    """Build the statements that remove later versions, end the earlier one, and enter the present rows."""
    own, then = Base.metadata.tables[name], VERSIONS[name]
    at = bindparam("at", type_=UtcTime())
    ids: BindParameter[int] = bindparam("ids", expanding=True)
    columns = [column.name for column in then.c if column.name in own.c]
    project = "id" if name == "projects" else "project_id"
    rows = select(*(own.c[each] for each in columns), at, literal(FOREVER, UtcTime())).where(own.c[project].in_(ids))
    return (
        delete(then).where(then.c[project].in_(ids), then.c.since >= at),
        update(then).where(then.c[project].in_(ids), then.c.until > at).values(until=at),
        insert(then).from_select([*columns, "since", "until"], rows),
    )


_KEEP = {name: _keeping(name) for name in OF_FIELDS}
