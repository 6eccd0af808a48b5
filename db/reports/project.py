"""One project with everything that its record says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from db.council import load_council
from db.database import fetch
from db.domain.council import Council
from db.domain.project_status import ProjectStatus, status_of
from db.domain.rules import RuleContext, inconsistent_updates
from db.domain.updates import Update, superseded_by
from db.errors import NotFound, Refusal
from db.models import Project
from db.projects.queries import ProjectView, ids_of_refs, load_projects
from db.reminders.rules import without_news
from db.reminders.schedule import reminder_days
from db.updates.history import load_histories, load_updates, project_ids_of


@dataclass(frozen=True, slots=True)
class ProjectDetail:
    """A project, its standing on ``today`` (New York), and its whole history, retracted updates included.

    ``removed`` gives for the number of an update that no longer stands what removed it, ``inconsistent_updates`` for one
    that stands but no longer fits, why. ``predecessor`` is where the project stands whose exemption this one extends,
    ``successors`` are the refs of those that extend this one. ``other_records`` are those of the same request;
    ``no_news`` is True where the newest source is older than the days of the reminder.
    """

    project: ProjectView
    standing: ProjectStatus
    history: tuple[Update, ...]
    removed: Mapping[int, Update]
    inconsistent_updates: Mapping[int, Refusal]
    council: Council
    today: date
    predecessor: ProjectStatus | None = None
    successors: tuple[str, ...] = ()
    no_news: bool = False
    other_records: tuple["ProjectDetail", ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateDetail:
    """One update as it was recorded, the projects it concerns, and for each that changed it, what did."""

    update: Update
    projects: tuple[ProjectView, ...]
    removed: Mapping[str, Update]

    def standing_refs(self, among: Sequence[str] = ()) -> tuple[str, ...]:
        """Return the projects for which it stands, of these if there are any."""
        refs = (project.ref for project in self.projects)
        return tuple(ref for ref in refs if ref not in self.removed and (not among or ref in among))


def project_detail(session: Session, ref: str, today: date) -> ProjectDetail:
    """Return everything on record about the project ``ref``; raise NotFound with what may have been meant."""
    project_id = next(iter(ids_of_refs(session, [ref]).values()))
    found = _detail(session, project_id, today)
    same = found.project.same or found.project.same_as
    others = fetch(session, _SAME_REQUEST, key=project_id).scalars() if same else ()
    return replace(found, other_records=tuple(_detail(session, other, today) for other in others))


def _detail(session: Session, project_id: int, today: date) -> ProjectDetail:
    history = load_histories(session, [project_id])[project_id]
    standing, removed = status_of(history), superseded_by(history)
    council = load_council(session)
    project = load_projects(session, [project_id])[project_id].without_names()
    return ProjectDetail(
        project=project,
        standing=standing,
        history=tuple(history),
        removed=removed,
        inconsistent_updates={
            **inconsistent_updates(standing.updates, RuleContext(today, council)),
            **_groundless(history, standing, removed),
        },
        council=council,
        today=today,
        predecessor=_predecessor(session, standing.extends or project.predecessor),
        successors=tuple(fetch(session, _SUCCESSORS, key=project_id).scalars()),
        no_news=without_news(standing, reminder_days(session), today),
    )


def _groundless(history: Sequence[Update], standing: ProjectStatus, removed: Collection[int]) -> dict[int, Refusal]:
    """Return the reports of updates that were taken back or changed since, by number, with the reason."""
    counted = {report.number for update in standing.updates for report in update.reports}
    return {
        update.number: Refusal(
            "What it reports of, #{target}, was taken back or changed since.", target=update.confirms or update.differs
        )
        for update in history
        if update.is_report and update.number not in counted and update.number not in removed
    }


_COLUMNS = Project.__table__.c
_SUCCESSORS = select(_COLUMNS.ref).where(_COLUMNS.predecessor_id == bindparam("key")).order_by(_COLUMNS.id)
_LEADING = select(_COLUMNS.same_as_id).where(_COLUMNS.id == bindparam("key")).scalar_subquery()
_SAME_REQUEST = (
    select(_COLUMNS.id)
    .where(_COLUMNS.id != bindparam("key"))
    .where((_COLUMNS.same_as_id == bindparam("key")) | (_COLUMNS.id == _LEADING) | (_COLUMNS.same_as_id == _LEADING))
    .order_by(_COLUMNS.id)
)
"""The other records of the request: those for which this one leads, or the leading one and its others."""
_BY_REF = select(_COLUMNS.id).where(_COLUMNS.ref == bindparam("ref"))


def _predecessor(session: Session, ref: str | None) -> ProjectStatus | None:
    key = fetch(session, _BY_REF, ref=ref).scalar() if ref else None
    return status_of(load_histories(session, [key])[key]) if key else None


def update_detail(session: Session, number: int, *, names: bool = False) -> UpdateDetail:
    """Return the update ``number`` with its projects; raises NotFound. ``names``: its very text, for a form to correct."""
    update = load_updates(session, [number], names=names).get(number)
    if update is None:
        raise NotFound("There is no update #{number}.", number=number)
    ids = project_ids_of(session, [number])[number]
    views = load_projects(session, ids)
    known = load_histories(session, ids)
    removed = {views[key].ref: superseded_by(known[key]).get(number) for key in ids}
    return UpdateDetail(
        update, tuple(views[key].without_names() for key in ids), {ref: each for ref, each in removed.items() if each}
    )
