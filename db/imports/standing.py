"""Columns that are derived from the updates: an import does not read them, but says where they differ from the record."""

from collections.abc import Mapping
from datetime import date

from db.domain.code_lists import code_for
from db.domain.dates import parse_date
from db.domain.project_status import ProjectStatus
from db.errors import BadInput

NOTHING = "–"  # an empty cell in a sentence
LABELLED = frozenset({"headline", "response"})  # columns that take the labels of the list of their name


def standing_cells(standing: ProjectStatus, today: date) -> dict[str, str | None]:
    """Return the derived cells that an import compares, labels as their codes."""
    statement = standing.statement(today)
    return {
        "headline": statement.headline.value,
        "since": statement.update.happened.text if statement.update else None,
        "ends": standing.valid_until.text if standing.valid_until else None,
        "response": standing.response.value,
        "as_of": statement.as_of.isoformat() if statement.as_of else None,
    }


def differing_cells(cells: Mapping[str, str], standing: ProjectStatus, today: date) -> dict[str, str]:
    """Return by column what is on record where derived cells say otherwise."""
    recorded = standing_cells(standing, today)
    return {
        name: text or NOTHING for name, text in recorded.items() if name in cells and _read(name, cells[name]) != text
    }


def _read(name: str, cell: str) -> str:
    try:
        return code_for(name, cell) if name in LABELLED else parse_date(cell).text
    except BadInput:
        return cell
