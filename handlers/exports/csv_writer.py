"""The record as a table: its columns and rows, and CSV that every spreadsheet opens."""

import csv
from collections.abc import Callable
from pathlib import Path

from db.imports.columns import COLUMNS, DERIVED, PROJECT, UPDATE
from handlers.exports.result import Written
from handlers.exports.rows import Cells, ExportQuery, UpdateKey, keys_of, project_cells, standings, updates

FORMULA = ("=", "+", "-", "@", "\t", "\r", "'")
"""What a spreadsheet may take for the beginning of a formula; an apostrophe before it makes it a text again."""

PROJECTS, UPDATES = (
    [*(column for column in COLUMNS if column.of == PROJECT), *DERIVED],
    [column for column in COLUMNS if column.of == UPDATE],
)


def write_csv(query: ExportQuery, path: Path, *, hxl: bool) -> Written:
    """Write projects, then updates, in one table: UTF-8 with its mark, so that spreadsheets know it."""
    columns = [*PROJECTS, *UPDATES]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file)
        table.writerow([column.heading(query.translator.language) for column in columns])
        if hxl:
            table.writerow([column.hxl for column in columns])
        return fill(
            query,
            lambda cells: table.writerow([_harmless(cells.get(column.name, "")) for column in columns]),
            lambda cells: table.writerow([_harmless(cells.get(column.name, "")) for column in columns]),
        )


def fill(query: ExportQuery, project: Callable[[Cells], object], update: Callable[[Cells], object]) -> Written:
    """Give the cells of each project to ``project``, then those of each update to ``update``."""
    concerned: dict[UpdateKey, list[str]] = {}
    projects = 0
    for case in standings(query, every=True):
        project(project_cells(case, query.today, query.translator))
        projects += 1
        for key in keys_of(case.standing):
            concerned.setdefault(key, []).append(case.project.ref)
    for cells in updates(query, concerned):
        update(cells)
    return Written(projects, len(concerned))


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
