"""Alerts of a change set: queued in its transaction when it is recorded, revised when it is corrected or retracted."""

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import lock_rows
from db.domain.dates import new_york_date
from db.domain.enums import UpdateKind
from db.domain.project_status import ProjectStatus
from db.domain.updates import Update, superseded_by
from db.models import ChangeSet, Delivery, Subscription, UpdateRow
from db.outbox.deliveries import AlertPayload, DeliveryKind, DeliveryState, cancel, payload_of, state_for
from db.projects.queries import ProjectView, filter_subject
from db.search.filter import FilterSubject
from db.subscriptions.recipients import Recipient, SubscriptionRow, insert_for_recipients, recipients_of
from db.updates.history import load_histories

UNSENT = (DeliveryState.PENDING.value, DeliveryState.BLOCKED.value, DeliveryState.GATHERED.value)
ON_ITS_WAY = (DeliveryState.SENDING.value, DeliveryState.UNCERTAIN.value, DeliveryState.SENT.value)
RETRACTED_BEFORE_SENDING = "taken back before it was sent"


@dataclass(frozen=True, slots=True)
class Event:
    """A change set just recorded, with its updates and its projects' statuses before and after, by project id.

    ``concerned`` maps an update's number to the ids of its projects.
    """

    act: ChangeSet
    updates: tuple[Update, ...]
    concerned: Mapping[int, Collection[int]]
    projects: Mapping[int, ProjectView]
    before: Mapping[int, ProjectStatus]
    after: Mapping[int, ProjectStatus]
    at: datetime


def queue_alerts(session: Session, event: Event, *, except_channels: Iterable[tuple[str, str]] = ()) -> int:
    """Queue one message for every recipient of a project of the change set; return how many."""
    skipped, today = set(except_channels), new_york_date(event.at)
    statuses = (event.before, event.after)
    headlines = {key: [each[key].headline(today).value for each in statuses] for key in event.projects}
    alike: dict[Hashable, list[Recipient]] = {}
    for place in event_recipients(session, event):
        if (place.team_id, place.channel_id) not in skipped:
            alike.setdefault(place.grouping_key, []).append(place)
    for same in alike.values():
        insert_for_recipients(session, _delivery(event, same[0], headlines), same)
    return sum(map(len, alike.values()))


def event_recipients(session: Session, event: Event) -> Iterator[Recipient]:
    """Yield the recipients of at least one project of the event, as ``recipients_of`` does."""
    return recipients_of(session, {key: event_subject(event, key) for key in event.projects})


def revise_alerts(session: Session, event: Event) -> None:
    """Cancel the unsent messages about what was corrected or retracted, and edit the sent ones (rule 10).

    A cancelled message about an update that is back in force goes out after all; a correction is announced where
    nothing was sent that could be edited.
    """
    corrected = any(update.corrects for update in event.updates)
    targets = {target for each in event.updates if (target := each.corrects or each.retracts)}
    acts = _acts_behind(session, targets)
    query = (
        select(Delivery).filter_by(kind=DeliveryKind.ALERT.value).where(Delivery.act_id.in_(acts)).order_by(Delivery.id)
    )
    edited: list[tuple[str, str]] = []
    changed: set[int] = set()
    for row in session.scalars(lock_rows(session, query)).all():
        stands = still_stands(session, row)
        if stands and row.about.get("cancelled"):
            row.about = {name: value for name, value in row.about.items() if name != "cancelled"}
        if stands and row.state == DeliveryState.CANCELLED.value and row.reason == RETRACTED_BEFORE_SENDING:
            row.state, row.reason = _restored_state(session, row)
        message = session.get_one(Delivery, row.changes_id) if row.state == DeliveryState.IN_DIGEST else row
        if message.state in ON_ITS_WAY and message.id not in changed:
            changed.add(message.id)
            changing = partial(change_of, message, event.act.id, event.updates[-1].number, event.at)
            session.add_all(map(changing, (DeliveryKind.EDIT, DeliveryKind.THREAD_NOTE)))
        if message.state in ON_ITS_WAY or (message is not row and message.state in UNSENT):
            edited.append((row.team_id, row.channel_id))
        if not stands and (row.state in UNSENT or not corrected):
            cancel(row, RETRACTED_BEFORE_SENDING)
    if corrected:
        queue_alerts(session, event, except_channels=edited)
    session.flush()


