"""Suggestions: news that people of the circle hand in, for an admin to record or to decline. Nothing records itself."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.alerts.alerts import ON_ITS_WAY, change_of
from db.audit import Editor
from db.database import Lock, advisory_lock, lock_rows
from db.domain.text import normalize
from db.errors import AidError, NotFound
from db.models import Delivery, Preference, Suggestion
from db.outbox.deliveries import DeliveryKind, OldSuggestionsPayload, SuggestionPayload
from db.outbox.notices import queue_notice

MOST_OPEN = 5  # of one person
OLD = timedelta(days=7)  # what waits as long is asked about, once
CHANNEL_SET = "suggestions"  # the audit log's action


class SuggestionState(StrEnum):
    OPEN = "open"
    RECORDED = "recorded"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class News:
    """Text that somebody hands in, the projects and the source named in it, and the address of the message it is from."""

    text: str
    refs: tuple[str, ...] = ()
    source: str = ""
    link: str = ""


def hand_in(session: Session, news: News, editor: Editor, language: str) -> bool:
    """Store news and post it to the admins; False adds an author (with ``language``) to the same. Raises AidError."""
    advisory_lock(session, Lock.SUGGESTIONS)
    waiting = open_suggestions(session, editor.team_id)
    same = next((row for row in waiting if _is_same(row, news)), None)
    if same:
        if editor.user_id not in dict(same.authors):
            same.authors = [*same.authors, [editor.user_id, language]]
        return False
    if sum(editor.user_id in dict(row.authors) for row in waiting) >= MOST_OPEN:
        raise AidError(
            "{number} of your suggestions wait for an admin. Hand this in once one of them is settled.",
            field="text",
            number=MOST_OPEN,
        )
    told = {**asdict(news), "authors": [[editor.user_id, language]]}
    row = Suggestion(team_id=editor.team_id, state=SuggestionState.OPEN, created_at=editor.now, **told)
    session.add(row)
    session.flush()
    if kept := session.get(Preference, _key(editor.team_id)):
        place = {kept.value["channel"]: kept.value["language"]}
        payload = SuggestionPayload(notice="suggestion", suggestion=row.id)
        (posted,) = queue_notice(session, row.team_id, place, payload, editor.now, editor.now)
        session.flush()
        row.posted_id = posted.id
    return True


def open_suggestions(session: Session, team_id: str) -> Sequence[Suggestion]:
    """Return what waits for an admin of a workspace, the oldest first."""
    waiting = select(Suggestion).filter_by(team_id=team_id, state=SuggestionState.OPEN)
    return session.scalars(waiting.order_by(Suggestion.id)).all()


def waiting_suggestion(session: Session, team_id: str, number: int, *, lock: bool = False) -> Suggestion:
    """Return a suggestion that waits. Raises NotFound, and AidError where it is settled."""
    query = select(Suggestion).where(Suggestion.id == number, Suggestion.team_id == team_id)
    row = session.scalar(lock_rows(session, query) if lock else query)
    if row is None:
        raise NotFound("There is no such suggestion.")
    if row.state != SuggestionState.OPEN:
        raise AidError("<@{user}> has settled this suggestion already.", user=row.settled_by)
    return row


def record_suggestion(session: Session, team_id: str, number: int, user_id: str, now: datetime, act_id: int) -> None:
    """Close a suggestion as recorded by an act; does nothing where another admin was faster."""
    with suppress(AidError):
        row = waiting_suggestion(session, team_id, number, lock=True)
        settle_suggestion(session, row, user_id, now, act_id=act_id)


def settle_suggestion(
    session: Session, row: Suggestion, user_id: str, now: datetime, *, act_id: int | None = None, reason: str = ""
) -> None:
    """Close a suggestion as recorded by an act, or as declined for a reason; tell its authors and edit its message."""
    row.state = SuggestionState.RECORDED if act_id else SuggestionState.DECLINED
    row.settled_by, row.settled_at, row.act_id, row.reason = user_id, now, act_id, reason
    told = {author: language for author, language in row.authors if author != user_id}
    queue_notice(session, row.team_id, told, SuggestionPayload(notice="settled", suggestion=row.id), now, now)
    posted = session.get(Delivery, row.posted_id) if row.posted_id else None
    if posted and posted.state in ON_ITS_WAY:
        session.add(change_of(posted, None, None, now, DeliveryKind.EDIT))


def ask_about_old(session: Session, team_id: str, people: dict[str, str], now: datetime) -> int:
    """Ask ``people`` (user id to language) once about what waits for long; return the number of messages."""
    old = [row for row in open_suggestions(session, team_id) if not row.asked_at and row.created_at < now - OLD]
    if not old or not people:
        return 0
    for row in old:
        row.asked_at = now
    payload = OldSuggestionsPayload(notice="old-suggestions", suggestions=[row.id for row in old])
    queue_notice(session, team_id, people, payload, now, now)
    return len(people)


def set_channel(session: Session, editor: Editor, channel: str | None, language: str) -> None:
    """Set where suggestions are posted, in which language; None: nowhere."""
    key = _key(editor.team_id)
    kept = session.get(Preference, key)
    before, after = kept.value if kept else None, {"channel": channel, "language": language} if channel else None
    if before == after:
        return
    if kept:
        session.delete(kept)
        session.flush()
    if after:
        session.add(Preference(key=key, value=after, changed_by=editor.user_id, changed_at=editor.now))
    subject = channel or str(before and before["channel"])
    editor.audit(session, CHANNEL_SET, subject, before=before, after=after)


def channel_of_suggestions(session: Session, team_id: str) -> str:
    kept = session.get(Preference, _key(team_id))
    return str(kept.value["channel"]) if kept else ""


def _key(team_id: str) -> str:
    return f"suggestions:{team_id}"


def _is_same(row: Suggestion, news: News) -> bool:
    if (news.link and row.link == news.link) or normalize(row.text) == normalize(news.text):
        return True
    return bool(news.source) and row.source == news.source and sorted(row.refs) == sorted(news.refs)
