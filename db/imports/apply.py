"""Application of rows to the record, each as a form would be, with errors by column."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.errors import N_, AidError, BadInput
from db.imports.columns import COLUMNS, UPDATE
from db.imports.columns import column_of as update_column
from db.imports.project_row import column_of as project_column
from db.imports.project_row import links_ahead, project_cells, put_project
from db.imports.row_memory import RowMemory
from db.imports.table import CellLocation, Finding, TableRow
from db.imports.update_row import ABOVE, key_of, proposal_of, refs_in, report_of
from db.maintenance.editions import acts_of
from db.models import ChangeSet, Project, UpdateRow
from db.projects.fields import FieldErrors
from db.recording.bulk import Batch
from db.recording.duplicates import Duplicate
from db.recording.proposal import Proposal, parse_proposal, report_as
from db.recording.receipts import Plan, RecordingContext
from db.updates.history import load_updates
from db.updates.status_cache import initialize_projects

ORIGIN = "import"
_OF_UPDATES = frozenset(column.name for column in COLUMNS if column.of == UPDATE and column.name != "number")


@dataclass(frozen=True, slots=True)
class RowResult:
    """The effect of one row: a project added or the names of its changed fields, and the kind of update recorded.

    ``known`` means that the update was recorded before, so it is not written.
    """

    row: TableRow
    added: bool = False
    changed: tuple[str, ...] = ()
    kind: str = ""
    known: bool = False
    warnings: tuple[Finding, ...] = ()


class RowErrors(AidError):
    """All the reasons why a row cannot be recorded."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(N_("The row cannot be recorded."))
        self.findings = findings


