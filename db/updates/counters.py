"""Counters of projects, updated with each change so that no answer has to count.

A tally is a cache like the standings: ``check`` counts anew and compares. Of several records of one request the leading
one is counted.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from enum import StrEnum
from heapq import nlargest
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Insert, Select, bindparam, case, delete, func, literal, or_, select, union_all
from sqlalchemy.orm import Session

from db.column_types import UtcTime
from db.database import Lock, advisory_lock, fetch, insert_for, write_rows
from db.domain.dates import new_york_date
from db.models import COUNTED, VERSIONS, CounterRow, CounterVersion, HoldRow, Project, ProjectStatusRow
from db.paging import in_parts
from db.projects.queries import leading
from db.updates.versions import ALL_DAYS, FOREVER, keep_versions

CHUNK = 5_000
SOURCES = 3
LATER = "tallies-later"  # where a session keeps what is counted but not written yet
AS_OF = "as-of"  # where a session that reads the record as it was keeps what was known when, and on which day it stood


class Dimension(StrEnum):
    """Dimension of a counter.

    ``SOURCE``: the updates behind headlines; ``HOLDER``: members with an open hold; ``AS_OF``: days for which sources vouch.
    """

    HEADLINE = "headline"
    GROUP = "group"
    RESPONSE = "response"
    DATA_SET = "data-set"
    LIFT = "lift"
    SOURCE = "source"
    HOLDER = "holder"
    AS_OF = "as-of"


LIFT_REPORTED = "reported"


class CounterKey(NamedTuple):
    """The key of a tally; ``later`` and ``month`` where the exemption's end in that month changes the headline."""

    axis: str
    value: str
    later: str = ""
    month: str = ""


def counters_on(session: Session, today: date) -> dict[Dimension, Counter[str]]:
    """Return the counts of each dimension on ``today`` (New York).

    Of sources, those behind most headlines, most first; of days that are vouched for, the last. A session that reads the
    record as it was known has those kept at the last change, and what ended since; what stood on a day is counted.
    """
    known, on = session.info.get(AS_OF, (None, None))
    found: dict[Dimension, Counter[str]] = {axis: Counter() for axis in Dimension}
    if known:
        version = fetch(session, _KEPT, known=known).first()
        for axis, counts in version.counts.items() if version else ():
            found[Dimension(axis)].update(counts)
        rows = fetch(session, _ENDED, first=version.day, today=today).all() if version else []
    else:
        rows = fetch(session, _TALLIED, month=month_of(today), first=today.replace(day=1), today=today).all()
    for axis, value, number in rows:
        found[Dimension(axis)][value] += number
    return {**found, **_count_statuses(session, None, today)} if on else found


def counters_of(session: Session, projects: Select[int], today: date) -> dict[Dimension, Counter[str]]:
    """Count these projects as ``counters_on`` does all of them, without their holders."""
    found = {axis: Counter[str]() for axis in Dimension} | _count_statuses(session, projects, today)
    for group, data_set, number in session.execute(_GROUPS.where(Project.id.in_(projects))):
        found[Dimension.GROUP][group] += number
        if data_set:
            found[Dimension.DATA_SET][data_set] += number
    return found


def _count_statuses(session: Session, projects: Select[int] | None, today: date) -> dict[Dimension, Counter[str]]:
    """Count what the statuses of these projects, or of all, say, without the names of holders."""
    found: dict[Dimension, Counter[str]] = {axis: Counter() for axis in _OF_STATUS}
    statuses, most = (
        each if projects is None else each.where(_STANDING.project_id.in_(projects)) for each in (_STATUSES_ON, _MOST)
    )
    for headline, response, lift_reported, number, as_of in fetch(session, statuses, today=today):
        found[Dimension.HEADLINE][headline] += number
        found[Dimension.RESPONSE][response] += number
        found[Dimension.LIFT][LIFT_REPORTED] += number * lift_reported
        found[Dimension.AS_OF].update({as_of.isoformat(): number} if as_of else {})
    found[Dimension.AS_OF] = Counter([max(found[Dimension.AS_OF])] if found[Dimension.AS_OF] else [])
    found[Dimension.SOURCE].update({source_value(update): number for update, number in fetch(session, most)})
    return found


