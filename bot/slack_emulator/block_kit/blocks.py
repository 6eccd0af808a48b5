"""Block Kit as Slack takes it: blocks, their elements and limits, which stand in messages, modals and on App Home."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.slack_emulator.block_kit.schema import (
    Check,
    Fields,
    SchemaReport,
    anything,
    array,
    boolean,
    every,
    integer,
    number,
    one_of,
    one_schema_of,
    string,
    table,
    typed,
    value,
)
from bot.slack_emulator.models import ApiError, Json

MESSAGE_BLOCKS, VIEW_BLOCKS, ACTIONS, OPTIONS = 50, 100, 25, 100
SECTION_TEXT, FIELD_TEXT, HEADER_TEXT, CONTEXT_TEXT, LABEL_TEXT = 3000, 2000, 150, 3000, 2000
BUTTON_TEXT, BUTTON_VALUE, OPTION_TEXT, OPTION_VALUE, INPUT_TEXT = 75, 2000, 75, 150, 3000
VIEW_TITLE, METADATA, VIEW_BYTES = 24, 3000, 250 * 1024
MESSAGE_CHARACTERS, TABLE_CHARACTERS = 13_200, 20_000
ROWS, COLUMNS, CHARTS = 201, 20, 2
_SEEN = frozenset({"text", "caption"})


# -- rules that concern several fields of one thing -----------------------------------------------


def _says_something(report: SchemaReport, block: Json, path: str) -> None:
    if not (block.get("text") or block.get("fields")):
        report.add(path, "must define either `text` or `fields`")


def _no_dispatched_files(report: SchemaReport, block: Json, path: str) -> None:
    if block.get("dispatch_action") and block["element"]["type"] == "file_input":
        report.add(f"{path}/element/type", "unsupported type: file_input")


def _one_of_two(report: SchemaReport, element: Json, path: str) -> None:
    either = {"options", "option_groups"}
    if element.keys() >= either:
        report.add(path, "cannot define both `options` and `option_groups`")
    elif not element.keys() & either:
        report.add(path, "must define either `options` or `option_groups`")


def _initial_is_an_option(report: SchemaReport, element: Json, path: str) -> None:
    options = options_of(element)
    initial = [("initial_option", element.get("initial_option", options[0]))]
    initial += [(f"initial_options/{place}", option) for place, option in enumerate(element.get("initial_options", ()))]
    for name, option in initial:
        if option not in options:
            report.add(f"{path}/{name}", "must match one of the options")


def _rows_fit(report: SchemaReport, block: Json, path: str) -> None:
    rows = block["rows"]
    if len({len(row) for row in rows}) > 1:
        report.add(f"{path}/rows", "all rows must have the same number of cells")
    if sum(len(cell["text"]) for row in rows for cell in row) > TABLE_CHARACTERS:
        report.add(f"{path}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters")


def _series_fit(report: SchemaReport, chart: Json, path: str) -> None:
    """Check that every series has a name of its own and one point for each category."""
    categories = sorted(chart["axis_config"]["categories"])
    names = [series["name"] for series in chart["series"]]
    for place, series in enumerate(chart["series"]):
        if names.index(series["name"]) != place:
            report.add(f"{path}/series/{place}/name", "must be unique in the chart")
        if sorted(point["label"] for point in series["data"]) != categories:
            report.add(f"{path}/series/{place}/data", "must have one point for every category")


def _is_day(text: str) -> bool:
    try:
        return "W" not in text and bool(date.fromisoformat(text))
    except ValueError:
        return False


# -- texts, options, elements ---------------------------------------------------------------------


def _text(kind: str, longest: int, switch: str) -> Check:
    return table({"type": one_of(kind), "text": string(longest, 1)}, {switch: boolean})


def plain(longest: int) -> Check:
    return _text("plain_text", longest, "emoji")


def any_text(longest: int) -> Check:
    return one_schema_of(typed({"plain_text": plain(longest), "mrkdwn": _text("mrkdwn", longest, "verbatim")}))


def _option(text: Check) -> Check:
    return table({"text": text, "value": string(OPTION_VALUE, 1)}, {"description": text})


_ID = string(255, 1)
_STYLE = one_of("primary", "danger")
_OPTION, _MARKED_OPTION = _option(plain(OPTION_TEXT)), _option(any_text(OPTION_TEXT))
_CONFIRM = {
    "confirm": table(
        {"title": plain(100), "text": any_text(300)}, {"confirm": plain(30), "deny": plain(30), "style": _STYLE}
    )
}
_PICKER = {**_CONFIRM, "placeholder": plain(150)}
_OWN_OPTIONS = {
    "options": array(_OPTION, OPTIONS),
    "option_groups": array(table({"label": plain(OPTION_TEXT), "options": array(_OPTION, OPTIONS)}), OPTIONS),
}
_ONE, _SEVERAL = {"initial_option": _OPTION}, {"initial_options": array(_OPTION, OPTIONS)}
_MOST, _QUERY = {"max_selected_items": integer(1, 1000)}, {"min_query_length": integer(0, 1000)}
_TYPED = {"placeholder": plain(150), "initial_value": string(INPUT_TEXT)}
_TICKS = {"options": array(_MARKED_OPTION, 10)}
_MARKED = {"initial_option": _MARKED_OPTION, "initial_options": array(_MARKED_OPTION, 10)}


def _element(need: Fields, *may: Fields) -> Check:
    fields = {name: check for more in may for name, check in more.items()}
    return table({"type": anything, **need}, {"action_id": _ID, **fields})


def _menu(*may: Fields) -> Check:
    return every(_element({}, _PICKER, _OWN_OPTIONS, *may), _one_of_two, _initial_is_an_option)


ELEMENTS: dict[str, Check] = {
    "button": _element({"text": plain(BUTTON_TEXT)}, _CONFIRM, {"value": string(BUTTON_VALUE), "style": _STYLE}),
    "overflow": _element({"options": array(_OPTION, 5)}, _CONFIRM),
    "static_select": _menu(_ONE),
    "multi_static_select": _menu(_SEVERAL, _MOST),
    "external_select": _element({}, _PICKER, _ONE, _QUERY),
    "multi_external_select": _element({}, _PICKER, _SEVERAL, _QUERY, _MOST),
    "datepicker": _element(
        {},
        _PICKER,
        {"initial_date": value(str, "must provide a string", (_is_day, "must be a date such as 2026-02-07"))},
    ),
    "checkboxes": every(_element(_TICKS, _CONFIRM, _MARKED), _initial_is_an_option),
    "radio_buttons": every(_element(_TICKS, _CONFIRM, _MARKED), _initial_is_an_option),
    "plain_text_input": _element({}, _TYPED, {"multiline": boolean, "max_length": integer(1, INPUT_TEXT)}),
    "url_text_input": _element({}, _TYPED),
    "file_input": _element({}, {"filetypes": array(string(20, 1), 100), "max_files": integer(1, 10)}),
}
_PRESSED = {"button", "overflow"}


def _those(names: set[str]) -> Check:
    return typed({name: ELEMENTS[name] for name in sorted(names)})


# -- blocks and views -----------------------------------------------------------------------------


def _block(need: Fields, may: Fields | None = None) -> Check:
    return table({"type": anything, **need}, {"block_id": _ID, **(may or {})})


def _blocks(interactive: Check) -> dict[str, Check]:
    """Return the blocks that stand in messages and in views, with what may be pressed or chosen in them."""
    said = any_text(CONTEXT_TEXT)
    section = {"text": any_text(SECTION_TEXT), "fields": array(any_text(FIELD_TEXT), 10), "accessory": interactive}
    return {
        "section": every(_block({}, section), _says_something),
        "header": _block({"text": plain(HEADER_TEXT)}),
        "context": _block({"elements": array(typed({"plain_text": said, "mrkdwn": said}), 10)}),
        "divider": _block({}),
        "actions": _block({"elements": array(interactive, ACTIONS)}),
    }


_INPUT = _block(
    {"label": plain(LABEL_TEXT), "element": _those(ELEMENTS.keys() - _PRESSED)},
    {"hint": plain(LABEL_TEXT), "optional": boolean, "dispatch_action": boolean},
)
_NAME = string(20, 1)
_POINTS = array(table({"label": _NAME, "value": number}), 20)
_BARS = table(
    {
        "type": anything,
        "series": array(table({"name": _NAME, "data": _POINTS}), 12),
        "axis_config": table({"categories": array(_NAME, 20)}, {"x_label": string(50), "y_label": string(50)}),
    }
)
_CELL = typed({"raw_text": table({"type": anything, "text": string(TABLE_CHARACTERS, 1)})})
_DATA: dict[str, Check] = {
    "data_table": every(
        _block(
            {"caption": string(2000, 1), "rows": array(array(_CELL, COLUMNS), ROWS, 2)},
            {"page_size": integer(1, 100), "row_header_column_index": integer(0, COLUMNS - 1)},
        ),
        _rows_fit,
    ),
    "data_visualization": _block({"title": string(50, 1), "chart": typed({"bar": every(_BARS, _series_fit)})}),
}
_IN_VIEW = _blocks(_those(_PRESSED | {"static_select", "checkboxes"}))
SURFACES: dict[str, dict[str, Check]] = {
    "message": {**_blocks(_those(_PRESSED)), **_DATA},
    "modal": {**_IN_VIEW, "input": every(_INPUT, _no_dispatched_files)},
    "home": _IN_VIEW,
}
"""What may stand where."""
_MODAL_ONLY = {
    "submit": plain(VIEW_TITLE),
    "close": plain(VIEW_TITLE),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
}


def _view(surface: str, need: Fields, may: Fields) -> Check:
    blocks = array(typed(SURFACES[surface]), VIEW_BLOCKS, fewest=0)
    common = {"callback_id": string(255), "private_metadata": string(METADATA)}
    return table({"type": one_of("modal", "home"), "blocks": blocks, **need}, {**common, **may})


_HOME, _MODAL = _view("home", {}, {}), _view("modal", {"title": plain(VIEW_TITLE)}, _MODAL_ONLY)
_MESSAGE = array(typed(SURFACES["message"]), MESSAGE_BLOCKS, fewest=0)
_OFFER = table({}, {"options": array(_OPTION, OPTIONS, fewest=0)})


def message_problems(blocks: Any) -> list[str]:
    report = SchemaReport()
    every(_MESSAGE, _unique, _few_charts)(report, blocks, "/blocks")
    return report


def view_problems(view: Any) -> list[str]:
    report = SchemaReport()
    shape = _HOME if isinstance(view, dict) and view.get("type") == "home" else _MODAL
    every(shape, _unique_in_view, _submit_for_inputs)(report, view, "/view")
    return report


def check_options(body: Json) -> list[str]:
    """Return what is wrong in an answer to a `block_suggestion`: 100 `options` at most."""
    report = SchemaReport()
    _OFFER(report, body, "")
    return report


def check_message(blocks: Any) -> tuple[Json, ...]:
    """Return the blocks of a message, if Slack takes them. Raises ApiError when not."""
    problems = message_problems(blocks)
    if problems:
        raise ApiError("invalid_blocks", *(f"[ERROR] {problem}" for problem in problems), errors=problems)
    if sum(block["type"] == "data_table" for block in blocks) > 1:
        raise ApiError("invalid_attachments", "[ERROR] only_one_table_allowed", errors=["only_one_table_allowed"])
    if sum(map(len, _strings_in(blocks))) > MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")
    return tuple(blocks)


def check_view(view: Any) -> Json:
    """Return a view, if Slack takes it. Raises ApiError when not."""
    problems = view_problems(view)
    if problems:
        raise ApiError("invalid_arguments", *(f"[ERROR] {problem}" for problem in problems))
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise ApiError("view_too_large")
    return dict(view)


def parts(block: Json) -> list[Json]:
    found = [*block["elements"]] if block["type"] == "actions" else []
    return found + [block[name] for name in ("accessory", "element") if block.get(name)]


def options_of(element: Json) -> list[Json]:
    """Return the options of an element, also those in groups."""
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def _few_charts(report: SchemaReport, blocks: list[Json], _path: str) -> None:
    if sum(block["type"] == "data_visualization" for block in blocks) > CHARTS:
        report.add("", "too many data_visualization blocks")


def _submit_for_inputs(report: SchemaReport, view: Json, path: str) -> None:
    for place, part in enumerate(view["blocks"]):
        if part["type"] == "input" and not view.get("submit"):
            report.add(f"{path}/blocks/{place}/input", "must define `submit` to use an `input` block in modals")


def _unique_in_view(report: SchemaReport, view: Json, path: str) -> None:
    _unique(report, view["blocks"], f"{path}/blocks")


def _unique(report: SchemaReport, blocks: list[Json], path: str) -> None:
    """Block ids are unique in a surface, action ids in their block."""
    _differ(report, "block_id", path, blocks)
    for place, one in enumerate(blocks):
        _differ(report, "action_id", f"{path}/{place}/elements", parts(one))


def _differ(report: SchemaReport, name: str, path: str, owners: list[Json]) -> None:
    seen: set[str] = set()
    for place, owner in enumerate(owners):
        own = owner.get(name, "")
        if own and own in seen:
            report.add(f"{path}/{place}/{name}", f'`{name}` "{own}" already exists')
        seen.add(own)


def _strings_in(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, entry in node.items():
            if key in _SEEN and isinstance(entry, str):
                yield entry
            else:
                yield from _strings_in(entry)
    elif isinstance(node, list):
        for entry in node:
            yield from _strings_in(entry)
