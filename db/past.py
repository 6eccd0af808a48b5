"""The record as it was: what it said at a time, and what stood on a day.

A session as of then reads, under the names of the tables, the versions that stood then, so every query of the answers
runs on it unchanged.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from db.database import Database
from db.domain.dates import new_york_date
from db.domain.project_status import ProjectStatus, status_of
from db.domain.updates import Update, effective_updates
from db.errors import N_, BadInput
from db.models import VERSIONS, Base
from db.updates.counters import AS_OF
from db.updates.history import load_histories, record_begins
from db.updates.versions import ALWAYS, OF_STATUSES

_STOOD = "since <= {known} AND until > {known}"
_COUNTED = f"SELECT 1 FROM update_projects_versions AS counted WHERE {_STOOD} AND from_day <= {{day}} AND"  # noqa: S608
_OWN = "SELECT {name} FROM {{main}}projects AS own WHERE own.id = version.id"
_INSTEAD = {name: f"({_OWN.format(name=name)}) AS {name}" for name in ("search_text", "version")} | {
    "visibility": f"coalesce(({_OWN.format(name='visibility')} AND visibility = 'withheld'), visibility) AS visibility"
}
"""Values that follow today's: a name that is withheld now stays withheld."""


def _version(name: str) -> str:
    columns = (_INSTEAD.get(column.name, f'"{column.name}"') for column in Base.metadata.tables[name].c)
    stood = f"{_STOOD} AND from_day <= {{day}} AND to_day > {{day}}" if name in OF_STATUSES else _STOOD
    return f"SELECT {', '.join(columns)} FROM {name}_versions AS version WHERE {stood}"  # noqa: S608


_KNOWN = {
    "updates": "SELECT * FROM {main}updates WHERE recorded_at <= {known}",
    "update_projects": (
        "SELECT * FROM {main}update_projects AS touch WHERE EXISTS (SELECT 1 FROM {main}updates AS entry"
        " WHERE entry.id = touch.update_id AND entry.recorded_at <= {known})"
    ),
    **{name: _version(name) for name in VERSIONS},
}
"""The rows of each table that were known at a time."""
_STANDING = {
    **_KNOWN,
    "updates": f"SELECT * FROM {{main}}updates AS entry WHERE EXISTS ({_COUNTED} counted.update_id = entry.id)",  # noqa: S608
    "update_projects": (
        f"SELECT * FROM {{main}}update_projects AS touch WHERE EXISTS ({_COUNTED} counted.update_id = touch.update_id"  # noqa: S608
        " AND counted.project_id = touch.project_id)"
    ),
}
"""The rows that stood on a day, as it was known at a time."""
_NAMES = re.compile(rf"\b(?:{'|'.join(_KNOWN)})\b")


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point on one or both time axes: what was ``known`` at a time (aware, UTC), what stood ``on`` a day (New York)."""

    known: datetime | None = None
    on: date | None = None

    @property
    def day(self) -> date:
        """Return the day (New York) from which ages and ends count."""
        if self.on is None and self.known is None:
            raise ValueError("neither a time nor a day")
        return self.on or new_york_date(self.known)  # type: ignore[arg-type]


def statuses_since(
    session: Session, ids: Collection[int], known: datetime
) -> dict[int, tuple[ProjectStatus, list[Update]]]:
    """Return each project's status as it was known at a time, and the updates in force that were recorded since."""
    return {
        key: (
            status_of(each for each in history if each.recorded_at <= known),
            [each for each in effective_updates(history) if each.recorded_at > known],
        )
        for key, history in load_histories(session, ids).items()
    }


@contextmanager
def reading_as_of(database: Database, as_of: AsOf) -> Iterator[Session]:
    """Open a session that reads the record as of then. Raises BadInput for a time before the first act."""
    with database.reading() as session:
        begins = record_begins(session)
        if as_of.known and begins and as_of.known < begins:
            raise BadInput(
                N_(
                    "This record begins on {begins}, so it said nothing on {day}. Ask `on:{day}` for what stood on that "
                    "day as it is known now."
                ),
                begins=new_york_date(begins),
                day=new_york_date(as_of.known),
            )
        known = f"{(as_of.known or ALWAYS).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"
        point = {"known": known, "day": (as_of.on or ALWAYS).strftime("%Y-%m-%d")}
        reading = partial(_read_then, point, by_day=as_of.on is not None, is_sqlite=database.is_sqlite)
        event.listen(session.connection(), "before_cursor_execute", reading, retval=True)
        session.info[AS_OF] = as_of.known, as_of.on
        yield session


def _read_then(
    point: Mapping[str, str],
    _connection: object,
    _cursor: object,
    statement: str,
    parameters: Any,
    *_: object,
    by_day: bool,
    is_sqlite: bool,
) -> tuple[str, Any]:
    """Give the names of tables in a query the meaning that they have as of then."""
    named, asked = _as_of_then(statement, by_day, is_sqlite)
    values = {name: point[name] for name in asked}
    return named, (*values.values(), *parameters) if is_sqlite else {**parameters, **values}


@lru_cache(maxsize=512)
def _as_of_then(statement: str, by_day: bool, is_sqlite: bool) -> tuple[str, tuple[str, ...]]:
    """Return a query of the tables as of a point in the past, and which of its values it asks for.

    Its text is the same for each point, so that the database need not read it anew.
    """
    names = sorted({*_NAMES.findall(statement)}) if statement.startswith("SELECT") else []
    rows = [(_STANDING if by_day else _KNOWN)[name] for name in names]
    asked = tuple(value for value in ("known", "day") if any(f"{{{value}}}" in each for each in rows))
    marks = {"known": "?1", "day": "?2", "main": "main."}
    if not is_sqlite:
        marks = {"known": "%(known)s", "day": "%(day)s", "main": ""}
    parts = (f"{name} AS NOT MATERIALIZED ({each.format(**marks)})" for name, each in zip(names, rows, strict=True))
    return (f"WITH {', '.join(parts)} {statement}" if names else statement), asked