@contextmanager
def defer_counters(session: Session, now: datetime) -> Iterator[None]:
    """Write counter changes at the end of the block, since every other writer waits for the counters."""
    change: Counter[CounterKey] = Counter()
    session.info[LATER] = change
    try:
        yield
    finally:
        del session.info[LATER]
    _add(session, change, now)


@contextmanager
def update_counters(
    session: Session, project_ids: Collection[int], tables: Collection[str], now: datetime
) -> Iterator[None]:
    """Bring the counters and versions up to date, at the block's end, with what it changes in these projects' ``tables``."""
    session.flush()
    before = _count(session, project_ids)
    yield
    keep_versions(session, tables, project_ids, now)
    after = _count(session, project_ids)
    after.subtract(before)
    if LATER in session.info:
        session.info[LATER].update(after)
    else:
        _add(session, after, now)


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
    _write(session, _count(session, session.scalars(select(Project.id)).all()))


def counter_versions(session: Session) -> Iterator[dict[str, Any]]:
    """Yield the counters as they were after each change, from the versions of projects and statuses."""
    changes: dict[datetime, Counter[CounterKey]] = defaultdict(Counter)
    changes |= {since: Counter() for since in session.scalars(select(COUNTED.c.since).distinct())}
    for since, until, other_since, other_until, led, *row in session.execute(_STOOD):
        kinds = [] if led else [kind._replace(month=str(row[4] or "")) if kind.later else kind for kind in _kinds(*row)]
        changes[max(since, other_since)].update(kinds)
        changes[min(until, other_until)].subtract(kinds)
    changes.pop(FOREVER, None)
    counted: Counter[CounterKey] = Counter()
    sources, days = Counter[str](), Counter[str]()
    for since in sorted(changes):
        for kind, number in changes[since].items():
            if kind.axis in {Dimension.SOURCE, Dimension.AS_OF}:
                (sources if kind.axis == Dimension.SOURCE else days)[kind.value] += number
            else:
                counted[kind] += number
        day = new_york_date(since)
        counts: dict[str, Counter[str]] = {axis.value: Counter() for axis in Dimension}
        for kind, number in counted.items():
            counts[kind.axis][kind.later if kind.later and kind.month < str(day) else kind.value] += number
        last = max((value for value, number in days.items() if number), default="")
        counts[Dimension.AS_OF] = Counter({last: days[last]})
        most = nlargest(SOURCES, ((number, value) for value, number in sources.items() if number))
        counts[Dimension.SOURCE] = Counter({value: number for number, value in most})
        yield {"since": since, "day": day, "counts": _most_first(counts)}


def _most_first(counts: Mapping[Any, Counter[str]]) -> dict[str, dict[str, int]]:
    """Return the counts as they are kept, without those of nothing."""
    ordered = {axis: sorted(found.items(), key=itemgetter(1, 0), reverse=True) for axis, found in counts.items()}
    return {str(axis): {value: number for value, number in found if number} for axis, found in ordered.items()}


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
        ProjectStatusRow.as_of,
    )
    .join(ProjectStatusRow, ProjectStatusRow.project_id == Project.id)
    .where(leading(Project.id))
)
_STANDING = ProjectStatusRow.__table__.c
_OF_STATUS = (
    Dimension.HEADLINE,
    Dimension.RESPONSE,
    Dimension.LIFT,
    Dimension.AS_OF,
    Dimension.SOURCE,
    Dimension.HOLDER,
)
_ON_DAY = case((_STANDING.ends_on < bindparam("today"), _STANDING.headline_after_end), else_=_STANDING.headline).label(
    "now"
)
_STATUSES_ON = (
    select(_ON_DAY, _STANDING.response, _STANDING.lift_reported, func.count(), func.max(_STANDING.as_of))
    .where(leading(_STANDING.project_id))
    .group_by("now", _STANDING.response, _STANDING.lift_reported)
)
_MOST = (
    select(_STANDING.governing_update_id, func.count())
    .where(_STANDING.governing_update_id.is_not(None), leading(_STANDING.project_id))
    .group_by(_STANDING.governing_update_id)
    .order_by(func.count().desc(), _STANDING.governing_update_id.desc())
    .limit(SOURCES)
)
_GROUPS = (
    select(Project.group, Project.data_set, func.count())
    .where(leading(Project.id))
    .group_by(Project.group, Project.data_set)
)
_HOLDERS = (
    select(HoldRow.project_id, HoldRow.holder)
    .distinct()
    .where(HoldRow.pending, HoldRow.lifted_id.is_(None), leading(HoldRow.project_id))
)


