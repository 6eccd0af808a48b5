"""Delivery log: message counts of each channel, and the latest messages of a channel. Read only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CTE, ColumnElement, RowMapping, Select, case, func, select
from sqlalchemy.orm import Session, aliased

from db.models import Delivery, Subscription, UpdateProject, UpdateRow
from db.outbox.deliveries import DeliveryKind, DeliveryState
from db.paging import Page, read_page
from db.updates.history import refs_of

PAGE_SIZE = 10
WAITING = (DeliveryState.PENDING, DeliveryState.SENDING, DeliveryState.UNCERTAIN, DeliveryState.BLOCKED)


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """Delivery status of a channel, or of a person (by user id) who gets direct messages.

    ``counts`` has only states that occur. ``oldest_waiting``: creation time of the oldest waiting message (UTC).
    ``stopped``: reason of the last blocked message, or of the subscription's block. ``failed``: reason of the last
    failed message. ``subscription``: id of the current one.
    """

    channel: str
    counts: Mapping[DeliveryState, int]
    last_sent: datetime | None = None
    oldest_waiting: datetime | None = None
    stopped: str | None = None
    failed: str | None = None
    subscription: int | None = None


@dataclass(frozen=True, slots=True)
class ChannelLog:
    """A channel and a page of its messages, newest first; ``refs`` are project refs by update number."""

    line: ChannelLine
    page: Page[Delivery]
    refs: Mapping[int, Sequence[str]]


def channels_page(session: Session, team_id: str, number: int) -> Page[ChannelLine]:
    """Return a page of a workspace's channels: blocked ones first, then by latest message."""
    channels = _channels(team_id)
    total = session.scalar(select(func.count(channels.c.channel_id))) or 0
    stopped = select(Delivery.channel_id).where(Delivery.team_id == team_id, Delivery.state == DeliveryState.BLOCKED)
    last = select(func.max(Delivery.id)).where(
        Delivery.team_id == team_id, Delivery.channel_id == channels.c.channel_id
    )
    query = (
        select(channels.c.channel_id)
        .where(channels.c.channel_id.is_not(None))
        .order_by(channels.c.channel_id.not_in(stopped), last.scalar_subquery().desc())
    )

    def read(limit: int, offset: int) -> list[ChannelLine]:
        shown = list(session.scalars(query.limit(limit).offset(offset)))
        figures = _by_channel().where(Delivery.team_id == team_id, Delivery.channel_id.in_(shown))
        rows = {row["channel_id"]: row for row in session.execute(figures).mappings()}
        return _lines(session, team_id, [rows[channel] for channel in shown])

    return read_page(read, number, PAGE_SIZE, total)


def _channels(team_id: str) -> CTE:
    # Skip scan: each step takes the next channel from the index, without reading messages. The last row is NULL.
    following = aliased(Delivery)
    least = select(func.min(Delivery.channel_id).label("channel_id")).where(Delivery.team_id == team_id)
    channels = least.cte("channels", recursive=True)
    beyond = select(func.min(following.channel_id)).where(
        following.team_id == team_id, following.channel_id > channels.c.channel_id
    )
    return channels.union_all(select(beyond.scalar_subquery()).where(channels.c.channel_id.is_not(None)))


def channel_line(session: Session, team_id: str, channel_id: str) -> ChannelLine:
    """Return the delivery status of one channel, which may have no message yet."""
    query = _by_channel().where(Delivery.team_id == team_id, Delivery.channel_id == channel_id)
    lines = _lines(session, team_id, session.execute(query).mappings().all())
    return lines[0] if lines else ChannelLine(channel_id, {})


