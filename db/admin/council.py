"""Council memberships as admins edit them, with audit entries and replanned reminders."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.council import load_council
from db.domain.council import Membership
from db.errors import BadInput, NotFound
from db.models import CouncilMember, HoldRow
from db.reminders.schedule import reschedule


def add_membership(session: Session, code: str, since: date, until: date | None, editor: Editor) -> Membership | None:
    """Add a membership, or change the end of the one that began that day; return it as it was. Raises BadInput."""
    return _set(session, "council-add", Membership(code, since, until), editor)


def end_membership(session: Session, code: str, until: date, editor: Editor) -> tuple[Membership, Membership]:
    """End a state's latest membership that began by ``until``; return it before and after. Raises NotFound, BadInput."""
    begun = [row for row in load_council(session).rows if row.code == code and row.since <= until]
    if not begun:
        raise NotFound(
            "{code} has no membership on record that started by {until}. Add one with `/aid-admin council add`.",
            code=code,
            until=until,
        )
    before = max(begun, key=lambda row: row.since)
    after = Membership(code, before.since, until)
    _set(session, "council-end", after, editor)
    return before, after


def remove_membership(session: Session, code: str, since: date, editor: Editor) -> Membership:
    """Remove a membership entered by mistake and return it. Raises NotFound."""
    row = session.scalar(select(CouncilMember).where(CouncilMember.code == code, CouncilMember.since == since))
    if row is None:
        raise NotFound("{code} has no membership starting {since} on record.", code=code, since=since)
    before = Membership(code, since, row.until)
    session.delete(row)
    _audit_membership(session, "council-remove", code, before, None, editor)
    return before


def _set(session: Session, action: str, after: Membership, editor: Editor) -> Membership | None:
    if after.until and after.until < after.since:
        raise BadInput(
            "The membership end date ({until}) is before its start date ({since}).",
            field="until",
            until=after.until,
            since=after.since,
        )
    rows = session.scalars(select(CouncilMember).where(CouncilMember.code == after.code)).all()
    for row in rows:
        if row.since != after.since and Membership(row.code, row.since, row.until).shares_a_day(after):
            raise BadInput(
                "{code} is already recorded as a member from {other}. Remove that entry first, or use the "
                "same start date to change its end.",
                code=after.code,
                other=row.since,
            )
    same = next((row for row in rows if row.since == after.since), None)
    before = Membership(after.code, after.since, same.until) if same else None
    if same:
        same.until = after.until
    else:
        session.add(CouncilMember(code=after.code, since=after.since, until=after.until))
    if before != after:
        _audit_membership(session, action, after.code, before, after, editor)
    return before


def _audit_membership(
    session: Session, action: str, code: str, before: Membership | None, after: Membership | None, editor: Editor
) -> None:
    editor.audit(session, action, code, before=_as_json(before), after=_as_json(after))
    session.flush()
    held = session.scalars(select(HoldRow.project_id).where(HoldRow.holder == code).distinct())
    reschedule(session, list(held), editor.now)


def _as_json(row: Membership | None) -> dict[str, str | None] | None:
    return {"from": row.since.isoformat(), "to": row.until.isoformat() if row.until else None} if row else None