_FIELDS, _STATUSES = (VERSIONS[model.__tablename__].c for model in (Project, ProjectStatusRow))
_STOOD = (
    select(
        *(_FIELDS.since, _FIELDS.until, _STATUSES.since, _STATUSES.until, _FIELDS.same_as_id),
        *(_FIELDS.group, _FIELDS.data_set),
        *(_STATUSES.headline, _STATUSES.headline_after_end, _STATUSES.ends_on, _STATUSES.response),
        *(_STATUSES.lift_reported, _STATUSES.governing_update_id, _STATUSES.as_of),
    )
    .where(_STATUSES.project_id == _FIELDS.id, _STATUSES.to_day == ALL_DAYS[1])
    .where(_FIELDS.since < _STATUSES.until, _STATUSES.since < _FIELDS.until)
)
_ENDED = union_all(
    *(
        select(literal(Dimension.HEADLINE.value), headline, func.count() * sign)
        .where(_STANDING.headline != _STANDING.headline_after_end)
        .where(_STANDING.ends_on >= bindparam("first"), _STANDING.ends_on < bindparam("today"))
        .where(leading(_STANDING.project_id))
        .group_by(headline)
        for headline, sign in ((_STANDING.headline, -1), (_STANDING.headline_after_end, 1))
    )
)
"""What ends have changed from ``first`` until today."""
_KEPT = (
    select(CounterVersion.day, CounterVersion.counts)
    .where(CounterVersion.since <= bindparam("known", type_=UtcTime()))
    .order_by(CounterVersion.since.desc())
    .limit(1)
)


def _tally() -> CompoundSelect[str, str, int]:
    """Return all tallies of few values, the first of the sources, and what this month's ends have changed until today."""
    tally = CounterRow.__table__.c
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
    last = (
        select(tally.axis, tally.value, tally.number)
        .where(tally.axis == Dimension.AS_OF)
        .order_by(tally.value.desc())
        .limit(1)
        .subquery()
    )
    return union_all(few, over, select(most), select(last), *_ENDED.selects)


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
    as_of: date | None,
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
    if as_of:
        yield CounterKey(Dimension.AS_OF.value, as_of.isoformat())


def source_value(update: int) -> str:
    """Return an update's number as a tally's value: as text it sorts as the number does."""
    return f"{update:012}"


def _add(session: Session, change: Counter[CounterKey], now: datetime) -> None:
    """Add to the tallies, and keep what they are from now on.

    One writer at a time: each keeps all counts, and would not see what another has changed and not committed.
    """
    advisory_lock(session, Lock.COUNTERS)
    _write(session, Counter({kind: number for kind, number in change.items() if number}))
    day = new_york_date(now)
    counts = _most_first(counters_on(session, day))
    session.execute(delete(CounterVersion).where(CounterVersion.since >= now))
    write_rows(session, CounterVersion, [{"since": now, "day": day, "counts": counts}])


def _write(session: Session, change: Counter[CounterKey]) -> None:
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
