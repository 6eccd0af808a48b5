"""Editions of the data sets that ship with the bot: what a newer one says otherwise is recorded, quietly.

Each entry has a key that stays: a project its ref, an update the one in the file. An edition is compared with what is on
record. What differs is corrected, edited, retracted or added, but nothing that anybody else corrected, retracted or edited.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.admin.projects import changes_since, edit_project, enter_project, fields_of
from db.audit import Editor
from db.database import Lock, advisory_lock
from db.domain.code_lists import read_data
from db.domain.dates import PartialDate
from db.domain.updates import Update, in_place, superseded_by
from db.errors import AidError, BatchRefused
from db.models import AuditEntry, ChangeSet, Project, UpdateRow
from db.outbox.deliveries import EditionPayload
from db.outbox.notices import leave_message
from db.people import EVERY_WORKSPACE, SHIPPED
from db.projects.fields import NewOrganisation, ProjectFields, normalize_fields
from db.projects.queries import ids_of_refs
from db.recording.proposal import Proposal, parse_proposal, report_as
from db.recording.receipts import RecordingContext
from db.recording.record import plan, record_plan, retract, write_change_set
from db.updates.history import load_histories, refs_of
from db.updates.status_cache import initialize_projects

FIRST_EDITIONS = "first_editions.toml"
EDITION = "edition"  # action in the audit log
SHOWN = 60  # characters of a value in a line of the report
_ORGANISATIONS = frozenset({"organisation", "organisation_role", "roles"})  # compared and edited together
_OF_UPDATE = (
    *("kind", "happened", "reported", "confidence", "sources", "holder", "lift_all", "stance", "length", "letter"),
    *("consignment", "deadline", "deadline_hour", "authority", "outcome", "extends", "note", "note_ko"),
)


@dataclass(frozen=True, slots=True)
class ShippedUpdate:
    """An update of an edition by key; ``report`` is ``confirms`` or ``differs``, and the key of what it reports of."""

    key: str
    proposal: Proposal
    report: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of a data set; ``origin`` is that of its acts. What is not stated in it is not known."""

    data_set: str
    number: int
    origin: str
    projects: Sequence[ProjectFields]
    updates: Sequence[ShippedUpdate]


@dataclass
class EditionReport:
    """Changes made by an edition, each as a line; ``left`` counts what stays as somebody made it, or was refused."""

    data_set: str
    edition: int
    known: bool
    added: int = 0
    edited: int = 0
    recorded: int = 0
    corrected: int = 0
    retracted: int = 0
    left: int = 0
    lines: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        return self.added + self.edited + self.recorded + self.corrected + self.retracted

    def note(self, what: str, line: str) -> None:
        """Count what became of an entry, with its line."""
        setattr(self, what, getattr(self, what) + 1)
        self.lines.append(line)


def acts_of(origin: str, key: str) -> list[str]:
    """Return the keys of the acts that may have recorded an entry first: in the first edition entries had no keys."""
    return [f"{origin}:{key}", *filter(None, [read_data(FIRST_EDITIONS).get(key)])]


def apply_edition(session: Session, edition: Edition, *, now: datetime) -> EditionReport:
    """Bring a data set to ``edition``, telling only admins; commit nothing. Raises AidError for an older one."""
    advisory_lock(session, Lock.SEED)
    applied = select(AuditEntry.after).where(AuditEntry.action == EDITION, AuditEntry.subject == edition.data_set)
    newest = max((after["edition"] for after in session.scalars(applied) if after), default=0)
    if newest > edition.number:
        raise AidError(
            "Edition {newest} of {data_set} is on record, and this is edition {number}. Use the newer file.",
            newest=newest,
            data_set=edition.data_set,
            number=edition.number,
        )
    report = _Application(session, edition, now).run()
    if report.changed:
        payload = EditionPayload(
            notice="edition",
            data_set=edition.data_set,
            edition=edition.number,
            projects=report.added + report.edited,
            updates=report.recorded + report.corrected + report.retracted,
            left=report.left,
        )
        Editor(EVERY_WORKSPACE, SHIPPED, now).audit(session, EDITION, edition.data_set, after=payload)
        if report.known:
            leave_message(session, f"{edition.data_set[:40]}:{edition.number}", payload, now)
    return report


