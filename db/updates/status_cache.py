"""The cache of standings: one row a project and one a hold, rebuilt from the updates at every recording."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import accumulate, pairwise

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.database import MOST_BOUND, write_rows
from db.domain.dates import utc_now
from db.domain.enums import UpdateKind
from db.domain.project_status import ProjectStatus, status_of, statuses_of
from db.domain.updates import Update, counts_from
from db.models import COUNTED, HoldRow, Organisation, Project, ProjectStatusRow, StandingKind, fold_names
from db.paging import in_parts
from db.projects.queries import load_projects, search_text
from db.search.index import store_words
from db.updates.counters import update_counters
from db.updates.history import load_histories
from db.updates.versions import ALL_DAYS, FOREVER, OF_FIELDS, Version, keep_versions, keep_versions_by_day, spans

CACHE = (ProjectStatusRow, HoldRow, StandingKind)
"""The tables of the cache; each has its versions (db.updates.versions)."""


def store_statuses(session: Session, standings: Mapping[int, ProjectStatus], now: datetime) -> None:
    """Write the cache of these projects, by project id, in a fixed number of statements."""
    with update_counters(session, standings, (), now):
        rows = [cache_rows(project_id, standing) for project_id, standing in standings.items()]
        for table in CACHE:
            session.execute(delete(table).where(table.project_id.in_(standings)))
            write_rows(session, table, (row for each in rows for row in each[table.__tablename__]))
        histories = load_histories(session, standings)
        keep_versions_by_day(session, {key: versions_by_day(key, each) for key, each in histories.items()}, now)


def versions_by_day(
    project_id: int, history: Sequence[Update], earlier: dict[tuple[int, ...], list[Version]] | None = None
) -> set[Version]:
    """Return the versions of a project by day, found again in ``earlier``, and from which day each update counts."""
    found: dict[tuple[int, ...], list[Version]] = {} if earlier is None else earlier
    counted = counts_from(history)

    def rows(updates: Sequence[Update]) -> list[Version]:
        key = tuple(update.number for update in updates)
        if key not in found:
            of_tables = cache_rows(project_id, status_of(updates))
            found[key] = [(name, tuple(row.items())) for name, rows in of_tables.items() for row in rows]
        return found[key]

    first, last = ALL_DAYS
    stages = (
        (begin, end, rows([each for each in history if end == last or counted[each.number] <= begin]))
        for begin, end in pairwise(sorted({first, *counted.values(), last}))
    )
    by_day = {(name, (*columns, ("from_day", begin), ("to_day", end))) for (name, columns), begin, end in spans(stages)}
    return by_day | {
        (COUNTED.name, (("update_id", number), ("project_id", project_id), ("from_day", day)))
        for number, day in counted.items()
    }


def derived_versions(session: Session) -> set[tuple[Version, datetime, datetime]]:
    """Return the versions by day that the updates give, each with the times since when and until when it was known."""
    created = dict(session.execute(select(Project.id, Project.created_at)).all())
    found: set[tuple[Version, datetime, datetime]] = set()
    for part in in_parts(created, MOST_BOUND):
        for project_id, history in load_histories(session, part).items():
            earlier: dict[tuple[int, ...], list[Version]] = {}
            stages = (
                (since, until, versions_by_day(project_id, updates, earlier))
                for since, until, updates in _stages(created[project_id], history)
            )
            found.update(spans(stages))
    return found


def _stages(created: datetime, history: Sequence[Update]) -> Iterator[tuple[datetime, datetime, Sequence[Update]]]:
    """Yield the updates that a project had from each time on, until the next.

    Where a clock went back, what was recorded with an earlier time removed the later versions.
    """
    times = [created, *(update.recorded_at for update in history)]
    since = list(accumulate(reversed(times), min))[::-1]
    for count, (begin, end) in enumerate(pairwise([*since, FOREVER])):
        if begin < end:
            yield begin, end, history[:count]


def cache_rows(project_id: int, standing: ProjectStatus) -> dict[str, list[dict[str, object]]]:
    """Return the rows of a project in the cache, by table."""
    pending = {id(hold) for hold in standing.open_holds}  # which stop what is before the Committee
    holds: list[dict[str, object]] = [
        {
            "project_id": project_id,
            "placed_id": hold.placed.number,
            "placed_day": hold.placed.effective_day if hold.placed.happened.known else None,
            "holder": hold.holder,
            "pending": id(hold) in pending,
            "lifted_id": _number(hold.lifted_by),
            "flagged": bool(hold.flags),
        }
        for hold in standing.holds
    ]
    kinds = sorted({update.kind.value for update in standing.updates})
    return {
        ProjectStatusRow.__tablename__: [standing_row(project_id, standing)],
        HoldRow.__tablename__: holds,
        StandingKind.__tablename__: [{"kind": kind, "project_id": project_id} for kind in kinds],
    }


def initialize_projects(session: Session, projects: list[Project]) -> None:
    """Give new projects their search text and an empty standing."""
    store_search_texts(session, projects)
    if projects:
        now = max(project.created_at for project in projects)
        keep_versions(session, OF_FIELDS, [project.id for project in projects], now)
        store_statuses(session, {project.id: ProjectStatus() for project in projects}, now)


def store_search_texts(session: Session, projects: list[Project]) -> None:
    """Let projects be found by the names that they have now."""
    views = load_projects(session, [project.id for project in projects])
    for project in projects:
        project.search_text = search_text(views[project.id])
    session.flush()
    store_words(session, {project.id: project.search_text for project in projects})


def rebuild_names(session: Session) -> None:
    """Derive anew the text by which organisations and projects are found."""
    for organisation in session.scalars(select(Organisation)):
        organisation.names_folded = fold_names(organisation.name_en, organisation.name_ko, *organisation.aliases)
    session.flush()
    ids = session.scalars(select(Project.id).order_by(Project.id)).all()
    for part in in_parts(ids, MOST_BOUND):
        projects = select(Project).where(Project.id.in_(part)).order_by(Project.id)
        store_search_texts(session, list(session.scalars(projects)))


def rebuild_all(session: Session) -> int:
    """Derive every project's standing anew from its updates and store it, some at a time; returns how many."""
    ids = session.scalars(select(Project.id).order_by(Project.id)).all()
    for part in in_parts(ids, MOST_BOUND):
        store_statuses(session, statuses_of(load_histories(session, part)), utc_now())
    return len(ids)


def standing_row(project_id: int, standing: ProjectStatus) -> dict[str, object]:
    """Return the cache's row for a status, by column (``ProjectStatusRow``)."""
    end = standing.valid_until
    statement = standing.statement(date.min)
    last = standing.updates[-1] if standing.updates else None
    return {
        "project_id": project_id,
        "headline": statement.headline.value,
        "headline_after_end": standing.headline(date.max).value,
        "ends_first": end.first if end else None,
        "ends_on": end.last if end else None,
        "valid_until": end,
        "response": standing.response.value,
        "delivery": standing.delivery.value,
        "lift_reported": lift_reported(standing),
        "as_of": statement.as_of,
        "last_day": last.effective_day if last else None,
        "governing_update_id": _number(statement.update),
    }


def lift_reported(standing: ProjectStatus) -> bool:
    """Return True if a lift is only reported: of an open hold, else of those that stopped what is pending."""
    if holds := standing.open_holds:
        return any(flag.kind is UpdateKind.HOLD_LIFTED for hold in holds for flag in hold.flags)
    return any(hold.lifted_by and not hold.lifted_by.official for hold in standing.pending_holds)


def _number(update: Update | None) -> int | None:
    return update.number if update else None
