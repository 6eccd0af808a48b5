"""The record as a table: its columns and rows, and CSV that every spreadsheet opens."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

from db.domain.code_lists import label_of
from db.domain.enums import OrganisationRole
from db.domain.text import settle
from db.imports.columns import COLUMNS, DERIVED, OF_HXL, PROJECT, UPDATE, Column
from db.imports.project_row import SEPARATOR
from db.imports.table import escape
from handlers.exports.rows import Cells, ExportQuery, UpdateKey, Written, keys_of, project_cells, standings, updates
from handlers.i18n.translator import LANGUAGES

# Columns of codes that an import knows by their labels too, and the list of the labels.
LISTS = {
    **{name: name for name in ("group", "kind", "outcome", "stance", "visibility")},
    **{f"{role}_type": "organisation_type" for role in OrganisationRole},
    "confidence": "source_kind",
    "whole": "answer",
}
_HXL_DATE = re.compile(r"\d{4}(-\d\d){0,2}( \d\d:\d\d)?$")

PROJECTS, UPDATES = (
    [*(column for column in COLUMNS if column.of == PROJECT), *DERIVED],
    [column for column in COLUMNS if column.of == UPDATE],
)


def write_csv(query: ExportQuery, path: Path, *, hxl: bool) -> Written:
    """Write projects, then updates, in one table: UTF-8 with its mark, so that spreadsheets know it."""
    columns = [*PROJECTS, *UPDATES, *(OF_HXL if hxl else ())]

    def write(cells: Cells) -> None:
        shown = {**cells, "hxl_country": "KP"}
        table.writerow([escape(_cell(column, shown, hxl=hxl)) for column in columns])

    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([column.heading(query.translator.language) for column in columns])
        if hxl:
            table.writerow([column.hxl for column in columns])
        return fill(query, write, write)


def _cell(column: Column, cells: Cells, *, hxl: bool) -> str:
    """Return a cell; under the hashtag of dates only what is one in HXL."""
    text = cells.get(column.name, "")
    return "" if hxl and column.hxl.startswith("#date") and not _HXL_DATE.match(text) else text


def fill(query: ExportQuery, project: Callable[[Cells], object], update: Callable[[Cells], object]) -> Written:
    concerned: dict[UpdateKey, list[str]] = {}
    projects = 0
    language = query.translator.language
    for case in standings(query, every=True):
        project(_in_words(project_cells(case, query.today, query.translator), language))
        projects += 1
        for key in keys_of(case.standing):
            concerned.setdefault(key, []).append(case.project.ref)
    for cells in updates(query, concerned):
        update(_in_words(cells, language))
    return Written(projects, len(concerned))


def _in_words(cells: Cells, language: str) -> Cells:
    """Return the cells with labels for codes; in English the codes are words themselves."""
    cells = {name: settle(text) for name, text in cells.items()}
    if language == LANGUAGES[0]:
        return cells
    return {name: _labels(LISTS[name], text, language) if name in LISTS else text for name, text in cells.items()}


def _labels(kind: str, text: str, language: str) -> str:
    return f"{SEPARATOR} ".join(label_of(kind, code.strip(), language) for code in text.split(SEPARATOR)).strip()
