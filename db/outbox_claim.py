"""Taking rows of the outbox to work on, so that no two senders work on one row.

Each function takes a whole batch in a fixed number of queries, inside the caller's writing transaction. On
PostgreSQL rows that somebody else has locked are passed over; on SQLite a writing transaction is alone.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, tuple_, update
from sqlalchemy.orm import Session, aliased

from db.database import lock_rows
from db.models import Delivery
from db.outbox import DeliveryState, resume_teams

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast messages may go: the least time between two of a channel, a workspace's most in a minute."""

    channel: timedelta
    workspace_per_minute: int | None


@dataclass(frozen=True, slots=True)
class Lease:
    """Who takes rows (a name that no other sender has), when (UTC) and for how long."""

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

    ``resolving``: find out whether it was posted, instead of posting it.
    """

    id: int
    team_id: str
    holder: str
    attempt: int
    until: datetime
    resolving: bool = False


def anything_due(session: Session, now: datetime, settle: timedelta) -> bool:
    """Whether a claim may find something; a look that takes no lock."""
    query = select(exists().where(or_(_due(now), _unsettled(now, settle))))
    return bool(session.scalar(query))


def claim_to_send(session: Session, lease: Lease, pace: Pace, limit: int) -> list[Claim]:
    """Take up to ``limit`` rows to post, each the first of its channel.

    Where a workspace's token had stopped everything, a new message sets going again what waited before it.
    Senders that claim in the same instant on PostgreSQL do not see each other's attempts yet, so together
    they may pass the workspace's limit by one batch; the order and the pace of a channel hold always.
    """
    resume_teams(session, _teams_waiting(lease.now), lease.now)
    most = pace.workspace_per_minute
    room = {} if most is None else _room(session, lease.now, most)
    full = [team_id for team_id, left in room.items() if left <= 0]
    query = _claimable(lease.now, pace.channel).where(Delivery.team_id.not_in(full)).limit(limit)
    taken: Counter[str] = Counter()
    claims = []
    for row in session.scalars(lock_rows(session, query, skip=True)):
        taken[row.team_id] += 1
        if most is None or taken[row.team_id] <= room.get(row.team_id, most):
            claims.append(Claim(row.id, row.team_id, lease.holder, row.attempts + 1, lease.until))
    _take(session, claims, lease, state=DeliveryState.SENDING, attempted_at=lease.now, attempts=Delivery.attempts + 1)
    return claims


def claim_to_resolve(session: Session, lease: Lease, settle: timedelta, limit: int) -> list[Claim]:
    """Take up to ``limit`` rows of which nobody knows whether they were posted; they become uncertain.

    These are uncertain rows that are due, and rows whose lease ended at least ``settle`` ago.
    """
    query = select(Delivery).where(_unsettled(lease.now, settle)).order_by(Delivery.id).limit(limit)
    rows = session.scalars(lock_rows(session, query, skip=True)).all()
    for row in rows:
        if row.state == DeliveryState.CANCELLED:
            row.about = {**row.about, "cancelled": True}
    session.flush()
    claims = [Claim(row.id, row.team_id, lease.holder, row.attempts, lease.until, resolving=True) for row in rows]
    _take(session, claims, lease, state=DeliveryState.UNCERTAIN)
    return claims


def _take(session: Session, claims: list[Claim], lease: Lease, **values: Any) -> None:
    if claims:
        session.execute(
            update(Delivery)
            .where(Delivery.id.in_([claim.id for claim in claims]))
            .values(leased_by=lease.holder, leased_until=lease.until, **values)
            .execution_options(synchronize_session=False)
        )


def _due(now: datetime) -> ColumnElement[bool]:
    return and_(Delivery.state == DeliveryState.PENDING, Delivery.due_at <= now)


def _unsettled(now: datetime, settle: timedelta) -> ColumnElement[bool]:
    # A row that was cancelled while it was being sent keeps its lease until somebody knows what came of it.
    abandoned = and_(
        Delivery.state.in_([DeliveryState.SENDING, DeliveryState.CANCELLED]),
        Delivery.leased_by.is_not(None),
        Delivery.leased_until <= now - settle,
    )
    return or_(
        abandoned,
        and_(
            Delivery.state == DeliveryState.UNCERTAIN,
            Delivery.due_at <= now,
            or_(Delivery.leased_by.is_(None), Delivery.leased_until <= now),
        ),
    )


def _claimable(now: datetime, gap: timedelta) -> Select[Delivery]:
    """Rows that are due, are the first of their channel that is not done, and keep its pace."""
    first, recent = aliased(Delivery), aliased(Delivery)
    unfinished = or_(
        first.state.in_([DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN]),
        and_(first.state == DeliveryState.CANCELLED, first.leased_by.is_not(None)),
    )
    heads = select(func.min(first.id)).where(unfinished).group_by(first.team_id, first.channel_id)
    # Slack counted the message some time between the attempt and its answer: the gap must be past since both.
    # The workspace and the last minute are there for the index, or a channel's whole past would be read.
    paced = select(recent.team_id, recent.channel_id).where(
        recent.team_id.in_(_teams_waiting(now)),
        recent.attempted_at > now - gap - MINUTE,
        or_(recent.attempted_at > now - gap, recent.sent_at > now - gap),
    )
    return (
        select(Delivery)
        .where(_due(now), Delivery.id.in_(heads), tuple_(Delivery.team_id, Delivery.channel_id).not_in(paced))
        .order_by(Delivery.id)
    )


def _teams_waiting(now: datetime) -> Select[str]:
    waiting = aliased(Delivery)
    return select(waiting.team_id).distinct().where(waiting.state == DeliveryState.PENDING, waiting.due_at <= now)


def _room(session: Session, now: datetime, most: int) -> dict[str, int]:
    """For each workspace that has attempts in the last minute and rows waiting how many more it may have."""
    query = (
        select(Delivery.team_id, func.count())
        .where(Delivery.team_id.in_(_teams_waiting(now)), Delivery.attempted_at > now - MINUTE)
        .group_by(Delivery.team_id)
    )
    return {team_id: most - number for team_id, number in session.execute(query)}
