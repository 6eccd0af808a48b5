"""Projects as plain data, and finding them by ref, title, words or near miss."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from rapidfuzz import fuzz, process
from sqlalchemy import Select, select
from sqlalchemy.orm import Session, aliased

from db.database import lock_rows
from db.errors import BadInput, NotFound, sentence
from db.filter_sql import conditions
from db.filters import Card, Filter
from db.models import Organisation, Project, ProjectSector, StandingRow, fold_names
from db.phrases import fold, storable
from db.standing import Standing
from db.vocabulary import Headline, Visibility

_NO_DASH = re.compile(r"([A-Z]{1,6})([0-9]{1,4})")
REF_NEAR_ENOUGH = 60
NAME_NEAR_ENOUGH = 80
"""How alike (0-100) a near miss has to be to be asked about."""


@dataclass(frozen=True, slots=True)
class Applicant:
    """Who asked for the exemption; each part may be unknown."""

    key: str = ""
    name_en: str | None = None
    name_ko: str | None = None
    type_code: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A project as a surface reads it. Amounts are decimal texts in units of ``currency``."""

    id: int
    ref: str
    group: str
    title_en: str | None = None
    title_ko: str | None = None
    applicant: Applicant | None = None
    sectors: tuple[str, ...] = ()
    amount_low: str | None = None
    amount_high: str | None = None
    currency: str | None = None
    amount_basis: str | None = None
    withheld: bool = False
    predecessor: str | None = None
    predecessor_unidentified: bool = False
    notes: str = ""
    data_set: str | None = None
    version: int = field(default=1, compare=False)

    def without_names(self) -> "ProjectView":
        """The same project as everybody may see it: title, applicant and notes left out where withheld."""
        if not self.withheld:
            return self
        return replace(
            self,
            title_en=None,
            title_ko=None,
            applicant=None,
            notes="",
            amount_low=None,
            amount_high=None,
            amount_basis=None,
        )


def load_projects(session: Session, ids: Collection[int]) -> dict[int, ProjectView]:
    """Projects by id, in the order in which they were entered, names included: the caller decides who may see them."""
    earlier = aliased(Project)
    query = (
        select(Project, Organisation, earlier.ref)
        .outerjoin(Organisation, Project.applicant_id == Organisation.id)
        .outerjoin(earlier, Project.predecessor_id == earlier.id)
        .where(Project.id.in_(ids))
        .order_by(Project.id)
    )
    sectors = _sectors(session, ids)
    return {
        project.id: _view(project, organisation, predecessor, sectors.get(project.id, ()))
        for project, organisation, predecessor in session.execute(query)
    }


def canonical_ref(typed: str) -> str:
    """A ref as it is kept, ``GG-1``, from what people type: in any case, with or without the dash."""
    ref = storable(typed).strip().upper()
    return f"{match[1]}-{match[2]}" if (match := _NO_DASH.fullmatch(ref)) else ref


def ids_of_refs(session: Session, refs: Sequence[str], *, lock: bool = False) -> dict[str, int]:
    """The ids of these refs, in the order given; raises NotFound naming what may have been meant.

    ``lock`` keeps other writers away from these projects until the transaction ends.
    """
    if not refs:
        raise BadInput(sentence("Name at least one project by its ref, such as GG-1."), field="refs")
    wanted = list(dict.fromkeys(canonical_ref(ref) for ref in refs))
    query = select(Project.ref, Project.id).where(Project.ref.in_(wanted)).order_by(Project.id)
    rows = session.execute(lock_rows(session, query) if lock else query)
    found = {ref: key for ref, key in rows}  # noqa: C416  a result has keys of its own, which dict() would ask for
    for ref in wanted:
        if ref not in found:
            raise _not_found(session, ref)
    return {ref: found[ref] for ref in wanted}


def ids_matching(session: Session, wanted: Filter, today: date) -> list[int]:
    """The ids of the projects that meet a filter, in the order in which they were entered."""
    return list(session.scalars(matching(wanted, today).with_only_columns(Project.id)))


def matching(wanted: Filter, today: date) -> Select[Project, StandingRow, Organisation]:
    """The query of projects that meet ``wanted`` on ``today``, in the order in which they were entered."""
    return (
        select(Project, StandingRow, Organisation)
        .join(StandingRow, StandingRow.project_id == Project.id)
        .outerjoin(Organisation, Project.applicant_id == Organisation.id)
        .where(*conditions(wanted, today))
        .order_by(Project.id)
    )


