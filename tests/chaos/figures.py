"""Outcome of a run: every alert, counted in the outbox and in Slack, and compared."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field

from sqlalchemy import select

from bot.slack_emulator.models import Message
from bot.slack_emulator.users.user import SlackEmulator
from db.database import Database
from db.models import Delivery
from db.outbox.deliveries import DeliveryKind, DeliveryState

NEW = frozenset({DeliveryKind.ALERT, DeliveryKind.THREAD_NOTE, DeliveryKind.DIGEST, DeliveryKind.REMINDER})
REPEAT = "Possible duplicate"
DONE = frozenset({DeliveryState.SENT, DeliveryState.CANCELLED, DeliveryState.FAILED, DeliveryState.IN_DIGEST})


@dataclass
class Figures:
    """Counts. ``lost``: due and not in Slack. ``doubled``: in Slack more than once without the note on repeats.

    ``late``: doubled by a request that Slack accepted after its message had been looked for in vain.
    """

    updates: int = 0
    channels: int = 0
    due: int = 0
    delivered: int = 0
    lost: int = 0
    doubled: int = 0
    late: int = 0
    marked_repeats: int = 0
    failed: int = 0
    out_of_order: int = 0
    not_edited: int = 0
    kills: int = 0
    happened: dict[str, int] = field(default_factory=dict)

    def line(self, name: str) -> str:
        """Return the figures on one line, for the log of a run."""
        return f"{name}: " + json.dumps({key: value for key, value in asdict(self).items() if value != {}})


def unfinished(database: Database) -> int:
    """Return the number of rows in progress."""
    with database.reading() as session:
        return sum(state not in DONE for state in session.scalars(select(Delivery.state)))


def count(database: Database, slack: SlackEmulator, *, late: int = 0) -> Figures:
    """Compare outbox and Slack. ``late``: requests that Slack accepted late, each of which may double a message."""
    with database.reading() as session:
        rows = list(session.scalars(select(Delivery).order_by(Delivery.id)))
    standing = _standing(slack)
    figures = Figures()
    surplus = 0
    for row in rows:
        if row.kind not in NEW or row.state in {DeliveryState.CANCELLED, DeliveryState.IN_DIGEST}:
            continue
        figures.due += 1
        copies = standing[str(row.id)]
        figures.failed += row.state == DeliveryState.FAILED
        figures.delivered += bool(copies)
        figures.lost += not copies or row.state != DeliveryState.SENT
        marked = sum(REPEAT in json.dumps(copy.blocks) or REPEAT in copy.text for copy in copies)
        figures.marked_repeats += marked
        surplus += max(0, len(copies) - 1 - marked)
    figures.late = min(surplus, late)
    figures.doubled = surplus - figures.late
    changed = {str(row.changes_id) for row in rows if row.kind == DeliveryKind.EDIT and row.state == DeliveryState.SENT}
    figures.not_edited = sum(not any(copy.edited for copy in standing[key]) for key in changed)
    figures.out_of_order = _out_of_order(rows, standing)
    figures.channels = len({(row.team_id, row.channel_id) for row in rows})
    figures.updates = len({row.act_id for row in rows if row.act_id})
    return figures


def _standing(slack: SlackEmulator) -> dict[str, list[Message]]:
    """Return the messages in Slack by the delivery that each carries, oldest first."""
    messages: dict[str, list[Message]] = defaultdict(list)
    for channel in list(slack.store.channels):
        for message in slack.messages(channel):
            if message.metadata:
                messages[message.metadata["event_payload"]["delivery"]].append(message)
    return messages


def _out_of_order(rows: Iterable[Delivery], standing: dict[str, list[Message]]) -> int:
    """Return the number of messages posted before an earlier one about the same project in their channel."""
    last: dict[tuple[str, str, int], tuple[int, ...]] = {}
    wrong = 0
    for row in rows:
        copies = standing[str(row.id)]
        if row.kind != DeliveryKind.ALERT or not copies:
            continue
        seconds, _, part = copies[0].ts.partition(".")
        for project in row.about["projects"]:
            place = (row.team_id, row.channel_id, project)
            wrong += (int(seconds), int(part)) < last.get(place, (0, 0))
            last[place] = (int(seconds), int(part))
    return wrong
