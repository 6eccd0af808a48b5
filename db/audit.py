"""The audit log of what was changed outside the updates, and who changes something."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.chain import link_at_commit
from db.models import AuditEntry


@dataclass(frozen=True, slots=True)
class Editor:
    """Somebody who changes something, and the time (aware, UTC)."""

    team_id: str
    user_id: str
    now: datetime

    def audit(
        self,
        session: Session,
        action: str,
        subject: str,
        *,
        before: Mapping[str, object] | None = None,
        after: Mapping[str, object] | None = None,
    ) -> None:
        """Add an entry to the audit log."""
        who = {"team_id": self.team_id, "user_id": self.user_id, "at": self.now}
        entry = AuditEntry(**who, action=action, subject=subject, before=before, after=after)
        session.add(entry)
        link_at_commit(session, entry)
