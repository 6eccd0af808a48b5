"""Counters of projects, updated with each change so that no answer has to count.

A tally is a cache like the standings: ``check`` counts anew and compares. Of several records of one request the leading
one is counted.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import CompoundSelect, Insert, Select, bindparam, delete, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from db.database import fetch, insert_for
from db.models import CounterRow, HoldRow, Project, ProjectStatusRow
from db.paging import in_parts
from db.projects.queries import leading

CHUNK = 5_000
SOURCES = 3
LATER = "tallies-later"  # where a session keeps what is counted but not written yet


class Dimension(StrEnum):
    """Dimension of a counter. ``SOURCE``: the updates behind headlines; ``HOLDER``: members with an open hold."""

    HEADLINE = "headline"
    GROUP = "group"
    RESPONSE = "response"
    DATA_SET = "data-set"
    LIFT = "lift"
    SOURCE = "source"
    HOLDER = "holder"


LIFT_REPORTED = "reported"


class CounterKey(NamedTuple):
    """The key of a tally; ``later`` and ``month`` where the exemption's end in that month changes the headline."""

    axis: str
    value: str
    later: str = ""
    month: str = ""


def counters_on(session: Session, today: date) -> dict[Dimension, Counter[str]]:
    """Return the counts of each dimension on ``today`` (New York); of sources, those behind most headlines, most first."""
    first = today.replace(day=1)
    found: dict[Dimension, Counter[str]] = {axis: Counter() for axis in Dimension}
    for axis, value, number in fetch(session, _TALLIED, month=month_of(today), first=first, today=today).all():
        found[Dimension(axis)][value] += number
    return found


def counters_of(session: Session, projects: Select[int], today: date) -> dict[Dimension, Counter[str]]:
    """Count these projects as ``counters_on`` does all of them, without their holders."""
    found: dict[Dimension, Counter[str]] = {axis: Counter() for axis in Dimension}
    for group, data_set, headline, later, ends_on, response, lift_reported, governing in session.execute(
        _STANDINGS.where(Project.id.in_(projects))
    ):
        now = later if ends_on is not None and ends_on < today else headline
        for key in _kinds(group, data_set, now, now, None, response, lift_reported, governing):
            found[Dimension(key.axis)][key.value] += 1
    sources = sorted(found[Dimension.SOURCE].items(), key=lambda each: (each[1], each[0]), reverse=True)
    return {**found, Dimension.SOURCE: Counter(dict(sources[:SOURCES]))}


@contextmanager
def defer_counters(session: Session) -> Iterator[None]:
    """Write counter changes at the end of the block, since every other writer waits for the counters."""
    change: Counter[CounterKey] = Counter()
    session.info[LATER] = change
    try:
        yield
    finally:
        del session.info[LATER]
    _add(session, {kind: number for kind, number in change.items() if number})


@contextmanager
def update_counters(session: Session, project_ids: Collection[int]) -> Iterator[None]:
    """Bring the counters up to date, at the block's end, with what it changes in these projects and their status cache."""
    session.flush()
    before = _count(session, project_ids)
    yield
    session.flush()
    after = _count(session, project_ids)
    after.subtract(before)
    if LATER in session.info:
        session.info[LATER].update(after)
    else:
        _add(session, {kind: number for kind, number in after.items() if number})


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def tally_findings(session: Session) -> list[str]:
    """Return a sentence for every tally that is not what counting gives."""
    stored = {
        CounterKey(row.axis, row.value, row.later, row.month): row.number for row in session.scalars(select(CounterRow))
    }
    actual = _count(session, session.scalars(select(Project.id)).all())
    return [
        f"the tally of {' '.join(filter(None, kind))} says {stored.get(kind, 0)}, there are {actual[kind]}"
        for kind in sorted({*stored, *actual})
        if stored.get(kind, 0) != actual[kind]
    ]


def rebuild_tallies(session: Session) -> None:
    session.execute(delete(CounterRow))
    _add(session, _count(session, session.scalars(select(Project.id)).all()))


def _count(session: Session, project_ids: Collection[int]) -> Counter[CounterKey]:
    found: Counter[CounterKey] = Counter()
    for part in in_parts(project_ids, CHUNK):
        for row in session.execute(_STANDINGS.where(Project.id.in_(part))):
            found.update(_kinds(*row))
        holders = session.execute(_HOLDERS.where(HoldRow.project_id.in_(part)))
        found.update(CounterKey(Dimension.HOLDER.value, holder) for _, holder in holders)
    return found


