"""Putting rows into the record: each as a person's form would, and what is wrong with it named by column."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from db.errors import AidError, BadInput, sentence
from db.history import updates_by_number
from db.imports.project_row import column_of as project_column
from db.imports.project_row import project_cells, put_project
from db.imports.table import Finding, Row
from db.imports.update_row import column_of as update_column
from db.imports.update_row import key_of, proposal_of, refs_in
from db.project_fields import FieldErrors
from db.projects import ids_of_refs
from db.proposal import Proposal
from db.receipts import Plan, Recorder, find_act
from db.record import append, plan
from db.roster import Editor
from db.table_columns import COLUMNS, UPDATE

ORIGIN = "import"
_OF_UPDATES = frozenset(column.name for column in COLUMNS if column.of == UPDATE and column.name != "number")

ROWS_AT_ONCE = 200
"""After so many rows what was read is let go, so that a long file needs no more memory than a short one."""


@dataclass(frozen=True, slots=True)
class Done:
    """What one row does: the project added or the names of its fields that change, the kind of update recorded.

    ``known`` says that the update was recorded before, and nothing is written.
    """

    row: Row
    added: bool = False
    changed: tuple[str, ...] = ()
    kind: str = ""
    known: bool = False
    warnings: tuple[Finding, ...] = ()


class RowErrors(AidError):
    """A row cannot be recorded, for all of these reasons."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(sentence("The row cannot be recorded."))
        self.findings = findings


class Applying:
    """Puts rows into the record, one after the other, within one transaction."""

    def __init__(self, session: Session, editor: Editor) -> None:
        self._session = session
        self._editor = editor
        self._said: dict[str, Mapping[str, str]] = {}
        self._keys: dict[str, int] = {}
        self._rows = 0

    def apply(self, row: Row) -> Done:
        """Raises RowErrors; then nothing of the row is written."""
        self._rows += 1
        if self._rows % ROWS_AT_ONCE == 0:
            self._session.expunge_all()
        if row.findings:
            raise RowErrors(row.findings)
        with self._session.begin_nested():
            added, changed = self._project(row)
            return self._update(row, added, changed)

    def _project(self, row: Row) -> tuple[bool, tuple[str, ...]]:
        refs, said = refs_in(row.cells.get("ref", "")), project_cells(row.cells)
        if not refs:
            raise _wrong(row, "ref", BadInput(sentence("The row names no project. Write its ref, such as GG-1.")))
        if not said or self._said.get(refs[0]) == said:
            return False, ()
        if len(refs) > 1:
            text = sentence("A row for several projects can only be about an update. Give {column} a row of its own.")
            column = next(iter(said))
            raise _wrong(row, column, BadInput(text, column=row.headings.get(column, column)))
        try:
            outcome = put_project(self._session, refs[0], said, self._editor)
        except FieldErrors as refused:
            found = (Finding(row.at(project_column(name)), error) for name, error in refused.errors.items())
            raise RowErrors(tuple(found)) from refused
        except AidError as error:
            raise _wrong(row, project_column(getattr(error, "field", "ref")), error) from error
        self._said[refs[0]] = said
        return outcome

    def _update(self, row: Row, added: bool, changed: tuple[str, ...]) -> Done:
        if not row.cells.get("kind"):
            self._no_update(row)
            return Done(row, added, changed)
        try:
            proposal = proposal_of(refs_in(row.cells["ref"]), row.cells)
            if self._exported(row, proposal):
                return Done(row, added, changed, proposal.kind, known=True)
            key = key_of(proposal)
            first = self._keys.setdefault(key, row.place.line)
            recorder = Recorder(
                self._editor.team_id, self._editor.user_id, ORIGIN, f"{ORIGIN}:{key}", key, again=True, quiet=True
            )
            if find_act(self._session, recorder, self._editor.now):
                return Done(row, added, changed, proposal.kind, known=True, warnings=_repeated(row, first))
            ids_of_refs(self._session, proposal.refs, lock=True)
            planned = plan(self._session, proposal, now=self._editor.now, by=self._editor.user_id)
            append(self._session, planned.parts, recorder, self._editor.now)
        except AidError as error:
            raise _wrong(row, update_column(getattr(error, "field", "ref")), error) from error
        return Done(row, added, changed, proposal.kind, warnings=_warnings(row, planned))

    def _exported(self, row: Row, proposal: Proposal) -> bool:
        """Whether the row is an update of this very record, which an export wrote with its number."""
        number = row.cells.get("number", "").removeprefix("#")
        if not number.isdecimal():
            return False
        earlier = updates_by_number(self._session, [int(number)]).get(int(number))
        meant = (proposal.kind, proposal.options.get("on") or "unknown", proposal.note)
        return earlier is not None and (earlier.kind, earlier.happened.text, earlier.note) == meant

    @staticmethod
    def _no_update(row: Row) -> None:
        """An update without its kind would be lost silently."""
        orphan = next((name for name in row.cells if name in _OF_UPDATES), None)
        if orphan:
            text = sentence("This is about an update, but the row does not say which kind in the column “Update”.")
            raise _wrong(row, orphan, BadInput(text))


def _wrong(row: Row, column: str, error: AidError) -> RowErrors:
    return RowErrors((Finding(row.at(column), error),))


def _repeated(row: Row, first: int) -> tuple[Finding, ...]:
    if first == row.place.line:
        return ()
    text = sentence("The row says the same as line {line}; it is recorded once.")
    return (Finding(row.place, AidError(text, line=first)),)


def _warnings(row: Row, planned: Plan) -> tuple[Finding, ...]:
    """What the rules and the comparison with earlier letters (R9) say of an update that is recorded all the same."""
    said = [AidError(warn.text, **warn.params) for _, warn in planned.warnings]
    said += [
        AidError(
            sentence("This looks like the letter of #{number} ({ref}, {kind}, {happened}). Is it the same one?"),
            number=found.earlier.number,
            ref=found.ref,
            kind=found.earlier.kind.value,
            happened=str(found.earlier.happened),
        )
        for found in planned.duplicates
    ]
    return tuple(Finding(row.place, each) for each in said)
