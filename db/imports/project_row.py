"""The project of a row: added where its ref is new, changed where the row says something else."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.admin.projects import edit_project, enter_project, fields_of
from db.audit import Editor
from db.errors import N_, BadInput
from db.imports.columns import COLUMNS, PROJECT
from db.models import Project
from db.projects.applicants import organisation_named
from db.projects.fields import NewOrganisation, ProjectFields
from db.projects.queries import canonical_ref
from db.search.aliases import value_of
from db.updates.counters import counters_updated

FIELD_OF = {"amount_currency": "currency", "project_notes": "notes"}
"""Where a column's name is not that of the project's field; it also tells which column an error belongs to."""

_ORGANISATION = ("organisation_en", "organisation_ko", "organisation_type", "organisation_country")
_NAMES = tuple(column.name for column in COLUMNS if column.of == PROJECT and column.name != "ref")
DATA_SET_LENGTH = 64


def column_of(field: str) -> str:
    """Return the column that a field of a project's form stands in."""
    if field == "applicant":
        return "organisation_en"
    return next((column for column, name in FIELD_OF.items() if name == field), field)


def project_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row that describe the project itself."""
    return {name: cells[name] for name in _NAMES if name in cells}


def put_project(
    session: Session, typed_ref: str, said: Mapping[str, str], editor: Editor
) -> tuple[Project | None, tuple[str, ...]]:
    """Add the project or bring it to what the row says; the project if it is new, and the names of what changed.

    An empty cell changes nothing. The caller prepares new projects (``initialize_projects``). Raises FieldErrors, BadInput.
    """
    ref = canonical_ref(typed_ref)
    data_set = _data_set(said.get("data_set", ""))
    known = session.scalar(select(Project.id).where(Project.ref == ref))
    given = _fields(said)
    if known is None:
        applicant, organisation = _applicant(session, said)
        project = enter_project(session, ProjectFields(ref=ref, applicant=applicant, **given), organisation, editor)
        project.data_set = data_set or None
        return project, ()
    return None, _changed(session, ref, given, said, editor, data_set)


def _fields(said: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the project's form that the row gives."""
    elsewhere = {*_ORGANISATION, "data_set", "sectors"}
    given: dict[str, Any] = {FIELD_OF.get(name, name): text for name, text in said.items() if name not in elsewhere}
    if "group" in said:
        given["group"] = value_of("group", said["group"])
    if "sectors" in said:
        given["sectors"] = tuple(re.split(r"[\s,;]+", said["sectors"].strip()))
    return given


def _changed(
    session: Session, ref: str, given: dict[str, Any], said: Mapping[str, str], editor: Editor, data_set: str
) -> tuple[str, ...]:
    before, version = fields_of(session, ref)
    applicant, organisation = _applicant(session, said)
    fields = replace(before, **given)
    if applicant or organisation.named:
        fields = replace(fields, applicant=applicant)
    changed = edit_project(session, ref, version, fields, organisation, editor)
    return (*changed, *(("data_set",) if _set(session, ref, data_set) else ()))


def _applicant(session: Session, said: Mapping[str, str]) -> tuple[str, NewOrganisation]:
    """Return the key of the applicant that the row names, or a new one."""
    typed = NewOrganisation(**{name: said.get(name, "") for name in _ORGANISATION})
    known = organisation_named(session, typed.organisation_en, typed.organisation_ko) if typed.named else None
    return (known.key, NewOrganisation()) if known else ("", typed)


def _data_set(typed: str) -> str:
    if len(typed) > DATA_SET_LENGTH:
        text = N_("That has {length} characters; {limit} are the most.")
        raise BadInput(text, field="data_set", length=len(typed), limit=DATA_SET_LENGTH)
    return typed


def _set(session: Session, ref: str, data_set: str) -> bool:
    """Put the project into a data set; whether it was in another one or in none."""
    project = session.scalar(select(Project).where(Project.ref == ref))
    if not data_set or project is None or project.data_set == data_set:
        return False
    with counters_updated(session, [project.id]):
        project.data_set = data_set
    return True