_STANDINGS = (
    select(
        Project.group,
        Project.data_set,
        ProjectStatusRow.headline,
        ProjectStatusRow.headline_after_end,
        ProjectStatusRow.ends_on,
        ProjectStatusRow.response,
        ProjectStatusRow.lift_reported,
        ProjectStatusRow.governing_update_id,
    )
    .join(ProjectStatusRow, ProjectStatusRow.project_id == Project.id)
    .where(leading(Project.id))
)
_HOLDERS = (
    select(HoldRow.project_id, HoldRow.holder)
    .distinct()
    .where(HoldRow.pending, HoldRow.lifted_id.is_(None), leading(HoldRow.project_id))
)


def _tally() -> CompoundSelect[str, str, int]:
    """Return all tallies of few values, the first of the sources, and what this month's ends have changed until today."""
    tally, standing = CounterRow.__table__.c, ProjectStatusRow.__table__.c
    number = func.sum(tally.number)
    few = (
        select(tally.axis, tally.value, number)
        .where(
            tally.axis.in_(
                [Dimension.GROUP, Dimension.HEADLINE, Dimension.RESPONSE, Dimension.DATA_SET, Dimension.LIFT]
            )
        )
        .where(or_(tally.month == "", tally.month >= bindparam("month")))
        .group_by(tally.axis, tally.value)
    )
    over = (
        select(tally.axis, tally.later, number)
        .where(tally.axis == Dimension.HEADLINE, tally.month != "", tally.month < bindparam("month"))
        .group_by(tally.axis, tally.value, tally.later)  # as the primary key has it, or they would be sorted first
    )
    most = (
        select(tally.axis, tally.value, tally.number)
        .where(tally.axis == Dimension.SOURCE)
        .order_by(tally.number.desc(), tally.value.desc())  # as the index has it
        .limit(SOURCES)
        .subquery()
    )
    ended = [
        select(literal(Dimension.HEADLINE.value), headline, func.count() * sign)
        .where(standing.headline != standing.headline_after_end)
        .where(standing.ends_on >= bindparam("first"), standing.ends_on < bindparam("today"))
        .where(leading(standing.project_id))
        .group_by(headline)
        for headline, sign in ((standing.headline, -1), (standing.headline_after_end, 1))
    ]
    return union_all(few, over, select(most), *ended)


_TALLIED = _tally()


def _kinds(
    group: str,
    data_set: str | None,
    headline: str,
    later: str,
    ends_on: date | None,
    response: str,
    lift_reported: bool,
    governing: int | None,
) -> Iterator[CounterKey]:
    turns = ends_on is not None and headline != later
    yield CounterKey(Dimension.HEADLINE.value, headline, *((later, month_of(ends_on)) if ends_on and turns else ()))
    yield CounterKey(Dimension.GROUP.value, group)
    yield CounterKey(Dimension.RESPONSE.value, response)
    if data_set:
        yield CounterKey(Dimension.DATA_SET.value, data_set)
    if lift_reported:
        yield CounterKey(Dimension.LIFT.value, LIFT_REPORTED)
    if governing is not None:
        yield CounterKey(Dimension.SOURCE.value, source_value(governing))


def source_value(update: int) -> str:
    """Return an update's number as a tally's value: as text it sorts as the number does."""
    return f"{update:012}"


def _add(session: Session, change: dict[CounterKey, int]) -> None:
    """Add to the tallies, always in the same order, so that two who do so at once do not wait for each other."""
    if not change:
        return
    rows = [{**kind._asdict(), "number": change[kind]} for kind in sorted(change)]
    session.connection().execute(_upsert(session), rows)
    values = {kind.value for kind in change}
    session.execute(
        delete(CounterRow)
        .where(CounterRow.number == 0, CounterRow.value.in_(values))
        .execution_options(synchronize_session=False)
    )


def _upsert(session: Session) -> Insert:
    keys = [CounterRow.axis, CounterRow.value, CounterRow.later, CounterRow.month]
    row = insert_for(session)(CounterRow)
    upsert: Insert = row.on_conflict_do_update(
        index_elements=keys, set_={"number": CounterRow.number + row.excluded.number}
    )
    return upsert
