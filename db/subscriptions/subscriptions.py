"""Subscriptions and boards of channels: one of each per channel at a time; ended ones stay on record."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import lock_rows
from db.errors import AidError
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryKind, DeliveryState, SubscriptionPayload
from db.outbox.notices import queue_notice
from db.search.filter import parse_filter
from db.subscriptions.boards import close_board, show_board
from db.subscriptions.digests import next_digest_at, pending_for_digest, queue_digest
from db.subscriptions.recipients import DIRECT_MESSAGE
from db.subscriptions.settings import NotificationSettings, settings_of

ON, SET, END = "subscription-on", "subscription-set", "subscription-off"
"""What the audit log and the notices to owners call the changes by people."""


def subscription_of(session: Session, team_id: str, channel_id: str, *, board: bool = False) -> Subscription | None:
    """Return the active subscription of a channel, or its board."""
    found = active_in(session, team_id, channel_id)
    return next((row for row in found if row.board == board), None)


def active_in(
    session: Session, team_id: str, channel_id: str | None = None, *, lock: bool = False
) -> Sequence[Subscription]:
    """Return the active subscriptions and boards of a workspace, or of one channel, oldest first."""
    active = select(Subscription).where(Subscription.team_id == team_id, Subscription.ended_at.is_(None))
    active = (active.where(Subscription.channel_id == channel_id) if channel_id else active).order_by(Subscription.id)
    return session.scalars(lock_rows(session, active) if lock else active).all()


def speak_in_direct_messages(session: Session, team_id: str, user_id: str, language: str, *, now: datetime) -> None:
    """Set the language of the alerts in a person's direct message, where they have settings of their own."""
    own = Subscription.channel_id.startswith(DIRECT_MESSAGE), Subscription.created_by == user_id
    other = Subscription.ended_at.is_(None), Subscription.language != language, ~Subscription.board
    for row in session.scalars(select(Subscription).where(Subscription.team_id == team_id, *own, *other)):
        before, row.language = {"language": row.language}, language
        Editor(team_id, user_id, now).audit(session, SET, row.channel_id, before=before, after={"language": language})


def subscribe(
    session: Session,
    team_id: str,
    channel_id: str,
    user_id: str,
    text: str,
    language: str,
    *,
    now: datetime,
    settings: NotificationSettings | None = None,
    followed_only: bool = False,
    board: bool = False,
) -> tuple[Subscription, Subscription | None]:
    """Subscribe a channel with a typed filter, replacing its subscription; return the new and the old one.

    It stays the subscription of who made the old one. With ``followed_only`` it is that of a direct message for what
    the person follows, with ``board`` the channel's board.
    ``settings`` None keeps the settings. An identical subscription changes nothing. Rows gathered for the old digest
    go to the new one, or are queued now where there is none. Raises BadInput for an unreadable filter, AidError
    where somebody else subscribed the channel at the same moment.
    """
    tidy = parse_filter(text).text
    old = subscription_of(session, team_id, channel_id, board=board)
    settings = settings or (settings_of(old) if old else NotificationSettings())
    wanted = (tidy, followed_only, language, settings, None)
    if old and (old.filter, old.followed_only, old.language, settings_of(old), old.blocked) == wanted:
        if board:
            show_board(session, old, old, now)
        return old, old
    if old:
        old.ended_at, old.ended_by = now, user_id
        session.flush()  # the old one has ended before the new one begins: a channel has one at a time
    new = Subscription(
        team_id=team_id,
        channel_id=channel_id,
        filter=tidy,
        followed_only=followed_only,
        board=board,
        language=language,
        created_by=old.created_by if old else user_id,
        created_at=now,
        **asdict(settings),
    )
    new.digest_next = next_digest_at(new, now)
    session.add(new)
    try:
        session.flush()
    except IntegrityError as error:
        raise AidError(
            "Someone else changed this channel's alerts at the same moment. `/aid-alerts list` shows the "
            "current settings; type the command again to change them."
        ) from error
    if board:
        show_board(session, new, old, now)
    elif old and new.digest is None:
        queue_digest(session, old, now)
    elif old:
        for row in pending_for_digest(session, old):
            row.subscription_id = new.id
    _log(session, SET if old else ON, old, new, user_id, now)
    return new, old


def end(session: Session, subscription: Subscription, user_id: str, *, now: datetime) -> None:
    """End a subscription; queued messages are still sent, and what is gathered for its digest is queued now."""
    if subscription.board:
        close_board(session, subscription)
    queue_digest(session, subscription, now)
    subscription.ended_at, subscription.ended_by = now, user_id
    _log(session, END, subscription, None, user_id, now)


def _log(
    session: Session, action: str, old: Subscription | None, new: Subscription | None, user_id: str, now: datetime
) -> None:
    """Add a change to the audit log, and tell the owner whose subscription somebody else changed."""
    row = new or old
    if row is None or (old and new and _columns(old) == _columns(new)):
        return  # the same again, where messages could not be posted meanwhile
    before, after = (_columns(each) for each in (old, new))
    changed = {name for name in {**before, **after} if before.get(name) != after.get(name)}
    Editor(row.team_id, user_id, now).audit(
        session,
        action.replace("subscription", "board") if row.board else action,
        row.channel_id,
        before={name: before.get(name) for name in sorted(changed)} if old else None,
        after={name: after.get(name) for name in sorted(changed)} if new else None,
    )
    if row.created_by != user_id:
        tell_owner(session, action, old or row, row, user_id, now)


def _columns(row: Subscription | None) -> dict[str, object]:
    if row is None:
        return {}
    own = {name: getattr(row, name) for name in ("filter", "language", "followed_only")}
    return {**own, **asdict(settings_of(row))}


def tell_owner(
    session: Session, change: str, old: Subscription, row: Subscription, by: str, now: datetime, ended: int = 0
) -> None:
    """Queue a direct message about a change to who made the subscription."""
    payload = SubscriptionPayload(notice="subscription", change=change, by=by, before=old.id, after=row.id, ended=ended)
    queue_notice(session, row.team_id, {row.created_by: old.language}, payload, now, now)


def queue_test(session: Session, subscription: Subscription, user_id: str, *, now: datetime) -> Delivery:
    place = {name: getattr(subscription, name) for name in ("team_id", "channel_id", "language")}
    row = Delivery(
        **place,
        subscription_id=subscription.id,
        kind=DeliveryKind.TEST.value,
        about={"asked_by": user_id},
        state=DeliveryState.PENDING.value,
        due_at=now,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row
