"""All projects at a glance, and lists of them, read from the cache of standings with a fixed number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.dates import FieldDate
from db.entries import Source, Update
from db.filter_sql import headline_on
from db.filters import Filter
from db.history import projects_of, updates_by_number
from db.models import HoldRow, Organisation, Project, StandingRow, UpdateRow
from db.projects import ProjectView, load_projects, matching
from db.vocabulary import Headline, Response

LATEST = 3
DEADLINES = 5
SOURCES = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One project in a list: its headline on the day, since when, who holds, until when, and on what it rests."""

    project: ProjectView
    headline: Headline
    since: FieldDate | None
    holders: tuple[str, ...]
    valid_until: FieldDate | None
    extension_pending: bool
    lift_reported: bool
    as_of: date | None
    governing: Update | None


@dataclass(frozen=True, slots=True)
class Page:
    """Part of a list: ``number`` counts from 1, ``total`` is the length of the whole list."""

    lines: tuple[Line, ...]
    number: int
    pages: int
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """An update and the refs of the projects it concerns."""

    update: Update
    refs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Portfolio:
    """The whole at a glance on ``today`` (New York)."""

    today: date
    total: int
    by_headline: tuple[tuple[Headline, int], ...]
    by_group: tuple[tuple[str, int], ...]
    by_response: tuple[tuple[Response, int], ...]
    latest: tuple[Change, ...]
    ending: tuple[Line, ...]
    as_of: date | None
    sources: tuple[Source, ...]
    data_sets: tuple[str, ...]
    lift_reported: int


def portfolio(session: Session, today: date) -> Portfolio:
    """Counts by headline and group, what changed last, the next ends, and as of when."""
    headline = headline_on(today)
    counts = {
        Headline(value): count
        for value, count in session.execute(select(headline, func.count()).select_from(StandingRow).group_by(headline))
    }
    groups = session.execute(select(Project.group, func.count()).group_by(Project.group).order_by(func.min(Project.id)))
    responses = session.execute(select(StandingRow.response, func.count()).group_by(StandingRow.response))
    as_of, lifts = session.execute(
        select(func.max(StandingRow.as_of), func.count().filter(StandingRow.lift_reported)).select_from(StandingRow)
    ).one()
    latest = _latest(session)
    return Portfolio(
        today=today,
        total=sum(counts.values()),
        by_headline=tuple((each, counts[each]) for each in Headline if each in counts),
        by_group=tuple((group, count) for group, count in groups),
        by_response=tuple(sorted((Response(value), count) for value, count in responses)),
        latest=latest,
        ending=_ending(session, today),
        as_of=as_of,
        sources=_sources(session),
        lift_reported=lifts,
        data_sets=tuple(session.scalars(select(Project.data_set).where(Project.data_set.is_not(None)).distinct())),
    )


def list_page(session: Session, wanted: Filter, today: date, *, number: int, size: int) -> Page:
    """Page ``number`` (from 1) of the projects that meet a filter; the last page where there are fewer."""
    return _paged(session, matching(wanted, today), today, number, size)


def page_among(session: Session, ids: Collection[int], today: date, *, number: int, size: int) -> Page:
    """The same of the projects with these ids, by ref."""
    query = matching(Filter(), today).where(Project.id.in_(ids)).order_by(None).order_by(Project.ref)
    return _paged(session, query, today, number, size)


def changes(session: Session, numbers: Sequence[int]) -> tuple[Change, ...]:
    """These updates, in this order, each with the refs of its projects."""
    updates, concerned = updates_by_number(session, numbers), projects_of(session, numbers)
    ids = {key for keys in concerned.values() for key in keys}
    refs = dict(session.execute(select(Project.id, Project.ref).where(Project.id.in_(ids))).all())
    return tuple(Change(updates[number], tuple(refs[key] for key in concerned[number])) for number in numbers)


def _paged(
    session: Session, query: Select[Project, StandingRow, Organisation], today: date, number: int, size: int
) -> Page:
    total = session.scalar(select(func.count()).select_from(query.with_only_columns(Project.id).subquery())) or 0
    pages = max(1, -(-total // size))
    number = min(max(1, number), pages)
    rows = session.execute(query.limit(size).offset((number - 1) * size)).all()
    return Page(_lines(session, [(project.id, standing) for project, standing, _ in rows], today), number, pages, total)


def _lines(session: Session, rows: list[tuple[int, StandingRow]], today: date) -> tuple[Line, ...]:
    ids = [key for key, _ in rows]
    views = load_projects(session, ids)
    governing = updates_by_number(session, {row.governing_update_id for _, row in rows if row.governing_update_id})
    holders: dict[int, tuple[str, ...]] = {}
    query = select(HoldRow.project_id, HoldRow.holder).where(HoldRow.project_id.in_(ids), HoldRow.pending)
    for key, holder in session.execute(query.order_by(HoldRow.placed_id)):
        holders[key] = (*holders.get(key, ()), holder)
    return tuple(
        _line(views[key], row, holders.get(key, ()), governing.get(row.governing_update_id or 0), today)
        for key, row in rows
    )


def _line(view: ProjectView, row: StandingRow, holders: tuple[str, ...], governing: Update | None, today: date) -> Line:
    ended = row.ends_on is not None and row.ends_on < today
    headline = Headline(row.headline_after_end if ended else row.headline)
    since = row.valid_until if headline is Headline.EXPIRED else row.since
    return Line(
        view.without_names(),
        headline,
        since,
        holders,
        row.valid_until,
        row.extension_pending,
        row.lift_reported,
        row.as_of,
        governing,
    )


def _ending(session: Session, today: date) -> tuple[Line, ...]:
    query = (
        matching(Filter(), today)
        .where(StandingRow.ends_on >= today, StandingRow.headline == Headline.APPROVED.value)
        .order_by(None)
        .order_by(StandingRow.ends_on, Project.id)
        .limit(DEADLINES)
    )
    return _lines(session, [(project.id, standing) for project, standing, _ in session.execute(query)], today)


def _latest(session: Session) -> tuple[Change, ...]:
    """The latest updates that stand, by the day whose place they take."""
    query = (
        select(UpdateRow.id)
        .where(UpdateRow.retracts.is_(None), ~_changed())
        .order_by(UpdateRow.effective_day.desc(), UpdateRow.id.desc())
        .limit(LATEST)
    )
    return changes(session, list(session.scalars(query)))


def _changed() -> ColumnElement[bool]:
    """Whether an update was corrected or taken back by something that was not taken back itself."""
    change, undoing = aliased(UpdateRow), aliased(UpdateRow)
    undone = select(undoing.id).where(undoing.retracts == change.id).exists()
    changing = or_(change.corrects == UpdateRow.id, change.retracts == UpdateRow.id)
    return select(change.id).where(changing, ~undone).exists()


def _sources(session: Session) -> tuple[Source, ...]:
    """The sources that most headlines rest on, most first."""
    query = (
        select(StandingRow.governing_update_id)
        .where(StandingRow.governing_update_id.is_not(None))
        .group_by(StandingRow.governing_update_id)
        .order_by(func.count().desc(), StandingRow.governing_update_id)
        .limit(SOURCES)
    )
    numbers = [number for number in session.scalars(query) if number is not None]
    updates = updates_by_number(session, numbers)
    return tuple(dict.fromkeys(source for number in numbers for source in updates[number].sources))
