"""Settling: store the outcomes of claimed rows, many in one transaction, and notify people of blocked channels and failures.

A row changes only while its claim holds. A claim is lost when its lease ends and another sender takes the row, but not
by cancellation: ``db.outbox.deliveries.cancel`` changes state and reason only and leaves ``leased_by``, ``leased_until``
and ``attempts``. If a cancelled row was posted after all, it is stored as sent, with its ts. The edit or thread note
added on cancellation then finds its message, because a channel's rows wait until no earlier one is in progress.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Row, bindparam, select, update
from sqlalchemy.orm import Session

from db.database import fetch, lock_rows
from db.models import Delivery, Notice, Subscription
from db.outbox.claim import OUTBOX, Claim
from db.outbox.deliveries import (
    DELETED_AGAIN,
    PINNED,
    PINNED_AGAIN,
    BlockedPayload,
    BoardPayload,
    DeliveryKind,
    DeliveryState,
    flags_of,
    set_flags,
    thread_roots,
)
from db.outbox.notices import notify_failure, queue_notice


class OutcomeKind(StrEnum):
    """Kind of outcome of one attempt to post a row, or to find out if it was posted."""

    SENT = "sent"
    RETRY_LATER = "later"
    UNCERTAIN = "uncertain"
    NOT_POSTED = "absent"
    HISTORY_UNREADABLE = "unreadable"
    BLOCKED = "blocked"
    BLOCKED_WITH_TARGET = "blocked-with-target"
    WORKSPACE_BLOCKED = "workspace-blocked"
    BAD_BLOCKS = "bad-blocks"
    MESSAGE_GONE = "message-gone"
    FAILED = "failed"
    CANCELLED = "cancelled"


# Outcomes that may change other rows. Each is settled on its own, so that rows of the same batch cannot delay it.
AFFECTS_OTHER_ROWS = frozenset(
    {OutcomeKind.BLOCKED, OutcomeKind.WORKSPACE_BLOCKED, OutcomeKind.BAD_BLOCKS, OutcomeKind.FAILED}
)

# Outcomes after which the message of a board stands as it was, or as it is to be.
_STANDS = frozenset(
    {OutcomeKind.RETRY_LATER, OutcomeKind.UNCERTAIN, OutcomeKind.NOT_POSTED, OutcomeKind.HISTORY_UNREADABLE}
)

_ROWS = OUTBOX.c
_CLAIMED = (
    select(_ROWS.id, _ROWS.leased_by, _ROWS.attempts, _ROWS.state, _ROWS.channel_id, _ROWS.kind)
    .where(_ROWS.id.in_(bindparam("ids", expanding=True)))
    .order_by(_ROWS.id)  # cancelling locks rows in the same order
    .with_for_update()
)
_MARK_SENT = (
    update(OUTBOX)
    .where(_ROWS.id == bindparam("row"))
    .values(state="sent", reason=None, leased_by=None, leased_until=None)
    .values({name: bindparam(name) for name in ("ts", "thread_ts", "sent_at", "attempted_at")})
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A verdict with its details.

    ``reason``: Slack's error code or a short text. ``channel_id``, ``ts``, ``thread_ts``: the message's place as
    reported by Slack. ``seconds``: delay before a retry (RETRY_LATER). ``moved``: it stands as a message
    of its own in the channel, since what it edits or answers is gone. ``shown``, ``pin``: the flags of a board, ``pin``
    empty if Slack did not say.
    """

    verdict: OutcomeKind
    reason: str = ""
    channel_id: str = ""
    ts: str = ""
    thread_ts: str | None = None
    seconds: float = 0.0
    moved: bool = False
    shown: str = ""
    pin: str = ""


@dataclass(frozen=True, slots=True)
class SettleOptions:
    """When Slack answered (UTC), pauses before reconciling, notices and edits of boards, and the workspace's admins."""

    now: datetime
    settle: timedelta
    admins: tuple[str, ...] = ()
    gather: timedelta = timedelta(0)
    board: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Result:
    claim: Claim
    outcome: Outcome
    terms: SettleOptions


def settle(session: Session, results: Sequence[Result]) -> list[Claim]:
    """Store the outcome of each claim and end its lease; return the lost claims, whose rows are left unchanged."""
    rows = {row.id: row for row in fetch(session, _CLAIMED, ids=[result.claim.id for result in results])}
    lost, plain = [], []
    for result in results:
        row = rows.get(result.claim.id)
        if row is None or (row.leased_by, row.attempts) != (result.claim.holder, result.claim.attempt):
            lost.append(result.claim)
        elif _is_plain(row, result.outcome):
            sent = {"row": row.id, "ts": result.outcome.ts, "thread_ts": result.outcome.thread_ts}
            plain.append({**sent, "sent_at": result.terms.now, "attempted_at": result.terms.now})
        else:
            _settle(session, session.get_one(Delivery, row.id), result)
    if plain:
        session.execute(_MARK_SENT, plain)
    return lost


