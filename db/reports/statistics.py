"""Figures over many projects (docs/figures.md): ranges where dates are inexact, and counts of what is not known."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from statistics import median
from typing import TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.database import fetch
from db.domain.dates import PartialDate
from db.domain.project_status import Hold, ProjectStatus, Validity, statuses_of
from db.errors import N_, BadInput
from db.models import Project
from db.projects.queries import matching
from db.search.filter import Filter
from db.updates.history import load_histories

MOST_PROJECTS = 500  # so that none takes longer than 200 ms, while which others wait
UNKNOWN_YEAR = ""


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from one date to another: at least ``low``, at most ``high``."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class MedianRange:
    """The median of ``n`` spans, as a range; None where there is none. ``unknown`` spans lack a date."""

    n: int = 0
    days: DayRange | None = None
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class HoldFigures:
    """Holds by one holder: those that were lifted, and those that are open, the oldest for at least ``longest`` days."""

    holder: str
    official: bool
    lifted: MedianRange
    open: int
    longest: int | None
    lift_reported: int


@dataclass(frozen=True, slots=True)
class UndeliveredShare:
    """Number of exemptions, of ``n`` whose end has passed, with no delivery on record; ``unknown`` have no known end."""

    n: int = 0
    undelivered: int = 0
    unknown: int = 0


Found = TypeVar("Found", MedianRange, UndeliveredShare)


@dataclass(frozen=True, slots=True)
class Statistics:
    """All figures of some projects on ``today``. By group and by year in the order of the groups and the years."""

    today: date
    projects: int
    as_of: date | None
    decision: MedianRange
    decision_by_group: tuple[tuple[str, MedianRange], ...]
    decision_by_year: tuple[tuple[str, MedianRange], ...]
    holds: tuple[HoldFigures, ...]
    expired: UndeliveredShare
    expired_by_group: tuple[tuple[str, UndeliveredShare], ...]
    expired_by_year: tuple[tuple[str, UndeliveredShare], ...]


@dataclass(frozen=True, slots=True)
class Sample:
    """A project as figures see it; no name is needed."""

    group: str
    standing: ProjectStatus


def figures_of(session: Session, project_filter: Filter, today: date) -> Statistics:
    """Return the figures of the projects that meet a filter. Raises BadInput for too many of them."""
    found = matching(project_filter, today)
    query = found.add_columns(Project.group).order_by(Project.id).limit(MOST_PROJECTS + 1)
    groups = {key: group for key, group in fetch(session, query)}  # noqa: C416  a result has keys of its own
    if len(groups) > MOST_PROJECTS:
        text = N_("{count} projects match, but figures cover at most {most}. Narrow the filter.")
        count = fetch(session, select(func.count()).select_from(found.subquery())).scalar_one()
        raise BadInput(text, field="filter", count=count, most=MOST_PROJECTS)
    standings = statuses_of(load_histories(session, groups))
    return figures([Sample(groups[key], standing) for key, standing in standings.items()], today)


def figures(projects: Sequence[Sample], today: date) -> Statistics:
    """Compute the figures of ``projects`` on ``today`` (New York) without the database."""
    expired = partial(_expired, today=today)
    dates = [as_of for each in projects if (as_of := each.standing.statement(today).as_of)]
    return Statistics(
        today=today,
        projects=len(projects),
        as_of=max(dates, default=None),
        decision=_decision(projects),
        decision_by_group=_by(projects, lambda each: each.group, _decision),
        decision_by_year=_by(
            projects, lambda each: _year(*(letter.happened for letter in each.standing.letters[:1])), _decision
        ),
        holds=_holds(projects, today),
        expired=expired(projects),
        expired_by_group=_by(projects, lambda each: each.group, expired),
        expired_by_year=_by(projects, lambda each: _year(each.standing.valid_until), expired),
    )


def between(first: PartialDate, last: PartialDate) -> DayRange | None:
    """Return the days from one date to a later one; None where one of them is not known."""
    if first.first is None or first.last is None or last.first is None or last.last is None:
        return None
    return DayRange(max(0, (last.first - first.last).days), max(0, (last.last - first.first).days))


def _by(
    projects: Sequence[Sample], key: Callable[[Sample], str], count: Callable[[Sequence[Sample]], Found]
) -> tuple[tuple[str, Found], ...]:
    """Apply ``count`` to each part, leaving out parts in which nothing can be counted."""
    parts: dict[str, list[Sample]] = defaultdict(list)
    for project in projects:
        parts[key(project)].append(project)
    found = ((name, count(parts[name])) for name in sorted(parts))
    return tuple((name, one) for name, one in found if one.n)


def _median(spans: Iterable[DayRange | None]) -> MedianRange:
    """Return the median of the ranges' lower ends and that of their upper ends."""
    all_spans = list(spans)
    ranges = [days for days in all_spans if days is not None]
    if not ranges:
        return MedianRange(unknown=len(all_spans))
    days = DayRange(int(median(each.low for each in ranges)), -int(-median(each.high for each in ranges) // 1))
    return MedianRange(len(ranges), days, len(all_spans) - len(ranges))


def _decision(projects: Sequence[Sample]) -> MedianRange:
    """Return the range of days from the request to the first letter, if there is a letter."""
    spans: list[DayRange | None] = []
    for project in projects:
        if project.standing.letters:
            request, letter = project.standing.submitted, project.standing.letters[0]
            spans.append(between(request.happened, letter.happened) if request else None)
    return _median(spans)


def _holds(projects: Sequence[Sample], today: date) -> tuple[HoldFigures, ...]:
    parts: dict[tuple[str, bool], list[Hold]] = defaultdict(list)
    for project in projects:
        for hold in project.standing.holds:
            parts[hold.holder, hold.placed.official].append(hold)
    found = [_holder(holder, official, holds, today) for (holder, official), holds in parts.items()]
    return tuple(
        sorted(found, key=lambda one: (-one.open - one.lifted.n - one.lifted.unknown, one.holder, one.official))
    )


def _holder(holder: str, official: bool, holds: list[Hold], today: date) -> HoldFigures:
    lifted = [hold for hold in holds if hold.lifted_by]
    still = [hold for hold in holds if hold.open]
    ages = [(today - hold.placed.happened.last).days for hold in still if hold.placed.happened.last]
    spans = [between(hold.placed.happened, hold.lifted_by.happened) for hold in lifted if hold.lifted_by]
    flagged = sum(1 for hold in still if hold.flags)
    return HoldFigures(holder, official, _median(spans), len(still), max(ages, default=None), flagged)


def _expired(projects: Sequence[Sample], today: date) -> UndeliveredShare:
    n = undelivered = unknown = 0
    for project in projects:
        validity = project.standing.validity(today)
        unknown += validity is Validity.END_NOT_KNOWN
        if validity is Validity.EXPIRED:
            n += 1
            undelivered += not (project.standing.delivered or project.standing.closed)
    return UndeliveredShare(n, undelivered, unknown)


def _year(on: PartialDate | None = None) -> str:
    """Return the year, where every reading of the date is in it."""
    if on is None or on.first is None or on.last is None or on.first.year != on.last.year:
        return UNKNOWN_YEAR
    return str(on.first.year)
