"""All projects at a glance, and lists of them, read from the cache of standings with a fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.database import Columns, fetch
from db.domain.dates import PartialDate
from db.domain.enums import WITH_DEADLINE, Group, Headline, Response, SourceKind, UpdateKind
from db.domain.project_status import ProjectStatus, statuses_of
from db.domain.updates import Source, Update
from db.models import Project, ProjectStatusRow, StandingKind, UpdateProject, UpdateRow
from db.paging import Page, read_page
from db.projects.queries import ProjectView, leading, matching, project_columns, view_of
from db.reminders.rules import without_news
from db.reminders.schedule import reminder_days
from db.search.filter import Filter, Term
from db.updates.counters import SOURCES, Dimension, SourceKey, counters_of, counters_on
from db.updates.history import RecentChange, load_histories, load_updates, refs_of

LATEST = 3
ATTENTION = 5
SOON = timedelta(days=90)  # how long before its end an exemption needs attention


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project in a list, as everybody may see it, with its status; ``no_news`` where its sources are old."""

    project: ProjectView
    standing: ProjectStatus
    no_news: bool = False


@dataclass(frozen=True, slots=True)
class NeedsAttention:
    """A project that waits for somebody.

    ``valid_until`` is the end of its exemption, where that is soon, with ``shipped`` for whether anything was; else its
    approval is reported and no letter is on record, since the day ``reported`` where that is known.
    """

    ref: str
    reported: date | None = None
    valid_until: PartialDate | None = None
    shipped: bool = False


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The whole at a glance on ``today`` (New York)."""

    today: date
    total: int
    by_headline: tuple[tuple[Headline, int], ...]
    by_group: tuple[tuple[str, int], ...]
    by_response: tuple[tuple[Response, int], ...]
    latest: tuple[RecentChange, ...]
    attention: tuple[NeedsAttention, ...]
    ending_soon: int
    as_of: date | None
    sources: tuple[Source, ...]
    press: bool
    data_sets: tuple[str, ...]
    lift_reported: int


def portfolio(session: Session, today: date, project_filter: Filter | None = None) -> Portfolio:
    """Return counts by headline and group, what changed last, the next ends, and as of when: of all, or of a filter."""
    of = matching(project_filter, today) if project_filter and project_filter.terms else None
    tallies = counters_on(session, today) if of is None else counters_of(session, of, today)
    headlines, groups, responses = (tallies[axis] for axis in (Dimension.HEADLINE, Dimension.GROUP, Dimension.RESPONSE))
    touching = None if of is None else select(UpdateProject.update_id).where(UpdateProject.project_id.in_(of))
    latest = list(fetch(session, _among(_LATEST, UpdateRow.id, touching), today=today).scalars())
    newest = sorted(map(SourceKey.parse, tallies[Dimension.SOURCE]), reverse=True)
    resting = [source.update for source in newest]
    updates = load_updates(session, {*latest, *resting})
    attention, ending_soon = _attention(session, today, of)
    return Portfolio(
        today=today,
        total=sum(groups.values()),
        by_headline=tuple((each, headlines[each]) for each in Headline if headlines[each]),
        by_group=tuple((each.value, groups[each]) for each in Group if groups[each]),
        by_response=tuple((each, responses[each]) for each in sorted(Response) if responses[each]),
        latest=_changes(session, latest, updates, of),
        attention=attention,
        ending_soon=ending_soon,
        as_of=newest[0].as_of if newest else None,
        sources=tuple(dict.fromkeys(source for number in resting for source in updates[number].sources)),
        # Of more updates than are named here some may be official.
        press=len(resting) < SOURCES
        and {updates[number].confidence for number in resting} in ({SourceKind.PRESS}, {SourceKind.ANONYMOUS}),
        lift_reported=sum(tallies[Dimension.LIFT].values()),
        data_sets=tuple(sorted(tallies[Dimension.DATA_SET])),
    )


def list_page(session: Session, project_filter: Filter, today: date, *, number: int, size: int) -> Page[ProjectRow]:
    counting, listing = _listing(project_filter, today)
    total = fetch(session, counting).scalar_one()
    return read_page(
        lambda limit, offset: _rows(session, listing, today, size=limit, skipped=offset), number, size, total
    )


def count_approved(session: Session, project_filter: Filter, today: date) -> tuple[int, int]:
    """Return how many approved a filter finds, and of how many the end is not known; 0 where it asks for none (rule 5)."""
    if not any(
        term.key == "status" and Headline.APPROVED in term.values and not term.exclude for term in project_filter.terms
    ):
        return 0, 0
    counts = []
    for headline in (Headline.APPROVED, Headline.APPROVED_END_UNKNOWN):
        counting, _ = _listing(Filter((*project_filter.terms, Term("status", (headline.value,)))), today)
        counts.append(fetch(session, counting).scalar_one())
    return counts[0], counts[1]


def page_among(session: Session, ids: Collection[int], today: date, *, number: int, size: int) -> Page[ProjectRow]:
    return read_page(
        lambda limit, offset: _rows(session, _AMONG, today, size=limit, skipped=offset, ids=list(ids)),
        number,
        size,
        len(ids),
    )


def changes(session: Session, numbers: Sequence[int]) -> tuple[RecentChange, ...]:
    """Return these updates, in this order, each with the refs of its projects."""
    return _changes(session, numbers, load_updates(session, numbers))


def _among(query: Select[*Columns], column: SQLColumnExpression[int], ids: Select[int] | None) -> Select[*Columns]:
    return query if ids is None else query.where(column.in_(ids))


def _changes(
    session: Session, numbers: Sequence[int], updates: dict[int, Update], of: Select[int] | None = None
) -> tuple[RecentChange, ...]:
    refs = refs_of(session, numbers, of)
    return tuple(RecentChange(updates[number], tuple(refs[number])) for number in numbers)


def _attention(session: Session, today: date, of: Select[int] | None) -> tuple[tuple[NeedsAttention, ...], int]:
    """Return the projects that wait for somebody, and how many exemptions end soon."""
    days = {"today": today, "soon": today + SOON}
    ending = fetch(session, _among(_ENDING, _STANDING.project_id, of), **days).all()
    found = [NeedsAttention(ref, valid_until=end, shipped=bool(shipped)) for ref, end, shipped in ending]
    if len(ending) == ATTENTION:
        return tuple(found), fetch(session, _among(_ENDING_SOON, _STANDING.project_id, of), **days).scalar_one()
    for ref, happened, reported in fetch(session, _among(_WITHOUT_LETTER, _STANDING.project_id, of)):
        found.append(
            NeedsAttention(ref, reported=reported or (happened.first if happened.first == happened.last else None))
        )
    return tuple(found[:ATTENTION]), len(ending)


@lru_cache(maxsize=256)
def _listing(project_filter: Filter, today: date) -> tuple[Select[int], Select[*tuple[object, ...]]]:
    """Build the count and page statements of a filter; cached, for building one takes longer than running it."""
    found = matching(project_filter, today)
    page = found.order_by(Project.id).limit(bindparam("size")).offset(bindparam("skipped"))
    keys = page.subquery().c.id
    return (
        select(func.count()).select_from(found.subquery()),
        project_columns().where(Project.__table__.c.id.in_(select(keys))).order_by(Project.__table__.c.id),
    )


def _rows(
    session: Session, query: Select[*tuple[object, ...]], today: date, **values: int | list[int]
) -> list[ProjectRow]:
    views = [view_of(row) for row in fetch(session, query, **values)]
    standings = statuses_of(load_histories(session, [view.id for view in views]))
    days = reminder_days(session)
    return [
        ProjectRow(view.without_names(), standings[view.id], without_news(standings[view.id], days, today))
        for view in views
    ]


def _changed_by(way: str) -> ColumnElement[bool]:
    change, undoing = aliased(UpdateRow), aliased(UpdateRow)
    undone = select(undoing.id).where(undoing.retracts == change.id).exists()
    return select(change.id).where(getattr(change, way) == UpdateRow.id, ~undone).exists()


_AMONG = (
    project_columns()
    .where(Project.__table__.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(Project.__table__.c.ref)
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)
_LATEST = (
    select(UpdateRow.id)
    .where(func.coalesce(UpdateRow.retracts, 0) == 0)  # not by the index of what is retracted
    .where(~or_(_changed_by("corrects"), _changed_by("retracts")))
    .where(func.coalesce(UpdateRow.differs, 0) == 0, UpdateRow.effective_day <= bindparam("today"))
    .order_by(UpdateRow.effective_day.desc(), UpdateRow.id.desc())
    .limit(LATEST)
)
"""The latest updates that stand, by the day whose place they take; another value of one of them is no change."""
_STANDING = ProjectStatusRow.__table__.c
_ENDS_SOON = (
    ProjectStatusRow.headline.in_(WITH_DEADLINE),
    ProjectStatusRow.ends_on.between(bindparam("today"), bindparam("soon")),
    leading(_STANDING.project_id),
)
_ENDING_SOON = select(func.count()).select_from(ProjectStatusRow.__table__).where(*_ENDS_SOON)
_ENDING = (
    select(
        Project.__table__.c.ref,
        _STANDING.valid_until,
        select(StandingKind.project_id)
        .where(StandingKind.kind == UpdateKind.SHIPPED.value, StandingKind.project_id == _STANDING.project_id)
        .exists(),
    )
    .join_from(ProjectStatusRow.__table__, Project.__table__)
    .where(*_ENDS_SOON)
    .order_by(ProjectStatusRow.ends_on, ProjectStatusRow.project_id)
    .limit(ATTENTION)
)
_WITHOUT_LETTER = (
    select(Project.__table__.c.ref, UpdateRow.happened, UpdateRow.reported)
    .join_from(ProjectStatusRow.__table__, Project.__table__)
    .join(UpdateRow.__table__, UpdateRow.__table__.c.id == _STANDING.governing_update_id)
    .where(ProjectStatusRow.headline == Headline.APPROVAL_REPORTED.value, leading(_STANDING.project_id))
    .order_by(UpdateRow.effective_day, _STANDING.project_id)
    .limit(ATTENTION)
)
