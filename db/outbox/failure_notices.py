"""Notices to people about the outbox: a channel that cannot be reached, messages that failed.

Failures come in bursts, so those of a short time are one notice: it waits a little for more of them and counts
what comes while it waits.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.database import lock_rows
from db.models import Delivery, Person
from db.outbox.deliveries import DeliveryKind, DeliveryState

BLOCKED = "blocked"
FAILED = "failed"
"""What ``about["notice"]`` says."""

LONGEST = 4
"""A notice waits for more failures at most this many times the pause that ends a burst."""

MOST_LISTED = 10
"""So many channels and reasons a notice of failures lists; the rest are only counted."""

GATHERING = 17181
"""PostgreSQL's number for the lock under which failures are put together."""


@dataclass(frozen=True, slots=True)
class Failures:
    """Messages of one channel that failed for one reason: how many, and the last of their rows."""

    channel: str
    reason: str
    count: int
    delivery: int


def queue_notice(
    session: Session, team_id: str, people: dict[str, str], about: dict[str, Any], now: datetime, due_at: datetime
) -> None:
    """Add a notice for each of ``people`` (user id to default language), in the language each has chosen."""
    chosen = select(Person.user_id, Person.language).where(
        Person.team_id == team_id, Person.user_id.in_(people), Person.language.is_not(None)
    )
    languages = people | {user_id: str(language) for user_id, language in session.execute(chosen)}
    session.add_all(
        Delivery(
            team_id=team_id,
            channel_id=user_id,
            kind=DeliveryKind.NOTICE,
            language=language,
            about=about,
            state=DeliveryState.PENDING,
            due_at=due_at,
            created_at=now,
        )
        for user_id, language in languages.items()
    )


def notify_failure(session: Session, row: Delivery, admins: Iterable[str], now: datetime, pause: timedelta) -> None:
    """Tell ``admins`` that ``row`` failed, together with what fails before ``pause`` has passed without a failure."""
    people = dict.fromkeys(admins, row.language)
    _alone(session)
    waiting = select(Delivery).where(
        Delivery.team_id == row.team_id,
        Delivery.channel_id.in_(people),
        Delivery.kind == DeliveryKind.NOTICE,
        Delivery.state == DeliveryState.PENDING,
    )
    for notice in session.scalars(lock_rows(session, waiting)).all():
        if notice.about.get("notice") == FAILED and "failed" in notice.about:
            notice.about = _merge_failure(notice.about, row)
            notice.due_at = max(notice.due_at, min(now + pause, notice.created_at + LONGEST * pause))
            people.pop(notice.channel_id, None)
    queue_notice(session, row.team_id, people, _merge_failure({"notice": FAILED}, row), now, now + pause)


def failures_in(about: dict[str, Any]) -> tuple[list[Failures], int]:
    """Return the failures that a notice is about, and the number of messages that failed in all."""
    if "failed" not in about:  # one failure, as the first release wrote it
        return [Failures(about["channel"], about["reason"], 1, about["delivery"])], 1
    return [Failures(**each) for each in about["failed"]], about["count"]


def _merge_failure(about: dict[str, Any], row: Delivery) -> dict[str, Any]:
    """``about`` with one more failure."""
    listed = [dict(each) for each in about.get("failed", [])]
    for each in listed:
        if (each["channel"], each["reason"]) == (row.channel_id, row.reason):
            each["count"] += 1
            each["delivery"] = row.id
            break
    else:
        if len(listed) < MOST_LISTED:
            listed.append({"channel": row.channel_id, "reason": row.reason, "count": 1, "delivery": row.id})
    return {**about, "failed": listed, "count": about.get("count", 0) + 1}


def _alone(session: Session) -> None:
    """Keep others who settle a failure waiting until this transaction ends; SQLite's writers are alone anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(GATHERING)))
