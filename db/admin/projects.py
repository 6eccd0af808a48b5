"""Projects as admins add and edit them: validated field by field, guarded against concurrent edits, audited."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.audit import Editor
from db.domain.enums import UNIDENTIFIED, OrganisationRole, Visibility
from db.domain.text import decimal_text
from db.errors import N_, AidError, BadInput
from db.models import AuditEntry, Project, ProjectRole, ProjectSector
from db.projects.fields import (
    FORMER_NAMES,
    FieldErrors,
    NewOrganisation,
    ProjectFields,
    normalize_fields,
    normalize_organisation,
)
from db.projects.organisations import add_organisation, name_errors, organisations_of
from db.projects.queries import ProjectView, ids_of_refs, load_projects
from db.updates.counters import update_counters
from db.updates.status_cache import initialize_projects, store_search_texts
from db.updates.versions import OF_FIELDS, keep_versions

PROJECT_ADD = "project-add"
PROJECT_EDIT = "project-edit"
PROJECT_WITHHOLD = "project-withhold"
PROJECT_SHOW = "project-show"
VERSION = "version"
_OF_PROJECTS = AuditEntry.action.startswith("project-")


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a project: the value of each changed field before and after."""

    user_id: str
    at: datetime
    values: Mapping[str, tuple[object, object]]


class Conflict(AidError):
    """A project that others changed after the form was opened, with their changes, its fields ``now`` and its version."""

    def __init__(self, ref: str, version: int, now: ProjectFields, changes: tuple[Change, ...]) -> None:
        super().__init__(N_("{ref} changed while you had it open. Review the changes, then submit again."), ref=ref)
        self.version = version
        self.now = now
        self.changes = changes

    def renewed(self, submitted: ProjectFields) -> frozenset[str]:
        """Return the fields that others changed and ``submitted`` left alone."""
        first: dict[str, object] = {}
        for change in self.changes:
            for name, (before, _) in change.values.items():
                first.setdefault(name, before)
        return frozenset(name for name, before in first.items() if getattr(submitted, name, None) == before)


def fields_of(session: Session, ref: str) -> tuple[ProjectFields, int]:
    """Return a project's form fields, withheld names included, and its version. Raises NotFound."""
    view = load_projects(session, [key := ids_of_refs(session, [ref])[ref.strip().upper()]])[key]
    return _as_fields(view), view.version


def _as_fields(view: ProjectView) -> ProjectFields:
    texts = ("ref", "group", "title_en", "title_ko", "currency", "amount_basis", "same_as", "notes", "notes_ko")
    return ProjectFields(
        organisation=view.organisation.key if view.organisation else "",
        organisation_role=view.role.value,
        roles=tuple(sorted((role.value, organisation.key) for role, organisation in view.roles)),
        sectors=view.sectors,
        amount_low=decimal_text(view.amount_low) if view.amount_low else "",
        amount_high=decimal_text(view.amount_high) if view.amount_high else "",
        predecessor=view.predecessor or (UNIDENTIFIED if view.predecessor_unidentified else ""),
        visibility=(Visibility.WITHHELD if view.withheld else Visibility.PUBLIC).value,
        **{name: getattr(view, name) or "" for name in texts},
    )


def add_project(session: Session, fields: ProjectFields, organisation: NewOrganisation, editor: Editor) -> str:
    """Add a project with nothing on record and return its ref. Raises FieldErrors."""
    project = enter_project(session, fields, organisation, editor)
    initialize_projects(session, [project])
    return project.ref


def enter_project(session: Session, fields: ProjectFields, organisation: NewOrganisation, editor: Editor) -> Project:
    """Insert a project without initializing it: the caller calls ``initialize_projects``, for several at once."""
    fields, organisation = _validate(session, fields, organisation, None)
    project = Project(ref=fields.ref, group=fields.group, created_at=editor.now, created_by=editor.user_id)
    try:
        with session.begin_nested():
            session.add(project)
            session.flush()
    except IntegrityError as error:
        raise FieldErrors({"ref": _ref_taken_error(fields.ref)}) from error
    fields = _write(session, project, fields, organisation)
    editor.audit(session, PROJECT_ADD, project.ref, after={**_as_json(fields), VERSION: project.version})
    return project


def edit_project(
    session: Session, ref: str, version: int, submitted: ProjectFields, organisation: NewOrganisation, editor: Editor
) -> tuple[str, ...]:
    """Change a project, but its ref, of which ``version`` was seen; return changed fields. Raises Conflict, FieldErrors."""
    project, before = _lock_project(session, ref)
    if project.version != version:
        raise Conflict(project.ref, project.version, before, changes_since(session, project.ref, version))
    fields, organisation = _validate(session, replace(submitted, ref=project.ref), organisation, project)
    return _change(session, project, before, fields, organisation, PROJECT_EDIT, editor)


