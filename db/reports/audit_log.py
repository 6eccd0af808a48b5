"""The audit log for people: who recorded what, and who changed what beside the updates, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, false, func, literal_column, or_, select, union_all
from sqlalchemy.orm import Session

from db.alerts.second_look import SEEN
from db.chain import Head
from db.models import AuditEntry, ChainLink, ChangeSet, Project, UpdateProject, UpdateRow
from db.paging import Page, read_page
from db.people import EVERY_WORKSPACE
from db.recording.suggestions import CHANNEL_SET
from db.reports.portfolio import changes
from db.subscriptions.channels import DELETED, REST, RESUME
from db.subscriptions.subscriptions import END, ON, SET
from db.updates.history import RecentChange

PAGE_SIZE = 20
RECORDED = "recorded"
TARGETS = {"corrected": "corrects", "retracted": "retracts", "confirmed": "confirms", "differed": "differs"}
"""What is done with an update on record, and the column that names it."""
ACTIONS = {
    "added": ("project-add",),
    "edited": ("project-edit",),
    "withheld": ("project-withhold",),
    "shown": ("project-show",),
    "aliases": ("organisation-aliases",),
    "council": ("council-add", "council-end", "council-remove"),
    "granted": ("grant",),
    "revoked": ("revoke",),
    "alerts": (ON, SET, END, REST, RESUME, DELETED),
    "reminders": ("reminders",),
    "resent": ("delivery-again",),
    "edition": ("edition",),
    "seen": (SEEN,),
    "suggestions": (CHANNEL_SET,),
}
"""All else that is done, and the actions of the audit entries about it."""
SHARED = ("council-", "project-", "organisation-", "reminders", SEEN)
"""What the actions begin with whose effect all workspaces see."""
_ACT: ColumnElement[int] = literal_column("0")
_ENTRY: ColumnElement[int] = literal_column("1")


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """A filter of the log; what is empty asks for everything. ``action`` is a code of the list audit_action."""

    user_id: str = ""
    ref: str = ""
    since: datetime | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """An act or audit entry with its link; of an act ``change`` is the last of ``updates`` that were asked for."""

    at: datetime
    team_id: str
    user_id: str
    head: Head | None
    entry: AuditEntry | None = None
    change: RecentChange | None = None
    updates: int = 0

    @property
    def action(self) -> str:
        """Return the code of what was done; of an entry that no code stands for, its own action."""
        if self.entry:
            return next((code for code, names in ACTIONS.items() if self.entry.action in names), self.entry.action)
        update = self.change.update if self.change else None
        return next((code for code, target in TARGETS.items() if getattr(update, target, None)), RECORDED)


def audit_page(
    session: Session, team_id: str, asked: AuditFilter, number: int, size: int = PAGE_SIZE
) -> Page[AuditLine]:
    """Return a page of the log: all acts, the workspace's audit entries, and those of others that all workspaces share."""
    acts: Select[datetime, int, int] = select(ChangeSet.recorded_at.label("at"), _ACT.label("audit"), ChangeSet.id)
    entries: Select[datetime, int, int] = select(AuditEntry.at, _ENTRY, AuditEntry.id).where(
        or_(
            AuditEntry.team_id.in_((team_id, EVERY_WORKSPACE)), *(AuditEntry.action.startswith(each) for each in SHARED)
        )
    )
    updates = list[ColumnElement[bool]]()
    if asked.user_id:
        acts = acts.where(ChangeSet.user_id == asked.user_id)
        entries = entries.where(or_(AuditEntry.user_id == asked.user_id, AuditEntry.subject == asked.user_id))
    if asked.since:
        acts, entries = acts.where(ChangeSet.recorded_at >= asked.since), entries.where(AuditEntry.at >= asked.since)
    if asked.ref:
        touched = select(UpdateProject.update_id).join(Project, Project.id == UpdateProject.project_id)
        updates.append(UpdateRow.id.in_(touched.where(Project.ref == asked.ref)))
        entries = entries.where(AuditEntry.subject == asked.ref)
    if asked.action:
        updates.append(_done(asked.action))
        entries = entries.where(AuditEntry.action.in_(ACTIONS.get(asked.action, ())))
    if updates:
        acts = acts.where(ChangeSet.id.in_(select(UpdateRow.act_id).where(*updates)))
    log = union_all(acts, entries).subquery()
    query = select(log.c.audit, log.c.id).order_by(log.c.at.desc(), log.c.audit.desc(), log.c.id.desc())
    total = session.scalar(select(func.count()).select_from(log)) or 0

    def read(limit: int, offset: int) -> list[AuditLine]:
        keys = [(bool(audit), key) for audit, key in session.execute(query.limit(limit).offset(offset))]
        lines = _acts(session, [key for audit, key in keys if not audit], updates)
        lines |= _entries(session, [key for audit, key in keys if audit])
        return [lines[key] for key in keys]

    return read_page(read, number, size, total)


def _done(action: str) -> ColumnElement[bool]:
    table = UpdateRow.__table__.c
    if action in TARGETS:
        return table[TARGETS[action]].is_not(None)
    return and_(*(table[target].is_(None) for target in TARGETS.values())) if action == RECORDED else false()


def _acts(
    session: Session, ids: Sequence[int], wanted: Sequence[ColumnElement[bool]]
) -> dict[tuple[bool, int], AuditLine]:
    counted = select(UpdateRow.act_id, func.max(UpdateRow.id), func.count()).where(UpdateRow.act_id.in_(ids), *wanted)
    found = {act_id: (number, count) for act_id, number, count in session.execute(counted.group_by(UpdateRow.act_id))}
    told = {each.update.number: each for each in changes(session, [number for number, _ in found.values()])}
    rows = (
        select(ChangeSet, ChainLink).outerjoin(ChainLink, ChainLink.act_id == ChangeSet.id).where(ChangeSet.id.in_(ids))
    )
    lines = {}
    for act, link in session.execute(rows):
        number, count = found.get(act.id, (0, 0))
        lines[(False, act.id)] = AuditLine(
            act.recorded_at, act.team_id, act.user_id, _head(link), change=told.get(number), updates=count
        )
    return lines


def _entries(session: Session, ids: Sequence[int]) -> dict[tuple[bool, int], AuditLine]:
    rows = select(AuditEntry, ChainLink).outerjoin(ChainLink, ChainLink.audit_id == AuditEntry.id)
    return {
        (True, entry.id): AuditLine(entry.at, entry.team_id, entry.user_id, _head(link), entry)
        for entry, link in session.execute(rows.where(AuditEntry.id.in_(ids)))
    }


def _head(link: ChainLink | None) -> Head | None:
    return Head(link.number, link.head) if link else None
