"""Putting rows into the record: each as a person's form would, and what is wrong with it named by column."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.errors import N_, AidError, BadInput
from db.imports.columns import COLUMNS, UPDATE
from db.imports.first_occurrence import FirstOccurrences
from db.imports.project_row import column_of as project_column
from db.imports.project_row import project_cells, put_project
from db.imports.table import CellLocation, Finding, TableRow
from db.imports.update_row import column_of as update_column
from db.imports.update_row import key_of, proposal_of, refs_in
from db.models import ChangeSet, Project
from db.projects.fields import FieldErrors
from db.recording.bulk import Batch
from db.recording.duplicates import Duplicate
from db.recording.proposal import Proposal
from db.recording.receipts import Plan, RecordingContext
from db.updates.history import load_updates
from db.updates.status_cache import initialize_projects

ORIGIN = "import"
_OF_UPDATES = frozenset(column.name for column in COLUMNS if column.of == UPDATE and column.name != "number")


@dataclass(frozen=True, slots=True)
class RowResult:
    """Effect of one row: the project added or its changed fields, and the kind of update recorded.

    ``known`` says that the update was recorded before, and nothing is written.
    """

    row: TableRow
    added: bool = False
    changed: tuple[str, ...] = ()
    kind: str = ""
    known: bool = False
    warnings: tuple[Finding, ...] = ()


class RowErrors(AidError):
    """A row cannot be recorded, for all of these reasons."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(N_("The row cannot be recorded."))
        self.findings = findings


@dataclass(slots=True)
class _RowState:
    """A row on its way: what was done about its project, and what its update is."""

    row: TableRow
    added: bool = False
    changed: tuple[str, ...] = ()
    proposal: Proposal | None = None
    recorder: RecordingContext | None = None
    known: bool = False
    planned: Plan | None = None
    warnings: tuple[Finding, ...] = ()
    refused: RowErrors | None = None

    @property
    def outcome(self) -> RowResult | RowErrors:
        kind = self.proposal.kind.value if self.proposal else ""
        return self.refused or RowResult(self.row, self.added, self.changed, kind, self.known, self.warnings)


