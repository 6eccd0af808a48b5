"""Audit log of what admins changed outside the updates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import AuditEntry

AUDIT_PAGE = 20  # entries on a page


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
    session.add(
        AuditEntry(team_id=team_id, user_id=user_id, at=now, action=action, subject=subject, before=before, after=after)
    )


@dataclass(frozen=True, slots=True)
class Editor:
    """An admin who edits, and the time (aware, UTC)."""

    team_id: str
    user_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AuditPage:
    """A page of entries, newest first; pages count from 1."""

    rows: Sequence[AuditEntry]
    number: int
    pages: int
    total: int


def audit_page(session: Session, team_id: str, number: int) -> AuditPage:
    """Return a page of a workspace's audit log, the nearest one where ``number`` does not exist."""
    own = AuditEntry.team_id == team_id
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(own)) or 0
    pages = max(1, -(-total // AUDIT_PAGE))
    number = min(max(number, 1), pages)
    rows = session.scalars(
        select(AuditEntry).where(own).order_by(AuditEntry.id.desc()).offset((number - 1) * AUDIT_PAGE).limit(AUDIT_PAGE)
    ).all()
    return AuditPage(rows, number, pages, total)
