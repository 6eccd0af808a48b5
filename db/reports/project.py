"""One project with everything that its record says."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from db.council import load_council
from db.database import read
from db.domain.council import Council
from db.domain.project_status import Standing, derive
from db.domain.rules import Facts, misfits
from db.domain.updates import Update, removed_by
from db.errors import NotFound, Refusal, sentence
from db.models import Project
from db.projects.queries import ProjectView, ids_of_refs, load_projects
from db.updates.history import histories, projects_of, updates_by_number


@dataclass(frozen=True, slots=True)
class Case:
    """A project, its standing on ``today`` (New York), and its whole history, retracted updates included.

    ``removed`` gives for the number of an update that no longer stands what removed it, ``misfits`` for one
    that stands but no longer fits, why. ``predecessor`` is where the project stands whose exemption this one extends,
    ``successors`` are the refs of those that extend this one.
    """

    project: ProjectView
    standing: Standing
    history: tuple[Update, ...]
    removed: Mapping[int, Update]
    misfits: Mapping[int, Refusal]
    council: Council
    today: date
    predecessor: Standing | None = None
    successors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Recorded:
    """One update as it was recorded, the projects it concerns, and for each that changed it, what did."""

    update: Update
    projects: tuple[ProjectView, ...]
    removed: Mapping[str, Update]


def case(session: Session, ref: str, today: date) -> Case:
    """Everything on record about the project ``ref``; raises NotFound with what may have been meant."""
    project_id = next(iter(ids_of_refs(session, [ref]).values()))
    history = histories(session, [project_id])[project_id]
    standing = derive(history)
    council = load_council(session)
    project = load_projects(session, [project_id])[project_id].without_names()
    return Case(
        project=project,
        standing=standing,
        history=tuple(history),
        removed=removed_by(history),
        misfits=misfits(standing.updates, Facts(today, council)),
        council=council,
        today=today,
        predecessor=_predecessor(session, standing.extends or project.predecessor),
        successors=tuple(read(session, _SUCCESSORS, key=project_id).scalars()),
    )


_COLUMNS = Project.__table__.c
_SUCCESSORS = select(_COLUMNS.ref).where(_COLUMNS.predecessor_id == bindparam("key")).order_by(_COLUMNS.id)
_BY_REF = select(_COLUMNS.id).where(_COLUMNS.ref == bindparam("ref"))


def _predecessor(session: Session, ref: str | None) -> Standing | None:
    key = read(session, _BY_REF, ref=ref).scalar() if ref else None
    return derive(histories(session, [key])[key]) if key else None


def recorded(session: Session, number: int, *, names: bool = False) -> Recorded:
    """The update ``number`` with its projects; raises NotFound. ``names``: its very text, for a form to correct."""
    update = updates_by_number(session, [number], names=names).get(number)
    if update is None:
        raise NotFound(sentence("There is no update #{number}."), number=number)
    ids = projects_of(session, [number])[number]
    views = load_projects(session, ids)
    known = histories(session, ids)
    removed = {views[key].ref: removed_by(known[key]).get(number) for key in ids}
    return Recorded(
        update, tuple(views[key].without_names() for key in ids), {ref: each for ref, each in removed.items() if each}
    )