def edit_alerts(session: Session, number: int, at: datetime) -> None:
    """Edit the messages on their way or sent about an update, and about those that it corrects, after a second look."""
    query = select(Delivery).where(Delivery.act_id.in_(_acts_behind(session, {number})))
    told = session.scalars(lock_rows(session, query.where(Delivery.kind == DeliveryKind.ALERT.value))).all()
    messages = {row.changes_id if row.state == DeliveryState.IN_DIGEST else row.id: row.act_id for row in told}
    for key, act_id in messages.items():
        if (message := session.get_one(Delivery, key)).state in ON_ITS_WAY:
            session.add(change_of(message, act_id, number, at, DeliveryKind.EDIT))


def still_stands(session: Session, delivery: Delivery) -> bool:
    """Return True while an update of ``delivery`` is still in force for one of its projects."""
    numbers = set(session.scalars(select(UpdateRow.id).where(UpdateRow.act_id == delivery.act_id)))
    histories = load_histories(session, payload_of(delivery, AlertPayload)["projects"])
    return any(
        update.number in numbers and update.number not in superseded_by(updates)
        for updates in histories.values()
        for update in updates
    )


def _restored_state(session: Session, row: Delivery) -> tuple[str, str | None]:
    """Return what undoes a cancellation by ``revise_alerts``; a row whose sending had begun continues from there."""
    if row.leased_by:
        return DeliveryState.SENDING.value, None
    subscription = session.get(Subscription, row.subscription_id) if row.subscription_id else None
    if subscription and subscription.ended_at is None:
        kinds = session.scalars(select(UpdateRow.kind).where(UpdateRow.act_id == row.act_id))
        if goes_to_digest(subscription, {UpdateKind(kind) for kind in kinds}):
            return DeliveryState.GATHERED.value, None
    blocked = (subscription.blocked or None) if subscription else None
    return state_for(blocked).value, blocked


def event_subject(event: Event, key: int) -> FilterSubject:
    """Return what filters see of a project in this event: its values before and after both count."""
    today = new_york_date(event.at)
    own = [each for each in event.updates if key in event.concerned[each.number]]
    after = filter_subject(event.projects[key], event.after[key], today)
    before = filter_subject(event.projects[key], event.before[key], today)
    return replace(
        after,
        headlines=after.headlines | before.headlines,
        responses=after.responses | before.responses,
        deliveries=after.deliveries | before.deliveries,
        holders=after.holders | before.holders | {each.holder for each in own if each.holder},
        kinds=frozenset(each.kind.value for each in own),
        last_day=max(each.effective_day for each in own),
    )


def _delivery(event: Event, place: Recipient, headlines: Mapping[int, list[str]]) -> dict[str, object]:
    row = place.values(
        DeliveryKind.ALERT,
        {"headlines": {str(key): headlines[key] for key in place.projects}},
        event.at,
        act_id=event.act.id,
        update_id=event.updates[-1].number,
        attempts=0,
        plain=False,
    )
    if place.subscription and goes_to_digest(place.subscription, {each.kind for each in event.updates}):
        row["state"], row["reason"] = DeliveryState.GATHERED.value, None
    return row


def goes_to_digest(subscription: Subscription | SubscriptionRow, kinds: Collection[UpdateKind]) -> bool:
    """Return True where the channel gets updates of these kinds in its digest only."""
    if subscription.digest is None:
        return False
    return subscription.digest_kinds is None or set(kinds) <= set(subscription.digest_kinds)


def change_of(delivery: Delivery, act_id: int | None, number: int | None, at: datetime, kind: DeliveryKind) -> Delivery:
    """Return an edit of a sent message, or a note about it in its thread."""
    same = {name: getattr(delivery, name) for name in ("team_id", "channel_id", "subscription_id", "language", "about")}
    about = {"act_id": act_id, "update_id": number, "changes_id": delivery.id, "kind": kind.value}
    return Delivery(**same, **about, state=DeliveryState.PENDING.value, due_at=at, created_at=at)


def _acts_behind(session: Session, targets: set[int]) -> set[int]:
    """Return the change sets of updates that are corrected or retracted, and of those that these had changed."""
    acts: set[int] = set()
    while targets:
        rows = session.scalars(select(UpdateRow).where(UpdateRow.id.in_(targets))).all()
        acts |= {row.act_id for row in rows}
        targets = {target for row in rows if (target := row.corrects or row.retracts)}
    return acts
