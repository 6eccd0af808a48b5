"""Projects as plain data, and finding them by ref, title, words or near miss."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from rapidfuzz import fuzz, process
from sqlalchemy import ColumnElement, FromClause, Label, Row, Select, SQLColumnExpression, bindparam, func, select
from sqlalchemy.orm import Session

from db.database import fetch, lock_rows
from db.domain.dates import new_york_date
from db.domain.enums import WITH_DEADLINE, OrganisationRole, Visibility
from db.domain.project_status import ProjectStatus
from db.domain.text import normalize, settle, straighten
from db.domain.updates import Update
from db.errors import BadInput, NotFound
from db.models import Organisation, Project, ProjectRole, ProjectSector, ProjectStatusRow
from db.search.filter import Filter, FilterSubject
from db.search.filter_sql import asks_standings, conditions
from db.search.index import LAST, STEP, by_part_query, contains, projects_with_any, similar_words

_AROUND = " \n*_~`\"'"  # marks of style and quotes, as copied from a message
_NO_DASH = re.compile(r"([A-Z]{1,6})([0-9]{1,4})")
REF_NEAR_ENOUGH = 60
NAME_NEAR_ENOUGH = 80  # how alike (0-100) a near miss has to be to be asked about

MOST_ALIKE = 300  # so many projects with words like those typed are compared


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation; each part may be unknown. ``names_folded`` are all its names, as filters compare them."""

    key: str = ""
    name_en: str | None = None
    name_ko: str | None = None
    type_code: str | None = None
    country: str | None = None
    names_folded: str = ""


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as a surface reads it. Amounts are decimal texts in units of ``currency``.

    ``organisation`` is the one named first, in the role ``role``; ``roles`` are the others, loaded by ``load_projects``
    only. ``same_as`` is the ref of the leading record of the same request, ``same`` are those that name this one so.
    """

    id: int
    ref: str
    group: str
    title_en: str | None = None
    title_ko: str | None = None
    organisation: OrganisationView | None = None
    role: OrganisationRole = OrganisationRole.APPLICANT
    roles: tuple[tuple[OrganisationRole, OrganisationView], ...] = ()
    sectors: tuple[str, ...] = ()
    amount_low: str | None = None
    amount_high: str | None = None
    currency: str | None = None
    amount_basis: str | None = None
    withheld: bool = False
    predecessor: str | None = None
    predecessor_unidentified: bool = False
    same_as: str | None = None
    same: tuple[str, ...] = ()
    notes: str = ""
    notes_ko: str = ""
    data_set: str | None = None
    version: int = field(default=1, compare=False)

    @property
    def named(self) -> tuple[tuple[OrganisationRole, OrganisationView], ...]:
        """Return the organisations with their roles, the one named first before the others."""
        return (*([(self.role, self.organisation)] if self.organisation else []), *self.roles)

    @property
    def organisations(self) -> tuple[OrganisationView, ...]:
        return tuple(dict.fromkeys(organisation for _, organisation in self.named))

    def without_names(self) -> "ProjectView":
        """Return the project as everybody may see it: names and notes left out if withheld."""
        if not self.withheld:
            return self
        names = ("title_en", "title_ko", "organisation", "amount_low", "amount_high", "amount_basis")
        nothing: dict[str, Any] = dict.fromkeys(names)
        return replace(self, roles=(), notes="", notes_ko="", **nothing)


def load_projects(session: Session, ids: Collection[int]) -> dict[int, ProjectView]:
    """Load projects by id, in the order of entry, names included: the caller decides who may see them."""
    views = {row.id: view_of(row) for row in fetch(session, _VIEWS, ids=list(ids))}
    for row in fetch(session, _ROLES, ids=list(ids)):
        view = views[row.project_id]
        views[view.id] = replace(view, roles=(*view.roles, (OrganisationRole(row.role), _organisation(row))))
    return views


def project_columns() -> Select[*tuple[object, ...]]:
    """Return the query that gives what ``view_of`` reads, to which conditions and more columns may be added."""
    project, organisation = Project.__table__, Organisation.__table__
    earlier, leading_record, other = (project.alias(name) for name in ("earlier", "leading", "other"))
    sectors = (
        select(func.aggregate_strings(ProjectSector.code, " "))
        .where(ProjectSector.project_id == project.c.id)
        .scalar_subquery()
    )
    same = select(func.aggregate_strings(other.c.ref, " ")).where(other.c.same_as_id == project.c.id).scalar_subquery()
    return (
        select(
            *(project.c[name] for name in (*_ALIKE, "visibility", "organisation_role")),
            *_named(organisation),
            earlier.c.ref.label("predecessor"),
            leading_record.c.ref.label("same_as"),
            same.label("same"),
            sectors.label("sectors"),
        )
        .select_from(project)
        .outerjoin(organisation, organisation.c.id == project.c.applicant_id)
        .outerjoin(earlier, earlier.c.id == project.c.predecessor_id)
        .outerjoin(leading_record, leading_record.c.id == project.c.same_as_id)
    )


_OF_ORGANISATION = ("key", "name_en", "name_ko", "type_code", "country", "names_folded")


def _named(organisation: FromClause) -> list[Label[object]]:
    return [organisation.c[name].label(f"organisation_{name}") for name in _OF_ORGANISATION]


def _organisation(row: Row[*tuple[object, ...]]) -> OrganisationView:
    return OrganisationView(*(getattr(row, f"organisation_{name}") for name in _OF_ORGANISATION))


def view_of(row: Row[*tuple[object, ...]]) -> ProjectView:
    return ProjectView(
        organisation=_organisation(row) if row.organisation_key is not None else None,
        role=OrganisationRole(row.organisation_role),
        sectors=tuple(sorted(row.sectors.split())) if row.sectors else (),
        withheld=row.visibility == Visibility.WITHHELD.value,
        predecessor=row.predecessor,
        same_as=row.same_as,
        same=tuple(sorted(row.same.split())) if row.same else (),
        **{name: getattr(row, name) for name in _ALIKE},
    )


_ALIKE = (
    *("id", "ref", "group", "title_en", "title_ko", "amount_low", "amount_high", "currency", "amount_basis"),
    *("predecessor_unidentified", "notes", "notes_ko", "data_set", "version"),
)  # named alike in a view and in its row
_PROJECT, _ROLE, _NAMED = Project.__table__.c, ProjectRole.__table__.c, Organisation.__table__
_FIRST = select(_PROJECT.id).order_by(_PROJECT.id).limit(bindparam("most"))
_WITH_PART = by_part_query().limit(bindparam("most"))
_IDS = (
    select(_PROJECT.ref, _PROJECT.id).where(_PROJECT.ref.in_(bindparam("refs", expanding=True))).order_by(_PROJECT.id)
)
_ROLES = (
    select(_ROLE.project_id, _ROLE.role, *_named(_NAMED))
    .join_from(ProjectRole.__table__, _NAMED)
    .where(_ROLE.project_id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROLE.role, _NAMED.c.id)
)
_VIEWS = project_columns().where(_PROJECT.id.in_(bindparam("ids", expanding=True))).order_by(_PROJECT.id)
"""Prepared once: building a statement costs several times what running it does."""


def canonical_ref(text: str) -> str:
    """Return a ref as it is kept, ``GG-1``, from what people type: in any case, bold, with or without the dash."""
    ref = straighten(settle(text)).strip(_AROUND).upper()
    return f"{match[1]}-{match[2]}" if (match := _NO_DASH.fullmatch(ref)) else ref


def known_refs(session: Session, refs: Collection[str], *, lock: bool = False) -> dict[str, int]:
    """Return the ids of those canonical refs that are on record, ``lock``ed if asked for."""
    rows = fetch(session, lock_rows(session, _IDS) if lock else _IDS, refs=list(refs))
    return {ref: key for ref, key in rows}  # noqa: C416  a result has keys of its own, which dict() would ask for


def ids_of_refs(session: Session, refs: Sequence[str], *, lock: bool = False) -> dict[str, int]:
    """Return the ids of refs, in their order, ``lock``ed if asked for; raise NotFound with what may have been meant."""
    if not refs:
        raise BadInput("Name at least one project by its ref, such as GG-1.", field="refs")
    canonical_refs = list(dict.fromkeys(canonical_ref(ref) for ref in refs))
    found = known_refs(session, canonical_refs, lock=lock)
    for ref in canonical_refs:
        if ref not in found:
            if near := tuple(near_misses(session, ref, limit=3)):
                raise NotFound("There is no project “{ref}”. Did you mean {near}?", near=near, ref=ref)
            raise NotFound("There is no project “{ref}”. Type `/aid-status` to see all projects.", ref=ref)
    return {ref: found[ref] for ref in canonical_refs}


def ids_matching(session: Session, project_filter: Filter, today: date, *, every: bool = False) -> list[int]:
    """Return the ids of projects that meet a filter, in order of entry, with ``every`` also where another record leads."""
    return list(session.scalars(matching(project_filter, today, every=every).order_by(Project.id)))


def matching(project_filter: Filter, today: date, *, every: bool = False) -> Select[int]:
    """Return the query of the ids of projects that meet ``project_filter`` on ``today``, in no order."""
    query = select(Project.id).where(*conditions(project_filter, today), *([] if every else [leading(Project.id)]))
    return (
        query.join(ProjectStatusRow, ProjectStatusRow.project_id == Project.id)
        if asks_standings(project_filter)
        else query
    )


def leading(project_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Return the condition that no other record leads for the request of this project: what lists and counts show.

    As a short list of ids to leave out: SQLite would rather walk an index of all those that are empty.
    """
    table = Project.__table__.c
    return project_id.not_in(select(table.id).where(table.same_as_id > 0))


