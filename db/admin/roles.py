"""Admin roles as admins grant and revoke them, with audit entries."""

from sqlalchemy.orm import Session

from db.audit import Editor
from db.domain.enums import Role
from db.errors import N_, AidError
from db.people import admins, is_admin, set_role

ONLY_ADMIN = N_("<@{user}> is the only admin. Make someone else an admin first.")


def grant(session: Session, user_id: str, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Make somebody an admin; return False where they are one already."""
    if is_admin(session, editor.team_id, user_id, listed=listed):
        return False
    _set(session, user_id, Role.ADMIN, editor, "grant", listed)
    return True


def revoke(session: Session, user_id: str, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Revoke somebody's admin role; return False for none. Raises AidError for a listed one, and for the only admin."""
    if not is_admin(session, editor.team_id, user_id, listed=listed):
        return False
    if admins(session, editor.team_id, listed=listed) == [user_id] and user_id not in listed:
        raise AidError(ONLY_ADMIN, user=user_id)
    _set(session, user_id, Role.MEMBER, editor, "revoke", listed)
    return True


def _set(session: Session, user_id: str, role: Role, editor: Editor, action: str, listed: frozenset[str]) -> None:
    before = set_role(session, editor.team_id, user_id, role, listed=listed)
    editor.audit(session, action, user_id, before={"role": before.value}, after={"role": role.value})
