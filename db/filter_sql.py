"""A filter as conditions of the database; says the same as ``filters.matches`` (a test compares the two)."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Text, and_, case, cast, exists, false, func, not_, or_, select

from db.dates import parse_date
from db.filters import UNKNOWN_VALUE, WORDS, Filter, Term, span_days
from db.models import HoldRow, Organisation, Project, ProjectSector, StandingRow
from db.vocabulary import Headline, Visibility

Condition = ColumnElement[bool]


def headline_on(today: date) -> ColumnElement[str]:
    """The headline of a standing's row on ``today``."""
    return case((StandingRow.ends_on < today, StandingRow.headline_after_end), else_=StandingRow.headline)


def conditions(wanted: Filter, today: date) -> list[Condition]:
    """What a query over Project, Organisation and StandingRow must meet."""
    return [_condition(term, today) for term in wanted.terms]


def _condition(term: Term, today: date) -> Condition:
    build = _CONDITIONS[term.key]
    anyone = or_(false(), *(build(value, today) for value in term.values))
    return not_(anyone) if term.exclude else anyone


def _organisation(value: str, _today: date) -> Condition:
    names = func.coalesce(Organisation.names_folded, "")
    return and_(Project.visibility == Visibility.PUBLIC.value, names.contains(value, autoescape=True))


def _sector(value: str, _today: date) -> Condition:
    own = select(ProjectSector.code).where(ProjectSector.project_id == Project.id)
    if value == UNKNOWN_VALUE:
        return ~exists(own)
    return exists(own.where(ProjectSector.code.startswith(value, autoescape=True)))


def _holder(value: str, _today: date) -> Condition:
    return exists().where(HoldRow.project_id == Project.id, HoldRow.pending, HoldRow.holder == value)


def _country(value: str, _today: date) -> Condition:
    country = case(
        (Project.visibility == Visibility.WITHHELD.value, UNKNOWN_VALUE),
        else_=func.coalesce(Organisation.country, UNKNOWN_VALUE),
    )
    return country == value


def _expiring(value: str, today: date) -> Condition:
    soon = StandingRow.ends_first.between(today, today + timedelta(days=span_days(value)))
    return and_(soon.is_(True), headline_on(today) == Headline.APPROVED.value)


def _since(value: str, _today: date) -> Condition:
    first = parse_date(value).first
    return false() if first is None else func.coalesce(StandingRow.last_day, date.min) >= first


def _kind(value: str, _today: date) -> Condition:
    return cast(StandingRow.kinds, Text).contains(f'"{value}"', autoescape=True)  # a JSON list of the kinds that stand


_CONDITIONS: dict[str, Callable[[str, date], Condition]] = {
    "group": lambda value, _: Project.group == value,
    "org": _organisation,
    "sector": _sector,
    "status": lambda value, today: headline_on(today) == value,
    "holder": _holder,
    "country": _country,
    "expiring": _expiring,
    "since": _since,
    "kind": _kind,
    WORDS: lambda value, _: Project.search_text.contains(value, autoescape=True),
}
