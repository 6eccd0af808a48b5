"""Letters that may be the same letter reported twice (docs/field.md, section 6.3; rule 13)."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from db.domain.updates import Letter, Update, superseded_by
from db.models import Organisation, Project, ProjectRole, UpdateProject, UpdateRow
from db.search.filter_sql import names_any
from db.updates.history import load_histories, load_updates


class Likeness(StrEnum):
    VALUE_AND_ITEMS = "value-and-items"
    LETTER_DATE = "letter-date"


@dataclass(frozen=True, slots=True)
class Duplicate:
    ref: str
    earlier: Update
    likeness: Likeness


def find_duplicates(session: Session, update: Update, project_ids: list[int]) -> tuple[Duplicate, ...]:
    """Return earlier letters of these projects' organisations with the same value and items, or dated a year apart."""
    alike = _alike(update.letter)
    if not update.is_letter or update.is_report or not alike:
        return ()
    first = select(Project.organisation_id).where(Project.id.in_(project_ids))
    others = select(ProjectRole.organisation_id).where(ProjectRole.project_id.in_(project_ids))
    own = select(Organisation.id).where(or_(Organisation.id.in_(first), Organisation.id.in_(others)))
    rows = session.execute(
        select(UpdateProject.update_id, Project.id, Project.ref)
        .join(Project, Project.id == UpdateProject.project_id)
        .join(UpdateRow, UpdateRow.id == UpdateProject.update_id)
        .where(or_(Project.id.in_(project_ids), names_any(own)), or_(*alike))
        .order_by(UpdateProject.update_id)
    ).all()
    letters = load_updates(session, {number for number, _, _ in rows})
    histories = load_histories(session, {project_id for _, project_id, _ in rows})
    return tuple(
        Duplicate(ref, letters[number], _likeness(update, letters[number]))
        for number, project_id, ref in rows
        if number not in {update.corrects, update.number} and number not in superseded_by(histories[project_id])
    )


def _alike(letter: Letter) -> list[ColumnElement[bool]]:
    """Return the conditions of which an earlier letter that looks like this one meets at least one."""
    conditions = []
    if letter.value is not None and letter.item_count is not None:
        conditions.append(and_(UpdateRow.value == letter.value, UpdateRow.item_count == letter.item_count))
    if letter.letter_date:
        conditions.append(UpdateRow.letter_date.in_(_a_year_apart(letter.letter_date)))
    return conditions


def _a_year_apart(value: date) -> list[date]:
    days = []
    for year in (value.year - 1, value.year + 1):
        with suppress(ValueError):  # 29 February has no twin
            days.append(value.replace(year=year))
    return days


def _likeness(update: Update, earlier: Update) -> Likeness:
    same_items = update.letter.item_count is not None and update.letter.item_count == earlier.letter.item_count
    return (
        Likeness.VALUE_AND_ITEMS if same_items and update.letter.value == earlier.letter.value else Likeness.LETTER_DATE
    )
