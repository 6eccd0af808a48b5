"""The record as it was: what it said at a time, and what stood on a day.

A session as of then has temporary tables and views before those of the record: the updates that count, the projects
as they were, and the status cache derived from them. So every query of the answers runs on it unchanged.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Select, func, or_, select, text
from sqlalchemy.orm import Session

from db.admin.projects import restore_fields
from db.database import Database
from db.domain.dates import new_york_date
from db.domain.project_status import ProjectStatus, status_of
from db.domain.updates import Update, effective_updates, superseded_by
from db.errors import N_, BadInput
from db.models import Project, UpdateProject, UpdateRow
from db.updates.counters import update_counters
from db.updates.history import load_histories
from db.updates.status_cache import CACHE, store_statuses

_OF_PROJECTS = (*(table.__tablename__ for table in CACHE), "project_roles", "project_sectors")
_TOUCHES = """
    CREATE TEMP VIEW update_projects AS SELECT * FROM {main}update_projects AS touch
    WHERE NOT EXISTS (
        SELECT 1 FROM left_out WHERE left_out.update_id = touch.update_id AND left_out.project_id = touch.project_id
    ) AND EXISTS (SELECT 1 FROM projects WHERE projects.id = touch.project_id)
"""
_UPDATES = """
    CREATE TEMP VIEW updates AS SELECT * FROM {main}updates AS entry
    WHERE EXISTS (SELECT 1 FROM update_projects WHERE update_projects.update_id = entry.id)
"""
_SHADOWS = (
    "CREATE TEMP TABLE projects AS SELECT * FROM {main}projects WHERE created_at <= '{known:%Y-%m-%d %H:%M:%S.%f}+00'",
    "CREATE UNIQUE INDEX {temp}projects_then ON projects (id)",
    *(
        f"CREATE TEMP TABLE {name} AS SELECT * FROM {{main}}{name} WHERE project_id IN (SELECT id FROM projects)"  # noqa: S608
        for name in _OF_PROJECTS
    ),
    *(f"CREATE INDEX {{temp}}{name}_then ON {name} (project_id)" for name in _OF_PROJECTS),
    "CREATE TEMP TABLE tallies AS SELECT * FROM {main}tallies",
    "CREATE UNIQUE INDEX {temp}tallies_then ON tallies (axis, value, later, month)",
    "CREATE TEMP TABLE left_out (update_id integer, project_id integer, PRIMARY KEY (update_id, project_id))",
    _TOUCHES,
    _UPDATES,
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


def record_begins(session: Session) -> datetime | None:
    """Return when the first act was recorded (aware, UTC), None in an empty record."""
    return session.scalar(select(func.min(UpdateRow.recorded_at)))  # which has an index


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
        _shadow(session, as_of)
        yield session


def _shadow(session: Session, as_of: AsOf) -> None:
    """Put what counts as of then before the tables of the record, until the session ends."""
    known = (as_of.known or datetime.max.replace(tzinfo=UTC)).astimezone(UTC)
    new = session.scalars(select(Project.id).where(Project.created_at > known)).all()
    histories = load_histories(session, sorted({*session.scalars(_touched(as_of))} - {*new}))
    left_out = {key: _left_out(updates, as_of) for key, updates in histories.items()}
    main, temp = ("main.", "temp.") if session.get_bind().dialect.name == "sqlite" else ("", "")
    with update_counters(session, new):
        for statement in _SHADOWS:
            session.connection().exec_driver_sql(statement.format(main=main, temp=temp, known=known))
    pairs = [{"update_id": number, "project_id": key} for key, numbers in left_out.items() for number in numbers]
    if pairs:
        session.execute(text("INSERT INTO left_out VALUES (:update_id, :project_id)"), pairs)
    if as_of.known:
        restore_fields(session, as_of.known)
    statuses = {
        key: status_of(update for update in updates if update.number not in left_out[key])
        for key, updates in histories.items()
    }
    store_statuses(session, statuses)


def _touched(as_of: AsOf) -> Select[int]:
    """Return the query of the projects that may have stood otherwise then; the cache of all others holds for then too."""
    differs = [UpdateRow.recorded_at > as_of.known] if as_of.known else []
    if as_of.on:
        reports = (UpdateRow.corrects, UpdateRow.retracts, UpdateRow.confirms, UpdateRow.differs)
        differs += [UpdateRow.effective_day > as_of.on, *(target.is_not(None) for target in reports)]
    return select(UpdateProject.project_id).join(UpdateRow).where(or_(*differs)).distinct()


def _left_out(history: Sequence[Update], as_of: AsOf) -> set[int]:
    """Return the numbers of the updates of one project that do not count as of then.

    Of what stood on a day, what was taken back since is left out, and corrections count in its place.
    """
    known = [update for update in history if not as_of.known or update.recorded_at <= as_of.known]
    out = {update.number for update in history} - {update.number for update in known}
    if as_of.on is None:
        return out
    removed = superseded_by(known)
    standing = {update.number for update in effective_updates(known) if update.effective_day <= as_of.on}

    def counts(number: int) -> bool:
        return (removed[number].number if number in removed else number) in standing

    for update in known:
        target = update.confirms or update.differs
        remover = removed.get(update.number)
        reports = target is not None and counts(target) and not (remover and remover.retracts)
        if update.retracts or not (reports or counts(update.number)):
            out.add(update.number)
    return out
