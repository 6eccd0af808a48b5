"""A table that is an edition of a shipped data set: its updates have keys, its rows say which edition."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from db.imports.apply import ORIGIN
from db.imports.open_file import reading
from db.imports.project_row import project_cells, stated_fields
from db.imports.table import BadFile, TableRow
from db.imports.update_row import ABOVE, proposal_of, refs_in, report_of
from db.maintenance.editions import Edition, ShippedUpdate
from db.projects.fields import ProjectFields


def read_edition(session: Session, path: Path) -> Edition | None:
    """Return the edition that a file is, with its organisations added; None for any other table. Raises AidError."""
    with reading(path) as table:
        first = next(table.rows, None)
        if first is None or not first.cells.get("edition") or not first.cells.get("data_set"):
            return None
        rows = [first, *table.rows]
    for row in rows:
        for finding in row.findings:
            raise BadFile("{place}: {error}", place=str(finding.place), error=str(finding.error))
    if not (number := first.cells["edition"]).isdecimal():
        raise BadFile("{place}: “{typed}” is no number of an edition.", place=str(first.at("edition")), typed=number)
    projects: dict[str, dict[str, str]] = {}
    for row in rows:
        for ref in refs_in(row.cells["ref"]):
            projects[ref] = project_cells(row.cells) | projects.get(ref, {})
    return Edition(
        data_set=first.cells["data_set"],
        number=int(number),
        origin=ORIGIN,
        projects=[stated_fields(session, cells, ProjectFields(ref=ref), []) for ref, cells in projects.items()],
        updates=list(_updates(rows)),
    )


def _updates(rows: Sequence[TableRow]) -> Iterator[ShippedUpdate]:
    above: dict[str, str] = {}  # by ref, the key of the last update that is no report of another
    for row in rows:
        if not row.cells.get("kind"):
            continue
        refs, key = refs_in(row.cells["ref"]), row.cells.get("key", "")
        if not key:
            raise BadFile("{place}: an update of an edition needs its key.", place=str(row.at("key")))
        column, target = report_of(row.cells) or ("", "")
        if column and (target != ABOVE or refs[0] not in above):
            raise BadFile("{place}: in an edition, write “above”.", place=str(row.at(column)))
        yield ShippedUpdate(key, proposal_of(refs, row.cells), (column, above[refs[0]]) if column else None)
        if not column:
            above |= dict.fromkeys(refs, key)
