"""The cache of standings: one row a project and one a hold, rebuilt from the updates at every recording."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.database import MOST_BOUND, write_rows
from db.domain.dates import utc_now
from db.domain.enums import UpdateKind
from db.domain.project_status import ProjectStatus, statuses_of
from db.domain.updates import Update
from db.models import HoldRow, Organisation, Project, ProjectStatusRow, StandingKind, fold_names
from db.projects.queries import load_projects, search_text
from db.search.index import store_words
from db.updates.counters import update_counters
from db.updates.history import load_histories
from db.updates.versions import OF_FIELDS, OF_STATUSES, keep_versions

CACHE = (ProjectStatusRow, HoldRow, StandingKind)
"""The tables of the cache; each has its versions (db.updates.versions)."""


def store_statuses(session: Session, standings: Mapping[int, ProjectStatus], now: datetime) -> None:
    """Write the cache of these projects, by project id, in a fixed number of statements."""
    with update_counters(session, standings, OF_STATUSES, now):
        write_cache(session, standings)


def write_cache(session: Session, standings: Mapping[int, ProjectStatus]) -> None:
    """Write the cache of these projects without their versions and counters."""
    rows = [cache_rows(project_id, standing) for project_id, standing in standings.items()]
    for table in CACHE:
        session.execute(delete(table).where(table.project_id.in_(standings)))
        write_rows(session, table, (row for each in rows for row in each[table.__tablename__]))


def cache_rows(project_id: int, standing: ProjectStatus) -> dict[str, list[dict[str, object]]]:
    """Return the rows of a project in the cache, by table."""
    return {
        ProjectStatusRow.__tablename__: [standing_row(project_id, standing)],
        HoldRow.__tablename__: hold_rows(project_id, standing),
        StandingKind.__tablename__: [{"kind": kind, "project_id": project_id} for kind in kinds_of(standing)],
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
    for first in range(0, len(ids), MOST_BOUND):
        projects = select(Project).where(Project.id.in_(ids[first : first + MOST_BOUND])).order_by(Project.id)
        store_search_texts(session, list(session.scalars(projects)))


def rebuild_all(session: Session) -> int:
    """Derive every project's standing anew from its updates and store it, some at a time; returns how many."""
    ids = session.scalars(select(Project.id).order_by(Project.id)).all()
    for first in range(0, len(ids), MOST_BOUND):
        histories = load_histories(session, ids[first : first + MOST_BOUND])
        store_statuses(session, statuses_of(histories), utc_now())
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


def kinds_of(standing: ProjectStatus) -> list[str]:
    """Return the kinds of update that stand."""
    return sorted({update.kind.value for update in standing.updates})


def hold_rows(project_id: int, standing: ProjectStatus) -> list[dict[str, object]]:
    """Return the cache's rows for the holds of a standing (``HoldRow``).

    ``pending`` marks those that stop what is before the Committee.
    """
    pending = {id(hold) for hold in standing.open_holds}
    return [
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


def lift_reported(standing: ProjectStatus) -> bool:
    """Return True if a lift is only reported: of an open hold, else of those that stopped what is pending."""
    if standing.open_holds:
        return any(flag.kind is UpdateKind.HOLD_LIFTED for hold in standing.open_holds for flag in hold.flags)
    return any(hold.lifted_by and not hold.lifted_by.official for hold in standing.pending_holds)


def _number(update: Update | None) -> int | None:
    return update.number if update else None
