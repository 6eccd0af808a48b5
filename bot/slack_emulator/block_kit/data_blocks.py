"""Blocks that carry data: `data_table`, and `data_visualization` with bars."""

from bot.slack_emulator.block_kit.composition import block
from bot.slack_emulator.block_kit.schema import (
    Check,
    SchemaReport,
    anything,
    array,
    every,
    integer,
    may,
    need,
    number,
    string,
    table,
    typed,
)
from bot.slack_emulator.models import Json

ROWS, COLUMNS = 201, 20
TABLE_CHARACTERS = 20_000
CHARTS = 2


def _even_rows(report: SchemaReport, rows: list[list[Json]], path: str) -> None:
    if len({len(row) for row in rows}) > 1:
        report.add(path, "all rows must have the same number of cells")


def _not_too_long(report: SchemaReport, block: Json, path: str) -> None:
    if sum(len(cell["text"]) for row in block["rows"] for cell in row) > TABLE_CHARACTERS:
        report.add(f"{path}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters")


def _series_fit(report: SchemaReport, chart: Json, path: str) -> None:
    """Check that every series has a name of its own and one point for each category."""
    categories = chart["axis_config"]["categories"]
    names = [series["name"] for series in chart["series"]]
    for place, series in enumerate(chart["series"]):
        if names.index(series["name"]) != place:
            report.add(f"{path}/series/{place}/name", "must be unique in the chart")
        if sorted(point["label"] for point in series["data"]) != sorted(categories):
            report.add(f"{path}/series/{place}/data", "must have one point for every category")


_NAME = string(20, 1)
_AXIS = table(
    {"categories": need(array(_NAME, 20)), "x_label": may(string(50)), "y_label": may(string(50))},
)
_POINT = table({"label": need(_NAME), "value": need(number)})
_SERIES = table({"name": need(_NAME), "data": need(array(_POINT, 20))})
_BARS = every(
    table({"type": need(anything), "series": need(array(_SERIES, 12)), "axis_config": need(_AXIS)}),
    _series_fit,
)
_CELL = typed({"raw_text": table({"type": need(anything), "text": need(string(TABLE_CHARACTERS, 1))})})

DATA_BLOCKS: dict[str, Check] = {
    "data_table": every(
        block(
            caption=need(string(2000, 1)),
            rows=need(every(array(array(_CELL, COLUMNS), ROWS, 2), _even_rows)),
            page_size=may(integer(1, 100)),
            row_header_column_index=may(integer(0, COLUMNS - 1)),
        ),
        _not_too_long,
    ),
    "data_visualization": block(title=need(string(50, 1)), chart=need(typed({"bar": _BARS}))),
}
