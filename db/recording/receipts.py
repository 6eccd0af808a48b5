"""Input and output of recording: context, plan, receipt; and the lookup of a change set recorded before."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from db.domain.enums import Headline
from db.domain.rules import RuleWarning
from db.domain.updates import Update
from db.epoch import current_epoch
from db.models import ChangeSet, UpdateProject, UpdateRow
from db.projects.queries import load_projects
from db.recording.duplicates import Duplicate
from db.updates.history import updates_of_act

DEDUPLICATION_WINDOW = timedelta(seconds=60)
"""The same person, command and text within this time is the same act (rule 12)."""


@dataclass(frozen=True, slots=True)
class RecordingContext:
    """The person who records, and the keys that make the change set recognisable.

    ``key`` names one command, form or draft and is used once. ``fingerprint`` is the same for the same person,
    command and text. ``repeat`` records although the same was recorded a moment ago. ``quiet`` alerts nobody.
    ``suggestion`` is the id of the one that is recorded.
    """

    team_id: str
    user_id: str
    origin: str
    key: str
    fingerprint: str
    repeat: bool = False
    quiet: bool = False
    suggestion: int | None = None

    def change_set(self, number: int | None, now: datetime) -> ChangeSet:
        """Return a new row for the act; the database gives it a number if it has none."""
        named = {name: getattr(self, name) for name in ("team_id", "user_id", "origin", "key", "fingerprint")}
        return ChangeSet(id=number, recorded_at=now, **named)


@dataclass(frozen=True, slots=True)
class HeadlineChange:
    """A project that an act concerns, with its headline before and after it."""

    ref: str
    before: Headline
    after: Headline


@dataclass(frozen=True, slots=True)
class Plan:
    """A change set to be written: updates with their projects' ids, what they change, and the ``histories`` of before."""

    parts: tuple[tuple[Update, tuple[int, ...]], ...]
    touched: tuple[HeadlineChange, ...]
    warnings: tuple[tuple[str, RuleWarning], ...]
    duplicates: tuple[Duplicate, ...]
    histories: Mapping[int, list[Update]] = field(repr=False, compare=False)

    @property
    def main(self) -> Update:
        return self.parts[-1][0]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Result of recording; ``already`` if it had been recorded before and nothing was written now."""

    act: int
    updates: tuple[Update, ...]
    touched: tuple[HeadlineChange, ...]
    recorded_at: datetime
    warnings: tuple[tuple[str, RuleWarning], ...] = ()
    already: bool = False
    epoch: str = field(default="", compare=False)

    @property
    def main(self) -> Update:
        return self.updates[-1]


def find_change_set(session: Session, recorder: RecordingContext, now: datetime) -> ChangeSet | None:
    """Return the act that ``recorder`` repeats, by key or within a minute by text; not one that was taken back since."""
    same_key = session.scalar(select(ChangeSet).where(ChangeSet.key == recorder.key))
    if same_key or recorder.repeat:
        return same_key
    retraction = aliased(UpdateRow)
    taken_back = (
        select(UpdateRow.id)
        .join(retraction, retraction.retracts == UpdateRow.id)
        .where(UpdateRow.act_id == ChangeSet.id)
        .correlate(ChangeSet)
    )
    return session.scalar(
        select(ChangeSet)
        .where(
            ChangeSet.fingerprint == recorder.fingerprint,
            ChangeSet.recorded_at > now - DEDUPLICATION_WINDOW,
            ChangeSet.recorded_at <= now + DEDUPLICATION_WINDOW,
            ~taken_back.exists(),
        )
        .order_by(ChangeSet.id.desc())
        .limit(1)
    )


def receipt_of(session: Session, act_id: int) -> Receipt:
    """Return the receipt of a change set that had been recorded before."""
    act = session.get_one(ChangeSet, act_id)
    updates = updates_of_act(session, act_id)
    touches = select(UpdateProject).where(UpdateProject.update_id.in_([each.number for each in updates]))
    rows = session.scalars(touches.order_by(UpdateProject.update_id)).all()
    first = {row.project_id: row.headline_before for row in reversed(rows)}
    last = {row.project_id: row.headline_after for row in rows}
    views = load_projects(session, last)
    touched = tuple(HeadlineChange(views[key].ref, Headline(first[key]), Headline(last[key])) for key in sorted(last))
    return Receipt(act.id, updates, touched, act.recorded_at, already=True, epoch=current_epoch(session).key)