def near_misses(session: Session, text: str, *, limit: int = 5) -> list[str]:
    """Return the refs whose ref or name is nearest to ``text``, best first, among projects that share letters with it."""
    typed = normalize(text).strip()
    alike = projects_with_any(session, similar_words(session, typed), MOST_ALIKE)
    query = select(Project.ref, Project.search_text).where(Project.id.in_(alike))
    names = {ref: words for ref, words in fetch(session, query.order_by(Project.id))}  # noqa: C416  rows have keys()
    by_ref = process.extract(
        typed, {ref: ref.casefold() for ref in names}, scorer=fuzz.ratio, limit=limit, score_cutoff=REF_NEAR_ENOUGH
    )
    by_name = process.extract(typed, names, scorer=fuzz.partial_ratio, limit=limit, score_cutoff=NAME_NEAR_ENOUGH)
    ranked = sorted([*by_ref, *by_name], key=lambda hit: -hit[1])
    return list(dict.fromkeys(ref for _, _, ref in ranked))[:limit]


def search(session: Session, text: str, *, limit: int) -> list[ProjectView]:
    """Return projects for a typeahead: those whose ref or name holds ``text``, else near misses; no withheld name."""
    typed = normalize(text).strip()
    if not typed:
        found = fetch(session, _FIRST, most=limit)
    elif len(typed) <= STEP and " " not in typed:
        found = fetch(session, _WITH_PART, part=typed, beyond=typed + LAST, most=limit)
    else:
        found = fetch(session, select(_PROJECT.id).where(contains(typed)).order_by(_PROJECT.id).limit(limit))
    ids = list(found.scalars())
    if not ids and typed:
        near = near_misses(session, typed, limit=limit)
        ids = list(ids_of_refs(session, near).values()) if near else []
    views = load_projects(session, ids)
    return [views[key].without_names() for key in ids]


