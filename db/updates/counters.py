"""Counters of projects, a cache like the standings, so that no answer counts; of one request the leading record is in."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from enum import StrEnum
from heapq import nlargest
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import (
    CompoundSelect,
    Date,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from db.column_types import UtcTime
from db.database import Lock, advisory_lock, fetch, insert_for, write_rows
from db.domain.dates import new_york_date
from db.models import COUNTED, VERSIONS, CounterRow, CounterVersion, DayCounter, HoldRow, Project, ProjectStatusRow
from db.paging import in_parts
from db.projects.queries import leading
from db.updates.versions import ALL_DAYS, ALWAYS, FOREVER, keep_versions

CHUNK = 5_000
SOURCES = 3
ONE_DAY = timedelta(days=1)
SKEW = timedelta(days=7)  # by which a clock may have been ahead when an update was recorded
LATER = "tallies-later"  # where a session keeps what is counted but not written yet
AS_OF = "as-of"  # where a session that reads the record as it was keeps what was known when, and on which day it stood


class Dimension(StrEnum):
    """Dimension of a counter.

    ``SOURCE``: the updates behind headlines, each after the day for which its source vouches (``SourceKey``); ``AS_OF``: the
    years of these days; ``HOLDER``: members with an open hold.
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


class SourceKey(NamedTuple):
    """The update behind a headline, and the newest day for which its sources vouch; as text it sorts as these do."""

    as_of: date
    update: int

    def __str__(self) -> str:
        return f"{self.as_of} {self.update:012}"

    @classmethod
    def parse(cls, value: str) -> "SourceKey":
        day, update = value.split()
        return cls(date.fromisoformat(day), int(update))


class CounterKey(NamedTuple):
    """The key of a tally; ``later`` and ``month`` where the exemption's end in that month changes the headline."""

    axis: str
    value: str
    later: str = ""
    month: str = ""


class DayKey(NamedTuple):
    """The key of a change of a tally in a ``period``: a day (2026-05-14), or a month or year that sums up its days."""

    axis: str
    level: str
    period: str
    value: str


def counters_on(session: Session, today: date) -> dict[Dimension, Counter[str]]:
    """Return the counts of each dimension on ``today`` (New York); of sources, only the newest.

    A session that reads the record as it was known has those kept at the last change, and what has changed from the day
    of that change to ``today``. One that reads a day as it is known now has the sum of all changes until then.
    """
    known, on = session.info.get(AS_OF, (None, None))
    found: dict[Dimension, Counter[str]] = {axis: Counter() for axis in Dimension}
    if known:
        version = fetch(session, _KEPT, known=known).first()
        for axis, counts in version.counts.items() if version else ():
            found[Dimension(axis)].update(counts)
        if version and on:
            _move(session, found, known, on, version.day)
        rows = fetch(session, _ENDED, first=version.day, today=today).all() if version and not on else []
    elif on:
        rows = fetch(session, _UNTIL, **{level: str(on)[:length] for level, length in _LEVELS.items()}).all()
    else:
        rows = fetch(session, _TALLIED, month=month_of(today), first=today.replace(day=1), today=today).all()
    for axis, value, number in rows:
        found[Dimension(axis)][value] += number
    if on:
        years = (int(year) for year, number in found[Dimension.AS_OF].items() if number > 0)
        last = new_york_date(known) + SKEW if known else date(max(years, default=1), 12, 31)
        newest = fetch(session, _NEWEST_ON, known=known or ALWAYS, on=on, last=last)
        found[Dimension.SOURCE] = Counter(str(SourceKey(*row)) for row in newest)
    return found


def _move(
    session: Session, found: Mapping[Dimension, Counter[str]], known: datetime, on: date, counted_on: date
) -> None:
    """Turn the counts of all that was known at a time, on the day of the last change, into those of what stood ``on``."""
    first, last = sorted([on, counted_on])
    top = max(last, new_york_date(known)) + SKEW
    moved = fetch(session, _MOVED, known=known, on=on, counted_on=counted_on, top=top, first=first, last=last)
    for stood, stands, before, after, response, lift_reported, number in moved:
        for headline, sign in ((before, -number * stood), (after, number * stands)):
            found[Dimension.HEADLINE][headline] += sign
            found[Dimension.RESPONSE][response] += sign
            found[Dimension.LIFT][LIFT_REPORTED] += sign * lift_reported


def counters_of(session: Session, projects: Select[int], today: date) -> dict[Dimension, Counter[str]]:
    """Count these projects as ``counters_on`` does all of them, without their holders."""
    found: dict[Dimension, Counter[str]] = {axis: Counter() for axis in Dimension}
    statuses, newest = (each.where(_STANDING.project_id.in_(projects)) for each in (_STATUSES_ON, _NEWEST))
    for headline, response, lift_reported, number in fetch(session, statuses, today=today):
        found[Dimension.HEADLINE][headline] += number
        found[Dimension.RESPONSE][response] += number
        found[Dimension.LIFT][LIFT_REPORTED] += number * lift_reported
    found[Dimension.SOURCE].update(str(SourceKey(*row)) for row in fetch(session, newest))
    for group, data_set, number in session.execute(_GROUPS.where(Project.id.in_(projects))):
        found[Dimension.GROUP][group] += number
        if data_set:
            found[Dimension.DATA_SET][data_set] += number
    return found


