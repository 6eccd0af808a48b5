"""The project of a row: added where its ref is new, edited where the row differs; derived columns are compared."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import zip_longest
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.admin.projects import edit_project, enter_project, fields_of
from db.audit import Editor
from db.domain.code_lists import code_for
from db.domain.dates import parse_date
from db.domain.enums import UNIDENTIFIED, OrganisationRole
from db.domain.project_status import ProjectStatus
from db.errors import N_, AidError, BadInput
from db.imports.columns import COLUMNS, PROJECT
from db.models import Project
from db.projects.fields import FieldErrors, NewOrganisation, ProjectFields, normalize_organisation
from db.projects.organisations import find_or_add, organisation_named, organisations_like
from db.projects.queries import canonical_ref, known_refs
from db.updates.counters import update_counters
from db.updates.versions import OF_FIELDS

# Columns whose name is not that of the project's field.
FIELD_OF = {"amount_currency": "currency", "project_notes": "notes", "project_notes_ko": "notes_ko"}

Doubts = list[tuple[str, AidError]]  # what somebody should look at again, by column
PARTS = ("en", "ko", "type", "country")  # of an organisation, each a column of its role
SEPARATOR = ";"  # between several organisations of one role
_NAMES_OF_ROLES = frozenset(f"{role}_{part}" for role in OrganisationRole for part in ("en", "ko"))
_OF_ROLES = frozenset(f"{role}_{part}" for role in OrganisationRole for part in PARTS)
_NAMES = tuple(column.name for column in COLUMNS if column.of == PROJECT and column.name != "ref")
DATA_SET_LENGTH = 64
# Columns that take the labels of the list of their name.
LABELLED = frozenset({"group", "visibility", "amount_basis", "headline", "response"})
NOTHING = "–"  # an empty cell in a sentence


def column_of(field: str) -> str:
    return next((column for column, name in FIELD_OF.items() if name == field), field)


def columns_of(fields: Collection[str], cells: Mapping[str, str]) -> Iterator[str]:
    organisations = not {"organisation", "organisation_role", "roles"}.isdisjoint(fields)
    for column in project_cells(cells):
        if FIELD_OF.get(column, column) in fields or (organisations and column in _NAMES_OF_ROLES):
            yield column


def project_cells(cells: Mapping[str, str]) -> dict[str, str]:
    return {name: cells[name] for name in _NAMES if name in cells}


LINKS = ("predecessor", "same_as")  # columns that name another project


def links_ahead(session: Session, cells: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that name a project which is not on record; it may be added further down in the file."""
    refs = {name: canonical_ref(cells[name]) for name in LINKS if name in cells}
    known = known_refs(session, refs.values()) if refs else {}
    return {name: cells[name] for name, ref in refs.items() if ref not in known and ref.lower() != UNIDENTIFIED}


def put_project(
    session: Session, typed_ref: str, cells: Mapping[str, str], editor: Editor, doubts: Doubts
) -> tuple[Project | None, tuple[str, ...]]:
    """Put a project (not initialized); return it if new, and the changed fields' names. Raises FieldErrors, BadInput."""
    ref = canonical_ref(typed_ref)
    if (length := len(data_set := cells.get("data_set", ""))) > DATA_SET_LENGTH:
        text = N_("Too long: {length} characters (maximum {limit}).")
        raise BadInput(text, field="data_set", length=length, limit=DATA_SET_LENGTH)
    if session.scalar(select(Project.id).where(Project.ref == ref)) is None:
        typed = stated_fields(session, cells, ProjectFields(ref=ref), doubts)
        project = enter_project(session, typed, NewOrganisation(), editor)
        project.data_set = data_set or None
        return project, ()
    before, version = fields_of(session, ref)
    typed = stated_fields(session, cells, before, doubts)
    changed = edit_project(session, ref, version, typed, NewOrganisation(), editor)
    project = session.scalars(select(Project).where(Project.ref == ref)).one()
    if data_set in {"", project.data_set}:
        return None, changed
    with update_counters(session, [project.id], OF_FIELDS, editor.now):
        project.data_set = data_set
    return None, (*changed, "data_set")