class RowImporter:
    """Puts rows into the record, some at a time, within one transaction."""

    def __init__(self, session: Session, editor: Editor, places: FirstOccurrences) -> None:
        self._session = session
        self._editor = editor
        self._places = places
        self._said: dict[str, Mapping[str, str]] = {}
        self._new: list[Project] = []

    def apply(self, rows: Sequence[TableRow]) -> list[RowResult | RowErrors]:
        """Apply rows and return the outcome of each; nothing is written for a refused row."""
        going = [_RowState(row, refused=RowErrors(row.findings) if row.findings else None) for row in rows]
        self._each(going, self._put_project)
        if self._new:
            initialize_projects(self._session, self._new)
            self._new.clear()
        self._each(going, self._read_update)
        self._look_up(going)
        self._record([each for each in going if each.recorder and not each.known and not each.refused])
        self._session.flush()
        self._session.expunge_all()
        self._said.clear()
        return [each.outcome for each in going]

    @staticmethod
    def _each(going: list[_RowState], step: Callable[[_RowState], None]) -> None:
        for each in going:
            if each.refused is None:
                try:
                    step(each)
                except RowErrors as error:
                    each.refused = error

    def _put_project(self, each: _RowState) -> None:
        row = each.row
        refs, said = refs_in(row.cells.get("ref", "")), project_cells(row.cells)
        if not refs:
            text = N_(
                "The row names no project. Write its ref, such as GG-1, or delete the row, for instance one of totals."
            )
            raise _wrong(row, "ref", BadInput(text))
        if not said or self._said.get(refs[0]) == said:
            return
        if len(refs) > 1:
            text = N_("A row for several projects can only be about an update. Give {column} a row of its own.")
            column = next(iter(said))
            raise _wrong(row, column, BadInput(text, column=row.headings.get(column, column)))
        try:
            with self._session.begin_nested():
                new, each.changed = put_project(self._session, refs[0], said, self._editor)
        except FieldErrors as refused:
            found = (Finding(row.at(project_column(name)), error) for name, error in refused.errors.items())
            raise RowErrors(tuple(found)) from refused
        except AidError as error:
            raise _wrong(row, project_column(getattr(error, "field", "ref")), error) from error
        each.added = new is not None
        self._new += [new] if new else []
        self._said[refs[0]] = said

    def _read_update(self, each: _RowState) -> None:
        row = each.row
        if not row.cells.get("kind"):
            _nothing_lost(row)
            return
        try:
            each.proposal = proposal_of(refs_in(row.cells["ref"]), row.cells)
        except AidError as error:
            raise _wrong(row, update_column(getattr(error, "field", "ref")), error) from error
        key = key_of(each.proposal)
        first = self._places.first(key, row.place)
        each.known = first != row.place
        each.warnings = _repeated(row, first)
        each.recorder = RecordingContext(
            self._editor.team_id, self._editor.user_id, ORIGIN, f"{ORIGIN}:{key}", key, again=True, quiet=True
        )

    def _look_up(self, going: list[_RowState]) -> None:
        """Find updates already on record: from an earlier import, or exported with their number."""
        wanted = [each for each in going if each.recorder and not each.refused]
        keys = [each.recorder.key for each in wanted if each.recorder]
        there = set(self._session.scalars(select(ChangeSet.key).where(ChangeSet.key.in_(keys))))
        numbers = {int(text) for each in wanted if (text := each.row.cells.get("number", "")).isdecimal()}
        earlier = load_updates(self._session, numbers)
        for each in wanted:
            number = each.row.cells.get("number", "")
            same = earlier.get(int(number)) if number.isdecimal() else None
            if each.recorder and each.recorder.key in there:
                each.known = True
            if same and each.proposal and _says(each.proposal) == (same.kind, same.happened.text, same.note):
                each.known = True

    def _record(self, going: list[_RowState]) -> None:
        refs = {ref for each in going if each.proposal for ref in each.proposal.refs}
        batch = Batch(self._session, refs, now=self._editor.now, by=self._editor.user_id)
        added = []
        for each in going:
            if each.proposal and each.recorder:
                try:
                    each.planned = batch.add(each.proposal, each.recorder)
                except AidError as error:
                    each.refused = _wrong(each.row, update_column(getattr(error, "field", "ref")), error)
                else:
                    added.append(each)
        for each, alike in zip(added, batch.write(), strict=True):
            each.warnings = (*each.warnings, *_warnings(each.row, each.planned, alike))


def _says(proposal: Proposal) -> tuple[str, str, str]:
    return (proposal.kind, proposal.options.get("on") or "unknown", proposal.note)


def _nothing_lost(row: TableRow) -> None:
    """Refuse a row with fields of an update but no kind, which would be lost silently."""
    orphan = next((name for name in row.cells if name in _OF_UPDATES), None)
    if orphan:
        text = N_("This is about an update, but the row does not say which kind in the column “Update”.")
        raise _wrong(row, orphan, BadInput(text))


def _wrong(row: TableRow, column: str, error: AidError) -> RowErrors:
    return RowErrors((Finding(row.at(column), error),))


def _repeated(row: TableRow, first: CellLocation) -> tuple[Finding, ...]:
    if first == row.place:
        return ()
    if first.sheet == row.place.sheet:
        said = AidError(N_("The row says the same as line {line}; it is recorded once."), line=first.line)
    else:
        text = N_("The row says the same as line {line} of sheet “{sheet}”; it is recorded once.")
        said = AidError(text, line=first.line, sheet=first.sheet)
    return (Finding(row.place, said),)


def _warnings(row: TableRow, planned: Plan | None, alike: Sequence[Duplicate]) -> tuple[Finding, ...]:
    """Collect warnings of the rules and of the comparison with earlier letters (R9); the update is recorded anyway."""
    said = [AidError(warn.text, **warn.params) for _, warn in planned.warnings] if planned else []
    said += [
        AidError(
            N_("This looks like the letter of #{number} ({ref}, {kind}, {happened}). Is it the same one?"),
            number=found.earlier.number,
            ref=found.ref,
            kind=found.earlier.kind.value,
            happened=str(found.earlier.happened),
        )
        for found in alike
    ]
    return tuple(Finding(row.place, each) for each in said)
