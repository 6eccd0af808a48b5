"""Second look: another admin marks a decision as seen. A look is an entry of the audit log, and so part of the chain."""

from collections.abc import Collection
from datetime import UTC, datetime

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from db.alerts.alerts import edit_alerts
from db.audit import Editor
from db.column_types import UtcTime
from db.database import fetch, lock_rows
from db.domain.enums import Role, SourceKind, UpdateKind
from db.domain.updates import OFFICIAL, strength
from db.errors import AidError, NotAllowed, NotFound
from db.models import AuditEntry, ChangeSet, Person, UpdateRow

SEEN = "update-seen"  # the action of the audit entries; their subject is the number, as ``#12``
KINDS = (UpdateKind.APPROVED, UpdateKind.EXTENDED, UpdateKind.REJECTED, UpdateKind.CLEARANCE)
BY_HAND = ("command", "form", "draft")  # origins of what one admin recorded; of a file the dry run was read
ENOUGH = 2  # admins, of whom one records and another looks

_ROWS, _ACTS, _LOG, _PEOPLE = (model.__table__.c for model in (UpdateRow, ChangeSet, AuditEntry, Person))
_DECISIONS = (
    select(_ROWS.id, _ROWS.kind, _ROWS.confidence)
    .join_from(UpdateRow.__table__, ChangeSet.__table__, _ACTS.id == _ROWS.act_id)
    .where(_ROWS.id.in_(bindparam("ids", expanding=True)), _ROWS.kind.in_([kind.value for kind in KINDS]))
    .where(_ROWS.confirms.is_(None), _ACTS.origin.in_(BY_HAND))
)
_LOOKS = (
    select(_LOG.subject)
    .where(_LOG.action == SEEN, _LOG.subject.in_(bindparam("subjects", expanding=True)))
    .where(_LOG.at <= bindparam("known", type_=UtcTime()))
)
_ADMINS = select(_PEOPLE.user_id).where(_PEOPLE.role == Role.ADMIN.value)


def awaiting_look(
    session: Session, numbers: Collection[int], *, listed: frozenset[str], known: datetime | None = None
) -> frozenset[int]:
    """Return the official decisions that no second admin, where there are two, has seen by ``known`` (UTC)."""
    rows = fetch(session, _DECISIONS, ids=list(numbers)) if numbers else ()
    waiting = {key for key, kind, said in rows if strength(SourceKind(said), UpdateKind(kind)) >= OFFICIAL}
    if not waiting or len(listed.union(fetch(session, _ADMINS).scalars())) < ENOUGH:
        return frozenset()
    subjects = {f"#{number}": number for number in waiting}
    seen = fetch(session, _LOOKS, subjects=list(subjects), known=known or datetime.max.replace(tzinfo=UTC)).scalars()
    return frozenset(waiting - {subjects[subject] for subject in seen})


def mark_seen(session: Session, number: int, editor: Editor, *, listed: frozenset[str]) -> bool:
    """Note that an admin has seen an update, and edit its alerts; return False where one had before. Raises AidError."""
    row = session.scalar(lock_rows(session, select(UpdateRow).where(UpdateRow.id == number)))
    if row is None:
        raise NotFound("There is no update #{number}.", number=number)
    if row.recorded_by == editor.user_id:
        raise NotAllowed("You recorded #{number} yourself, so another admin has to look at it.", number=number)
    if not awaiting_look(session, [number], listed=listed):
        if fetch(session, _LOOKS, subjects=[f"#{number}"], known=editor.now).first():
            return False
        raise AidError("#{number} needs no second look.", number=number)
    editor.audit(session, SEEN, f"#{number}")
    edit_alerts(session, number, editor.now)
    return True
