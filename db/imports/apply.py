"""Application of rows to the record, each like a form: projects, then what they say of each other, then updates."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.audit import Editor
from db.domain.dates import UNKNOWN, PartialDate, new_york_date
from db.domain.project_status import status_of
from db.errors import N_, AidError, BadInput
from db.imports.columns import COLUMNS, DERIVED, UPDATE
from db.imports.columns import column_of as update_column
from db.imports.entries import Entries
from db.imports.project_row import NOTHING, columns_of, differing_cells, links_ahead, project_cells, put_project
from db.imports.project_row import column_of as project_column
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
from db.projects.queries import canonical_ref, ids_of_refs, known_refs
from db.recording.bulk import Batch
from db.recording.duplicates import Duplicate
from db.recording.proposal import Proposal, parse_proposal, report_as
from db.recording.receipts import Plan, RecordingContext
from db.updates.history import load_histories
from db.updates.status_cache import initialize_projects

ORIGIN = "import"
ROWS_AT_ONCE = 500  # rows checked and written together
T = TypeVar("T")
_OF_THE_RECORD = frozenset({"", "kind", "by", "lift"})  # fields of refusals that rest on what else is recorded
_OF_UPDATES = tuple(column.name for column in COLUMNS if column.of == UPDATE and column.name != "number")
_DERIVED = frozenset(column.name for column in DERIVED)


class RowErrors(AidError):
    """All the reasons why a row cannot be recorded; none of its own where that is because another row is wrong."""

    def __init__(self, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(N_("The row cannot be recorded."))
        self.findings = findings


@dataclass(slots=True, eq=False)
class RowResult:
    """A row, and its effect: a project added or the headings of what it changes, and the kind of update recorded.

    ``known`` means that the update was recorded before, ``repeats`` is the row that says the same: it is not written.
    ``said`` are the cells of the update as an export would write them. ``report`` is the column that says of which
    update it is another report, and that update's row or its number on record; ``recorded`` is the row's own number
    there. ``day`` is its place among rows that are in no order, None where it has nothing to record. ``refused`` is
    final unless a rule refused the row as the record stood.
    """

    row: TableRow
    position: int
    refs: tuple[str, ...]
    added: bool = False
    changed: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    day: date | None = None
    proposal: Proposal | None = None
    said: dict[str, str] = field(default_factory=dict)
    report: "tuple[str, RowResult | int] | None" = None
    key: str = ""
    typed_key: str = ""
    known: bool = False
    repeats: "RowResult | None" = None
    recorded: int | None = None
    warnings: tuple[Finding, ...] = ()
    refused: RowErrors | None = None

    @property
    def kind(self) -> str:
        return self.proposal.kind.value if self.proposal else ""

    @property
    def number(self) -> str:
        """Return the number in the row, which an export or a count of rows gave it."""
        match = NUMBER.fullmatch(self.row.cells.get("number", ""))
        return match[1] if match else ""

    @property
    def acts(self) -> list[str]:
        """Return the keys of the change sets that may have recorded the row before."""
        return [*acts_of(ORIGIN, self.key), f"{ORIGIN}:{self.typed_key}"]


class RowImporter:
    """The importer of rows into the record, in batches within one transaction: ``read`` all, then ``record``."""

    def __init__(self, session: Session, editor: Editor) -> None:
        self._session = session
        self._editor = editor
        self._today = new_york_date(editor.now)
        self._rows: list[RowResult] = []
        self._linked: list[RowResult] = []
        self._cited: list[tuple[RowResult, str, int]] = []
        self._wrong_refs: set[str] = set()
        self._with_number: dict[str, list[RowResult]] = defaultdict(list)
        self._of_update: dict[int, RowResult] = {}  # by number, also a provisional one
        self._first: dict[str, RowResult] = {}  # by key
        self._above: dict[str, RowResult] = {}  # by ref, the last row that is no report of another
        self._happened: dict[str, PartialDate] = {}  # by ref, in the last row with a date
        self._ordered = False
        self._ascents = self._descents = 0

    def read(self, rows: Iterator[TableRow]) -> Iterator[int]:
        """Put the projects of rows and read their updates, a batch at a time; yield how many rows are read so far."""
        for part in in_parts(rows, ROWS_AT_ONCE):
            places = enumerate(part, len(self._rows))
            new = [RowResult(row, position, refs_in(row.cells.get("ref", ""))) for position, row in places]
            self._rows += new
            self._read(new)
            yield len(self._rows)

    def _read(self, rows: Sequence[RowResult]) -> None:
        for state in rows:
            if state.row.findings:
                self._refuse(state, RowErrors(state.row.findings))
        self._compare_standings(rows)
        applied: dict[str, Mapping[str, str]] = {}  # cells by ref
        new = [
            project for state in rows if (project := self._try(state, lambda each: self._put_project(each, applied)))
        ]
        initialize_projects(self._session, new)
        for state in rows:
            self._check_refused(state)
            self._try(state, self._read_update)
            self._place(state)
        self._end_batch()

    def record(self) -> Iterator[RowResult | RowErrors]:
        """Link the projects and record the updates of all rows read; yield the outcome of each row as the file has it.

        Updates are recorded in the file's order, from the bottom where the newest stand on top, by day where they are in
        no order; another report follows what it is about, but in a file that has the order in which a record was made.
        What a rule refuses is tried again after the others, and told only where no other row is the reason.
        """
        for state in self._linked:
            self._try(state, self._link)
        for state, column, number in self._cited:  # which may be that of another row of the file
            others = (each for each in self._with_number.get(str(number), ()) if each is not state)
            state.report = column, next(others, number)
        waiting = order = sorted((each for each in self._rows if each.day and not each.refused), key=self._place_of)
        while waiting:
            refused = [state for part in in_parts(waiting, ROWS_AT_ONCE) for state in self._record(part)]
            if len(refused) == len(waiting):
                break
            waiting = refused[::-1]
        self._blame([state for state in order if state.refused])
        for state in self._rows:
            yield RowErrors() if state.repeats and state.repeats.refused else state.refused or state

    def _place_of(self, state: RowResult) -> tuple[date, int, bool, int]:
        """Return the place of a row in the order of recording."""
        about = state.report[1] if state.report and not self._ordered else None
        first = about if isinstance(about, RowResult) else state
        mixed = not self._ordered and self._descents > 0
        day = (first.day or state.day) if mixed and self._ascents else None
        direction = -1 if mixed and self._descents > self._ascents else 1
        return day or date.min, direction * first.position, first is not state, state.position

    def _end_batch(self) -> None:
        self._session.flush()
        self._session.expunge_all()

    def _try(self, state: RowResult, step: Callable[[RowResult], T]) -> T | None:
        """Run a step; a row that it refuses is wrong for good, and so may be others with its refs."""
        if state.refused is None:
            try:
                return step(state)
            except RowErrors as error:
                self._refuse(state, error)
        return None

    def _refuse(self, state: RowResult, error: RowErrors) -> None:
        state.refused = error
        self._wrong_refs.update(state.refs)

    def _check_refused(self, state: RowResult) -> None:
        """Add the wrong cells of its update to a row that is refused for others."""
        row = state.row
        if not (state.refused and state.refs and row.cells.get("kind")):
            return
        try:
            parse_proposal(proposal_of(state.refs, row.cells), now=self._editor.now, by=self._editor.user_id)
        except AidError as error:
            told = {finding.place for finding in state.refused.findings}
            more = [each for each in _wrong_update(row, error).findings if each.place not in told]
            state.refused = RowErrors((*state.refused.findings, *more))

    # -- projects -------------------------------------------------------------------------------------------------

    def _compare_standings(self, states: Iterable[RowResult]) -> None:
        """Warn of derived cells that say something else than the record did before the import."""
        rows = [(each.refs[0], each) for each in states if each.refs and not _DERIVED.isdisjoint(each.row.cells)]
        ids = known_refs(self._session, {ref for ref, _ in rows}) if rows else {}
        histories = load_histories(self._session, ids.values())
        text = N_("{ref} is at “{recorded}” on record. This column follows from the updates and is not read.")
        for ref, state in rows:
            if ref in ids:
                differing = differing_cells(state.row.cells, status_of(histories[ids[ref]]), self._today)
                state.warnings += tuple(
                    Finding(state.row.at(name), AidError(text, ref=ref, recorded=recorded))
                    for name, recorded in differing.items()
                )

    def _put_project(self, state: RowResult, applied: dict[str, Mapping[str, str]]) -> Project | None:
        row, refs, cells = state.row, state.refs, project_cells(state.row.cells)
        if not cells or applied.get(refs[0]) == cells:
            return None
        if len(refs) > 1:
            text = N_("A row with several projects can only record an update. Move this to a row of its own: {column}.")
            column = next(iter(cells))
            raise _wrong(row, column, BadInput(text, column=row.headings.get(column, column)))
        state.links = links_ahead(self._session, cells)
        new = self._put(state, {name: text for name, text in cells.items() if name not in state.links})
        if state.links:
            self._linked.append(state)
        state.added = new is not None
        applied[refs[0]] = cells
        return new

    def _put(self, state: RowResult, cells: Mapping[str, str]) -> Project | None:
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

    def _link(self, state: RowResult) -> None:
        """Link a project with one that the file names further up; one that a wrong row names is not missed."""
        if self._wrong_refs.isdisjoint(map(canonical_ref, state.links.values())):
            self._put(state, state.links)

    # -- updates, each row alone ----------------------------------------------------------------------------------

    def _read_update(self, state: RowResult) -> None:
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
                state.report = column, self._last_above(state.refs, column) if target == ABOVE else int(target)
            update = parse_proposal(proposal, now=self._editor.now, by=self._editor.user_id)
        except AidError as error:
            raise _wrong_update(row, error) from error
        state.proposal, state.said, state.day = proposal, cells_of(update, sorted(state.refs)), update.effective_day
        if column and not row.cells.get("letter_date"):  # that of a report is not the day on which it happened
            state.said.pop("letter_date", None)
        self._note_order(state.refs, update.happened)

    def _last_above(self, refs: Sequence[str], column: str) -> RowResult:
        """Return the row above that is the last update of ``refs``."""
        rows = {self._above.get(ref) for ref in refs}
        if len(rows) > 1 or not (row := rows.pop()):
            text = N_("No row above this one is an update of {refs}. Put the row below the one that it is about.")
            raise BadInput(text, field=column, refs=", ".join(refs))
        return row

    def _note_order(self, refs: Sequence[str], happened: PartialDate) -> None:
        """Count whether the updates of a project go up or down in the file, by dates that leave no doubt."""
        for ref in refs:
            before = self._happened.get(ref, UNKNOWN)
            self._ascents += before.certainly_before(happened)
            self._descents += happened.certainly_before(before)
            if happened.known:
                self._happened[ref] = happened

    def _place(self, state: RowResult) -> None:
        """Keep what others may refer to a row by, also where it is wrong itself."""
        cells, own = state.row.cells, state.number if state.row.cells.get("kind") else ""
        # An export, which has every column, and an edition have the order in which a record was made, whatever the dates.
        exported = own and state.row.headings.keys() >= {*_OF_UPDATES}
        self._ordered |= bool(exported or cells.get("edition"))
        if cells.get("kind") and not any(cells.get(name) for name in REPORT_COLUMNS):
            self._above |= dict.fromkeys(state.refs, state)
        if state.report and isinstance(number := state.report[1], int):
            self._cited.append((state, state.report[0], number))
        if own:
            self._with_number[own].append(state)
        if state.refused:
            state.day = None

    # -- updates, beside the record -------------------------------------------------------------------------------

    def _record(self, rows: Sequence[RowResult]) -> list[RowResult]:
        """Record the updates of some rows; return those that are refused as the record stands."""
        for state in rows:
            state.refused = None
            self._check(
                state, self._recognise if state.proposal else lambda each: ids_of_refs(self._session, each.refs)
            )
        self._look_up([state for state in rows if state.proposal and not state.repeats and not state.refused])
        new = (each for each in rows if each.proposal and not (each.known or each.repeats or each.refused))
        self._write(list(new))
        self._end_batch()
        return [state for state in rows if state.refused]

    def _check(self, state: RowResult, step: Callable[[RowResult], object]) -> None:
        try:
            step(state)
        except RowErrors as error:
            state.refused = error
        except AidError as error:
            for each in (error, *error.others):
                self._name_rows(state, each)
            state.refused = _wrong_update(state.row, error)

    def _name_rows(self, state: RowResult, error: AidError) -> AidError:
        """Let an error name the updates of this file by their rows."""
        numbers = {value for value in error.params.values() if isinstance(value, int)}
        found = {number: self._of_update[number] for number in numbers & self._of_update.keys()}
        if found:
            rows = {number: (each.row.place, each.position == state.position - 1) for number, each in found.items()}
            error.worded = partial(name_rows, rows)
        return error

    def _recognise(self, state: RowResult) -> None:
        """Give a row its keys; it repeats a row before it with the same ones."""
        row, proposal = state.row, state.proposal
        about = typed_about = ""
        if state.report:
            column, target = state.report
            keys = (f"#{target}",) * 2 if isinstance(target, int) else (target.key, target.typed_key)
            if not all(keys):  # the row that it is about is wrong
                raise RowErrors
            about, typed_about = (f"{column}:{key}" for key in keys)
        own = row.cells.get("key") if row.cells.get("edition") else ""
        assert proposal
        state.key, first = self._unique(state, lambda number: own or key_of(state.said, about, number))
        state.typed_key, _ = self._unique(state, lambda number: own or typed_key_of(proposal, typed_about, number))
        if first is not state:
            place = first.row.place
            if row.cells.get("confidence") and state.said["confidence"] != first.said["confidence"]:
                text = N_(
                    "Line {line} says the same from another kind of source. Write “above” in the column “Confirms”, if "
                    "this is another report, or delete one of the two."
                )
                raise _wrong(row, "confidence", BadInput(text, line=place.line))
            state.repeats = first
            state.warnings = (*state.warnings, _repeated(row, place))

    def _unique(self, state: RowResult, make: Callable[[str], str]) -> tuple[str, RowResult]:
        """Return a row's key and the first row with it; of two with other numbers, as in an export, each has its own."""
        key = make("")
        first = self._first.setdefault(key, state)
        if first.number != state.number:
            key = make(state.number)
            first = self._first.setdefault(key, state)
        return key, first

    def _look_up(self, states: Sequence[RowResult]) -> None:
        """Mark the updates that are on record, by an import or number; refuse rows that say something else than those."""
        query = (
            select(ChangeSet.key, UpdateRow.id).join(ChangeSet, ChangeSet.id == UpdateRow.act_id).order_by(UpdateRow.id)
        )
        acts = {act for state in states for act in state.acts}
        recorded = {row.key: row.id for row in self._session.execute(query.where(ChangeSet.key.in_(acts)))}
        found: list[tuple[RowResult, int, bool]] = []
        for state in states:
            number = next((recorded[act] for act in state.acts if act in recorded), None)
            if number or state.number:
                found.append((state, number or int(state.number), number is None))
        entries = Entries(self._session, {number for _, number, _ in found})
        for state, number, numbered in found:
            self._compare(state, entries, number, numbered)

    def _compare(self, state: RowResult, entries: Entries, number: int, numbered: bool) -> None:
        """Mark a row as known where it is the update ``number``, refuse it where it says something else than that."""
        row = state.row
        if numbered:
            columns = [name for name in _OF_UPDATES if name in row.headings]
        else:
            stated = row.cells.get("confidence") and not row.cells.get("edition")
            columns = ["confidence"] if stated else []
        report = {state.report[0]: _recorded(state.report[1])} if state.report and numbered else {}
        recorded = entries.differing(number, state.refs, state.said, columns, report)
        if recorded is None:  # a number of something else, such as a count of rows
            return
        state.known = not recorded
        state.recorded = number
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

    def _write(self, states: Sequence[RowResult]) -> None:
        refs = {ref for state in states for ref in state.refs}
        batch = Batch(self._session, refs, now=self._editor.now, by=self._editor.user_id)
        planned: dict[RowResult | int, int] = {}
        added: list[tuple[RowResult, Plan]] = []

        def plan(state: RowResult) -> None:
            proposal, act = state.proposal, f"{ORIGIN}:{state.key}"
            assert proposal
            if state.report:
                column, target = state.report
                number = planned.get(target) or _recorded(target)
                if number is None:
                    raise RowErrors
                proposal = report_as(proposal, column, number)
            editor = self._editor
            recorder = RecordingContext(editor.team_id, editor.user_id, ORIGIN, act, state.key, repeat=True, quiet=True)
            act_plan = batch.add(proposal, recorder)
            planned[state] = act_plan.main.number
            self._of_update |= {update.number: state for update, _ in act_plan.parts}
            added.append((state, act_plan))

        for state in states:
            self._check(state, plan)
        written = batch.write()
        self._of_update |= {number: self._of_update[each] for each, number in batch.numbers.items()}
        for (state, act_plan), alike in zip(added, written, strict=True):
            state.recorded = batch.numbers[act_plan.main.number]
            warnings = (self._name_rows(state, each) for each in _warnings(act_plan, alike))
            state.warnings = (*state.warnings, *(Finding(state.row.place, each) for each in warnings))

    def _blame(self, refused: Sequence[RowResult]) -> None:
        """Leave the reasons to the first wrong row of a project, where those below it may be wrong for that alone."""
        for state in refused:
            findings = state.refused.findings if state.refused else ()
            of_record = all(each.error.field in _OF_THE_RECORD for each in findings)
            if of_record and not self._wrong_refs.isdisjoint(state.refs):
                state.refused = RowErrors()
            self._wrong_refs.update(state.refs)


def _recorded(target: RowResult | int) -> int | None:
    """Return the number on record of what a report is about."""
    return target if isinstance(target, int) else (target.repeats or target).recorded


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