def set_visibility(session: Session, ref: str, visibility: Visibility, editor: Editor) -> bool:
    """Withhold a project's name or show it again; return True where that changed anything."""
    project, before = _lock_project(session, ref)
    action = PROJECT_WITHHOLD if visibility is Visibility.WITHHELD else PROJECT_SHOW
    after = replace(before, visibility=visibility.value)
    return bool(_change(session, project, before, after, NewOrganisation(), action, editor))


def changes_since(session: Session, ref: str, version: int) -> tuple[Change, ...]:
    """Return the edits of a project after ``version``, oldest first."""
    rows = session.scalars(select(AuditEntry).where(AuditEntry.subject == ref, _OF_PROJECTS).order_by(AuditEntry.id))
    changes = []
    for row in rows:
        if row.after and row.after.get(VERSION, 0) > version:
            before, after = _audited(row.before), _audited(row.after)
            values = {name: (before.get(name, ""), value) for name, value in after.items()}
            changes.append(Change(row.user_id, row.at, values))
    return tuple(changes)


def keep_earlier_fields(session: Session) -> None:
    """Derive from the audit the versions of the projects that were edited."""
    earlier: dict[str, list[tuple[datetime, dict[str, Any]]]] = defaultdict(list)  # newest first
    edits = select(AuditEntry).where(_OF_PROJECTS, AuditEntry.action != PROJECT_ADD)
    for row in session.scalars(edits.order_by(AuditEntry.id.desc())):
        later = earlier[row.subject][-1][1] if earlier[row.subject] else {}
        earlier[row.subject].append((row.at, {**later, **_audited(row.before)}))
    for ref, edits_of_project in earlier.items():
        project, now = _lock_project(session, ref)
        since = project.created_at
        for until, values in reversed(edits_of_project):
            _write(session, project, replace(now, **values), NewOrganisation())
            keep_versions(session, OF_FIELDS, [project.id], since)
            since = until
        _write(session, project, now, NewOrganisation())
        keep_versions(session, OF_FIELDS, [project.id], since)


def edit_times(session: Session) -> dict[str, datetime]:
    newest = select(AuditEntry.subject, func.max(AuditEntry.at)).where(_OF_PROJECTS)
    return dict(session.execute(newest.group_by(AuditEntry.subject)).all())


def fields_not_as_audited(session: Session) -> dict[str, list[str]]:
    """Return, by ref, the names of fields whose values are not those that the last audited edit left."""
    audited: dict[str, dict[str, object]] = defaultdict(dict)
    for row in session.scalars(select(AuditEntry).where(_OF_PROJECTS).order_by(AuditEntry.id)):
        audited[row.subject] |= _audited(row.after)
    found = {}
    for view in load_projects(session, session.scalars(select(Project.id)).all()).values():
        now = asdict(_as_fields(view))
        if wrong := sorted(name for name in now.keys() & audited[view.ref] if now[name] != audited[view.ref][name]):
            found[view.ref] = wrong
    return found


def _lock_project(session: Session, ref: str) -> tuple[Project, ProjectFields]:
    key = next(iter(ids_of_refs(session, [ref], lock=True).values()))
    project = session.get_one(Project, key)
    return project, fields_of(session, project.ref)[0]


def _change(
    session: Session,
    project: Project,
    before: ProjectFields,
    after: ProjectFields,
    organisation: NewOrganisation,
    action: str,
    editor: Editor,
) -> tuple[str, ...]:
    if after == before and not organisation.named:
        return ()
    version = project.version
    with update_counters(session, [project.id], OF_FIELDS, editor.now):
        after = _write(session, project, after, organisation)
        project.version = version + 1
    store_search_texts(session, [project])
    old, new = _as_json(before), _as_json(after)
    changed = tuple(name for name in new if new[name] != old[name])
    before_edit = {**{name: old[name] for name in changed}, VERSION: version}
    after_edit = {**{name: new[name] for name in changed}, VERSION: version + 1}
    editor.audit(session, action, project.ref, before=before_edit, after=after_edit)
    return changed


def _write(session: Session, project: Project, fields: ProjectFields, organisation: NewOrganisation) -> ProjectFields:
    """Write the fields to the row; return them with the key of a new organisation."""
    if organisation.named:
        fields = replace(fields, organisation=add_organisation(session, organisation).key)
    fields = _without_repetition(fields)
    organisations = organisations_of(session, {fields.organisation, *(key for _, key in fields.roles)})
    first = organisations.get(fields.organisation)
    named = {fields.predecessor, fields.same_as} - {"", UNIDENTIFIED}
    ids = ids_of_refs(session, sorted(named)) if named else {}
    for name in ("group", "visibility", "notes", "notes_ko", "organisation_role"):
        setattr(project, name, getattr(fields, name))
    for name in ("title_en", "title_ko", "amount_low", "amount_high", "currency", "amount_basis"):
        setattr(project, name, getattr(fields, name) or None)
    project.organisation_id = first.id if first else None
    project.predecessor_id = ids.get(fields.predecessor)
    project.predecessor_unidentified = fields.predecessor == UNIDENTIFIED
    project.same_as_id = ids.get(fields.same_as)
    session.execute(delete(ProjectRole).where(ProjectRole.project_id == project.id))
    session.add_all(
        ProjectRole(project_id=project.id, organisation_id=organisations[key].id, role=role)
        for role, key in fields.roles
    )
    session.execute(delete(ProjectSector).where(ProjectSector.project_id == project.id))
    session.add_all(ProjectSector(project_id=project.id, code=code) for code in fields.sectors)
    session.flush()
    return fields


