"""Claims on outbox rows: each row is leased to one sender at a time.

Each function claims a batch in a fixed number of queries, inside the caller's writing transaction. PostgreSQL skips
rows locked by others; SQLite has a single writer. The statements are built once, over tables: they run for every few
messages, and building one takes longer than running it.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Executable, and_, bindparam, exists, func, or_, select, tuple_, union_all, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from db.database import fetch
from db.models import Base, Delivery
from db.outbox.deliveries import WORKSPACE_REASONS, DeliveryState, resume_team, set_flags

MINUTE = timedelta(minutes=1)
LONGEST_LEASE = timedelta(minutes=5)  # far more than any sender takes

OUTBOX = Base.metadata.tables[Delivery.__tablename__]
_ROWS = OUTBOX.c
_NOW = bindparam("now", type_=_ROWS.due_at.type)
_Columns = ReadOnlyColumnCollection[str, Any]


def _lease_ended(rows: _Columns) -> ColumnElement[bool]:
    # Also true of a row cancelled while being sent, which keeps its lease until its outcome is known.
    return and_(rows.leased_until <= bindparam("settled"))


def _uncertain(rows: _Columns) -> ColumnElement[bool]:
    free = or_(rows.leased_by.is_(None), rows.leased_until <= _NOW)
    return and_(rows.state == "uncertain", rows.due_at <= _NOW, free)


_DUE = and_(_ROWS.state == "pending", _ROWS.due_at <= _NOW)
_UNSETTLED = or_(_lease_ended(_ROWS), _uncertain(_ROWS))
_ANYTHING = select(exists().where(or_(_DUE, _UNSETTLED)))

_WAITING = OUTBOX.alias("waiting").c
_TEAMS = select(_WAITING.team_id).distinct().where(_WAITING.state == "pending", _WAITING.due_at <= _NOW)
_STILL = OUTBOX.alias("still").c
_IS_STOPPED = exists().where(
    _STILL.state == "blocked", _STILL.reason.in_(sorted(WORKSPACE_REASONS)), _STILL.team_id.in_(_TEAMS)
)
_STOPPED = select(_IS_STOPPED)
_ATTEMPTS = (
    select(_ROWS.team_id, func.count())
    .where(_ROWS.team_id.in_(_TEAMS), _ROWS.attempted_at > bindparam("since"), _ROWS.attempted_at <= bindparam("soon"))
    .group_by(_ROWS.team_id)
)

_QUEUED, _IN_HAND = OUTBOX.alias("queued").c, OUTBOX.alias("in_hand").c
# Rows that wait or are in progress, cancelled ones included; two queries, because each has an index of its own.
_UNDONE = union_all(
    select(_QUEUED.id, _QUEUED.team_id, _QUEUED.channel_id).where(
        _QUEUED.state.in_(["pending", "sending", "uncertain"])
    ),
    select(_IN_HAND.id, _IN_HAND.team_id, _IN_HAND.channel_id).where(_IN_HAND.leased_until.is_not(None)),
).subquery("undone")
# The first unfinished row of each channel.
_HEADS = select(func.min(_UNDONE.c.id)).group_by(_UNDONE.c.team_id, _UNDONE.c.channel_id)
_RECENT = OUTBOX.alias("recent").c
# Channels that had a message just now, limited by workspace to use the index.
_PACED = select(_RECENT.team_id, _RECENT.channel_id).where(
    _RECENT.team_id.in_(_TEAMS),
    _RECENT.attempted_at > bindparam("since"),
    _RECENT.attempted_at <= bindparam("soon"),  # what a wrong clock wrote down does not count
)
_CLAIMABLE = (
    select(_ROWS.id, _ROWS.team_id, _ROWS.attempts)
    .where(
        ~_IS_STOPPED,  # blocked rows are resumed first, before anything is locked
        _DUE,
        _ROWS.id.in_(_HEADS),
        tuple_(_ROWS.team_id, _ROWS.channel_id).not_in(_PACED),
        _ROWS.team_id.not_in(bindparam("full", expanding=True)),
    )
    .order_by(_ROWS.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
_ENDED, _UNKNOWN = OUTBOX.alias("ended").c, OUTBOX.alias("unknown").c
_CANDIDATES = union_all(select(_ENDED.id).where(_lease_ended(_ENDED)), select(_UNKNOWN.id).where(_uncertain(_UNKNOWN)))
_DOUBTFUL = (
    select(_ROWS.id, _ROWS.team_id, _ROWS.attempts, _ROWS.state)
    # _CANDIDATES uses the indexes; _UNSETTLED alone would read all rows, but is evaluated again once a row is locked.
    .where(_UNSETTLED, _ROWS.id.in_(_CANDIDATES))
    .order_by(_ROWS.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

_LEASED = (
    update(OUTBOX)
    .where(_ROWS.id.in_(bindparam("ids", expanding=True)))
    .values(leased_by=bindparam("holder"), leased_until=bindparam("until"))
)
_SEND = _LEASED.values(state="sending", attempted_at=_NOW, attempts=_ROWS.attempts + 1)
_RESOLVE = _LEASED.values(state="uncertain")


@dataclass(frozen=True, slots=True)
class Pace:
    """Rate limits: minimum interval between messages of a channel, maximum messages of a workspace per minute."""

    channel: timedelta
    workspace_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease on rows: the sender's unique name, start (UTC) and length."""

    holder: str
    now: datetime
    length: timedelta

    @property
    def until(self) -> datetime:
        return self.now + self.length


