"""Audit log of what admins changed outside the updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.chain import link_at_commit
from db.models import AuditEntry


def audit(
    session: Session,
    team_id: str,
    user_id: str,
    action: str,
    subject: str,
    *,
    now: datetime,
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Add an entry to the audit log."""
    entry = AuditEntry(
        team_id=team_id, user_id=user_id, at=now, action=action, subject=subject, before=before, after=after
    )
    session.add(entry)
    link_at_commit(session, entry)


@dataclass(frozen=True, slots=True)
class Editor:
    """An admin who edits, and the time (aware, UTC)."""

    team_id: str
    user_id: str
    now: datetime