def channel_log(session: Session, team_id: str, channel_id: str, number: int) -> ChannelLog:
    line = channel_line(session, team_id, channel_id)
    query = select(Delivery).filter_by(team_id=team_id, channel_id=channel_id).order_by(Delivery.id.desc())
    page = read_page(
        lambda limit, offset: session.scalars(query.limit(limit).offset(offset)).all(),
        number,
        PAGE_SIZE,
        sum(line.counts.values()),
    )
    return ChannelLog(line, page, refs_of(session, {row.update_id for row in page.rows if row.update_id}))


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message that reached a channel, when (UTC), and its edits sent since the time asked for."""

    row: Delivery
    sent_at: datetime
    edits: tuple[Delivery, ...]


def told_about(session: Session, team_id: str, project_id: int, until: datetime) -> list[ToldMessage]:
    """Return what a workspace was sent about a project by then, oldest first: alerts, edits, thread replies, reminders."""
    message = aliased(Delivery)  # the row itself, or the digest that it was told in
    sent = case((Delivery.state == DeliveryState.IN_DIGEST, Delivery.changes_id), else_=Delivery.id)
    acts = select(UpdateRow.act_id).join(UpdateProject).where(UpdateProject.project_id == project_id)
    query = (
        select(Delivery, message.sent_at)
        .join(message, message.id == sent)
        .where(Delivery.team_id == team_id, message.state == DeliveryState.SENT, message.sent_at.is_not(None))
        .where(Delivery.act_id.in_(acts) | (Delivery.kind == DeliveryKind.REMINDER))
        .order_by(message.sent_at, Delivery.id)
    )
    rows, places = list[tuple[Delivery, datetime]](), set[int]()
    for row, at in session.execute(query):
        projects = row.about.get("projects")  # none of a digest, which its edits and replies follow
        if at and (project_id in projects if projects else row.changes_id in places):
            rows.append((row, at))
            places |= {row.id, row.changes_id or row.id}
    edits = [(row, at) for row, at in rows if row.kind == DeliveryKind.EDIT and at > until]
    return [
        ToldMessage(row, at, tuple(edit for edit, _ in edits if edit.changes_id in {row.id, row.changes_id}))
        for row, at in rows
        if at <= until
    ]


def deliveries_begin(session: Session, team_id: str) -> datetime | None:
    """Return when the first message of a workspace on record was sent (UTC)."""
    return session.scalar(select(func.min(Delivery.sent_at)).where(Delivery.team_id == team_id))


def _last(state: DeliveryState) -> ColumnElement[int]:
    return func.max(case((Delivery.state == state, Delivery.id)))


def _by_channel() -> Select[*tuple[object, ...]]:
    waiting = case((Delivery.state.in_(WAITING), Delivery.created_at))
    return select(
        Delivery.channel_id,
        func.max(Delivery.sent_at).label("last_sent"),
        func.min(waiting).label("oldest_waiting"),
        _last(DeliveryState.BLOCKED).label("last_blocked"),
        _last(DeliveryState.FAILED).label("last_failed"),
        *(func.count(case((Delivery.state == state, Delivery.id))).label(state.value) for state in DeliveryState),
    ).group_by(Delivery.channel_id)


def _lines(session: Session, team_id: str, figures: Sequence[RowMapping]) -> list[ChannelLine]:
    channels = [row["channel_id"] for row in figures]
    present = (
        select(Subscription).filter_by(team_id=team_id, ended_at=None).where(Subscription.channel_id.in_(channels))
    )
    subscriptions = {row.channel_id: row for row in session.scalars(present.order_by(Subscription.board.desc()))}
    last = {row[name] for row in figures for name in ("last_blocked", "last_failed")} - {None}
    told = session.execute(select(Delivery.id, Delivery.reason).where(Delivery.id.in_(last)))
    reasons = {delivery_id: reason or "" for delivery_id, reason in told}
    lines = []
    for row in figures:
        subscription = subscriptions.get(row["channel_id"])
        lines.append(
            ChannelLine(
                row["channel_id"],
                {state: row[state.value] for state in DeliveryState if row[state.value]},
                row["last_sent"],
                row["oldest_waiting"],
                reasons.get(row["last_blocked"]) or (subscription.blocked if subscription else None),
                reasons.get(row["last_failed"]),
                subscription.id if subscription else None,
            )
        )
    return lines
