"""Ownership of what people make, and the audit log of what was changed outside the updates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from db.chain import link_at_commit
from db.models import AuditEntry, Draft, Subscription


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


Owned = Subscription | Draft  # what one person of a workspace made


def may_change(thing: Owned, editor: Editor, *, admin: bool) -> bool:
    """Return True for who made a thing and, unless only they may, for an admin of its workspace."""
    return thing.team_id == editor.team_id and (admin or thing.owner_id == editor.user_id)