@dataclass(slots=True)
class _RowState:
    """A row in progress: what was done about its project, and its update.

    ``report`` is the column that says of which update it is another report, and the key of that update's row or its
    number (``#12``); ``number`` is the number that an export gave the row.
    """

    row: TableRow
    number: str = ""
    report: tuple[str, str] | None = None
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
    """The importer of rows into the record, in batches within one transaction."""

    def __init__(self, session: Session, editor: Editor, memory: RowMemory) -> None:
        self._session = session
        self._editor = editor
        self._memory = memory
        self._applied_cells: dict[str, Mapping[str, str]] = {}
        self._new: list[Project] = []
        self._links: list[tuple[TableRow, dict[str, str]]] = []

    def apply(self, rows: Sequence[TableRow]) -> list[RowResult | RowErrors]:
        """Apply rows and return the result of each; of a refused row nothing is written."""
        states = [_RowState(row, refused=RowErrors(row.findings) if row.findings else None) for row in rows]
        self._run(states, self._put_project)
        if self._new:
            initialize_projects(self._session, self._new)
            self._new.clear()
        for state in states:
            self._check_refused(state)
        self._run(states, self._read_update)
        self._look_up(states)
        self._record([each for each in states if each.recorder and not each.known and not each.refused])
        self._session.flush()
        self._session.expunge_all()
        self._applied_cells.clear()
        return [each.outcome for each in states]

    @staticmethod
    def _run(states: list[_RowState], step: Callable[[_RowState], None]) -> None:
        for state in states:
            if state.refused is None:
                try:
                    step(state)
                except RowErrors as error:
                    state.refused = error

    def _put_project(self, state: _RowState) -> None:
        row = state.row
        refs, cells = refs_in(row.cells.get("ref", "")), project_cells(row.cells)
        if not cells or self._applied_cells.get(refs[0]) == cells:
            return
        if len(refs) > 1:
            text = N_("A row for several projects can only be about an update. Give {column} a row of its own.")
            column = next(iter(cells))
            raise _wrong(row, column, BadInput(text, column=row.headings.get(column, column)))
        links = links_ahead(self._session, cells)
        new, state.changed = self._put(row, {name: text for name, text in cells.items() if name not in links})
        if links:
            self._links.append((row, links))
        state.added = new is not None
        self._new += [new] if new else []
        self._applied_cells[refs[0]] = cells

    def _put(self, row: TableRow, cells: Mapping[str, str]) -> tuple[Project | None, tuple[str, ...]]:
        try:
            with self._session.begin_nested():
                return put_project(self._session, row.cells["ref"], cells, self._editor)
        except FieldErrors as refused:
            findings = (Finding(row.at(project_column(name)), error) for name, error in refused.errors.items())
            raise RowErrors(tuple(findings)) from refused
        except AidError as error:
            raise _wrong(row, project_column(error.field or "ref"), error) from error

    def _check_refused(self, state: _RowState) -> None:
        """Add the wrong cells of its update to a row that is refused for others."""
        row, refs = state.row, refs_in(state.row.cells.get("ref", ""))
        if not (state.refused and refs and row.cells.get("kind")):
            return
        try:
            parse_proposal(proposal_of(refs, row.cells), now=self._editor.now, by=self._editor.user_id)
        except AidError as error:
            told = {finding.place for finding in state.refused.findings}
            more = [each for each in _wrong_update(row, error).findings if each.place not in told]
            state.refused = RowErrors((*state.refused.findings, *more))

    def link(self) -> Iterator[RowErrors]:
        """Link the projects that named one further down in the file; yield the errors of those that named none."""
        for row, cells in self._links:
            try:
                self._put(row, cells)
            except RowErrors as error:
                yield error

    def _read_update(self, state: _RowState) -> None:
        row = state.row
        if not row.cells.get("kind"):
            _nothing_lost(row)
            return
        refs = refs_in(row.cells["ref"])
        try:
            state.proposal = proposal_of(refs, row.cells)
            state.report = self._report(refs, row)
        except AidError as error:
            raise _wrong_update(row, error) from error
        state.number = row.cells.get("number", "")
        target = ":".join(state.report or ())
        own = row.cells.get("key") if row.cells.get("edition") else ""
        key = own or key_of(state.proposal, target)
        first = self._memory.first(key, row.place)
        if first != row.place and state.number != self._memory.load(f"number of {key}"):
            key = key_of(state.proposal, target, state.number)  # an export of two updates that say the same
            first = self._memory.first(key, row.place)
        self._memory.store(f"number of {key}", state.number)
        for name in (f"row {state.number}", *(f"above {ref}" for ref in refs if not state.report)):
            self._memory.store(name, key)
        state.known = first != row.place
        state.warnings = _repeated(row, first)
        state.recorder = RecordingContext(
            self._editor.team_id, self._editor.user_id, ORIGIN, f"{ORIGIN}:{key}", key, repeat=True, quiet=True
        )

    def _report(self, refs: Sequence[str], row: TableRow) -> tuple[str, str] | None:
        """Return what the row is another report of, as ``_RowState.report``: a row above it, else one on record."""
        report = report_of(row.cells)
        if report is None:
            return None
        column, target = report
        if target != ABOVE:
            key = self._memory.load(f"row {target}")
            if not key:
                self._memory.store(f"cited {target}", str(row.place))
            return column, key or f"#{target}"
        keys = {self._memory.load(f"above {ref}") for ref in refs}
        if len(keys) > 1 or "" in keys:
            text = N_("No row above this one is an update of {refs}. Put the row below the one that it is about.")
            raise BadInput(text, field=column, refs=", ".join(refs))
        return column, keys.pop()

    def _look_up(self, states: list[_RowState]) -> None:
        """Mark the updates already on record: from an earlier import, or exported with their number."""
        wanted = [each for each in states if each.recorder and not each.refused]
        acts = {act for each in wanted for act in _acts(each)}
        there = set(self._session.scalars(select(ChangeSet.key).where(ChangeSet.key.in_(acts))))
        earlier = load_updates(self._session, {int(each.number) for each in wanted if each.number.isdecimal()})
        for state in wanted:
            same = earlier.get(int(state.number)) if state.number.isdecimal() else None
            if there.intersection(_acts(state)):
                state.known = True
            if same and state.proposal and _says(state.proposal) == (same.kind, same.happened.text, same.note):
                state.known = True
                self._memory.store(f"recorded {state.recorder.fingerprint if state.recorder else ''}", state.number)
            elif cited := self._memory.load(f"cited {state.number}"):
                text = N_("{place} is another report of this row. Move it below this one.")
                state.refused = _wrong(state.row, "number", BadInput(text, place=cited))

    def _record(self, states: list[_RowState]) -> None:
        refs = {ref for each in states if each.proposal for ref in each.proposal.refs}
        batch = Batch(self._session, refs, now=self._editor.now, by=self._editor.user_id)
        added = []
        planned: dict[str, int] = {}
        for state in states:
            if state.proposal and state.recorder:
                try:
                    if state.report:
                        column, target = state.report
                        number = planned.get(target) or self._recorded(target, column)
                        state.proposal = report_as(state.proposal, column, number)
                    state.planned = batch.add(state.proposal, state.recorder)
                    planned[state.recorder.fingerprint] = state.planned.main.number
                except AidError as error:
                    state.refused = _wrong_update(state.row, error)
                else:
                    added.append(state)
        for state, alike in zip(added, batch.write(), strict=True):
            state.warnings = (*state.warnings, *_warnings(state.row, state.planned, alike))

    def _recorded(self, target: str, column: str) -> int:
        """Return the number on record of the update of a row by its key, or of one that is cited by its number."""
        number = target.removeprefix("#") if target.startswith("#") else self._memory.load(f"recorded {target}")
        of_row = select(func.max(UpdateRow.id)).join(ChangeSet, ChangeSet.id == UpdateRow.act_id)
        found = (
            int(number) if number else self._session.scalar(of_row.where(ChangeSet.key.in_(acts_of(ORIGIN, target))))
        )
        if found is None:
            raise BadInput(N_("The row that it is about cannot be recorded. Put that one right first."), field=column)
        return found


