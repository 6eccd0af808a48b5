"""TODO."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import AuditEntry


def audit(
    session: Session,
    team_id: str,
    user_id: str,
    action: str,
    subject: str,
    *,
    now: datetime,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Note what an admin changed outside the updates."""
    session.add(
        AuditEntry(team_id=team_id, user_id=user_id, at=now, action=action, subject=subject, before=before, after=after)
    )


AUDIT_PAGE = 20


@dataclass(frozen=True, slots=True)
class Editor:
    """The admin who edits, and when (aware, UTC)."""

    team_id: str
    user_id: str
    now: datetime


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Some entries, newest first; pages count from 1."""

    rows: Sequence[AuditEntry]
    number: int
    pages: int
    total: int


def audit_page(session: Session, team_id: str, number: int) -> AuditPage:
    """Return a page of what admins of a workspace changed, or the nearest page if ``number`` is out of range."""
    own = AuditEntry.team_id == team_id
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(own)) or 0
    pages = max(1, -(-total // AUDIT_PAGE))
    number = min(max(number, 1), pages)
    rows = session.scalars(
        select(AuditEntry).where(own).order_by(AuditEntry.id.desc()).offset((number - 1) * AUDIT_PAGE).limit(AUDIT_PAGE)
    ).all()
    return AuditPage(rows, number, pages, total)