@contextmanager
def defer_counters(session: Session, now: datetime) -> Iterator[None]:
    """Write counter changes at the end of the block, since every other writer waits for the counters."""
    change: Counter[CounterKey | DayKey] = Counter()
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
    return str(day)[:7]  # four digits of the year, also of the first


def tally_findings(session: Session) -> list[str]:
    """Return a sentence for every tally that is not what counting gives."""
    stored = {
        key(*values): number
        for table, key in _TABLES.items()
        for *values, number in session.execute(select(*(getattr(table, each) for each in (*key._fields, "number"))))
    }
    actual = _count(session, session.scalars(select(Project.id)).all())
    return [
        f"the tally of {' '.join(filter(None, kind))} says {stored.get(kind, 0)}, there are {actual[kind]}"
        for kind in sorted({*stored, *actual})
        if stored.get(kind, 0) != actual[kind]
    ]


def rebuild_tallies(session: Session) -> None:
    for table in _TABLES:
        session.execute(delete(table))
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
    sources = Counter[str]()
    for since in sorted(changes):
        for kind, number in changes[since].items():
            if kind.axis == Dimension.SOURCE:
                sources[kind.value] += number
            else:
                counted[kind] += number
        day = new_york_date(since)
        counts: dict[str, Counter[str]] = {axis.value: Counter() for axis in Dimension}
        for kind, number in counted.items():
            counts[kind.axis][kind.later if kind.later and kind.month < str(day) else kind.value] += number
        newest = nlargest(SOURCES, (value for value, number in sources.items() if number))
        counts[Dimension.SOURCE] = Counter({value: sources[value] for value in newest})
        yield {"since": since, "day": day, "counts": _most_first(counts)}


def _most_first(counts: Mapping[Any, Counter[str]]) -> dict[str, dict[str, int]]:
    """Return the counts as they are kept, without those of nothing."""
    ordered = {axis: sorted(found.items(), key=itemgetter(1, 0), reverse=True) for axis, found in counts.items()}
    return {str(axis): {value: number for value, number in found if number} for axis, found in ordered.items()}


def _count(session: Session, project_ids: Collection[int]) -> Counter[CounterKey | DayKey]:
    found: Counter[CounterKey | DayKey] = Counter()
    for part in in_parts(project_ids, CHUNK):
        for row in session.execute(_STANDINGS.where(Project.id.in_(part))):
            found.update(_kinds(*row))
        for status in session.execute(_DAYS.where(_STATUSES.project_id.in_(part))):
            for day, dimension, value, sign in _changes(*status):
                for level, length in _LEVELS.items():
                    found[DayKey(dimension.value, level, str(day)[:length], value)] += sign
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
_ON_DAY = case((_STANDING.ends_on < bindparam("today"), _STANDING.headline_after_end), else_=_STANDING.headline).label(
    "now"
)
_STATUSES_ON = (
    select(_ON_DAY, _STANDING.response, _STANDING.lift_reported, func.count())
    .where(leading(_STANDING.project_id))
    .group_by("now", _STANDING.response, _STANDING.lift_reported)
)
_NEWEST = (
    select(_STANDING.as_of, _STANDING.governing_update_id)
    .distinct()
    .where(_STANDING.governing_update_id.is_not(None), leading(_STANDING.project_id))
    .order_by(_STANDING.as_of.desc(), _STANDING.governing_update_id.desc())
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
_AT = bindparam("known", type_=UtcTime())
_ON = bindparam("on", type_=Date())
_KNOWN = and_(_STATUSES.since <= _AT, _STATUSES.until > _AT, leading(_STATUSES.project_id))
_NEWEST_ON = (
    select(_STATUSES.as_of, _STATUSES.governing_update_id)
    .distinct()
    .where(
        _KNOWN, _STATUSES.from_day <= _ON, _STATUSES.to_day > _ON, _STATUSES.as_of <= bindparam("last", type_=Date())
    )
    .order_by(_STATUSES.as_of.desc(), _STATUSES.governing_update_id.desc())
    .limit(SOURCES)
)
_COUNTED_ON = bindparam("counted_on", type_=Date())
_MOVED = (
    select(
        (_STATUSES.to_day == ALL_DAYS[1]).label("stood"),
        and_(_STATUSES.from_day <= _ON, _STATUSES.to_day > _ON).label("stands"),
        *(
            case((_STATUSES.ends_on < day, _STATUSES.headline_after_end), else_=_STATUSES.headline).label(name)
            for name, day in (("before", _COUNTED_ON), ("after", _ON))
        ),
        *(_STATUSES.response, _STATUSES.lift_reported, func.count()),
    )
    .where(_KNOWN)
    .where(
        or_(
            and_(_STATUSES.from_day > _ON, _STATUSES.from_day <= bindparam("top")),
            and_(_STATUSES.to_day > _ON, _STATUSES.to_day <= bindparam("top")),
            _STATUSES.ends_on.between(bindparam("first"), bindparam("last")),
        )
    )
    .group_by("stood", "stands", "before", "after", _STATUSES.response, _STATUSES.lift_reported)
)
"""The statuses of which another stood on a day than at the end, or the same with another headline."""
_DAYS = select(
    *(_STATUSES.from_day, _STATUSES.to_day, _STATUSES.headline, _STATUSES.headline_after_end, _STATUSES.ends_on),
    *(_STATUSES.response, _STATUSES.lift_reported, _STATUSES.as_of),
).where(_STATUSES.until == FOREVER, leading(_STATUSES.project_id))
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
    .where(CounterVersion.since <= _AT)
    .order_by(CounterVersion.since.desc())
    .limit(1)
)


