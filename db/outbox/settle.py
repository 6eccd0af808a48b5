"""Storing what came of rows that were claimed, many in one transaction, and telling people where they stopped.

A row is changed only while the claim still holds. A claim may be lost to time (its lease ended and another
sender took the row) but not to a cancellation: who cancels a row (``db.outbox.deliveries.cancel``) changes its state and
reason alone and leaves ``leased_by``, ``leased_until`` and ``attempts``. If such a row was posted after all,
it is stored as sent, with its ts; the edit or thread note that the canceller adds then finds its message,
because rows of a channel wait until no earlier one is under way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, select, update
from sqlalchemy.orm import Session

from db.database import fetch, lock_rows
from db.models import Delivery, Notice, Subscription
from db.outbox.claim import OUTBOX, Claim
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.outbox.failure_notices import BLOCKED, notify_failure, queue_notice


class OutcomeKind(StrEnum):
    """Outcome of one attempt to post a row, or to find out if it was posted."""

    SENT = "sent"
    RETRY_LATER = "later"
    UNCERTAIN = "uncertain"
    NOT_POSTED = "absent"
    HISTORY_UNREADABLE = "unreadable"
    BLOCKED = "blocked"
    BLOCKED_WITH_TARGET = "blocked-with-target"
    WORKSPACE_BLOCKED = "workspace-blocked"
    BAD_BLOCKS = "bad-blocks"
    FAILED = "failed"
    CANCELLED = "cancelled"


AFFECTS_OTHER_ROWS = frozenset(
    {OutcomeKind.BLOCKED, OutcomeKind.WORKSPACE_BLOCKED, OutcomeKind.BAD_BLOCKS, OutcomeKind.FAILED}
)
"""What may change other rows than its own; stored alone, it waits for nobody who waits for a row stored with it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its details.

    ``reason``: Slack's error code or a few words. ``channel_id``, ``ts``, ``thread_ts``: where the message
    stands, as Slack said. ``seconds``: how long to wait before the next try (LATER).
    """

    verdict: OutcomeKind
    reason: str = ""
    channel_id: str = ""
    ts: str = ""
    thread_ts: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class SettleOptions:
    """When Slack answered (UTC), how long an uncertain row then rests, and the workspace's admins.

    ``gather``: how long a notice of a failure waits for more failures.
    """

    now: datetime
    settle: timedelta
    admins: tuple[str, ...] = ()
    gather: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of a claim, and how it is stored."""

    claim: Claim
    outcome: Outcome
    terms: SettleOptions


def settle(session: Session, results: Sequence[Result]) -> list[Claim]:
    """Store what came of each claim and end its lease.

    Returns the claims that no longer held, of which nothing is changed.
    """
    found = {row.id: row for row in fetch(session, _HELD, ids=[result.claim.id for result in results])}
    lost, plain = [], []
    for result in results:
        row = found.get(result.claim.id)
        if row is None or (row.leased_by, row.attempts) != (result.claim.holder, result.claim.attempt):
            lost.append(result.claim)
        elif _is_plain(row, result.outcome):
            plain.append(_as_sent(result))
        else:
            _settle(session, session.get_one(Delivery, row.id), result)
    if plain:
        session.execute(_SENT, plain)
    return lost


def _is_plain(row: Row[Any], outcome: Outcome) -> bool:
    """Return True for the common case: posted as intended, and the row was not changed meanwhile."""
    where = outcome.channel_id or row.channel_id
    return outcome.verdict is OutcomeKind.SENT and row.state == DeliveryState.SENDING and where == row.channel_id


def _as_sent(result: Result) -> dict[str, Any]:
    outcome, now = result.outcome, result.terms.now
    return {
        "row": result.claim.id,
        "ts": outcome.ts,
        "thread_ts": outcome.thread_ts,
        "sent_at": now,
        "attempted_at": now,
    }


def _settle(session: Session, row: Delivery, result: Result) -> None:
    claim, outcome, terms = result.claim, result.outcome, result.terms
    row.leased_by = row.leased_until = None
    if not claim.reconciling and outcome.verdict is not OutcomeKind.UNCERTAIN:
        row.attempted_at = terms.now  # the pace counts from the answer; what is not known is looked for since the claim
    if outcome.verdict is OutcomeKind.SENT:
        _sent(row, outcome, terms.now)
    elif row.state == DeliveryState.CANCELLED or row.about.get("cancelled"):
        _settle_cancelled(row, claim, outcome, terms)
    else:
        _settle_unsent(session, row, claim, outcome, terms)


def _settle_cancelled(row: Delivery, claim: Claim, outcome: Outcome, terms: SettleOptions) -> None:
    """Settle a row that nobody wants any more: it only matters whether it was posted."""
    unknown = outcome.verdict is OutcomeKind.UNCERTAIN or (
        outcome.verdict is OutcomeKind.RETRY_LATER and claim.reconciling
    )
    if unknown:
        row.about = {**row.about, "cancelled": True}
        _rest(row, outcome, terms)
    else:
        row.state = DeliveryState.CANCELLED


