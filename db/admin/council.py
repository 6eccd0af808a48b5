"""Council memberships as admins edit them, with audit entries and replanned reminders."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.council import delete_membership, load_council, set_membership
from db.domain.council import Membership
from db.errors import NotFound
from db.models import HoldRow
from db.reminders.schedule import reschedule


def add_membership(session: Session, code: str, since: date, until: date | None, editor: Editor) -> Membership | None:
    """Add a membership, or change the end of the one that began that day; return the previous row.

    Raises BadInput where it would overlap another.
    """
    before = set_membership(session, code, since, until)
    after = Membership(code, since, until)
    if before != after:
        _audit_membership(session, "council-add", code, before, after, editor)
    return before


def end_membership(session: Session, code: str, until: date, editor: Editor) -> tuple[Membership, Membership]:
    """End a state's latest membership that began by ``until``; return it before and after.

    Raises NotFound where there is none, BadInput where it would overlap another.
    """
    begun = [row for row in load_council(session).rows if row.code == code and row.since <= until]
    if not begun:
        raise NotFound(
            "{code} has no membership on record that started by {until}. Add one with `/aid-admin council add`.",
            code=code,
            until=until,
        )
    before = max(begun, key=lambda row: row.since)
    set_membership(session, code, before.since, until)
    after = Membership(code, before.since, until)
    if before != after:
        _audit_membership(session, "council-end", code, before, after, editor)
    return before, after


def remove_membership(session: Session, code: str, since: date, editor: Editor) -> Membership:
    """Remove a membership entered by mistake and return it. Raises NotFound."""
    before = delete_membership(session, code, since)
    _audit_membership(session, "council-remove", code, before, None, editor)
    return before


def memberships(session: Session, first: date, last: date) -> tuple[Membership, ...]:
    return tuple(row for row in load_council(session).rows if row.overlaps(first, last))


def _audit_membership(
    session: Session, action: str, code: str, before: Membership | None, after: Membership | None, editor: Editor
) -> None:
    editor.audit(session, action, code, before=_as_json(before), after=_as_json(after))
    session.flush()
    held = session.scalars(select(HoldRow.project_id).where(HoldRow.holder == code).distinct())
    reschedule(session, list(held), editor.now)


def _as_json(row: Membership | None) -> dict[str, str | None] | None:
    return {"from": row.since.isoformat(), "to": row.until.isoformat() if row.until else None} if row else None