def near_misses(session: Session, text: str, *, limit: int = 5) -> list[str]:
    """The refs whose ref or name comes nearest to ``text``, best first."""
    rows = session.execute(select(Project.ref, Project.search_text))
    names = {ref: words for ref, words in rows}  # noqa: C416  a result has keys of its own, which dict() would ask for
    by_ref = process.extract(
        text.casefold(),
        {ref: ref.casefold() for ref in names},
        scorer=fuzz.ratio,
        limit=limit,
        score_cutoff=REF_NEAR_ENOUGH,
    )
    by_name = process.extract(
        text.casefold(), names, scorer=fuzz.partial_ratio, limit=limit, score_cutoff=NAME_NEAR_ENOUGH
    )
    ranked = sorted([*by_ref, *by_name], key=lambda hit: -hit[1])
    return list(dict.fromkeys(ref for _, _, ref in ranked))[:limit]


def search(session: Session, text: str, *, limit: int) -> list[ProjectView]:
    """Projects for a typeahead: those whose ref or name holds ``text``, else near misses; no withheld name."""
    typed = fold(storable(text)).strip()
    query = select(Project.id).where(Project.search_text.contains(typed, autoescape=True)).order_by(Project.id)
    ids = list(session.scalars(query.limit(limit)))
    if not ids and typed:
        near = near_misses(session, typed, limit=limit)
        ids = list(ids_of_refs(session, near).values()) if near else []
    views = load_projects(session, ids)
    return [views[key].without_names() for key in ids]


def card(view: ProjectView, standing: Standing, today: date, *, words: str = "") -> Card:
    """What a filter may ask of a project that stands like this on ``today``."""
    public = view.without_names()
    applicant = public.applicant or Applicant()
    end = standing.valid_until
    return Card(
        ref=view.ref,
        group=view.group,
        words=words or search_text(view),
        organisation=fold_names(applicant.name_en, applicant.name_ko),
        country=applicant.country,
        sectors=frozenset(view.sectors),
        headlines=frozenset({standing.headline(today).value}),
        holders=frozenset(hold.holder for hold in standing.open_holds),
        kinds=frozenset(update.kind.value for update in standing.updates),
        ends=end.first if end else None,
        in_force=standing.headline(today) is Headline.APPROVED,
        last_day=standing.updates[-1].effective_day if standing.updates else None,
        today=today,
    )


def search_text(view: ProjectView) -> str:
    """What words are looked for in; no withheld name is in it."""
    public = view.without_names()
    applicant = public.applicant or Applicant()
    parts: Iterable[str | None] = (public.ref, public.title_en, public.title_ko, applicant.name_en, applicant.name_ko)
    return fold(" ".join(part for part in parts if part))


def _sectors(session: Session, ids: Collection[int]) -> dict[int, tuple[str, ...]]:
    outcome: dict[int, tuple[str, ...]] = {}
    query = select(ProjectSector).where(ProjectSector.project_id.in_(ids)).order_by(ProjectSector.code)
    for row in session.scalars(query):
        outcome[row.project_id] = (*outcome.get(row.project_id, ()), row.code)
    return outcome


def _view(
    project: Project, organisation: Organisation | None, predecessor: str | None, sectors: tuple[str, ...]
) -> ProjectView:
    applicant = (
        None
        if organisation is None
        else Applicant(
            organisation.key, organisation.name_en, organisation.name_ko, organisation.type_code, organisation.country
        )
    )
    return ProjectView(
        id=project.id,
        ref=project.ref,
        group=project.group,
        title_en=project.title_en,
        title_ko=project.title_ko,
        applicant=applicant,
        sectors=sectors,
        amount_low=project.amount_low,
        amount_high=project.amount_high,
        currency=project.currency,
        amount_basis=project.amount_basis,
        withheld=project.visibility == Visibility.WITHHELD.value,
        predecessor=predecessor,
        predecessor_unidentified=project.predecessor_unidentified,
        notes=project.notes,
        data_set=project.data_set,
        version=project.version,
    )


def _not_found(session: Session, ref: str) -> NotFound:
    near = tuple(near_misses(session, ref, limit=3))
    if near:
        return NotFound(sentence("There is no project “{ref}”. Did you mean {near}?"), near=near, ref=ref)
    return NotFound(sentence("There is no project “{ref}”. `/aid-status` lists all of them."), ref=ref)