def stated_fields(session: Session, cells: Mapping[str, str], before: ProjectFields, doubts: Doubts) -> ProjectFields:
    """Return ``before`` with a row's values, organisations added, ``doubts`` by column. Raises FieldErrors, BadInput."""
    fields = _fields(cells)
    named = {
        role: keys
        for role in OrganisationRole
        if (keys := [_organisation(session, role, each, doubts) for each in _typed(role, cells)])
    }
    return _with_roles(replace(before, **fields), named)


def _fields(cells: Mapping[str, str]) -> dict[str, Any]:
    elsewhere = {*_OF_ROLES, "data_set", "sectors"}
    fields: dict[str, Any] = {FIELD_OF.get(name, name): text for name, text in cells.items() if name not in elsewhere}
    for name in LABELLED & cells.keys():
        fields[name] = code_for(name, cells[name])
    if "sectors" in cells:
        fields["sectors"] = (cells["sectors"],)
    return fields


def _with_roles(fields: ProjectFields, named: Mapping[OrganisationRole, list[str]]) -> ProjectFields:
    """Replace the organisations of the roles that a row names; the one named first stays first, if it stays."""
    earlier = [(fields.organisation_role, fields.organisation), *fields.roles] if fields.organisation else []
    given = [(role.value, key) for role, keys in named.items() for key in keys]
    pairs = dict.fromkeys([*given, *(pair for pair in earlier if pair[0] not in named)])
    first = earlier[0][0] if earlier else ""
    (role, key), *others = sorted(pairs, key=lambda pair: pair[0] != first) or [("", "")]
    if not key:
        return fields
    return replace(fields, organisation=key, organisation_role=role, roles=tuple(others))


def _typed(role: OrganisationRole, cells: Mapping[str, str]) -> Iterator[NewOrganisation]:
    texts = (cells.get(f"{role}_{part}", "").split(SEPARATOR) for part in PARTS)
    for parts in zip_longest(*texts, fillvalue=""):
        if any(text.strip() for text in parts):
            name_en, name_ko, kind, country = (text.strip() for text in parts)
            yield NewOrganisation(name_en, name_ko, code_for("organisation_type", kind), country)


def _organisation(session: Session, role: OrganisationRole, typed: NewOrganisation, doubts: Doubts) -> str:
    organisation, errors = normalize_organisation(typed, ProjectFields())
    if errors:
        raise FieldErrors({name.replace("organisation", role.value): error for name, error in errors.items()})
    names = (organisation.organisation_en, organisation.organisation_ko)
    if organisation_named(session, *names) is None and (like := organisations_like(session, *names)):
        text = N_("New organisation “{name}”: it looks like {like}. If it is the same, write that name.")
        doubts.append((f"{role}_{'en' if names[0] else 'ko'}", AidError(text, name=names[0] or names[1], like=like)))
    row = find_or_add(session, organisation)
    recorded = {"type": row.type_code, "country": row.country}
    for part, value in recorded.items():
        stated = getattr(organisation, f"organisation_{part}")
        if stated and stated != value:
            text = N_("{name} has “{recorded}” on record, and “{typed}” is not taken.")
            name = row.name_en or row.name_ko
            doubts.append((f"{role}_{part}", AidError(text, name=name, recorded=value, typed=stated)))
    return row.key


def standing_cells(standing: ProjectStatus, today: date) -> dict[str, str | None]:
    """Return the derived cells that an import compares, labels as their codes."""
    statement = standing.statement(today)
    return {
        "headline": statement.headline.value,
        "since": statement.update.happened.text if statement.update else None,
        "ends": standing.valid_until.text if standing.valid_until else None,
        "response": standing.response.value,
        "as_of": statement.as_of.isoformat() if statement.as_of else None,
    }


def differing_cells(cells: Mapping[str, str], standing: ProjectStatus, today: date) -> dict[str, str]:
    """Return by column what is on record where derived cells say otherwise."""
    recorded = standing_cells(standing, today)
    return {
        name: text or NOTHING for name, text in recorded.items() if name in cells and _read(name, cells[name]) != text
    }


def _read(name: str, cell: str) -> str:
    try:
        return code_for(name, cell) if name in LABELLED else parse_date(cell).text
    except BadInput:
        return cell
