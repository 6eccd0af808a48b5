"""Recipients of alerts: subscribed channels whose filter matches a project, and the people who follow it."""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import NamedTuple

from sqlalchemy import Insert, bindparam, case, func, insert, select
from sqlalchemy.orm import Session

from db.database import MOST_BOUND, fetch, write_rows
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryKind, state_for
from db.paging import in_parts
from db.search.filter import FilterSubject, matches, parse_filter
from db.subscriptions.follows import followers
from db.subscriptions.schedule import after_quiet_hours

# Messages about a project one after another; in the thread of its first; there, with important ones in the channel too.
FLAT, THREAD, IMPORTANT = THREADING = ("flat", "thread", "important")
ARCHIVED, LEFT = RESTING = ("archived", "left")  # why a subscription rests: nothing is queued for it meanwhile
DIRECT_MESSAGE = "D"  # the ids of direct messages begin with it


class SubscriptionRow(NamedTuple):
    """The columns of a subscription that decide about its alerts; a tuple, as there may be thousands."""

    id: int
    team_id: str
    channel_id: str
    filter: str
    language: str
    created_by: str
    blocked: str | None
    threading: str
    digest: str | None
    digest_kinds: list[str] | None
    zone: str | None
    quiet: str | None
    reminders: bool
    followed_only: bool


class Recipient(NamedTuple):
    """A channel with its subscription or a follower (``channel_id`` is their user id), and the projects by id."""

    team_id: str
    channel_id: str
    language: str
    projects: tuple[int, ...]
    subscription: SubscriptionRow | Subscription | None = None

    @property
    def grouping_key(self) -> Hashable:
        """Return all that a row depends on beside its address; recipients with the same key get the same row."""
        wishes = self.subscription
        if wishes is None:
            return self.projects
        kinds = None if wishes.digest_kinds is None else tuple(wishes.digest_kinds)
        return self.projects, wishes.threading, wishes.blocked, wishes.digest, kinds, wishes.zone, wishes.quiet

    def message(self, kind: DeliveryKind, about: Mapping[str, object], now: datetime, **fields: object) -> Delivery:
        """Return an outbox row for this recipient, due after the channel's quiet hours."""
        return Delivery(**self.values(kind, about, now, **fields))

    def values(
        self, kind: DeliveryKind, about: Mapping[str, object], now: datetime, **fields: object
    ) -> dict[str, object]:
        """Return the columns of such a row, for writing many at once."""
        wishes = self.subscription
        threading = {"threading": wishes.threading} if wishes and wishes.threading != FLAT else {}
        return {
            "team_id": self.team_id,
            "channel_id": self.channel_id,
            "subscription_id": wishes.id if wishes else None,
            "project_id": self.projects[0] if len(self.projects) == 1 else None,
            "kind": kind.value,
            "language": self.language,
            "about": {**about, "projects": list(self.projects), **threading},
            "state": state_for(wishes.blocked if wishes else None).value,
            "reason": wishes.blocked if wishes else None,
            "due_at": after_quiet_hours(now, wishes.quiet, wishes.zone or "UTC") if wishes else now,
            "created_at": now,
            **fields,
        }


class Audience(NamedTuple):
    """The recipients known to a workspace: its own channels, and the numbers of those of others and of people."""

    channels: tuple[str, ...]
    elsewhere: int
    people: int


_COLUMNS = Subscription.__table__.c
# The address of an outbox row, from its subscription.
_WHERE = {
    "team_id": _COLUMNS.team_id,
    "channel_id": _COLUMNS.channel_id,
    "subscription_id": _COLUMNS.id,
    "language": _COLUMNS.language,
}
_KINDS = case((_COLUMNS.digest.is_not(None), _COLUMNS.digest_kinds))  # most have none, which would be read as JSON too
_ACTIVE = (
    select(*(_KINDS if each == "digest_kinds" else _COLUMNS[each] for each in SubscriptionRow._fields))
    .where(_COLUMNS.ended_at.is_(None), ~_COLUMNS.board, func.coalesce(_COLUMNS.blocked, "").not_in(RESTING))
    .order_by(_COLUMNS.id)
)


def recipients_of(session: Session, cards: Mapping[int, FilterSubject]) -> Iterator[Recipient]:
    """Yield the recipients of at least one of the projects (subjects by id): channels first, then followers.

    Somebody who has settings for their direct message with the bot gets what they follow there, and only once.
    """

    @cache  # many channels have the same filter
    def matching(text: str) -> tuple[int, ...]:
        wanted = parse_filter(text)
        return tuple(key for key, card in cards.items() if matches(wanted, card))

    following = {(each.team_id, each.user_id): each for each in followers(session, cards)}
    for row in map(SubscriptionRow._make, fetch(session, _ACTIVE).all()):
        project_ids = () if row.followed_only else matching(row.filter)
        if row.channel_id.startswith(DIRECT_MESSAGE) and (own := following.pop((row.team_id, row.created_by), None)):
            project_ids = tuple(key for key in cards if key in {*project_ids, *own.project_ids})
        if project_ids:
            yield Recipient(row.team_id, row.channel_id, row.language, project_ids, row)
    for follower in following.values():
        yield Recipient(follower.team_id, follower.user_id, follower.language, tuple(follower.project_ids))


def audience(recipients: Iterable[Recipient], team_id: str) -> Audience:
    """Sum up recipients as somebody of the workspace ``team_id`` may know them."""
    channels, elsewhere, people = list[str](), 0, 0
    for recipient in recipients:
        if recipient.subscription is None or recipient.channel_id.startswith(DIRECT_MESSAGE):
            people += 1
        elif recipient.team_id == team_id:
            channels.append(recipient.channel_id)
        else:
            elsewhere += 1
    return Audience(tuple(channels), elsewhere, people)


def insert_for_recipients(session: Session, row: Mapping[str, object], alike: Sequence[Recipient]) -> None:
    """Copy an outbox row for all recipients of its ``grouping_key``, in the database: binding a thousand takes longer."""
    subscribed = [recipient.subscription.id for recipient in alike if recipient.subscription]
    if subscribed:
        session.flush()
        values = {f"row_{name}": value for name, value in row.items() if name not in _WHERE}
        for part in in_parts(subscribed, MOST_BOUND):
            session.connection().execute(_insert_from_select(tuple(row)), {**values, "ids": part})
    write_rows(
        session,
        Delivery,
        (
            {**row, "team_id": recipient.team_id, "channel_id": recipient.channel_id, "language": recipient.language}
            for recipient in alike
            if not recipient.subscription
        ),
    )


@cache
def _insert_from_select(columns: tuple[str, ...]) -> Insert:
    """Build the insert of a row with these columns for each of the subscriptions ``ids``."""
    own = Delivery.__table__.c
    same = [name for name in columns if name not in _WHERE]
    rows = (
        select(
            *_WHERE.values(),
            *(bindparam(f"row_{name}", type_=own[name].type) for name in same),
        )
        .where(_COLUMNS.id.in_(bindparam("ids", expanding=True)))
        .order_by(_COLUMNS.id)
    )
    return insert(Delivery).from_select([*_WHERE, *same], rows)
