"""Drafts that wait for their author to press *Record*, and the Slack requests that were already handled."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.audit import Editor
from db.database import insert_for, lock_rows
from db.errors import AidError, NotAllowed
from db.models import Draft, ProcessedRequest
from db.people import EVERY_WORKSPACE
from db.recording.proposal import Proposal
from db.recording.receipts import RecordingContext
from db.updates.history import last_number


def keep_draft(session: Session, recorder: RecordingContext, proposal: Proposal, *, now: datetime) -> str:
    """Store a proposal for its author with what was typed and the last update they can have seen; return the draft's id."""
    content = {**proposal.as_json(), "fingerprint": recorder.fingerprint, "seen": last_number(session)}
    if recorder.suggestion:
        content["suggestion"] = recorder.suggestion
    return _keep(session, recorder.team_id, recorder.user_id, content, now)


def keep_retraction(session: Session, editor: Editor, number: int, refs: Sequence[str], note: str) -> str:
    """Store the retraction of an update for some of its projects, for its author to record; return the draft's id."""
    content = {"retracts": number, "refs": list(refs), "note": note}
    return _keep(session, editor.team_id, editor.user_id, content, editor.now)


def _keep(session: Session, team_id: str, user_id: str, content: dict[str, Any], now: datetime) -> str:
    draft = Draft(id=secrets.token_hex(12), team_id=team_id, user_id=user_id, content=content, created_at=now)
    session.add(draft)
    session.flush()
    return draft.id


def take_draft(session: Session, draft_id: str, team_id: str, user_id: str) -> Draft:
    """Lock and return a draft; a used one has its ``act_id``. Raises NotAllowed for others, AidError for none."""
    draft: Draft | None = session.scalar(lock_rows(session, select(Draft).where(Draft.id == draft_id)))
    if draft is None:
        raise AidError("This draft is no longer available. Run the command again.")
    if (draft.team_id, draft.user_id) != (team_id, user_id):
        raise NotAllowed("Only <@{author}>, who wrote this draft, can record it.", author=draft.user_id)
    if draft.used_at and draft.act_id is None:
        raise AidError("This draft was cancelled, so nothing was recorded. Run the command again.")
    return draft


def cancel_draft(session: Session, draft_id: str, editor: Editor) -> bool:
    """Cancel a draft, so that no other screen of it records it; return False if it was recorded before."""
    draft = take_draft(session, draft_id, editor.team_id, editor.user_id)
    draft.used_at = draft.used_at or editor.now
    return draft.act_id is None


def claim_request(session: Session, key: str, team_id: str, *, now: datetime) -> bool:
    """Store the key of a Slack request; return False where it was handled before."""
    try:
        with session.begin_nested():
            session.add(ProcessedRequest(key=key, team_id=team_id, received_at=now))
            session.flush()
    except IntegrityError:
        return False
    return True


def is_claimed(session: Session, key: str) -> bool:
    return session.get(ProcessedRequest, key) is not None


def touch_request(session: Session, key: str, *, now: datetime) -> None:
    row = insert_for(session)(ProcessedRequest).values(key=key, team_id=EVERY_WORKSPACE, received_at=now)
    session.execute(row.on_conflict_do_update(index_elements=["key"], set_={"received_at": now}))
