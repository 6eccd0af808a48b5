"""Application of rows to the record, each as a form would be, with errors by column.

Projects are put first, then what they say of each other, then updates: a row may refer to one below it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.domain.dates import PartialDate, new_york_date, parse_date
from db.domain.project_status import status_of
from db.errors import N_, AidError, BadInput
from db.imports.columns import COLUMNS, DERIVED, UPDATE
from db.imports.columns import column_of as update_column
from db.imports.entries import Entries
from db.imports.project_row import NOTHING, columns_of, differing_cells, links_ahead, project_cells, put_project
from db.imports.project_row import column_of as project_column
from db.imports.row_memory import RowMemory
from db.imports.table import CellLocation, Finding, TableRow, name_rows
from db.imports.update_row import (
    ABOVE,
    NUMBER,
    REPORT_COLUMNS,
    cells_of,
    key_of,
    proposal_of,
    refs_in,
    report_of,
    typed_key_of,
)
from db.maintenance.editions import acts_of
from db.models import ChangeSet, Project, UpdateRow
from db.paging import in_parts
from db.projects.fields import FieldErrors
from db.projects.queries import canonical_ref, ids_of_refs
from db.recording.bulk import Batch
from db.recording.duplicates import Duplicate
from db.recording.proposal import Proposal, parse_proposal, report_as
from db.recording.receipts import Plan, RecordingContext
from db.updates.history import load_histories
from db.updates.status_cache import initialize_projects

ORIGIN = "import"
ROWS_AT_ONCE = 500  # rows checked and written together, so that memory does not grow with the file
_KEYS = ("key", "typed key")
_OF_THE_RECORD = frozenset({"", "kind", "by", "lift"})  # fields of refusals that rest on what else is recorded
_OF_UPDATES = tuple(column.name for column in COLUMNS if column.of == UPDATE and column.name != "number")
_DERIVED = frozenset(column.name for column in DERIVED)


@dataclass(frozen=True, slots=True)
class RowResult:
    """The effect of one row: a project added or the headings of what it changes, and the kind of update recorded.

    ``known`` means that the update was recorded before, ``repeated`` that another row says it: it is not written.
    """

    row: TableRow
    added: bool = False
    changed: tuple[str, ...] = ()
    kind: str = ""
    known: bool = False
    repeated: bool = False
    warnings: tuple[Finding, ...] = ()


class RowErrors(AidError):
    """All the reasons why a row cannot be recorded; none of its own where that is because another row is wrong."""

    def __init__(self, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(N_("The row cannot be recorded."))
        self.findings = findings


@dataclass(slots=True)
class _RowState:
    """A row in progress: what was done about its project, and its update.

    ``said`` are the cells of the update as an export would write them. ``report`` is the column that says of which
    update it is another report, and the number (``#12``) of that update or the position of its row. ``repeats`` is the
    position of the row that says the same. ``refused`` is final unless a rule refused the row as the record stood.
    """

    row: TableRow
    position: int
    refs: tuple[str, ...] = ()
    added: bool = False
    changed: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    day: date | None = None
    proposal: Proposal | None = None
    said: dict[str, str] = field(default_factory=dict)
    report: tuple[str, str] | None = None
    key: str = ""
    typed_key: str = ""
    known: bool = False
    repeats: int | None = None
    warnings: tuple[Finding, ...] = ()
    refused: RowErrors | None = None

    @property
    def number(self) -> str:
        """Return the number in the row, which an export or a count of rows gave it."""
        match = NUMBER.fullmatch(self.row.cells.get("number", ""))
        return match[1] if match else ""

    @property
    def acts(self) -> list[str]:
        """Return the keys of the change sets that may have recorded the row before."""
        return [*acts_of(ORIGIN, self.key), f"{ORIGIN}:{self.typed_key}"]

    @property
    def outcome(self) -> RowResult | RowErrors:
        kind, repeated = self.proposal.kind.value if self.proposal else "", self.repeats is not None
        known = self.known and not repeated
        return self.refused or RowResult(self.row, self.added, self.changed, kind, known, repeated, self.warnings)


class RowImporter:
    """The importer of rows into the record, in batches within one transaction: ``read`` all, then ``record``."""

    def __init__(self, session: Session, editor: Editor, memory: RowMemory) -> None:
        self._session = session
        self._editor = editor
        self._memory = memory
        self._today = new_york_date(editor.now)
        self._applied_cells: dict[str, Mapping[str, str]] = {}
        self._new: list[Project] = []
        self._count = 0
        self._linked: list[int] = []
        self._cited: list[int] = []
        self._wrong_refs: set[str] = set()
        self._ordered = False
        self._ascents = self._descents = 0

    def read(self, rows: Iterator[TableRow]) -> Iterator[int]:
        """Put the projects of rows and read their updates; yield how many are read, after each batch.

        Of a refused row nothing is written.
        """
        for part in in_parts(rows, ROWS_AT_ONCE):
            self._read([_RowState(row, self._count + index) for index, row in enumerate(part)])
            self._count += len(part)
            yield self._count

    def _read(self, states: Sequence[_RowState]) -> None:
        for state in states:
            if state.row.findings:
                state.refused = RowErrors(state.row.findings)
                self._wrong_refs.update(refs_in(state.row.cells.get("ref", "")))
        self._compare_standings(states)
        for state in states:
            self._try(state, self._put_project)
        if self._new:
            initialize_projects(self._session, self._new)
            self._new.clear()
        for state in states:
            self._check_refused(state)
            self._try(state, self._read_update)
            self._place(state)
        self._next_batch()
        self._applied_cells.clear()

    def record(self) -> Iterator[RowResult | RowErrors]:
        """Link the projects and record the updates of all rows read; yield the outcome of each row as the file has it.

        Updates are recorded in the file's order, from the bottom where the newest stand on top, by day where they are in
        no order. What a rule refuses is tried again after the others, and told only where no other row is the reason.
        """
        for position in self._linked:
            self._change(position, self._link)
        for position in self._cited:
            self._change(position, self._aim)
        ordered = self._ordered or not self._descents
        by_day, backwards = not ordered and bool(self._ascents), not ordered and self._descents > self._ascents
        waiting = order = self._memory.order(as_made=self._ordered, by_day=by_day, backwards=backwards)
        while waiting:
            refused = [position for part in in_parts(waiting, ROWS_AT_ONCE) for position in self._record(part)]
            if len(refused) == len(waiting):
                break
            waiting = refused[::-1]
        self._blame([position for position in order if position in set(waiting)])
        for position in range(self._count):
            state: _RowState = self._memory.row(position)
            same = None if state.repeats is None else self._memory.row(state.repeats).refused
            yield RowErrors() if same else state.outcome

    def _next_batch(self) -> None:
        self._session.flush()
        self._session.expunge_all()

    def _try(self, state: _RowState, step: Callable[[_RowState], None]) -> None:
        """Run a step; a row that it refuses is wrong for good, and so may be others with its refs."""
        if state.refused is None:
            try:
                step(state)
            except RowErrors as error:
                state.refused = error
                self._wrong_refs.update(refs_in(state.row.cells.get("ref", "")))

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

    def _change(self, position: int, step: Callable[[_RowState], None]) -> None:
        state: _RowState = self._memory.row(position)
        self._try(state, step)
        self._memory.keep(position, state)

    # -- projects -------------------------------------------------------------------------------------------------

    def _compare_standings(self, states: Iterable[_RowState]) -> None:
        """Warn of derived cells that say something else than the record did before the import."""
        rows = [(ref, state) for state in states for ref in refs_in(state.row.cells.get("ref", ""))[:1]]
        rows = [(ref, state) for ref, state in rows if not _DERIVED.isdisjoint(state.row.cells)]
        query = select(Project.ref, Project.id).where(Project.ref.in_({ref for ref, _ in rows}))
        ids = {ref: key for ref, key in self._session.execute(query)} if rows else {}  # noqa: C416  rows have keys()
        histories = load_histories(self._session, ids.values())
        text = N_("{ref} is at “{recorded}” on record. This column follows from the updates and is not read.")
        for ref, state in rows:
            if ref in ids:
                differing = differing_cells(state.row.cells, status_of(histories[ids[ref]]), self._today)
                state.warnings += tuple(
                    Finding(state.row.at(name), AidError(text, ref=ref, recorded=recorded))
                    for name, recorded in differing.items()
                )

    def _put_project(self, state: _RowState) -> None:
        row = state.row
        refs, cells = refs_in(row.cells.get("ref", "")), project_cells(row.cells)
        state.refs = refs
        if not cells or self._applied_cells.get(refs[0]) == cells:
            return
        if len(refs) > 1:
            text = N_("A row with several projects can only record an update. Move this to a row of its own: {column}.")
            column = next(iter(cells))
            raise _wrong(row, column, BadInput(text, column=row.headings.get(column, column)))
        state.links = links_ahead(self._session, cells)
        new = self._put(state, {name: text for name, text in cells.items() if name not in state.links})
        if state.links:
            self._linked.append(state.position)
        state.added = new is not None
        self._new += [new] if new else []
        self._applied_cells[refs[0]] = cells

    def _put(self, state: _RowState, cells: Mapping[str, str]) -> Project | None:
        row, doubts = state.row, list[tuple[str, AidError]]()
        try:
            with self._session.begin_nested():
                new, changed = put_project(self._session, row.cells["ref"], cells, self._editor, doubts)
        except FieldErrors as refused:
            errors = {project_column(name): error for name, error in refused.errors.items()}
            if not self._wrong_refs.isdisjoint(state.refs):  # what it lacks stands in a row that is wrong itself
                errors = {column: error for column, error in errors.items() if column in cells}
            raise RowErrors(tuple(Finding(row.at(column), error) for column, error in errors.items())) from refused
        except AidError as error:
            raise _wrong(row, project_column(error.field or "ref"), error) from error
        columns = [] if state.added else columns_of(changed, row.cells)
        state.changed += tuple(row.headings.get(each, each) for each in columns)
        state.warnings += tuple(Finding(row.at(column), doubt) for column, doubt in doubts)
        return new

    def _link(self, state: _RowState) -> None:
        """Link a project with one that the file names further up; one that a wrong row names is not missed."""
        if self._wrong_refs.isdisjoint(map(canonical_ref, state.links.values())):
            self._put(state, state.links)

    # -- updates, each row alone ----------------------------------------------------------------------------------

    def _read_update(self, state: _RowState) -> None:
        """Read the update of a row by itself; what it refers to may stand below it."""
        row = state.row
        if not row.cells.get("kind"):
            if orphan := next((name for name in row.cells if name in _OF_UPDATES), None):
                text = N_("The row has details of an update but no kind. Fill in the “Update” column.")
                raise _wrong(row, orphan, BadInput(text))  # it would be lost silently
            state.day = None if project_cells(row.cells) else self._today  # a ref alone may be wrong
            return
        try:
            proposal = proposal_of(state.refs, row.cells)
            column, target = report_of(row.cells) or ("", "")
            if column:
                state.report = column, self._above(state.refs, column) if target == ABOVE else f"#{target}"
            update = parse_proposal(proposal, now=self._editor.now, by=self._editor.user_id)
        except AidError as error:
            raise _wrong_update(row, error) from error
        state.proposal, state.said, state.day = proposal, cells_of(update, sorted(state.refs)), update.effective_day
        if column and not row.cells.get("letter_date"):  # that of a report is not the day on which it happened
            state.said.pop("letter_date", None)
        self._note_order(state.refs, update.happened)

    def _above(self, refs: Sequence[str], column: str) -> str:
        """Return the position of the row above that is the last update of ``refs``."""
        positions = {self._memory.load(f"above {ref}") for ref in refs}
        if len(positions) > 1 or "" in positions:
            text = N_("No row above this one is an update of {refs}. Put the row below the one that it is about.")
            raise BadInput(text, field=column, refs=", ".join(refs))
        return positions.pop()

    def _note_order(self, refs: Sequence[str], happened: PartialDate) -> None:
        """Count whether the updates of a project go up or down in the file, by dates that leave no doubt."""
        for ref in refs:
            before = parse_date(self._memory.load(f"day {ref}") or "unknown")
            self._ascents += before.certainly_before(happened)
            self._descents += happened.certainly_before(before)
            if happened.known:
                self._memory.store(f"day {ref}", happened.text)

    def _place(self, state: _RowState) -> None:
        """Keep a row with what others may refer to it by, also where it is wrong itself."""
        target = state.report[1] if state.report else ""
        number = state.number if state.row.cells.get("kind") else ""
        # An export, which has every column, and an edition have the order in which a record was made, whatever the dates.
        exported = number and state.row.headings.keys() >= {*_OF_UPDATES}
        self._ordered |= bool(exported or state.row.cells.get("edition"))
        if state.row.cells.get("kind") and not any(state.row.cells.get(name) for name in REPORT_COLUMNS):
            for ref in refs_in(state.row.cells.get("ref", "")):
                self._memory.store(f"above {ref}", str(state.position))
        if target.startswith("#"):
            self._cited.append(state.position)
        day = None if state.refused else state.day
        self._memory.add(state.position, state, day=day, number=number, target=target)

    def _aim(self, state: _RowState) -> None:
        """Make a row that cites a number another report of the row with that number, if the file has one."""
        if state.report:
            column, target = state.report
            state.report = column, self._memory.aim(state.position, target.removeprefix("#")) or target

    # -- updates, beside the record -------------------------------------------------------------------------------

    def _record(self, positions: Sequence[int]) -> list[int]:
        states: list[_RowState] = [self._memory.row(position) for position in positions]
        for state in states:
            state.refused = None
            self._check(
                state, self._recognise if state.proposal else lambda each: ids_of_refs(self._session, each.refs)
            )
        self._look_up([state for state in states if state.proposal and not state.refused])
        self._write([state for state in states if state.proposal and not state.known and not state.refused])
        for state in states:
            self._memory.keep(state.position, state)
        self._next_batch()
        return [state.position for state in states if state.refused]

    def _check(self, state: _RowState, step: Callable[[_RowState], object]) -> None:
        try:
            step(state)
        except RowErrors as error:
            state.refused = error
        except AidError as error:
            for each in (error, *error.others):
                self._name_rows(state, each)
            state.refused = _wrong_update(state.row, error)

    def _name_rows(self, state: _RowState, error: AidError) -> AidError:
        """Let an error name the updates of this file by their rows."""
        numbers = {value for value in error.params.values() if isinstance(value, int)}
        found = {number: int(at) for number in numbers if (at := self._memory.load(f"row of #{number}"))}
        if found:
            places = {number: self._memory.row(position).row.place for number, position in found.items()}
            rows = {number: (place, found[number] == state.position - 1) for number, place in places.items()}
            error.worded = partial(name_rows, rows)
        return error

    def _recognise(self, state: _RowState) -> None:
        """Give a row its keys; it is known where a row before it has the same ones."""
        row, column, target = state.row, *(state.report or ("", ""))
        reported = {name: target if target.startswith("#") else self._memory.load(f"{name} {target}") for name in _KEYS}
        if column and not all(reported.values()):  # the row that it is about is wrong
            raise RowErrors
        about = {name: f"{column}:{key}" if column else "" for name, key in reported.items()}
        proposal, own = state.proposal, row.cells.get("key") if row.cells.get("edition") else ""
        assert proposal
        state.key, first = self._unique(state, lambda number: own or key_of(state.said, about["key"], number))
        state.typed_key, _ = self._unique(
            state, lambda number: own or typed_key_of(proposal, about["typed key"], number)
        )
        self._memory.store(f"key {state.position}", state.key)
        self._memory.store(f"typed key {state.position}", state.typed_key)
        if first != state.position:
            place: CellLocation = self._memory.row(first).row.place
            source = self._memory.load(f"source of {state.key}")
            if row.cells.get("confidence") and state.said["confidence"] != source:
                text = N_(
                    "Line {line} says the same from another kind of source. Write “above” in the column “Confirms”, if "
                    "this is another report, or delete one of the two."
                )
                raise _wrong(row, "confidence", BadInput(text, line=place.line))
            state.known, state.repeats = True, first
            state.warnings = (*state.warnings, _repeated(row, place))
            return
        self._memory.store(f"source of {state.key}", state.said["confidence"])

    def _unique(self, state: _RowState, make: Callable[[str], str]) -> tuple[str, int]:
        """Return a row's key and where it stood first; of two with other numbers, as in an export, each has its own."""
        key = make("")
        first = self._memory.first(key, state.position)
        if first != state.position and state.number != self._memory.load(f"number of {key}"):
            key = make(state.number)
            first = self._memory.first(key, state.position)
        self._memory.store(f"number of {key}", state.number)
        return key, first

    def _look_up(self, states: Sequence[_RowState]) -> None:
        """Mark the updates that are on record: from an earlier import, or exported with their number.

        Where such a row says something else than the record, it is refused: nobody knows whether it is a correction.
        """
        states = [state for state in states if not state.known]
        query = (
            select(ChangeSet.key, UpdateRow.id).join(ChangeSet, ChangeSet.id == UpdateRow.act_id).order_by(UpdateRow.id)
        )
        acts = {act for state in states for act in state.acts}
        recorded = {row.key: row.id for row in self._session.execute(query.where(ChangeSet.key.in_(acts)))}
        found: dict[int, tuple[int, bool]] = {}
        for state in states:
            number = next((recorded[act] for act in state.acts if act in recorded), None)
            if number or state.number:
                found[state.position] = number or int(state.number), number is None
        entries = Entries(self._session, {number for number, _ in found.values()})
        for state in states:
            if state.position in found:
                self._compare(state, entries, *found[state.position])

    def _compare(self, state: _RowState, entries: Entries, number: int, numbered: bool) -> None:
        """Mark a row as known where it is the update ``number``, refuse it where it says something else than that."""
        row = state.row
        if numbered:
            columns = [name for name in _OF_UPDATES if name in row.headings]
        else:
            stated = row.cells.get("confidence") and not row.cells.get("edition")
            columns = ["confidence"] if stated else []
        report = {state.report[0]: self._recorded(state.report[1])} if state.report and numbered else {}
        recorded = entries.differing(number, state.refs, state.said, columns, report)
        if recorded is None:  # a number of something else, such as a count of rows
            return
        state.known = not recorded
        self._memory.store(f"recorded {state.position}", str(number))
        text = (
            N_(
                "#{number} on record says {recorded} in {column}, the file says {typed}. Correct it with "
                "`/aid-update #{number} correct`, or empty the number to record another update."
            )
            if numbered
            else N_(
                "#{number} on record says {recorded} in {column}, the file says {typed}. Correct it with "
                "`/aid-update #{number} correct`, or write {number} in the column “Confirms” if this is another report."
            )
        )
        findings = (
            Finding(
                row.at(name),
                BadInput(
                    text,
                    number=entries.standing(number, state.refs),
                    column=row.headings.get(name, name),
                    recorded=value or NOTHING,
                    typed=row.cells.get(name, NOTHING),
                ),
            )
            for name, value in recorded.items()
        )
        state.refused = RowErrors(tuple(findings)) if recorded else None

    def _write(self, states: Sequence[_RowState]) -> None:
        refs = {ref for state in states for ref in state.refs}
        batch = Batch(self._session, refs, now=self._editor.now, by=self._editor.user_id)
        planned: dict[str, int] = {}
        added: list[tuple[_RowState, Plan]] = []

        def plan(state: _RowState) -> None:
            proposal, act = state.proposal, f"{ORIGIN}:{state.key}"
            assert proposal
            if state.report:
                column, target = state.report
                number = planned.get(target) or self._recorded(target)
                if number is None:
                    raise RowErrors
                proposal = report_as(proposal, column, number)
            editor = self._editor
            recorder = RecordingContext(editor.team_id, editor.user_id, ORIGIN, act, state.key, repeat=True, quiet=True)
            act_plan = batch.add(proposal, recorder)
            planned[str(state.position)] = act_plan.main.number
            for update, _ in act_plan.parts:
                self._memory.store(f"row of #{update.number}", str(state.position))
            added.append((state, act_plan))

        for state in states:
            self._check(state, plan)
        written = batch.write()
        for provisional, number in batch.numbers.items():
            self._memory.store(f"row of #{number}", self._memory.load(f"row of #{provisional}"))
        for (state, act_plan), alike in zip(added, written, strict=True):
            warnings = (self._name_rows(state, each) for each in _warnings(act_plan, alike))
            state.warnings = (*state.warnings, *(Finding(state.row.place, each) for each in warnings))

    def _recorded(self, target: str) -> int | None:
        """Return the number on record of what a report is about: a cited number, or the update of the row at a position."""
        if target.startswith("#"):
            return int(target.removeprefix("#"))
        if number := self._memory.load(f"recorded {target}"):
            return int(number)
        of_row = select(func.max(UpdateRow.id)).join(ChangeSet, ChangeSet.id == UpdateRow.act_id)
        acts = acts_of(ORIGIN, self._memory.load(f"key {target}"))
        return self._session.scalar(of_row.where(ChangeSet.key.in_(acts)))

    def _blame(self, refused: Sequence[int]) -> None:
        """Leave the reasons to the first wrong row of a project, where those below it may be wrong for that alone."""
        for position in refused:
            state: _RowState = self._memory.row(position)
            findings = state.refused.findings if state.refused else ()
            of_record = all(each.error.field in _OF_THE_RECORD for each in findings)
            if of_record and not self._wrong_refs.isdisjoint(state.refs):
                state.refused = RowErrors()
                self._memory.keep(position, state)
            self._wrong_refs.update(state.refs)


def _wrong(row: TableRow, column: str, error: AidError) -> RowErrors:
    return RowErrors((Finding(row.at(column), error),))


def _wrong_update(row: TableRow, error: AidError) -> RowErrors:
    wrong = (error, *error.others)
    return RowErrors(tuple(Finding(row.at(update_column(each.field or "ref")), each) for each in wrong))


def _repeated(row: TableRow, first: CellLocation) -> Finding:
    if first.sheet == row.place.sheet:
        message = AidError("Same as line {line}; recorded only once.", line=first.line)
    else:
        text = N_("Same as line {line} of sheet “{sheet}”; recorded only once.")
        message = AidError(text, line=first.line, sheet=first.sheet)
    return Finding(row.place, message)


def _warnings(planned: Plan, alike: Sequence[Duplicate]) -> list[AidError]:
    """Return the warnings of the rules, and of the comparison with earlier letters (rule 13)."""
    warnings = [AidError(warn.text, **warn.params) for _, warn in planned.warnings]
    return warnings + [
        AidError(
            "This looks like the letter in #{number} ({ref}, {kind}, {happened}). Is it the same letter?",
            number=duplicate.earlier.number,
            ref=duplicate.ref,
            kind=duplicate.earlier.kind.value,
            happened=str(duplicate.earlier.happened),
        )
        for duplicate in alike
    ]
