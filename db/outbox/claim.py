"""Taking rows of the outbox to work on, so that no two senders work on one row.

Each function takes a whole batch in a fixed number of queries, inside the caller's writing transaction. On
PostgreSQL rows that somebody else has locked are passed over; on SQLite a writing transaction is alone. The
statements are built once, over tables: they run for every few messages, and building one takes longer than running it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Executable,
    Row,
    and_,
    bindparam,
    exists,
    func,
    or_,
    select,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.orm import Session

from db.database import fetch
from db.models import Base, Delivery
from db.outbox.deliveries import WORKSPACE_REASONS, DeliveryState, resume_teams

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """Rate limits: least time between two messages of a channel, most messages of a workspace in a minute."""

    channel: timedelta
    workspace_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Lease:
    """Lease: the sender that takes rows (a unique name), when (UTC) and for how long."""

    holder: str
    now: datetime
    length: timedelta

    @property
    def until(self) -> datetime:
        """When it ends (UTC)."""
        return self.now + self.length


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that is ours until ``until`` (UTC); holder and attempt number tell a later claim from this one.

    ``reconciling``: find out whether it was posted, instead of posting it.
    """

    id: int
    team_id: str
    holder: str
    attempt: int
    until: datetime
    reconciling: bool = False


def anything_due(session: Session, now: datetime, settle: timedelta) -> bool:
    """Return True if a claim may find rows; takes no lock."""
    return bool(fetch(session, _ANYTHING, now=now, settled=now - settle).scalar())


def claim_to_send(session: Session, lease: Lease, pace: Pace, limit: int) -> list[Claim]:
    """Take up to ``limit`` rows to post, each the first of its channel.

    Where a workspace's token had stopped everything, a new message sets going again what waited before it.
    Senders that claim in the same instant on PostgreSQL do not see each other's attempts yet, so together
    they may pass the workspace's limit by one batch; the order and the pace of a channel hold always.
    """
    most = pace.workspace_per_minute
    room = {} if most is None else _room(session, lease.now, most)
    full = [team_id for team_id, left in room.items() if left <= 0]
    which = {"now": lease.now, "since": lease.now - pace.channel, "full": full, "limit": limit}
    found = fetch(session, _CLAIMABLE, **which).all()
    if not found and fetch(session, _STOPPED, now=lease.now).scalar():
        resume_teams(session, _TEAMS.params(now=lease.now), lease.now)
        found = fetch(session, _CLAIMABLE, **which).all()
    taken: Counter[str] = Counter()
    claims = []
    for row in found:
        taken[row.team_id] += 1
        if most is None or taken[row.team_id] <= room.get(row.team_id, most):
            claims.append(Claim(row.id, row.team_id, lease.holder, row.attempts + 1, lease.until))
    _take(session, _SEND, claims, lease, now=lease.now)
    return claims


def claim_to_reconcile(session: Session, lease: Lease, settle: timedelta, limit: int) -> list[Claim]:
    """Take up to ``limit`` rows of which nobody knows whether they were posted; they become uncertain.

    These are uncertain rows that are due, and rows whose lease ended at least ``settle`` ago.
    """
    rows = fetch(session, _DOUBTFUL, now=lease.now, settled=lease.now - settle, limit=limit).all()
    _mark_cancelled(session, rows)
    claims = [Claim(row.id, row.team_id, lease.holder, row.attempts, lease.until, reconciling=True) for row in rows]
    _take(session, _RESOLVE, claims, lease)
    return claims


def _mark_cancelled(session: Session, rows: Sequence[Row[Any]]) -> None:
    for row in rows:
        if row.state == DeliveryState.CANCELLED:
            delivery = session.get_one(Delivery, row.id)
            delivery.about = {**delivery.about, "cancelled": True}


def _take(session: Session, prepared: Executable, claims: list[Claim], lease: Lease, **values: Any) -> None:
    if claims:
        ids = [claim.id for claim in claims]
        fetch(session, prepared, ids=ids, holder=lease.holder, until=lease.until, **values)


def _room(session: Session, now: datetime, most: int) -> dict[str, int]:
    """For each workspace that has attempts in the last minute and rows waiting how many more it may have."""
    found = fetch(session, _ATTEMPTS, now=now, since=now - MINUTE)
    return {team_id: most - number for team_id, number in found}


def _ended(rows: Any) -> ColumnElement[bool]:
    """Return the condition of an ended lease; a row cancelled while being sent keeps its own."""
    return and_(rows.leased_until <= bindparam("settled"))


def _unknown(rows: Any) -> ColumnElement[bool]:
    free = or_(rows.leased_by.is_(None), rows.leased_until <= _NOW)
    return and_(rows.state == "uncertain", rows.due_at <= _NOW, free)


OUTBOX = Base.metadata.tables[Delivery.__tablename__]
_ROWS = OUTBOX.c
_NOW = bindparam("now", type_=_ROWS.due_at.type)
_DUE = and_(_ROWS.state == "pending", _ROWS.due_at <= _NOW)
_UNSETTLED = or_(_ended(_ROWS), _unknown(_ROWS))
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
    .where(_ROWS.team_id.in_(_TEAMS), _ROWS.attempted_at > bindparam("since"))
    .group_by(_ROWS.team_id)
)

_QUEUED, _IN_HAND = OUTBOX.alias("queued").c, OUTBOX.alias("in_hand").c
_UNDONE = union_all(
    select(_QUEUED.id, _QUEUED.team_id, _QUEUED.channel_id).where(
        _QUEUED.state.in_(["pending", "sending", "uncertain"])
    ),
    select(_IN_HAND.id, _IN_HAND.team_id, _IN_HAND.channel_id).where(_IN_HAND.leased_until.is_not(None)),
).subquery("undone")
"""Rows that wait or are under way, cancelled ones among them; two questions, for each has an index of its own."""

_HEADS = select(func.min(_UNDONE.c.id)).group_by(_UNDONE.c.team_id, _UNDONE.c.channel_id)
"""The first row of each channel that is not done."""

_RECENT = OUTBOX.alias("recent").c
_PACED = select(_RECENT.team_id, _RECENT.channel_id).where(
    _RECENT.team_id.in_(_TEAMS), _RECENT.attempted_at > bindparam("since")
)
"""Channels that had a message just now. The workspaces are there for the index."""

_CLAIMABLE = (
    select(_ROWS.id, _ROWS.team_id, _ROWS.attempts)
    .where(
        ~_IS_STOPPED,  # what waited goes on first, before anything is locked
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
_IN_DOUBT = union_all(select(_ENDED.id).where(_ended(_ENDED)), select(_UNKNOWN.id).where(_unknown(_UNKNOWN)))
_DOUBTFUL = (
    select(_ROWS.id, _ROWS.team_id, _ROWS.attempts, _ROWS.state)
    .where(_UNSETTLED, _ROWS.id.in_(_IN_DOUBT))  # the first, which alone would read all rows, is asked anew once locked
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