def filter_subject(
    view: ProjectView, standing: ProjectStatus, today: date, recorded: Iterable[Update] = ()
) -> FilterSubject:
    """Return what filters see of a project with this status; ``recorded`` are its updates since the record began."""
    organisations = view.without_names().organisations
    end = standing.valid_until
    days = [each.effective_day for each in standing.updates[-1:]]
    days += [new_york_date(each.recorded_at) for each in recorded]
    return FilterSubject(
        group=view.group,
        words=search_text(view),
        organisation="\n".join(organisation.names_folded for organisation in organisations),
        countries=frozenset(organisation.country for organisation in organisations if organisation.country),
        sectors=frozenset(view.sectors),
        headlines=frozenset({standing.headline(today).value}),
        responses=frozenset({standing.response.value}),
        deliveries=frozenset({standing.delivery.value}),
        holders=frozenset(hold.holder for hold in standing.open_holds),
        kinds=frozenset(update.kind.value for update in standing.updates),
        data_set=view.data_set,
        ends=end.first if end else None,
        in_force=standing.headline(today) in WITH_DEADLINE,
        last_day=max(days, default=None),
        today=today,
    )


def search_text(view: ProjectView) -> str:
    """Return the text that searches look in, without withheld names."""
    public = view.without_names()
    names = [organisation.names_folded.strip() for organisation in public.organisations]  # one may be missing
    parts: Iterable[str | None] = (public.ref, public.title_en, public.title_ko, *names)
    return normalize(" ".join(part for part in parts if part))
