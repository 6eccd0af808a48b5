"""The project of a row: added where its ref is new, edited where the row differs."""

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
from db.projects.applicants import find_organisation
from db.projects.fields import NewOrganisation, ProjectFields
from db.projects.queries import canonical_ref
from db.search.aliases import value_of
from db.updates.counters import update_counters

# Columns whose name is not that of the project's field.
FIELD_OF = {"amount_currency": "currency", "project_notes": "notes"}

_ORGANISATION = ("organisation_en", "organisation_ko", "organisation_type", "organisation_country")
_NAMES = tuple(column.name for column in COLUMNS if column.of == PROJECT and column.name != "ref")
DATA_SET_LENGTH = 64


def column_of(field: str) -> str:
    """Return the column of a project field."""
    if field == "applicant":
        return "organisation_en"
    return next((column for column, name in FIELD_OF.items() if name == field), field)


def project_cells(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells of a row that describe the project itself."""
    return {name: cells[name] for name in _NAMES if name in cells}


def put_project(
    session: Session, typed_ref: str, cells: Mapping[str, str], editor: Editor
) -> tuple[Project | None, tuple[str, ...]]:
    """Add or edit the project of a row; return it if it is new, and the names of the changed fields.

    An empty cell changes nothing. The caller calls ``initialize_projects``. Raises FieldErrors, BadInput.
    """
    ref = canonical_ref(typed_ref)
    data_set = _data_set(cells.get("data_set", ""))
    existing = session.scalar(select(Project.id).where(Project.ref == ref))
    fields = _fields(cells)
    if existing is None:
        applicant, organisation = _applicant(session, cells)
        project = enter_project(session, ProjectFields(ref=ref, applicant=applicant, **fields), organisation, editor)
        project.data_set = data_set or None
        return project, ()
    return None, _changed(session, ref, fields, cells, editor, data_set)


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    """Return the project fields that the row sets."""
    elsewhere = {*_ORGANISATION, "data_set", "sectors"}
    fields: dict[str, Any] = {FIELD_OF.get(name, name): text for name, text in cells.items() if name not in elsewhere}
    if "group" in cells:
        fields["group"] = value_of("group", cells["group"])
    if "sectors" in cells:
        fields["sectors"] = tuple(re.split(r"[\s,;]+", cells["sectors"].strip()))
    return fields


def _changed(
    session: Session, ref: str, fields: dict[str, Any], cells: Mapping[str, str], editor: Editor, data_set: str
) -> tuple[str, ...]:
    before, version = fields_of(session, ref)
    applicant, organisation = _applicant(session, cells)
    after = replace(before, **fields)
    if applicant or organisation.named:
        after = replace(after, applicant=applicant)
    changed = edit_project(session, ref, version, after, organisation, editor)
    return (*changed, *(("data_set",) if _set(session, ref, data_set) else ()))


def _applicant(session: Session, cells: Mapping[str, str]) -> tuple[str, NewOrganisation]:
    """Return the key of the row's applicant, or a new organisation."""
    organisation = NewOrganisation(**{name: cells.get(name, "") for name in _ORGANISATION})
    if not organisation.named:
        return "", organisation
    existing = find_organisation(session, organisation.organisation_en, organisation.organisation_ko)
    return (existing.key, NewOrganisation()) if existing else ("", organisation)


def _data_set(text: str) -> str:
    if len(text) > DATA_SET_LENGTH:
        message = N_("That has {length} characters; {limit} are the most.")
        raise BadInput(message, field="data_set", length=len(text), limit=DATA_SET_LENGTH)
    return text


def _set(session: Session, ref: str, data_set: str) -> bool:
    """Move the project to a data set; return False where it was there already."""
    project = session.scalar(select(Project).where(Project.ref == ref))
    if not data_set or project is None or project.data_set == data_set:
        return False
    with update_counters(session, [project.id]):
        project.data_set = data_set
    return True