def _settle_unsent(session: Session, row: Delivery, claim: Claim, outcome: Outcome, terms: SettleOptions) -> None:
    match outcome.verdict:
        case OutcomeKind.RETRY_LATER if not claim.reconciling:
            _wait(row, terms.now + timedelta(seconds=outcome.seconds), outcome.reason)
        case OutcomeKind.RETRY_LATER | OutcomeKind.UNCERTAIN:
            _rest(row, outcome, terms)
        case OutcomeKind.NOT_POSTED:
            _wait(row, terms.now, None)
        case OutcomeKind.HISTORY_UNREADABLE:
            row.about = {**row.about, "possible_repeat": True}
            _wait(row, terms.now, outcome.reason)
        case OutcomeKind.BAD_BLOCKS if not row.plain:
            row.plain = True
            _wait(row, terms.now, outcome.reason)
        case OutcomeKind.BLOCKED:
            _block_channel(session, row, outcome.reason, terms.now)
        case OutcomeKind.BLOCKED_WITH_TARGET:
            _finish(row, DeliveryState.BLOCKED, outcome.reason)
        case OutcomeKind.WORKSPACE_BLOCKED:
            _block_workspace(session, row, claim, outcome.reason)
        case OutcomeKind.CANCELLED:
            _finish(row, DeliveryState.CANCELLED, outcome.reason)
        case _:
            _fail(session, row, outcome.reason, terms)


def _sent(row: Delivery, outcome: Outcome, now: datetime) -> None:
    row.state = DeliveryState.SENT
    row.reason = None
    row.ts, row.thread_ts, row.sent_at = outcome.ts, outcome.thread_ts, now
    if "cancelled" in row.about:
        row.about = {key: value for key, value in row.about.items() if key != "cancelled"}
    if outcome.channel_id and outcome.channel_id != row.channel_id:
        # channel_id is the queue that the row stands in; a person's direct message has an id of its own.
        row.about = {**row.about, "posted_in": outcome.channel_id}


def _wait(row: Delivery, due_at: datetime, reason: str | None) -> None:
    row.state, row.due_at, row.reason = DeliveryState.PENDING, due_at, reason


def _rest(row: Delivery, outcome: Outcome, terms: SettleOptions) -> None:
    later = timedelta(seconds=outcome.seconds) if outcome.verdict is OutcomeKind.RETRY_LATER else terms.settle
    row.state, row.due_at, row.reason = DeliveryState.UNCERTAIN, terms.now + later, outcome.reason


def _finish(row: Delivery, state: DeliveryState, reason: str) -> None:
    row.state, row.reason = state, reason


def _block_channel(session: Session, row: Delivery, reason: str, now: datetime) -> None:
    _finish(row, DeliveryState.BLOCKED, reason)
    _block_waiting(session, reason, Delivery.team_id == row.team_id, Delivery.channel_id == row.channel_id)
    query = (
        select(Subscription)
        .order_by(Subscription.id)
        .where(
            Subscription.team_id == row.team_id,
            Subscription.channel_id == row.channel_id,
            Subscription.ended_at.is_(None),
            Subscription.blocked.is_(None),
        )
    )
    told: set[str] = set()
    for subscription in session.scalars(lock_rows(session, query)).all():
        subscription.blocked, subscription.blocked_at = reason, now
        key = f"blocked:{subscription.id}:{now.isoformat()}"
        session.add(Notice(key=key, team_id=row.team_id, told_at=now))
        if subscription.created_by not in told:
            told.add(subscription.created_by)
            about = {"notice": BLOCKED, "channel": row.channel_id, "reason": reason, "subscription": subscription.id}
            queue_notice(session, row.team_id, {subscription.created_by: subscription.language}, about, now, now)


def _block_workspace(session: Session, row: Delivery, claim: Claim, reason: str) -> None:
    if claim.reconciling:  # it cannot be looked up now and must not be lost
        row.about = {**row.about, "possible_repeat": True}
    _finish(row, DeliveryState.BLOCKED, reason)
    _block_waiting(session, reason, Delivery.team_id == row.team_id)


def _block_waiting(session: Session, reason: str, *which: ColumnElement[bool]) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.PENDING, *which)
        .values(state=DeliveryState.BLOCKED, reason=reason)
        .execution_options(synchronize_session=False)
    )


def _fail(session: Session, row: Delivery, reason: str, terms: SettleOptions) -> None:
    _finish(row, DeliveryState.FAILED, reason)
    if row.kind != DeliveryKind.NOTICE:  # no notice about a notice, or they would never end
        notify_failure(session, row, terms.admins, terms.now, terms.gather)


_ROWS = OUTBOX.c
_HELD = (
    select(_ROWS.id, _ROWS.leased_by, _ROWS.attempts, _ROWS.state, _ROWS.channel_id)
    .where(_ROWS.id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROWS.id)  # whoever cancels several locks them in the same order
    .with_for_update()
)
_SENT = (
    update(OUTBOX)
    .where(_ROWS.id == bindparam("row"))
    .values(state="sent", reason=None, leased_by=None, leased_until=None)
    .values({name: bindparam(name) for name in ("ts", "thread_ts", "sent_at", "attempted_at")})
)
