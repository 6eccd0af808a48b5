"""Admin roles as admins grant and revoke them, with audit entries."""

from sqlalchemy.orm import Session

from db.audit import Editor
from db.domain.enums import Role
from db.errors import N_, AidError
from db.models import Person
from db.people import admins, is_admin, set_preference

ONLY_ADMIN = N_("<@{user}> is the only admin. Make someone else an admin first.")


def grant(session: Session, user_id: str, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Make somebody an admin; return False where they are one already."""
    if is_admin(session, editor.team_id, user_id, listed=listed):
        return False
    _set(session, user_id, Role.ADMIN, editor, "grant")
    return True


def revoke(session: Session, user_id: str, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Revoke somebody's admin role; return False for none. Raises AidError for a listed one, and for the only admin."""
    if not is_admin(session, editor.team_id, user_id, listed=listed):
        return False
    if user_id in listed:
        raise AidError(
            "<@{user}> is an admin through the AID_ADMINS setting. Remove the ID there and restart the bot.",
            user=user_id,
        )
    if admins(session, editor.team_id, listed=listed) == [user_id]:
        raise AidError(ONLY_ADMIN, user=user_id)
    _set(session, user_id, Role.MEMBER, editor, "revoke")
    return True


def _set(session: Session, user_id: str, role: Role, editor: Editor, action: str) -> None:
    person = session.get(Person, (editor.team_id, user_id))
    before = person.role if person else Role.MEMBER.value
    set_preference(session, editor.team_id, user_id, role=role.value)
    editor.audit(session, action, user_id, before={"role": before}, after={"role": role.value})
