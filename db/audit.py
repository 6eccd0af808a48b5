"""Audit log of what admins changed outside the updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.chain import link_at_commit
from db.models import AuditEntry
from db.paging import Page, read_page

PAGE_SIZE = 20


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


def audit_page(session: Session, team_id: str, number: int) -> Page[AuditEntry]:
    """Return a page of a workspace's audit log, newest first."""
    own = AuditEntry.team_id == team_id
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(own)) or 0
    query = select(AuditEntry).where(own).order_by(AuditEntry.id.desc())
    return read_page(
        lambda limit, offset: session.scalars(query.limit(limit).offset(offset)).all(), number, PAGE_SIZE, total
    )
