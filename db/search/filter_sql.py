"""A filter as conditions of the database; says the same as ``filters.matches`` (a test compares the two)."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, not_, or_, select, union_all
from sqlalchemy.orm import aliased

from db.domain.dates import COMMITTEE_ZONE, parse_date
from db.domain.enums import WITH_DEADLINE, Visibility
from db.models import (
    HoldRow,
    Organisation,
    Project,
    ProjectRole,
    ProjectSector,
    ProjectStatusRow,
    StandingKind,
    UpdateProject,
    UpdateRow,
)
from db.search.filter import UNKNOWN_VALUE, WORDS, Filter, Term, headlines_meant, span_days
from db.search.index import LAST, contains

Condition = ColumnElement[bool]
Build = Callable[[str, date], Condition]


def asks_standings(project_filter: Filter) -> bool:
    """Return True if a filter's conditions read ProjectStatusRow."""
    return any(term.key in _OF_STANDINGS for term in project_filter.terms)


def conditions(project_filter: Filter, today: date, *, kind: Build | None = None) -> list[Condition]:
    """Return what a query over Project and ProjectStatusRow must meet, by indexes; ``kind`` builds another one for it."""
    builds = _CONDITIONS if kind is None else {**_CONDITIONS, "kind": kind}
    return [_condition(term, today, builds[term.key]) for term in project_filter.terms]


def _condition(term: Term, today: date, build: Build) -> Condition:
    anyone = or_(false(), *(build(value, today) for value in term.values))
    return not_(anyone) if term.exclude else anyone


def _organisation(value: str, _today: date) -> Condition:
    return and_(
        _public(), names_any(select(Organisation.id).where(Organisation.names_folded.contains(value, autoescape=True)))
    )


def names_any(organisations: Select[int]) -> Condition:
    """Return the condition that a project names one of these organisations, in whatever role."""
    first = aliased(Project)
    named = union_all(
        select(first.id).where(first.organisation_id.in_(organisations)),
        select(ProjectRole.project_id).where(ProjectRole.organisation_id.in_(organisations)),
    )
    return Project.id.in_(named)


def _public() -> Condition:
    return Project.visibility == Visibility.PUBLIC.value


def _sector(value: str, _today: date) -> Condition:
    if value == UNKNOWN_VALUE:
        return ~exists().where(ProjectSector.project_id == Project.id)
    within = ProjectSector.code.between(value, value + LAST)
    return Project.id.in_(
        select(ProjectSector.project_id).where(within, ProjectSector.code.startswith(value, autoescape=True))
    )


def _country(value: str, _today: date) -> Condition:
    if value == UNKNOWN_VALUE:
        return or_(~_public(), ~names_any(select(Organisation.id).where(Organisation.country.is_not(None))))
    return and_(_public(), names_any(select(Organisation.id).where(Organisation.country == value)))


def _status(value: str, today: date) -> Condition:
    """Match the headline of ``today`` in two parts that have an index each."""
    meant = headlines_meant(value)
    lasting = or_(ProjectStatusRow.ends_on.is_(None), ProjectStatusRow.ends_on >= today)
    ended = and_(ProjectStatusRow.ends_on.is_not(None), ProjectStatusRow.ends_on < today)
    return or_(
        and_(ProjectStatusRow.headline.in_(meant), lasting), and_(ProjectStatusRow.headline_after_end.in_(meant), ended)
    )


def _expiring(value: str, today: date) -> Condition:
    soon = ProjectStatusRow.ends_first.between(today, today + timedelta(days=span_days(value)))
    return and_(ProjectStatusRow.ends_first.is_not(None), soon, ProjectStatusRow.headline.in_(WITH_DEADLINE))


def _since(value: str, _today: date) -> Condition:
    first = parse_date(value).first
    if first is None:
        return false()
    begins = select(func.min(UpdateRow.recorded_at)).scalar_subquery()  # what the record began with is no change of it
    recorded = and_(
        UpdateRow.recorded_at >= datetime.combine(first, time(), COMMITTEE_ZONE), UpdateRow.recorded_at > begins
    )
    either = union_all(
        select(ProjectStatusRow.project_id).where(ProjectStatusRow.last_day >= first),
        select(UpdateProject.project_id).join(UpdateRow, UpdateRow.id == UpdateProject.update_id).where(recorded),
    )
    return Project.id.in_(either)


_OF_STANDINGS = frozenset({"status", "response", "delivery", "expiring"})
_CONDITIONS: dict[str, Build] = {
    "group": lambda value, _: Project.group == value,
    "org": _organisation,
    "sector": _sector,
    "status": _status,
    "response": lambda value, _: ProjectStatusRow.response == value,
    "delivery": lambda value, _: ProjectStatusRow.delivery == value,
    "holder": lambda value, _: Project.id.in_(
        select(HoldRow.project_id).where(HoldRow.holder == value, HoldRow.pending)
    ),
    "country": _country,
    "expiring": _expiring,
    "since": _since,
    "kind": lambda value, _: Project.id.in_(select(StandingKind.project_id).where(StandingKind.kind == value)),
    "set": lambda value, _: func.lower(func.coalesce(Project.data_set, UNKNOWN_VALUE)) == value,
    WORDS: lambda value, _: contains(value),
}
