"""Integrity check of references: every foreign key, and the links between updates."""

from collections.abc import Sequence

from sqlalchemy import Column, Select, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from db.domain.enums import UNIDENTIFIED
from db.models import Base, ChangeSet, Delivery, Project, UpdateProject, UpdateRow

SHOWN = 5  # rows named by a finding; the rest are counted


def reference_findings(session: Session) -> list[str]:
    """Return a sentence for every kind of dangling or wrong reference."""
    problems = []
    for table in Base.metadata.sorted_tables:
        for constraint in sorted(table.foreign_key_constraints, key=lambda each: str(each.name)):
            (element,) = constraint.elements
            own: Column[object] = element.parent
            other, keys = element.column.table, table.primary_key
            there = exists().where(other.alias().c[element.column.name] == own)
            words = f"{table.name}: {own.name} names a row of {other.name} that is not there"
            lost = select(*keys).where(own.is_not(None), ~there)
            problems += named(session, lost, f"{words} ({', '.join(column.name for column in keys)}):")
    for words, query in _RULES.items():
        problems += named(session, query, f"{words}:")
    return problems


def named(session: Session, query: Select[*tuple[object, ...]], words: str) -> list[str]:
    keys = [" ".join(str(part) for part in row) for row in session.execute(query.order_by(*query.selected_columns))]
    return [f"{words} {listed(keys)}"] if keys else []


def listed(keys: Sequence[object]) -> str:
    """Return the first keys, and how many more there are."""
    rest = f" and {len(keys) - SHOWN} more" if len(keys) > SHOWN else ""
    return f"{', '.join(map(str, keys[:SHOWN]))}{rest}"


_TARGETS = (UpdateRow.corrects, UpdateRow.retracts, UpdateRow.confirms, UpdateRow.differs)
"""What an update may say of an earlier one."""
_EARLIER, _LEADING = aliased(UpdateRow), aliased(Project)
_MINE, _THEIRS = aliased(UpdateProject), aliased(UpdateProject)
_SHARED = exists().where(_THEIRS.project_id == _MINE.project_id, _THEIRS.update_id.in_(_TARGETS))
# Queries that must find no rows, by the text of the finding.
_RULES: dict[str, Select[*tuple[object, ...]]] = {
    "acts without any update": select(ChangeSet.id).where(~exists().where(UpdateRow.act_id == ChangeSet.id)),
    "updates that concern no project": select(UpdateRow.id).where(
        ~exists().where(UpdateProject.update_id == UpdateRow.id)
    ),
    "updates that change or confirm a later one, or themselves": select(UpdateRow.id).where(
        or_(*(target >= UpdateRow.id for target in _TARGETS))
    ),
    "updates that change or confirm one of another project": select(UpdateRow.id)
    .join(_MINE, _MINE.update_id == UpdateRow.id)
    .where(or_(*(target.is_not(None) for target in _TARGETS)), ~_SHARED)
    .distinct(),
    "updates that confirm or differ from one of another kind": select(UpdateRow.id)
    .join(_EARLIER, _EARLIER.id.in_([UpdateRow.confirms, UpdateRow.differs]))
    .where(_EARLIER.kind != UpdateRow.kind)
    .distinct(),
    "updates that extend a project that is not there": select(UpdateRow.id).where(
        UpdateRow.extends.is_not(None),
        UpdateRow.extends != UNIDENTIFIED,
        ~exists().where(Project.ref == UpdateRow.extends),
    ),
    "projects that extend themselves": select(Project.ref).where(Project.predecessor_id == Project.id),
    "projects that are the same as one that does not lead": select(Project.ref)
    .join(_LEADING, _LEADING.id == Project.same_as_id)
    .where(_LEADING.same_as_id.is_not(None)),
    "messages about an update of another act": select(Delivery.id)
    .join(UpdateRow, UpdateRow.id == Delivery.update_id)
    .where(and_(Delivery.act_id.is_not(None), Delivery.act_id != UpdateRow.act_id)),
}