def _is_plain(row: Row[*tuple[object, ...]], outcome: Outcome) -> bool:
    """Return True in the usual case: posted to the intended channel, row not cancelled meanwhile."""
    posted_in = outcome.channel_id or row.channel_id
    return (
        outcome.verdict is OutcomeKind.SENT
        and not outcome.moved
        and row.state == DeliveryState.SENDING
        and row.kind != DeliveryKind.BOARD
        and posted_in == row.channel_id
    )


def _settle(session: Session, row: Delivery, result: Result) -> None:
    claim, outcome, terms = result.claim, result.outcome, result.terms
    row.leased_by = row.leased_until = None
    if not claim.reconciling and outcome.verdict is not OutcomeKind.UNCERTAIN:
        row.attempted_at = terms.now  # paced from the response; an uncertain row is searched for from its claim on
    if row.kind == DeliveryKind.BOARD and _settle_board(session, row, outcome, terms):
        return
    if outcome.verdict is OutcomeKind.SENT:
        _settle_sent(session, row, outcome, terms.now)
    elif row.state == DeliveryState.CANCELLED or flags_of(row).get("cancelled"):
        _settle_cancelled(row, claim, outcome, terms)
    elif outcome.verdict is OutcomeKind.MESSAGE_GONE and not flags_of(row).get("anew"):
        _end_thread(session, row)
        set_flags(row, anew=True)
        _put(row, DeliveryState.PENDING, None, terms.now)
    else:
        _settle_unsent(session, row, claim, outcome, terms)


def _settle_board(session: Session, row: Delivery, outcome: Outcome, terms: SettleOptions) -> bool:
    """Settle what is particular to a board, which rests until ``due_at``, in no alert's way; return False for others."""
    pause = max(terms.board, timedelta(seconds=outcome.seconds))
    if outcome.verdict is OutcomeKind.SENT:
        _settle_sent(session, row, outcome, terms.now)
        _settle_pin(session, row, outcome.pin, terms.now)
        set_flags(row, shown=outcome.shown)
    elif outcome.verdict is OutcomeKind.MESSAGE_GONE:
        _settle_deleted_board(session, row, terms.now)
        return True
    elif row.ts and outcome.verdict in _STANDS:
        _put(row, DeliveryState.SENT, outcome.reason)
        set_flags(row, point="")
    else:
        return False
    row.due_at = terms.now + pause
    return True


def _settle_pin(session: Session, row: Delivery, pin: str, now: datetime) -> None:
    """Store what Slack said of a board's pin, and tell the owner once why it is not pinned."""
    if not pin:
        set_flags(row, point="")
        return
    if pin not in {flags_of(row).get("pin"), PINNED, PINNED_AGAIN} and not flags_of(row).get("off"):
        _ask_owner(session, row, pin, now)
    set_flags(row, pin=pin)


def _settle_deleted_board(session: Session, row: Delivery, now: datetime) -> None:
    """Post a board's message again once; if it is deleted again, let the board rest and ask its owner."""
    flags, row.ts = flags_of(row), None
    if flags.get("off"):
        _put(row, DeliveryState.CANCELLED, "")
        return
    _put(row, DeliveryState.PENDING, None, now)
    set_flags(row, shown="", pin="", remade=not flags.get("remade"))
    if flags.get("remade"):
        _put(row, DeliveryState.BLOCKED, DELETED_AGAIN)
        board = _ask_owner(session, row, DELETED_AGAIN, now)
        board.blocked, board.blocked_at = DELETED_AGAIN, now


def _ask_owner(session: Session, row: Delivery, reason: str, now: datetime) -> Subscription:
    board = session.get_one(Subscription, row.subscription_id)
    payload = BoardPayload(notice="board", reason=reason, subscription=board.id)
    queue_notice(session, row.team_id, {board.created_by: board.language}, payload, now, now)
    return board


def _settle_cancelled(row: Delivery, claim: Claim, outcome: Outcome, terms: SettleOptions) -> None:
    """Settle a row that is no longer wanted; all that matters is if it was posted."""
    unknown = outcome.verdict is OutcomeKind.UNCERTAIN or (
        outcome.verdict is OutcomeKind.RETRY_LATER and claim.reconciling
    )
    if unknown:
        set_flags(row, cancelled=True)
        _rest(row, outcome, terms)
    else:
        row.state = DeliveryState.CANCELLED


