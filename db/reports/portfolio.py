"""All projects at a glance, and lists of them, read from the cache of standings with a fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import ColumnElement, Row, Select, String, bindparam, cast, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.database import fetch
from db.domain.dates import PartialDate
from db.domain.enums import Group, Headline, Response
from db.domain.updates import Source, Update
from db.models import HoldRow, Project, ProjectStatusRow, UpdateProject, UpdateRow
from db.paging import Page, read_page
from db.projects.queries import ProjectView, matching, project_columns, view_of
from db.search.filter import Filter
from db.updates.counters import Dimension, counters_on
from db.updates.history import load_updates

LATEST = 3
DEADLINES = 5


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project in a list: its headline on the day, since when, who holds, until when, and on what it rests."""

    project: ProjectView
    headline: Headline
    since: PartialDate | None
    holders: tuple[str, ...]
    valid_until: PartialDate | None
    extension_pending: bool
    lift_reported: bool
    as_of: date | None
    governing: Update | None


@dataclass(frozen=True, slots=True)
class RecentChange:
    """An update and the refs of the projects it concerns."""

    update: Update
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpcomingEnd:
    """An exemption in force that ends: the project's ref, and the end as its letter gives it."""

    ref: str
    valid_until: PartialDate | None


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The whole at a glance on ``today`` (New York)."""

    today: date
    total: int
    by_headline: tuple[tuple[Headline, int], ...]
    by_group: tuple[tuple[str, int], ...]
    by_response: tuple[tuple[Response, int], ...]
    latest: tuple[RecentChange, ...]
    ending: tuple[UpcomingEnd, ...]
    as_of: date | None
    sources: tuple[Source, ...]
    data_sets: tuple[str, ...]
    lift_reported: int


def portfolio(session: Session, today: date) -> Portfolio:
    """Return counts by headline and group, what changed last, the next ends, and as of when."""
    tallies = counters_on(session, today)
    headlines, groups, responses = (tallies[axis] for axis in (Dimension.HEADLINE, Dimension.GROUP, Dimension.RESPONSE))
    latest = list(fetch(session, _LATEST).scalars())
    resting = [int(value) for value in tallies[Dimension.SOURCE]]
    updates = load_updates(session, {*latest, *resting})
    return Portfolio(
        today=today,
        total=sum(groups.values()),
        by_headline=tuple((each, headlines[each]) for each in Headline if headlines[each]),
        by_group=tuple((each.value, groups[each]) for each in Group if groups[each]),
        by_response=tuple((each, responses[each]) for each in sorted(Response) if responses[each]),
        latest=_changes(session, latest, updates),
        ending=tuple(UpcomingEnd(row.ref, row.valid_until) for row in fetch(session, _ENDING, today=today)),
        as_of=fetch(session, _AS_OF).scalar(),
        sources=tuple(dict.fromkeys(source for number in resting for source in updates[number].sources)),
        lift_reported=sum(tallies[Dimension.LIFT].values()),
        data_sets=tuple(sorted(tallies[Dimension.DATA_SET])),
    )


def list_page(session: Session, project_filter: Filter, today: date, *, number: int, size: int) -> Page[ProjectRow]:
    """Return page ``number`` of the projects that meet a filter."""
    counting, listing = _listing(project_filter, today)
    total = fetch(session, counting).scalar_one()
    return read_page(
        lambda limit, offset: _lines(session, listing, today, size=limit, skipped=offset), number, size, total
    )


def page_among(session: Session, ids: Collection[int], today: date, *, number: int, size: int) -> Page[ProjectRow]:
    """Return page ``number`` of the projects with these ids, by ref."""
    return read_page(
        lambda limit, offset: _lines(session, _AMONG, today, size=limit, skipped=offset, ids=list(ids)),
        number,
        size,
        len(ids),
    )


def changes(session: Session, numbers: Sequence[int]) -> tuple[RecentChange, ...]:
    """Return these updates, in this order, each with the refs of its projects."""
    return _changes(session, numbers, load_updates(session, numbers))


def _changes(session: Session, numbers: Sequence[int], updates: dict[int, Update]) -> tuple[RecentChange, ...]:
    refs: dict[int, list[str]] = {number: [] for number in numbers}
    for number, ref in fetch(session, _REFS, ids=list(numbers)):
        refs[number].append(ref)
    return tuple(RecentChange(updates[number], tuple(refs[number])) for number in numbers)


@lru_cache(maxsize=256)
def _listing(project_filter: Filter, today: date) -> tuple[Select[int], Select[*tuple[object, ...]]]:
    """Build the count and page statements of a filter; cached, for building one takes longer than running it."""
    found = matching(project_filter, today)
    page = found.order_by(Project.id).limit(bindparam("size")).offset(bindparam("skipped"))
    keys = page.subquery().c.id
    return (
        select(func.count()).select_from(found.subquery()),
        _lines_of().where(Project.__table__.c.id.in_(select(keys))).order_by(Project.__table__.c.id),
    )


def _lines(
    session: Session, query: Select[*tuple[object, ...]], today: date, **values: int | list[int]
) -> list[ProjectRow]:
    rows = fetch(session, query, **values).all()
    governing = load_updates(session, {row.governing_update_id for row in rows if row.governing_update_id})
    return [_line(row, governing.get(row.governing_update_id or 0), today) for row in rows]


def _line(row: Row[*tuple[object, ...]], governing: Update | None, today: date) -> ProjectRow:
    ended = row.ends_on is not None and row.ends_on < today
    headline = Headline(row.headline_after_end if ended else row.headline)
    return ProjectRow(
        view_of(row).without_names(),
        headline,
        row.valid_until if headline is Headline.EXPIRED else row.since,
        _holders(row.held_by),
        row.valid_until,
        row.extension_pending,
        row.lift_reported,
        row.as_of,
        governing,
    )


def _holders(held_by: str | None) -> tuple[str, ...]:
    """Parse ``12:US 7:CN``, which databases give in any order, and sort it by the number of the hold."""
    pairs = (each.split(":") for each in (held_by or "").split())
    return tuple(holder for _, holder in sorted((int(number), holder) for number, holder in pairs))


def _lines_of() -> Select[*tuple[object, ...]]:
    standing, hold = ProjectStatusRow.__table__, HoldRow.__table__
    held_by = (
        select(func.aggregate_strings(cast(hold.c.placed_id, String) + ":" + hold.c.holder, " "))
        .where(hold.c.project_id == Project.__table__.c.id, hold.c.pending)
        .scalar_subquery()
    )
    return (
        project_columns()
        .join(standing, standing.c.project_id == Project.__table__.c.id)
        .add_columns(*(standing.c[name] for name in _OF_STANDING), held_by.label("held_by"))
    )


def _changed() -> ColumnElement[bool]:
    """Return the condition that an update was corrected or retracted by one that was not retracted itself."""
    return or_(_changed_by("corrects"), _changed_by("retracts"))


def _changed_by(way: str) -> ColumnElement[bool]:
    change, undoing = aliased(UpdateRow), aliased(UpdateRow)
    undone = select(undoing.id).where(undoing.retracts == change.id).exists()
    return select(change.id).where(getattr(change, way) == UpdateRow.id, ~undone).exists()


_OF_STANDING = (
    *("headline", "headline_after_end", "ends_on", "valid_until", "since"),
    *("extension_pending", "lift_reported", "as_of", "governing_update_id"),
)
_AMONG = (
    _lines_of()
    .where(Project.__table__.c.id.in_(bindparam("ids", expanding=True)))
    .order_by(Project.__table__.c.ref)
    .limit(bindparam("size"))
    .offset(bindparam("skipped"))
)
_LATEST = (
    select(UpdateRow.id)
    .where(func.coalesce(UpdateRow.retracts, 0) == 0, ~_changed())  # not by the index of what is retracted
    .order_by(UpdateRow.effective_day.desc(), UpdateRow.id.desc())
    .limit(LATEST)
)
"""The latest updates that stand, by the day whose place they take."""
_ENDING = (
    select(Project.__table__.c.ref, ProjectStatusRow.__table__.c.valid_until)
    .join_from(ProjectStatusRow.__table__, Project.__table__)
    .where(ProjectStatusRow.headline == Headline.APPROVED.value, ProjectStatusRow.ends_on >= bindparam("today"))
    .order_by(ProjectStatusRow.ends_on, ProjectStatusRow.project_id)
    .limit(DEADLINES)
)
_AS_OF = select(func.max(ProjectStatusRow.__table__.c.as_of))
_REFS = (
    select(UpdateProject.__table__.c.update_id, Project.__table__.c.ref)
    .join_from(UpdateProject.__table__, Project.__table__)
    .where(UpdateProject.__table__.c.update_id.in_(bindparam("ids", expanding=True)))
    .order_by(UpdateProject.__table__.c.update_id, Project.__table__.c.id)
)