def _without_repetition(fields: ProjectFields) -> ProjectFields:
    """Return the fields as they are kept: what the first organisation is said to be is not repeated; none has no role."""
    role = fields.organisation_role if fields.organisation else OrganisationRole.APPLICANT.value
    first = (fields.organisation_role, fields.organisation)
    return replace(fields, organisation_role=role, roles=tuple(pair for pair in fields.roles if pair != first))


def _validate(
    session: Session, submitted: ProjectFields, organisation: NewOrganisation, project: Project | None
) -> tuple[ProjectFields, NewOrganisation]:
    """Return the fields normalized and validated, alone and against the record. Raises FieldErrors with all errors."""
    fields, errors = normalize_fields(submitted)
    organisation, others = normalize_organisation(organisation, fields)
    errors |= others
    if project is None and "ref" not in errors and session.scalar(select(Project.id).where(Project.ref == fields.ref)):
        errors["ref"] = _ref_taken_error(fields.ref)
    known = organisations_of(session, {fields.organisation, *(key for _, key in fields.roles)})
    lost = BadInput("This organisation is not on record any more. Choose another one.")
    errors |= {"organisation": lost} if fields.organisation and fields.organisation not in known else {}
    errors |= {"roles": lost} if any(key not in known for _, key in fields.roles) else {}
    if organisation.named and "organisation_en" not in errors:
        errors |= name_errors(session, organisation)
    for name, check in (("predecessor", _check_predecessor), ("same_as", _check_same_as)):
        try:
            if name not in errors:
                check(session, fields, project)
        except AidError as error:
            errors[name] = error
    if errors:
        raise FieldErrors(errors)
    return (fields if organisation.named else _without_repetition(fields)), organisation


def _ref_taken_error(ref: str) -> BadInput:
    return BadInput(
        "{ref} is already in use. Choose another ref, or edit that project with `/aid-admin project edit {ref}`.",
        ref=ref,
    )


def _check_predecessor(session: Session, fields: ProjectFields, project: Project | None) -> None:
    """Check that the predecessor exists and that its own predecessors do not lead back to this project."""
    if fields.predecessor in {"", UNIDENTIFIED}:
        return
    if fields.predecessor == fields.ref:
        raise BadInput("{ref} cannot extend itself.", ref=fields.ref)
    key: int | None = ids_of_refs(session, [fields.predecessor])[fields.predecessor]
    seen: set[int] = set()
    while key is not None and key not in seen:
        seen.add(key)
        key = session.scalar(select(Project.predecessor_id).where(Project.id == key))
    if project is not None and project.id in seen:
        message = N_("{other} already extends {ref}, so they cannot extend each other.")
        raise BadInput(message, other=fields.predecessor, ref=fields.ref)


def _check_same_as(session: Session, fields: ProjectFields, project: Project | None) -> None:
    """Check that the leading record exists, leads, and would not follow this one; lock it, lest they follow each other."""
    if not fields.same_as:
        return
    if fields.same_as == fields.ref:
        raise BadInput("{ref} cannot be the same as itself. Name the other record.", ref=fields.ref)
    key = ids_of_refs(session, [fields.same_as], lock=True)[fields.same_as]
    views = load_projects(session, [key, *([project.id] if project else [])])
    other, followers = views[key], views[project.id].same if project else ()
    if other.same_as:
        message = N_("{other} is itself the same as {leading}. Name {leading} here.")
        raise BadInput(message, other=other.ref, leading=other.same_as)
    if followers:
        message = N_("{others} say that they are the same as {ref}. Let them name {other} first.")
        raise BadInput(message, others=", ".join(followers), ref=fields.ref, other=other.ref)


def _as_json(fields: ProjectFields) -> dict[str, object]:
    return {**asdict(fields), "sectors": list(fields.sectors), "roles": [list(pair) for pair in fields.roles]}


def _audited(values: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the fields of an audit entry, by the names that they have now."""
    return {FORMER_NAMES.get(name, name): _value(value) for name, value in (values or {}).items() if name != VERSION}


def _value(value: object) -> object:
    return tuple(map(_value, value)) if isinstance(value, list) else value