def _acts(state: _RowState) -> list[str]:
    return acts_of(ORIGIN, state.recorder.fingerprint) if state.recorder else []


def _says(proposal: Proposal) -> tuple[str, str, str]:
    return (proposal.kind, proposal.options.get("on") or "unknown", proposal.note)


def _nothing_lost(row: TableRow) -> None:
    # An update without its kind would be lost silently.
    orphan = next((name for name in row.cells if name in _OF_UPDATES), None)
    if orphan:
        text = N_("This is about an update, but the row does not say which kind in the column “Update”.")
        raise _wrong(row, orphan, BadInput(text))


def _wrong(row: TableRow, column: str, error: AidError) -> RowErrors:
    return RowErrors((Finding(row.at(column), error),))


def _wrong_update(row: TableRow, error: AidError) -> RowErrors:
    wrong = (error, *error.others)
    return RowErrors(tuple(Finding(row.at(update_column(each.field or "ref")), each) for each in wrong))


def _repeated(row: TableRow, first: CellLocation) -> tuple[Finding, ...]:
    if first == row.place:
        return ()
    if first.sheet == row.place.sheet:
        message = AidError(N_("The row says the same as line {line}; it is recorded once."), line=first.line)
    else:
        text = N_("The row says the same as line {line} of sheet “{sheet}”; it is recorded once.")
        message = AidError(text, line=first.line, sheet=first.sheet)
    return (Finding(row.place, message),)


def _warnings(row: TableRow, planned: Plan | None, alike: Sequence[Duplicate]) -> tuple[Finding, ...]:
    """Return the warnings of the rules, and of the comparison with earlier letters (rule 13)."""
    warnings = [AidError(warn.text, **warn.params) for _, warn in planned.warnings] if planned else []
    warnings += [
        AidError(
            N_("This looks like the letter of #{number} ({ref}, {kind}, {happened}). Is it the same one?"),
            number=duplicate.earlier.number,
            ref=duplicate.ref,
            kind=duplicate.earlier.kind.value,
            happened=str(duplicate.earlier.happened),
        )
        for duplicate in alike
    ]
    return tuple(Finding(row.place, each) for each in warnings)
