"""Notices to people, failures merged; messages to the admins of every workspace wait for the running bot to queue them."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import Lock, advisory_lock, lock_rows
from db.models import Delivery, Notice, Person, Preference
from db.outbox.deliveries import (
    DeliveryKind,
    DeliveryState,
    EditionPayload,
    FailureItem,
    FailuresPayload,
    InterruptedPayload,
    UpgradePayload,
    payload_of,
)
from db.people import SHIPPED

PATIENCE = timedelta(minutes=5)  # longer than the work for any form takes
PREFIX = "tell-admins:"
NEWS_FOR = timedelta(days=30)  # a workspace that installs the bot later is not told
LONGEST = 4  # maximum delay of a notice, as a multiple of the pause that ends a burst
MOST_LISTED = 10  # channels and reasons listed in a notice of failures; the rest are only counted


def queue_notice(
    session: Session,
    team_id: str,
    people: dict[str, str],
    payload: Mapping[str, object],
    now: datetime,
    due_at: datetime,
) -> list[Delivery]:
    """Queue a notice for each of ``people`` (user id to default language), in the language of their choice."""
    chosen = select(Person.user_id, Person.language).where(
        Person.team_id == team_id, Person.user_id.in_(people), Person.language.is_not(None)
    )
    languages = people | {user_id: str(language) for user_id, language in session.execute(chosen)}
    notices = [
        Delivery(
            team_id=team_id,
            channel_id=user_id,
            kind=DeliveryKind.NOTICE,
            language=language,
            about=dict(payload),
            state=DeliveryState.PENDING,
            due_at=due_at,
            created_at=now,
        )
        for user_id, language in languages.items()
    ]
    session.add_all(notices)
    return notices


def queue_interrupted(session: Session, editor: Editor, language: str, form: str) -> Delivery:
    """Queue a notice to whoever sent ``form``, to be taken back when its result is shown."""
    payload = InterruptedPayload(notice="interrupted", form=form)
    people = {editor.user_id: language}
    (notice,) = queue_notice(session, editor.team_id, people, payload, editor.now, editor.now + PATIENCE)
    session.flush()
    return notice


def take_back(session: Session, notice: Delivery) -> None:
    session.execute(delete(Delivery).where(Delivery.id == notice.id, Delivery.state == DeliveryState.PENDING))


def notify_failure(session: Session, row: Delivery, admins: Iterable[str], now: datetime, pause: timedelta) -> None:
    """Notify ``admins`` that ``row`` failed, merged with failures until none has occurred for ``pause``."""
    people = dict.fromkeys(admins, row.language)
    advisory_lock(session, Lock.FAILURE_NOTICES)
    waiting = select(Delivery).filter_by(team_id=row.team_id, kind=DeliveryKind.NOTICE, state=DeliveryState.PENDING)
    for notice in session.scalars(lock_rows(session, waiting.where(Delivery.channel_id.in_(people)))).all():
        if notice.about.get("notice") == "failed" and "failed" in notice.about:
            notice.about = dict(_merge_failure(payload_of(notice, FailuresPayload), row))
            notice.due_at = max(notice.due_at, min(now + pause, notice.created_at + LONGEST * pause))
            people.pop(notice.channel_id, None)
    empty = FailuresPayload(notice="failed", failed=[], count=0)
    queue_notice(session, row.team_id, people, _merge_failure(empty, row), now, now + pause)


def failures_in(about: Mapping[str, object]) -> tuple[list[FailureItem], int]:
    """Return the listed failures of a notice and the total number of failed messages."""
    if "failed" not in about:  # a single failure, as the first release stored it
        return [{**cast("FailureItem", about), "count": 1}], 1
    payload = cast("FailuresPayload", about)
    return payload["failed"], payload["count"]


def _merge_failure(payload: FailuresPayload, row: Delivery) -> FailuresPayload:
    failed = [item.copy() for item in payload["failed"]]
    for item in failed:
        if (item["channel"], item["reason"]) == (row.channel_id, row.reason or ""):
            item["count"] += 1
            item["delivery"] = row.id
            break
    else:
        if len(failed) < MOST_LISTED:
            failed.append(FailureItem(channel=row.channel_id, reason=row.reason or "", count=1, delivery=row.id))
    return {**payload, "failed": failed, "count": payload["count"] + 1}


def leave_message(session: Session, name: str, payload: EditionPayload | UpgradePayload, now: datetime) -> None:
    """Leave a message to all admins; ``name`` says which, and a message of that name that is there already stays."""
    key = PREFIX + name
    if session.get(Preference, key) is None:
        session.add(Preference(key=key, value=dict(payload), changed_by=SHIPPED, changed_at=now))


def queue_messages(session: Session, team_id: str, admins: Iterable[str], language: str, now: datetime) -> int:
    """Queue the messages that a workspace's admins were not sent yet; return how many. ``language`` is the default."""
    people = dict.fromkeys(admins, language)
    messages = select(Preference).where(Preference.key.startswith(PREFIX, autoescape=True))
    left = session.scalars(messages.where(Preference.changed_at > now - NEWS_FOR)).all()
    told = set(session.scalars(select(Notice.key).where(Notice.key.in_([_told(team_id, row) for row in left]))))
    untold = [row for row in left if people and _told(team_id, row) not in told]
    for row in untold:
        queue_notice(session, team_id, people, row.value, now, now)
        session.add(Notice(key=_told(team_id, row), team_id=team_id, told_at=now))
    return len(untold) * len(people)


def _told(team_id: str, row: Preference) -> str:
    return f"{row.key}:{team_id}"
