"""Messages to the admins of every workspace, which the running bot queues: an upgrade, an edition of shipped data."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Notice, Preference
from db.outbox.deliveries import EditionPayload, UpgradePayload
from db.outbox.failure_notices import queue_notice
from db.people import SHIPPED

PREFIX = "tell-admins:"
NEWS_FOR = timedelta(days=30)  # a workspace that installs the bot later is not told


def leave_message(session: Session, name: str, payload: EditionPayload | UpgradePayload, now: datetime) -> None:
    """Leave a message to all admins; ``name`` says which, and a message of that name that is there already stays."""
    key = PREFIX + name
    if session.get(Preference, key) is None:
        session.add(Preference(key=key, value=dict(payload), changed_by=SHIPPED, changed_at=now))


def queue_messages(session: Session, team_id: str, admins: Iterable[str], language: str, now: datetime) -> int:
    """Queue the messages that a workspace's admins were not sent yet; return how many. ``language`` is the default."""
    people = dict.fromkeys(admins, language)
    left = session.scalars(
        select(Preference).where(
            Preference.key.startswith(PREFIX, autoescape=True), Preference.changed_at > now - NEWS_FOR
        )
    ).all()
    told = set(session.scalars(select(Notice.key).where(Notice.key.in_([_told(team_id, row) for row in left]))))
    untold = [row for row in left if people and _told(team_id, row) not in told]
    for row in untold:
        queue_notice(session, team_id, people, cast("EditionPayload | UpgradePayload", row.value), now, now)
        session.add(Notice(key=_told(team_id, row), team_id=team_id, told_at=now))
    return len(untold) * len(people)


def _told(team_id: str, row: Preference) -> str:
    return f"{row.key}:{team_id}"
