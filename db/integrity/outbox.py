"""Integrity check of the outbox: contradictory states, missing alerts and duplicate ones."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from db.integrity.references import named
from db.models import ChangeSet, Delivery, Subscription, UpdateRow
from db.outbox.deliveries import DeliveryKind, DeliveryState

# Origins of change sets that send alerts; seeds and imports send none, and retractions edit what was sent.
ANNOUNCED = ("command", "form", "draft")
MARGIN = timedelta(minutes=1)  # a subscription this close to a recording may or may not have existed for it


def outbox_findings(session: Session) -> list[str]:
    """Return a sentence for every kind of invalid row and for every channel that misses an alert."""
    problems: list[str] = []
    for words, which in _RULES.items():
        problems += named(session, select(Delivery.id).where(which), f"{words}: message")
    return [*problems, *_twice(session), *_untold(session)]


def _in(*states: DeliveryState) -> ColumnElement[bool]:
    return Delivery.state.in_([each.value for each in states])


_TARGET = aliased(Delivery)
_DIGEST = exists().where(_TARGET.id == Delivery.changes_id, _TARGET.kind == DeliveryKind.DIGEST.value)
# What is wrong with the rows that a condition finds.
_RULES: dict[str, ColumnElement[bool]] = {
    "in a state that there is not": ~_in(*DeliveryState),
    "of a kind that there is not": Delivery.kind.not_in([each.value for each in DeliveryKind]),
    "being sent, but by nobody": and_(
        _in(DeliveryState.SENDING), or_(Delivery.leased_by.is_(None), Delivery.leased_until.is_(None))
    ),
    "taken by a sender, but not on its way": and_(
        or_(Delivery.leased_by.is_not(None), Delivery.leased_until.is_not(None)),
        ~_in(DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.CANCELLED),
    ),
    "sent, but Slack's id of the message is missing": and_(
        _in(DeliveryState.SENT), or_(Delivery.ts.is_(None), Delivery.ts == "", Delivery.sent_at.is_(None))
    ),
    "not sent, but with Slack's id of a message": and_(
        ~_in(DeliveryState.SENT), Delivery.ts.is_not(None), Delivery.kind != DeliveryKind.BOARD.value
    ),
    "blocked or failed, but nothing says why": and_(
        _in(DeliveryState.BLOCKED, DeliveryState.FAILED), Delivery.reason.is_(None)
    ),
    "told in a digest that is not there": and_(_in(DeliveryState.IN_DIGEST), ~_DIGEST),
    "a change of a message, but of none": and_(
        Delivery.kind.in_([DeliveryKind.EDIT.value, DeliveryKind.THREAD_NOTE.value]), Delivery.changes_id.is_(None)
    ),
}


def _twice(session: Session) -> Iterator[str]:
    query = (
        select(Delivery.act_id, Delivery.channel_id, func.count())
        .where(Delivery.kind == DeliveryKind.ALERT.value, Delivery.act_id.is_not(None))
        .group_by(Delivery.team_id, Delivery.act_id, Delivery.channel_id)
        .having(func.count() > 1)
        .order_by(Delivery.act_id, Delivery.channel_id)
    )
    for act_id, channel_id, number in session.execute(query):
        yield f"act {act_id} is told {number} times in {channel_id}"


def _untold(session: Session) -> Iterator[str]:
    # Only channels without a filter: what a filter let through in the past is not certain.
    alerted = defaultdict(set)
    alerts = select(Delivery.act_id, Delivery.subscription_id).where(Delivery.kind == DeliveryKind.ALERT.value)
    for act_id, subscription_id in session.execute(alerts):
        alerted[act_id].add(subscription_id)
    everything = select(Subscription).where(Subscription.filter == "", ~Subscription.followed_only, ~Subscription.board)
    wishes = session.scalars(everything.order_by(Subscription.id)).all()
    changes = exists().where(
        UpdateRow.act_id == ChangeSet.id, or_(UpdateRow.corrects.is_not(None), UpdateRow.retracts.is_not(None))
    )
    acts = select(ChangeSet).where(ChangeSet.origin.in_(ANNOUNCED), ~changes)
    for act in session.scalars(acts.order_by(ChangeSet.id)):
        for wish in wishes:
            began = wish.created_at + MARGIN <= act.recorded_at
            lasted = wish.ended_at is None or act.recorded_at + MARGIN <= wish.ended_at
            if began and lasted and wish.id not in alerted[act.id]:
                yield f"act {act.id} has no message for {wish.channel_id}, which is told of everything"
