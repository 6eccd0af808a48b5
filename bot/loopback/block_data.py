"""Blocks that carry data: `table`, `data_table`, `data_visualization`."""

from typing import Any

from bot.loopback.composition import ID
from bot.loopback.model import Json
from bot.loopback.rich import RICH_TEXT
from bot.loopback.schema import (
    Check,
    Report,
    anything,
    array,
    boolean,
    every,
    integer,
    may,
    need,
    nullable,
    number,
    one_of,
    string,
    table,
    typed,
)

TABLE_ROWS, DATA_ROWS, COLUMNS = 100, 201, 20
TABLE_CHARACTERS, DATA_CHARACTERS = 10_000, 20_000
CHARTS = 2
_CELL_TEXT = string(DATA_CHARACTERS, 1)
_PLAIN_CELLS = {
    "raw_text": table({"type": need(anything), "text": need(_CELL_TEXT)}),
    "raw_number": table({"type": need(anything), "value": need(number), "text": need(_CELL_TEXT)}),
}
_HEAD_CELL = typed(_PLAIN_CELLS)
_CELL = typed({**_PLAIN_CELLS, "rich_text": RICH_TEXT})
_COLUMN = nullable(table({"align": may(one_of("left", "center", "right")), "is_wrapped": may(boolean)}))


def characters(block: Json) -> int:
    """How many characters stand in the cells of a table."""
    return sum(_length(cell) for row in block["rows"] for cell in row)


def _length(node: Any) -> int:
    if isinstance(node, dict):
        own = len(node["text"]) if isinstance(node.get("text"), str) else 0
        return own + sum(map(_length, node.get("elements", ())))
    return 0


def _even_rows(report: Report, rows: Any, path: str) -> None:
    if len({len(row) for row in rows}) > 1:
        report.add(path, "all rows must have the same number of cells")


def _plain_head(report: Report, rows: Any, path: str) -> None:
    array(_HEAD_CELL, COLUMNS)(report, rows[0], f"{path}/0")


def _at_most(longest: int) -> Check:
    def check(report: Report, block: Any, path: str) -> None:
        if characters(block) > longest:
            report.add(f"{path}/rows", f"must be less than {longest + 1} characters")

    return check


def _series_fit(report: Report, chart: Any, path: str) -> None:
    """Every series has a name of its own and one point for each category."""
    categories = chart["axis_config"]["categories"]
    names = [series["name"] for series in chart["series"]]
    for place, series in enumerate(chart["series"]):
        if names.index(series["name"]) != place:
            report.add(f"{path}/series/{place}/name", "must be unique in the chart")
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            report.add(f"{path}/series/{place}/data", "must have one point for every category")


def _above_zero(report: Report, value: Any, path: str) -> None:
    number(report, value, path)
    if isinstance(value, int | float) and value <= 0:
        report.add(path, "must be greater than 0")


_NAME = string(20, 1)
_AXIS = table(
    {"categories": need(array(_NAME, 20)), "x_label": may(string(50)), "y_label": may(string(50))},
)
_POINT = table({"label": need(_NAME), "value": need(number)})
_SERIES = table({"name": need(_NAME), "data": need(array(_POINT, 20))})
_SEGMENT = table({"label": need(_NAME), "value": need(_above_zero)})
_LINES = every(
    table({"type": need(anything), "series": need(array(_SERIES, 12)), "axis_config": need(_AXIS)}),
    _series_fit,
)
_PIE = table({"type": need(anything), "segments": need(array(_SEGMENT, 12))})
_CHART = typed({"pie": _PIE, "bar": _LINES, "area": _LINES, "line": _LINES})
_BLOCK = {"type": need(anything), "block_id": may(ID)}

DATA_BLOCKS: dict[str, Check] = {
    "table": every(
        table(
            {
                **_BLOCK,
                "rows": need(array(array(_CELL, COLUMNS), TABLE_ROWS)),
                "column_settings": may(array(_COLUMN, COLUMNS, fewest=0)),
            },
        ),
        _at_most(TABLE_CHARACTERS),
    ),
    "data_table": every(
        table(
            {
                **_BLOCK,
                "caption": need(string(2000, 1)),
                "rows": need(every(array(array(_CELL, COLUMNS), DATA_ROWS, 2), _even_rows, _plain_head)),
                "page_size": may(integer(1, 100)),
                "row_header_column_index": may(integer(0, COLUMNS - 1)),
            },
        ),
        _at_most(DATA_CHARACTERS),
    ),
    "data_visualization": table({**_BLOCK, "title": need(string(50, 1)), "chart": need(_CHART)}),
}
