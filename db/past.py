"""The record as it was: what it said at a time, and what stood on a day.

A session as of then reads, under the names of the tables, the versions that stood at that time. Of what stood on a day
it leaves updates out, and the cache that follows from the others is in temporary tables. So every query of the answers
runs on it unchanged.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from sqlalchemy import bindparam, event, or_, select, text
from sqlalchemy.orm import Session

from db.database import Database
from db.domain.dates import new_york_date
from db.domain.project_status import ProjectStatus, status_of
from db.domain.updates import Update, effective_updates, superseded_by
from db.errors import N_, BadInput
from db.models import VERSIONS, Base, UpdateProject, UpdateRow
from db.updates.counters import KNOWN, rebuild_tallies
from db.updates.history import load_histories, record_begins
from db.updates.status_cache import write_cache
from db.updates.versions import OF_STATUSES

_IS_OUT = "left_out.update_id = touch.update_id AND left_out.project_id = touch.project_id"
_STANDS = f" AND NOT EXISTS (SELECT 1 FROM left_out WHERE {_IS_OUT})"  # noqa: S608
_COUNTS = " AND EXISTS (SELECT 1 FROM {main}update_projects AS touch WHERE touch.update_id = entry.id{stands})"
_OWN = "SELECT {name} FROM {{main}}projects AS own WHERE own.id = version.id"
_INSTEAD = {name: f"({_OWN.format(name=name)}) AS {name}" for name in ("search_text", "version")} | {
    "visibility": f"coalesce(({_OWN.format(name='visibility')} AND visibility = 'withheld'), visibility) AS visibility"
}
"""Values that follow today's: a name that is withheld now stays withheld."""


def _version(name: str) -> str:
    columns = (_INSTEAD.get(column.name, f'"{column.name}"') for column in Base.metadata.tables[name].c)
    stood = "since <= '{known}' AND until > '{known}'"
    return f"SELECT {', '.join(columns)} FROM {name}_versions AS version WHERE {stood}"  # noqa: S608


_THEN = {
    "updates": (
        "SELECT * FROM {main}updates AS entry WHERE recorded_at <= '{known}' AND effective_day <= '{day}'{counts}"
    ),
    "update_projects": (
        "SELECT * FROM {main}update_projects AS touch WHERE EXISTS (SELECT 1 FROM {main}updates AS entry"
        " WHERE entry.id = touch.update_id AND entry.recorded_at <= '{known}'){stands}"
    ),
    **{name: _version(name) for name in VERSIONS},
}
"""The rows of each table that stood then; nothing is recorded before its day."""
_NAMES = re.compile(rf"\b(?:{'|'.join(_THEN)})\b")
_ALWAYS = datetime(9000, 1, 1, tzinfo=UTC)  # before the end of versions that still stand
_TOUCHED = (
    select(UpdateProject.project_id)
    .join(UpdateRow)
    .where(
        or_(
            UpdateRow.effective_day > bindparam("day"),
            *(
                target.is_not(None)
                for target in (UpdateRow.corrects, UpdateRow.retracts, UpdateRow.confirms, UpdateRow.differs)
            ),
        )
    )
    .distinct()
)
"""The projects that may have stood otherwise on a day than after it; the cache of all others holds for it too."""
_TEMPORARY = (
    "CREATE TEMP TABLE left_out (update_id integer, project_id integer, PRIMARY KEY (update_id, project_id))",
    *(
        each
        for name in OF_STATUSES
        for each in (
            f"CREATE TEMP TABLE {name} AS {_THEN[name]}",
            f"CREATE INDEX {{temp}}{name}_then ON {name} (project_id)",
        )
    ),
    "CREATE TEMP TABLE tallies AS SELECT * FROM {main}tallies LIMIT 0",
    "CREATE UNIQUE INDEX {temp}tallies_then ON tallies (axis, value, later, month)",
)


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
        main = "main." if database.is_sqlite else ""
        known = f"{(as_of.known or _ALWAYS).astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}+00"
        day = new_york_date(as_of.known or _ALWAYS)
        values = {"main": main, "known": known, "day": day, "counts": "", "stands": ""}
        if as_of.on:
            values |= {"counts": _COUNTS.format(main=main, stands=_STANDS), "stands": _STANDS}
        own = OF_STATUSES if as_of.on else ()  # which the session has in temporary tables
        then = {name: rows.format(**values) for name, rows in _THEN.items() if name not in own}
        if as_of.on:
            for statement in _TEMPORARY:
                session.connection().exec_driver_sql(statement.format(**values, temp="temp." if main else ""))
        event.listen(session.connection(), "before_cursor_execute", partial(_read_then, then), retval=True)
        if as_of.on:
            _leave_out(session, as_of.on)
        else:
            session.info[KNOWN] = as_of.known
        yield session


def _read_then(
    then: Mapping[str, str], _connection: object, _cursor: object, statement: str, parameters: Any, *_: object
) -> tuple[str, Any]:
    """Give the names of tables in a query the meaning that they have as of then."""
    names = set(_NAMES.findall(statement)) & then.keys() if statement.startswith("SELECT") else ()
    parts = ", ".join(f"{name} AS NOT MATERIALIZED ({then[name]})" for name in sorted(names))
    return f"WITH {parts} {statement}" if parts else statement, parameters


def _leave_out(session: Session, day: date) -> None:
    """Leave out of the session's updates what did not stand on the day, and derive the cache of the projects concerned."""
    histories = load_histories(session, session.scalars(_TOUCHED, {"day": day}).all())
    left_out = {key: _left_out(updates, day) for key, updates in histories.items()}
    pairs = [{"update_id": number, "project_id": key} for key, numbers in left_out.items() for number in numbers]
    if pairs:
        session.execute(text("INSERT INTO left_out VALUES (:update_id, :project_id)"), pairs)
    statuses = {
        key: status_of(update for update in updates if update.number not in left_out[key])
        for key, updates in histories.items()
    }
    write_cache(session, statuses)
    rebuild_tallies(session)


def _left_out(history: Sequence[Update], day: date) -> set[int]:
    """Return the numbers of the updates of one project that do not count for what stood on a day.

    What was taken back since is left out, and corrections count in its place.
    """
    removed = superseded_by(history)
    standing = {update.number for update in effective_updates(history) if update.effective_day <= day}

    def counts(number: int) -> bool:
        return (removed[number].number if number in removed else number) in standing

    def reports(update: Update) -> bool:
        target, remover = update.confirms or update.differs, removed.get(update.number)
        return target is not None and counts(target) and not (remover and remover.retracts)

    return {update.number for update in history if update.retracts or not (reports(update) or counts(update.number))}
