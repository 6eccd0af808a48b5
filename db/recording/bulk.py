"""Recording many change sets at once, as an import does: each planned on top of the earlier ones, written in bulk."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from db.chain import link_at_commit
from db.council import load_council
from db.database import write_rows
from db.domain.dates import new_york_date
from db.domain.project_status import status_of
from db.domain.rules import RuleContext
from db.domain.updates import Update
from db.epoch import next_numbers
from db.models import ChangeSet, UpdateProject
from db.projects.queries import ids_of_refs, known_refs
from db.recording.duplicates import Duplicate, find_duplicates
from db.recording.proposal import Proposal
from db.recording.receipts import Plan, RecordingContext
from db.recording.record import plan_against
from db.reminders.schedule import plan_reminders
from db.updates.history import as_row, load_histories, touch_row
from db.updates.status_cache import store_statuses

FIRST_NUMBER = 10**11  # numbers updates until they are written: higher than any recorded, lower than ``PROVISIONAL``


Touches = tuple[tuple[int, str, str], ...]  # of an update: each project, its headline before and after
Parts = tuple[tuple[Update, Touches], ...]  # of a change set: its updates, numbered provisionally


class Batch:
    """Change sets about projects among ``refs``, planned in turn; ``write`` stores them together, without alerts."""

    def __init__(self, session: Session, refs: Collection[str], *, now: datetime, by: str) -> None:
        self._session, self._now, self._by = session, now, by
        self._ids = known_refs(session, refs, lock=True)
        self._histories = load_histories(session, self._ids.values(), names=True)
        self._facts = RuleContext(new_york_date(now), load_council(session))
        self._entries: list[tuple[RecordingContext, Parts]] = []
        self._next = FIRST_NUMBER
        self.numbers: dict[int, int] = {}  # the number of each update, once written, by the provisional one

    def add(self, proposal: Proposal, recorder: RecordingContext) -> Plan:
        """Plan a change set on those before; the next may refer to its numbers. Raises AidError and leaves it out."""
        if missing := [ref for ref in proposal.refs if ref not in self._ids]:
            ids_of_refs(self._session, missing)
        ids = {ref: self._ids[ref] for ref in proposal.refs}
        planned = plan_against(self._session, proposal, ids, self._histories, self._facts, now=self._now, by=self._by)
        parts = tuple(self._apply(update, keys) for update, keys in planned.parts)
        self._entries.append((recorder, parts))
        keys = (keys for _, keys in planned.parts)
        return replace(planned, parts=tuple((update, keys) for (update, _), keys in zip(parts, keys, strict=True)))

    def write(self) -> list[tuple[Duplicate, ...]]:
        """Write all change sets; return for each the earlier letters that look like its own."""
        act, update = next_numbers(self._session, self._now) if self._entries else (None, None)
        acts = [who.change_set(None if at else act, self._now) for at, (who, _) in enumerate(self._entries)]
        self._session.add_all(acts)
        self._session.flush()
        link_at_commit(self._session, *acts)
        real = self.numbers = self._write_updates(acts, update)
        touched = {project for _, parts in self._entries for _, touches in parts for project, _, _ in touches}
        for project_id in touched:
            self._histories[project_id] = [_renumber(update, real) for update in self._histories[project_id]]
        standings = {key: status_of(self._histories[key]) for key in sorted(touched)}
        store_statuses(self._session, standings, self._now)
        plan_reminders(self._session, standings, self._now)
        return [self._alike(parts, real) for _, parts in self._entries]

    def _apply(self, update: Update, project_ids: Sequence[int]) -> tuple[Update, Touches]:
        numbered = replace(update, number=self._next, act=self._next)
        self._next += 1
        touches = []
        for project_id in project_ids:
            history = self._histories[project_id]
            before = status_of(history).headline(self._facts.today)
            history.append(numbered)
            after = status_of(history).headline(self._facts.today)
            touches.append((project_id, before.value, after.value))
        return numbered, tuple(touches)

    def _write_updates(self, acts: list[ChangeSet], first: int | None) -> dict[int, int]:
        """Write updates and what they touch, those that a report cites first; return numbers by provisional ones."""
        parts = [
            (act, update, touches)
            for act, (_, planned) in zip(acts, self._entries, strict=True)
            for update, touches in planned
        ]
        real: dict[int, int] = {}
        while chosen := parts[len(real) :]:
            first_number = chosen[0][1].number  # provisional ones ascend, above all others
            targets = ((update.confirms or update.differs or 0) >= first_number for _, update, _ in chosen)
            chosen = chosen[: next((at for at, cited in enumerate(targets) if cited), None)]
            rows = [as_row(_renumber(update, real), act_id=act.id, team_id=act.team_id) for act, update, _ in chosen]
            if rows and first:
                rows[0].id, first = first, None
            self._session.add_all(rows)
            self._session.flush()
            real |= {update.number: row.id for row, (_, update, _) in zip(rows, chosen, strict=True)}
        touches = (touch_row(real[update.number], *touch) for _, update, touches in parts for touch in touches)
        write_rows(self._session, UpdateProject, touches)
        return real

    def _alike(self, parts: Parts, real: dict[int, int]) -> tuple[Duplicate, ...]:
        update, touches = parts[-1]
        numbered = replace(update, number=real[update.number])
        duplicates = find_duplicates(self._session, numbered, [project for project, _, _ in touches])
        return tuple(each for each in duplicates if each.earlier.number < numbered.number)


def _renumber(update: Update, real: dict[int, int]) -> Update:
    """Replace provisional numbers, its own and that of what it is another report of."""
    confirms, differs = (real.get(each, each) if each else each for each in (update.confirms, update.differs))
    return replace(update, number=real.get(update.number, update.number), confirms=confirms, differs=differs)