def _settle_unsent(session: Session, row: Delivery, claim: Claim, outcome: Outcome, terms: SettleOptions) -> None:
    match outcome.verdict:
        case OutcomeKind.RETRY_LATER if not claim.reconciling:
            _put(row, DeliveryState.PENDING, outcome.reason, terms.now + timedelta(seconds=outcome.seconds))
        case OutcomeKind.RETRY_LATER | OutcomeKind.UNCERTAIN:
            _rest(row, outcome, terms)
        case OutcomeKind.NOT_POSTED:
            _put(row, DeliveryState.PENDING, None, terms.now)
        case OutcomeKind.HISTORY_UNREADABLE:
            set_flags(row, possible_repeat=True)
            _put(row, DeliveryState.PENDING, outcome.reason, terms.now)
        case OutcomeKind.BAD_BLOCKS if not row.plain:
            row.plain = True
            _put(row, DeliveryState.PENDING, outcome.reason, terms.now)
        case OutcomeKind.BLOCKED:
            _block_channel(session, row, outcome.reason, terms.now)
        case OutcomeKind.BLOCKED_WITH_TARGET | OutcomeKind.CANCELLED:
            cancelled = outcome.verdict is OutcomeKind.CANCELLED
            _put(row, DeliveryState.CANCELLED if cancelled else DeliveryState.BLOCKED, outcome.reason)
        case OutcomeKind.WORKSPACE_BLOCKED:
            if claim.reconciling:  # it cannot be reconciled now and must not be lost
                set_flags(row, possible_repeat=True)
            _put(row, DeliveryState.BLOCKED, outcome.reason)
            _block_waiting(session, outcome.reason, Delivery.team_id == row.team_id)
        case _:
            _fail(session, row, outcome.reason, terms)


def _end_thread(session: Session, row: Delivery) -> None:
    """Let no more messages look for the first one of the row's thread; the next of the project begins another."""
    root = thread_roots(session, [row]).get(row.id)
    if root is not None:
        root.project_id = None


def _settle_sent(session: Session, row: Delivery, outcome: Outcome, now: datetime) -> None:
    row.state = DeliveryState.SENT
    row.reason = None
    row.ts, row.thread_ts, row.sent_at = outcome.ts, outcome.thread_ts, now
    if outcome.moved:
        _end_thread(session, row)
    if outcome.moved and row.kind == DeliveryKind.EDIT:
        target = session.get_one(Delivery, row.changes_id)  # what follows edits and answers the new message
        target.ts, target.thread_ts = outcome.ts, outcome.thread_ts
    if "cancelled" in row.about:
        row.about = {name: value for name, value in row.about.items() if name != "cancelled"}
    if outcome.channel_id and outcome.channel_id != row.channel_id:
        # channel_id names the queue and stays; a person's direct message has an id of its own.
        set_flags(row, posted_in=outcome.channel_id)


def _rest(row: Delivery, outcome: Outcome, terms: SettleOptions) -> None:
    delay = timedelta(seconds=outcome.seconds) if outcome.verdict is OutcomeKind.RETRY_LATER else terms.settle
    _put(row, DeliveryState.UNCERTAIN, outcome.reason, terms.now + delay)


def _put(row: Delivery, state: DeliveryState, reason: str | None, due_at: datetime | None = None) -> None:
    row.state, row.reason, row.due_at = state, reason, due_at or row.due_at


def _block_channel(session: Session, row: Delivery, reason: str, now: datetime) -> None:
    _put(row, DeliveryState.BLOCKED, reason)
    _block_waiting(session, reason, Delivery.team_id == row.team_id, Delivery.channel_id == row.channel_id)
    active = {"team_id": row.team_id, "channel_id": row.channel_id, "ended_at": None, "blocked": None}
    query = select(Subscription).filter_by(**active).order_by(Subscription.id)
    notified: set[str] = set()
    for subscription in session.scalars(lock_rows(session, query)).all():
        subscription.blocked, subscription.blocked_at = reason, now
        key = f"blocked:{subscription.id}:{now.isoformat()}"
        session.add(Notice(key=key, team_id=row.team_id, told_at=now))
        if subscription.created_by not in notified:
            notified.add(subscription.created_by)
            payload = BlockedPayload(
                notice="blocked", channel=row.channel_id, reason=reason, subscription=subscription.id
            )
            queue_notice(session, row.team_id, {subscription.created_by: subscription.language}, payload, now, now)


def _block_waiting(session: Session, reason: str, *conditions: ColumnElement[bool]) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.PENDING, *conditions)
        .values(state=DeliveryState.BLOCKED, reason=reason)
        .execution_options(synchronize_session=False)
    )


def _fail(session: Session, row: Delivery, reason: str, terms: SettleOptions) -> None:
    _put(row, DeliveryState.FAILED, reason)
    told = flags_of(row).get("reported") == reason  # once about a fault, not once about each try
    if row.kind != DeliveryKind.NOTICE and not told:  # a notice about a failed notice could repeat forever
        set_flags(row, reported=reason)
        notify_failure(session, row, terms.admins, terms.now, terms.gather)
