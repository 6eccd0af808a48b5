"""What others recorded about a project while somebody was still writing about it."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.entries import Update
from db.history import updates_by_number
from db.models import Project, UpdateProject, UpdateRow


@dataclass(frozen=True, slots=True)
class News:
    """An update that somebody else recorded, with the refs of those projects that are being written about."""

    update: Update
    refs: tuple[str, ...]


def last_number(session: Session) -> int:
    """The highest update number there is, 0 in an empty record: how far somebody who looks now has seen."""
    return session.scalar(select(func.max(UpdateRow.id))) or 0


def recorded_since(session: Session, refs: Collection[str], seen: int, *, besides: str) -> tuple[News, ...]:
    """What was recorded about projects after update ``seen``, by anybody but the person ``besides``; oldest first."""
    pairs = session.execute(
        select(UpdateProject.update_id, Project.ref)
        .join(Project, Project.id == UpdateProject.project_id)
        .join(UpdateRow, UpdateRow.id == UpdateProject.update_id)
        .where(Project.ref.in_(refs), UpdateProject.update_id > seen, UpdateRow.recorded_by != besides)
        .order_by(UpdateProject.update_id, Project.ref)
    ).all()
    updates = updates_by_number(session, {number for number, _ in pairs})
    return tuple(News(updates[key], tuple(ref for number, ref in pairs if number == key)) for key in sorted(updates))
