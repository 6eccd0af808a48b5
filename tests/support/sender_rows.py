"""Outbox rows for tests."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from db.database import Database
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryKind, DeliveryState

TEAM = "T0LOOP"
CHANNEL = "C0ALERTS"


def add_row(database: Database, **fields: Any) -> int:
    """Add a row, by default a due alert; return its id."""
    now = fields.pop("now", None) or datetime.now(UTC)
    about = {"text": "one decision", **fields.pop("about", {})}
    usual = {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "kind": DeliveryKind.ALERT,
        "language": "en",
        "state": DeliveryState.PENDING,
        "due_at": now,
        "created_at": now,
        "about": about,
    }
    with database.writing() as session:
        row = Delivery(**(usual | fields))
        session.add(row)
        session.flush()
        return row.id


def add_subscription(database: Database, **fields: object) -> int:
    """Add a subscription by U0MEMBER to the usual channel; return its id."""
    usual = {
        "team_id": TEAM,
        "channel_id": CHANNEL,
        "filter": "",
        "language": "en",
        "created_by": "U0MEMBER",
        "created_at": datetime.now(UTC),
    }
    with database.writing() as session:
        subscription = Subscription(**(usual | fields))
        session.add(subscription)
        session.flush()
        return subscription.id


def get_row(database: Database, row_id: int) -> Delivery:
    with database.reading() as session:
        return session.get_one(Delivery, row_id)


def all_rows(database: Database, *conditions: ColumnElement[bool]) -> list[Delivery]:
    with database.reading() as session:
        return list(session.scalars(select(Delivery).where(*conditions).order_by(Delivery.id)))


def states(database: Database, *ids: int) -> list[str]:
    return [get_row(database, row_id).state for row_id in ids]