@dataclass(frozen=True, slots=True)
class Claim:
    """A row leased until ``until`` (UTC), as attempt ``attempt``; ``reconciling``: find out if it was posted."""

    id: int
    team_id: str
    holder: str
    attempt: int
    until: datetime
    reconciling: bool = False


def anything_due(session: Session, now: datetime, settle: timedelta) -> bool:
    """Return True if there may be something to claim; takes no lock."""
    return bool(fetch(session, _ANYTHING, now=now, settled=now - settle).scalar())


def reconsider_future(session: Session, now: datetime) -> None:
    """Make due what a clock that was ahead put off, and end the leases that it gave."""
    soon = now + MINUTE
    ahead = or_(_ROWS.created_at > soon, _ROWS.attempted_at > soon)
    open_rows = and_(_ROWS.state.in_(["pending", "uncertain"]), _ROWS.due_at > soon)
    session.execute(update(OUTBOX).where(open_rows, ahead).values(due_at=now))
    session.execute(update(OUTBOX).where(_ROWS.leased_until > now + LONGEST_LEASE).values(leased_until=now))


def claim_to_send(session: Session, lease: Lease, pace: Pace, limit: int) -> list[Claim]:
    """Claim up to ``limit`` rows to post, each the first of its channel.

    If a workspace's rows were blocked by its token, a new message resumes those before it. Senders that claim at the
    same instant on PostgreSQL do not see each other's attempts, so together they may exceed the workspace's limit by
    one batch; the order and interval within a channel always hold.
    """
    maximum = pace.workspace_per_minute
    remaining: dict[str, int] = {}  # attempts, by workspace that had some in the last minute and has rows waiting
    if maximum is not None:
        attempts = fetch(session, _ATTEMPTS, now=lease.now, since=lease.now - MINUTE, soon=lease.now + MINUTE)
        remaining = {team_id: maximum - number for team_id, number in attempts}
    full = [team_id for team_id, number in remaining.items() if number <= 0]
    params: dict[str, object] = {"now": lease.now, "since": lease.now - pace.channel, "soon": lease.now + MINUTE}
    params |= {"full": full, "limit": limit}
    rows = fetch(session, _CLAIMABLE, **params).all()
    if not rows and fetch(session, _STOPPED, now=lease.now).scalar():
        resume_team(session, _TEAMS.params(now=lease.now), lease.now)
        rows = fetch(session, _CLAIMABLE, **params).all()
    claimed: Counter[str] = Counter()
    claims = []
    for row in rows:
        claimed[row.team_id] += 1
        if maximum is None or claimed[row.team_id] <= remaining.get(row.team_id, maximum):
            claims.append(Claim(row.id, row.team_id, lease.holder, row.attempts + 1, lease.until))
    _lease_rows(session, _SEND, claims, lease, now=lease.now)
    return claims


def claim_to_reconcile(session: Session, lease: Lease, settle: timedelta, limit: int) -> list[Claim]:
    """Claim up to ``limit`` uncertain rows that are due, and rows whose lease ended ``settle`` ago, which become so."""
    rows = fetch(session, _DOUBTFUL, now=lease.now, settled=lease.now - settle, limit=limit).all()
    for row in rows:
        if row.state == DeliveryState.CANCELLED:  # a state that "uncertain" is about to replace
            set_flags(session.get_one(Delivery, row.id), cancelled=True)
    claims = [Claim(row.id, row.team_id, lease.holder, row.attempts, lease.until, reconciling=True) for row in rows]
    _lease_rows(session, _RESOLVE, claims, lease)
    return claims


def _lease_rows(session: Session, statement: Executable, claims: list[Claim], lease: Lease, **params: datetime) -> None:
    if claims:
        ids = [claim.id for claim in claims]
        fetch(session, statement, ids=ids, holder=lease.holder, until=lease.until, **params)