def _tally() -> CompoundSelect[str, str, int]:
    """Return all tallies of few values, the newest sources, and what this month's ends have changed until today."""
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
    newest = (
        select(tally.axis, tally.value, tally.number)
        .where(tally.axis == Dimension.SOURCE)
        .order_by(tally.value.desc())
        .limit(SOURCES)
        .subquery()
    )
    return union_all(few, over, select(newest), *_ENDED.selects)


_TALLIED = _tally()
_LEVELS = {"year": 4, "month": 7, "day": 10}  # how much of a day's text is the period's
_BY_DAY = (Dimension.HEADLINE, Dimension.RESPONSE, Dimension.LIFT, Dimension.AS_OF)
_UNTIL = union_all(
    select(CounterRow.axis, CounterRow.value, CounterRow.number).where(
        CounterRow.axis.in_([Dimension.GROUP, Dimension.DATA_SET])
    ),
    *(
        select(DayCounter.axis, DayCounter.value, func.sum(DayCounter.number))
        .where(DayCounter.axis.in_(_BY_DAY), DayCounter.level == level, periods)
        .group_by(DayCounter.axis, DayCounter.value)
        for level, periods in (
            ("year", DayCounter.period < bindparam("year")),
            ("month", and_(DayCounter.period >= bindparam("year"), DayCounter.period < bindparam("month"))),
            ("day", and_(DayCounter.period >= bindparam("month"), DayCounter.period <= bindparam("day"))),
        )
    ),
)
"""The sums of all changes until a day, and what has none."""


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
    if governing is not None and as_of:
        yield CounterKey(Dimension.SOURCE.value, str(SourceKey(as_of, governing)))


def _changes(
    from_day: date,
    to_day: date,
    headline: str,
    later: str,
    ends_on: date | None,
    response: str,
    lift_reported: bool,
    as_of: date | None,
) -> Iterator[tuple[date, Dimension, str, int]]:
    """Yield what a status changes in the counts on each day: it adds when it begins and takes away when it ends."""
    turns = to_day if ends_on is None or ends_on >= to_day else max(ends_on + ONE_DAY, from_day)
    stood = [
        (Dimension.HEADLINE, headline, from_day, turns),
        (Dimension.HEADLINE, later, turns, to_day),
        (Dimension.RESPONSE, response, from_day, to_day),
        *([(Dimension.LIFT, LIFT_REPORTED, from_day, to_day)] if lift_reported else ()),
        *([(Dimension.AS_OF, str(as_of.year), from_day, to_day)] if as_of else ()),
    ]
    for dimension, value, begin, end in stood:
        if begin < end:
            yield begin, dimension, value, 1
            if end < ALL_DAYS[1]:
                yield end, dimension, value, -1


def _add(session: Session, change: Counter[CounterKey | DayKey], now: datetime) -> None:
    """Add to the tallies and keep what they are from now on; one writer at a time, as each keeps all counts."""
    advisory_lock(session, Lock.COUNTERS)
    _write(session, Counter({kind: number for kind, number in change.items() if number}))
    day = new_york_date(now)
    counts = _most_first(counters_on(session, day))
    session.execute(delete(CounterVersion).where(CounterVersion.since >= now))
    write_rows(session, CounterVersion, [{"since": now, "day": day, "counts": counts}])


def _write(session: Session, change: Counter[CounterKey | DayKey]) -> None:
    """Add to the tallies, always in the same order, so that two who do so at once do not wait for each other."""
    for table, key in _TABLES.items():
        rows = [{**kind._asdict(), "number": change[kind]} for kind in sorted(change) if isinstance(kind, key)]
        if not rows:
            continue
        row = insert_for(session)(table)
        added = row.on_conflict_do_update(
            index_elements=key._fields, set_={"number": table.number + row.excluded.number}
        )
        session.connection().execute(added, rows)
        ended = (getattr(table, name).in_({each[name] for each in rows}) for name in key._fields)
        session.execute(delete(table).where(table.number == 0, *ended).execution_options(synchronize_session=False))


_TABLES: dict[Any, type[CounterKey] | type[DayKey]] = {CounterRow: CounterKey, DayCounter: DayKey}