class _Application:
    """The comparison of an edition with the record, entry by entry, and the recording of what differs."""

    def __init__(self, session: Session, edition: Edition, now: datetime) -> None:
        self._session, self._edition, self._now = session, edition, now
        self._editor = Editor(EVERY_WORKSPACE, SHIPPED, now)
        known = session.scalar(select(func.count()).select_from(Project).where(Project.data_set == edition.data_set))
        self._report = EditionReport(edition.data_set, edition.number, known=bool(known))
        self._entries, self._acts = self._on_record()

    def run(self) -> EditionReport:
        own = self._put_projects()
        wanted = {each.key: [ref for ref in each.proposal.refs if ref in own] for each in self._edition.updates}
        for update in self._edition.updates:
            self._put_update(update, wanted[update.key])
        self._retract_others(wanted)
        return self._report

    def _on_record(self) -> tuple[dict[int, str], set[str]]:
        """Return the updates on record of this data set, by number with their entry's key, and the keys of their acts."""
        data_set, origin = f"{self._edition.data_set}:", f"{self._edition.origin}:"
        first = {act: key for key, act in read_data(FIRST_EDITIONS).items() if key.startswith(data_set)}
        rows = self._session.execute(
            select(UpdateRow.id, ChangeSet.key)
            .join(ChangeSet, ChangeSet.id == UpdateRow.act_id)
            .where(ChangeSet.key.startswith(origin + data_set, autoescape=True) | ChangeSet.key.in_(first))
        ).all()
        entries = {number: first.get(act) or act.removeprefix(origin).partition("@")[0] for number, act in rows}
        return entries, {act for _, act in rows}

    def _put_projects(self) -> set[str]:
        """Add the projects that are new and edit those that differ; return the refs of those that are not others' own."""
        refs = [shipped.ref for shipped in self._edition.projects]
        existing = {
            row.ref: row.data_set for row in self._session.scalars(select(Project).where(Project.ref.in_(refs)))
        }
        if existing:
            ids_of_refs(self._session, list(existing), lock=True)
        new = []
        for shipped in self._edition.projects:
            if shipped.ref not in existing:
                project = enter_project(self._session, shipped, NewOrganisation(), self._editor)
                project.data_set = self._edition.data_set
                new.append(project)
                self._report.note("added", f"{project.ref}: new project")
            elif existing[shipped.ref] == self._edition.data_set:
                self._edit(normalize_fields(shipped)[0])
            else:
                self._report.note("left", f"{shipped.ref} stays: it is a project of your own.")
        initialize_projects(self._session, new)
        return {ref for ref in refs if existing.get(ref, self._edition.data_set) == self._edition.data_set}

    def _edit(self, shipped: ProjectFields) -> None:
        """Edit a project, but for the fields that others edited."""
        ref = shipped.ref
        edits = [each for each in changes_since(self._session, ref, 1) if each.user_id != SHIPPED]
        theirs = {name for edit in edits for name in edit.values}
        theirs |= _ORGANISATIONS if theirs & _ORGANISATIONS else set()
        before, version = fields_of(self._session, ref)
        shipped = replace(shipped, visibility=before.visibility)
        if not shipped.organisation:  # a role of nobody
            shipped = replace(shipped, organisation_role=before.organisation_role)
        differing = _differing(asdict(before), asdict(shipped))
        for name in sorted(theirs & differing.keys()):
            self._report.note("left", f"{ref}: `{name}` stays as it was edited.")
        own = {name: pair for name, pair in differing.items() if name not in theirs}
        after = replace(before, **{name: new for name, (_, new) in own.items()})
        try:
            changed = edit_project(self._session, ref, version, after, NewOrganisation(), self._editor)
        except AidError as error:  # together with what others edited it may not fit
            self._report.note("left", f"{ref} is not edited. {error}")
            return
        if changed:
            self._report.note("edited", f"{ref}: {_differences({name: own[name] for name in sorted(own)})}")

    def _put_update(self, shipped: ShippedUpdate, refs: Sequence[str]) -> None:
        """Record or correct an update for its projects; leave out a report where others changed what it is about."""
        if not refs:
            return
        column, reported = shipped.report or ("", "")
        targets = self._standing(reported, refs, quiet=True) if reported else {}
        number = next((target.number for target in targets.values() if target), None)
        wanted = parse_proposal(report_as(shipped.proposal, column, number), now=self._now, by=SHIPPED)
        differing: dict[int, tuple[Update, list[str]]] = {}
        missing: dict[int | None, list[str]] = defaultdict(list)  # by the update that a report is about
        for ref, standing in self._standing(shipped.key, refs).items():
            target = targets.get(ref)
            if (reported and not target) or (standing and _content(standing) == _content(wanted)):
                continue
            if standing:
                differing.setdefault(standing.number, (standing, []))[1].append(ref)
            else:
                missing[target.number if target else None].append(ref)
        for standing, concerned in differing.values():
            self._correct(shipped, standing, wanted, concerned)
        for number, concerned in missing.items():
            self._record(shipped, report_as(shipped.proposal, column, number), concerned)

    def _standing(self, key: str, refs: Sequence[str], *, quiet: bool = False) -> dict[str, Update | None]:
        """Return an entry as it stands for each project, else None; name those that others changed, unless ``quiet``."""
        ids = ids_of_refs(self._session, refs) if refs else {}
        histories = load_histories(self._session, ids.values(), names=True)
        outcome: dict[str, Update | None] = {}
        changed: dict[tuple[str, int], list[str]] = defaultdict(list)
        for ref, project_id in ids.items():
            by_number = {update.number: update for update in histories[project_id]}
            removed = superseded_by(by_number.values())
            own = [each for each in by_number.values() if self._entries.get(each.number) == key and not each.retracts]
            others = [
                each for each in own if each.number in removed and removed[each.number].number not in self._entries
            ]
            if others:
                number, remover = others[-1].number, removed[others[-1].number]
                how = "retracted" if remover.retracts else "corrected"
                changed[f"{how} by #{remover.number}", number].append(ref)
                continue
            standing = [each for each in own if each.number not in removed]
            outcome[ref] = in_place(standing[-1], by_number) if standing else None
        for (how, number), concerned in changed.items():
            if not quiet:
                self._report.note("left", f"#{number} of {', '.join(concerned)} stays: {how}.")
        return outcome

    def _record(self, shipped: ShippedUpdate, proposal: Proposal, refs: Sequence[str]) -> None:
        """Record an entry for the projects whose record can take it; the others are left and named."""
        try:
            planned = plan(self._session, replace(proposal, refs=tuple(refs)), now=self._now, by=SHIPPED)
        except AidError as error:
            refusals = dict(error.refusals) if isinstance(error, BatchRefused) else {", ".join(refs): error}
            for what, refusal in refusals.items():
                self._report.note("left", f"{what}: `{proposal.kind}` is not recorded. {refusal}")
            if isinstance(error, BatchRefused) and (rest := [ref for ref in refs if ref not in refusals]):
                self._record(shipped, proposal, rest)
            return
        receipt = record_plan(self._session, planned, self._context(shipped.key), now=self._now)
        self._entries |= {update.number: shipped.key for update in receipt.updates}
        what = "another report of" if shipped.report else "new"
        self._report.note("recorded", f"{', '.join(refs)}: {what} `{proposal.kind}`")

    def _correct(self, shipped: ShippedUpdate, standing: Update, wanted: Update, refs: Sequence[str]) -> None:
        """Correct an update whatever the rules say: it is on record, and what fits nothing any more is marked."""
        ids = tuple(ids_of_refs(self._session, refs).values())
        histories = load_histories(self._session, ids, names=True)
        correction = replace(wanted, corrects=standing.number, confirms=standing.confirms, differs=standing.differs)
        receipt = write_change_set(self._session, [(correction, ids)], histories, self._context(shipped.key), self._now)
        self._entries[receipt.main.number] = shipped.key
        values = _differences(_differing(_content(standing), _content(wanted)))
        self._report.note("corrected", f"#{standing.number} `{wanted.kind}` of {', '.join(refs)}: {values}")

    def _context(self, key: str) -> RecordingContext:
        first, _ = act, number = f"{self._edition.origin}:{key}", 1
        while act in self._acts:
            number += 1
            act = f"{first}@{number}"
        self._acts.add(act)
        return RecordingContext(EVERY_WORKSPACE, SHIPPED, self._edition.origin, act, key[:64], repeat=True, quiet=True)

    def _retract_others(self, wanted: Mapping[str, list[str]]) -> None:
        """Retract what an earlier edition said and this one does not, where nobody else changed it."""
        note = f"Not in edition {self._edition.number} of {self._edition.data_set} any more."
        own = select(Project.id).where(Project.data_set == self._edition.data_set)
        concerned = refs_of(self._session, self._entries, own)
        recorded: dict[str, set[str]] = defaultdict(set)
        for number, key in self._entries.items():
            recorded[key].update(concerned[number])
        for key, stated in recorded.items():
            gone: dict[int, list[str]] = defaultdict(list)
            for ref, standing in self._standing(key, sorted(stated.difference(wanted.get(key, ())))).items():
                if standing:
                    gone[standing.place or standing.number].append(ref)
            for number, named in gone.items():
                receipt = retract(self._session, [number], self._context(key), now=self._now, refs=named, note=note)
                self._entries |= {update.number: key for update in receipt.updates}
                self._report.note("retracted", f"#{number} of {', '.join(named)}: retracted")


def _content(update: Update) -> dict[str, object]:
    return {name: getattr(update, name) for name in _OF_UPDATE}


def _differing(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {name: (before[name], after[name]) for name in before if before[name] != after[name]}


def _differences(values: Mapping[str, tuple[object, object]]) -> str:
    shown = {name: [_shown(value) for value in pair] for name, pair in values.items()}
    return ", ".join(name if None in pair else f"{name} {pair[0]} → {pair[1]}" for name, pair in shown.items())


def _shown(value: object) -> str | None:
    """Return a value as a line shows it, cut where it is long; None for what has several parts."""
    if value in (None, ""):
        return "nothing"
    if not isinstance(value, str | int | date | PartialDate):
        return None
    text = str(value)
    return text if len(text) <= SHOWN else f"“{text[:SHOWN]}…”"
