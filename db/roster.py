"""Who is an admin and who sits on the Council, as admins change it: each change with its row in the audit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.council import Membership
from db.council_members import load_council, remove_membership, set_membership
from db.errors import AidError, NotFound, sentence
from db.models import AuditEntry, HoldRow
from db.people import admins, audit, is_admin, set_role
from db.reminder_plan import replan
from db.vocabulary import Role

AUDIT_PAGE = 20


@dataclass(frozen=True, slots=True)
class Editor:
    """Who edits, and when (aware, UTC)."""

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


def grant(session: Session, user_id: str, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Make somebody an admin; False where they are one already."""
    if is_admin(session, editor.team_id, user_id, listed=listed):
        return False
    _set(session, user_id, Role.ADMIN, editor, "grant", listed)
    return True


def revoke(session: Session, user_id: str, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Take the role back; False where they are no admin.

    Raises AidError for somebody whom AID_ADMINS lists, and where nobody would be left who may record.
    """
    if not is_admin(session, editor.team_id, user_id, listed=listed):
        return False
    if admins(session, editor.team_id, listed=listed) == [user_id] and user_id not in listed:
        raise AidError(
            sentence(
                "<@{user}> is the only admin, and somebody has to be one. Grant the role to another person first."
            ),
            user=user_id,
        )
    _set(session, user_id, Role.MEMBER, editor, "revoke", listed)
    return True


def seat(session: Session, code: str, since: date, until: date | None, editor: Editor) -> Membership | None:
    """Enter a state's time on the Council, or another end of the one that began that day; what was on record before.

    Raises BadInput where it would overlap another.
    """
    before = set_membership(session, code, since, until)
    after = Membership(code, since, until)
    if before != after:
        _audit_seat(session, "council-add", before, after, editor)
    return before


def end_seat(session: Session, code: str, until: date, editor: Editor) -> tuple[Membership, Membership]:
    """Set the end of a state's latest time on the Council that began by then; that time before and after.

    Raises NotFound where there is none, BadInput where it would overlap another.
    """
    begun = [row for row in load_council(session).rows if row.code == code and row.since <= until]
    if not begun:
        raise NotFound(
            sentence(
                "No membership of {code} that began by {until} is on record. `/aid-admin council add` enters one."
            ),
            code=code,
            until=until,
        )
    before = max(begun, key=lambda row: row.since)
    set_membership(session, code, before.since, until)
    after = Membership(code, before.since, until)
    if before != after:
        _audit_seat(session, "council-end", before, after, editor)
    return before, after


def unseat(session: Session, code: str, since: date, editor: Editor) -> Membership:
    """Remove a time on the Council that was entered by mistake; returns it. Raises NotFound."""
    before = remove_membership(session, code, since)
    _audit_seat(session, "council-remove", before, None, editor)
    return before


def seats(session: Session, first: date, last: date) -> tuple[Membership, ...]:
    """The times on the Council that hold at least one day from ``first`` to ``last``."""
    return tuple(row for row in load_council(session).rows if row.overlaps(first, last))


def audit_page(session: Session, team_id: str, number: int) -> AuditPage:
    """What admins of a workspace changed; the nearest page where there is no such one."""
    own = AuditEntry.team_id == team_id
    total = session.scalar(select(func.count()).select_from(AuditEntry).where(own)) or 0
    pages = max(1, -(-total // AUDIT_PAGE))
    number = min(max(number, 1), pages)
    rows = session.scalars(
        select(AuditEntry).where(own).order_by(AuditEntry.id.desc()).offset((number - 1) * AUDIT_PAGE).limit(AUDIT_PAGE)
    ).all()
    return AuditPage(rows, number, pages, total)


def _set(session: Session, user_id: str, role: Role, editor: Editor, action: str, listed: frozenset[str]) -> None:
    before = set_role(session, editor.team_id, user_id, role, listed=listed)
    audit(
        session,
        editor.team_id,
        editor.user_id,
        action,
        user_id,
        now=editor.now,
        before={"role": before.value},
        after={"role": role.value},
    )


def _audit_seat(
    session: Session, action: str, before: Membership | None, after: Membership | None, editor: Editor
) -> None:
    code = (after or before or Membership("", date.min, None)).code
    audit(
        session, editor.team_id, editor.user_id, action, code, now=editor.now, before=_seat(before), after=_seat(after)
    )
    session.flush()
    held = session.scalars(select(HoldRow.project_id).where(HoldRow.holder == code).distinct())
    replan(session, list(held), editor.now)


def _seat(row: Membership | None) -> dict[str, str | None] | None:
    return {"from": row.since.isoformat(), "to": row.until.isoformat() if row.until else None} if row else None
