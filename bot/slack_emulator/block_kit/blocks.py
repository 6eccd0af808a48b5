"""Block Kit as Slack takes it: blocks, their elements and limits, which stand in messages, modals and on App Home."""

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from bot.slack_emulator.block_kit.schema import Kinds, Spec, at, every, problems
from bot.slack_emulator.models import ApiError, Json

INPUT_TEXT = 3000
VIEW_BYTES = 250 * 1024
MESSAGE_CHARACTERS, TABLE_CHARACTERS = 13_200, 20_000
_SEEN = frozenset({"text", "caption"})


# -- rules that concern several fields of one thing -----------------------------------------------


def _says_something(block: Json, path: str) -> Iterator[str]:
    if not (block.get("text") or block.get("fields")):
        yield at(path, "must define either `text` or `fields`")


def _initial_is_an_option(element: Json, path: str) -> Iterator[str]:
    options = options_of(element)
    initial = [("initial_option", element["initial_option"])] if "initial_option" in element else []
    initial += [(f"initial_options/{place}", option) for place, option in enumerate(element.get("initial_options", ()))]
    yield from (
        at(f"{path}/{name}", "must match one of the options") for name, option in initial if option not in options
    )


def _rows_fit(block: Json, path: str) -> Iterator[str]:
    rows = block["rows"]
    if len({len(row) for row in rows}) > 1:
        yield at(f"{path}/rows", "all rows must have the same number of cells")
    if sum(len(cell["text"]) for row in rows for cell in row) > TABLE_CHARACTERS:
        yield at(f"{path}/rows", f"must be less than {TABLE_CHARACTERS + 1} characters")


def _is_day(given: Any, path: str) -> Iterator[str]:
    try:
        date.fromisoformat("" if "W" in given else given)
    except ValueError:
        yield at(path, "must be a date such as 2026-02-07")


# -- texts, options, elements ---------------------------------------------------------------------


def plain(longest: int) -> Spec:
    return {"type": {"plain_text"}, "text": (1, longest), "emoji?": bool}


def any_text(longest: int) -> Spec:
    """Return a text of either type, of which Slack says first that none fits, and then why."""
    either = Kinds(plain_text=plain(longest), mrkdwn={"type": Any, "text": (1, longest), "verbatim?": bool})

    def check(given: Any, path: str) -> list[str]:
        found = list(problems(either, given, path))
        return [at(path, "failed to match all allowed schemas"), *found] if found else []

    return check


_ID = (1, 255)
_STYLE = {"primary", "danger"}
_OPTION, _MARKED_OPTION = (
    {"text": text, "value": (1, 150), "description?": text} for text in (plain(75), any_text(75))
)
_OPTIONS, _MARKED_OPTIONS = [_OPTION, 100], [_MARKED_OPTION, 10]
_CONFIRM = {"title": plain(100), "text": any_text(300), "confirm?": plain(30), "deny?": plain(30), "style?": _STYLE}
_ELEMENT = {"type": Any, "action_id?": _ID}
_ASKING = {**_ELEMENT, "confirm?": _CONFIRM}
_PICKER = {**_ASKING, "placeholder?": plain(150)}
_GROUPS = [{"label": plain(75), "options": _OPTIONS}, 100]
_MENU = {**_PICKER, "options?": _OPTIONS, "option_groups?": _GROUPS}
_EXTERNAL = {**_PICKER, "min_query_length?": range(1001)}
_ONE = {"initial_option?": _OPTION}
_SEVERAL = {"initial_options?": _OPTIONS, "max_selected_items?": range(1, 1001)}
_TICKS = {"options": _MARKED_OPTIONS, "initial_option?": _MARKED_OPTION, "initial_options?": _MARKED_OPTIONS}
_TYPED = {**_ELEMENT, "placeholder?": plain(150), "initial_value?": (0, INPUT_TEXT)}

ELEMENTS: dict[str, Spec] = {
    "button": {**_ASKING, "text": plain(75), "value?": (0, 2000), "style?": _STYLE},
    "overflow": {**_ASKING, "options": [_OPTION, 5]},
    "static_select": every({**_MENU, **_ONE}, _initial_is_an_option),
    "multi_static_select": every({**_MENU, **_SEVERAL}, _initial_is_an_option),
    "external_select": {**_EXTERNAL, **_ONE},
    "multi_external_select": {**_EXTERNAL, **_SEVERAL},
    "datepicker": {**_PICKER, "initial_date?": every((0, 10), _is_day)},
    "checkboxes": every({**_ASKING, **_TICKS}, _initial_is_an_option),
    "radio_buttons": every({**_ASKING, **_TICKS}, _initial_is_an_option),
    "plain_text_input": {**_TYPED, "multiline?": bool, "max_length?": range(1, INPUT_TEXT + 1)},
    "url_text_input": _TYPED,
    "file_input": {**_ELEMENT, "filetypes?": [(1, 20), 100], "max_files?": range(1, 11)},
}
_PRESSED = {"button", "overflow"}


def _those(names: set[str]) -> Kinds:
    return Kinds({name: ELEMENTS[name] for name in sorted(names)})


# -- blocks and views -----------------------------------------------------------------------------

_BLOCK = {"type": Any, "block_id?": _ID}


def _blocks(interactive: Spec) -> dict[str, Spec]:
    """Return the blocks that stand in messages and in views, with what may be pressed or chosen in them."""
    said = any_text(3000)
    section = {**_BLOCK, "text?": said, "fields?": [any_text(2000), 10], "accessory?": interactive}
    return {
        "section": every(section, _says_something),
        "header": {**_BLOCK, "text": plain(150)},
        "context": {**_BLOCK, "elements": [Kinds(plain_text=said, mrkdwn=said), 10]},
        "divider": _BLOCK,
        "actions": {**_BLOCK, "elements": [interactive, 25]},
    }


_INPUT = {
    **_BLOCK,
    "label": plain(2000),
    "element": _those(ELEMENTS.keys() - _PRESSED),
    "hint?": plain(2000),
    "optional?": bool,
    "dispatch_action?": bool,
}
_NAME = (1, 20)
_BARS = {
    "type": Any,
    "series": [{"name": _NAME, "data": [{"label": _NAME, "value": float}, 20]}, 12],
    "axis_config": {"categories": [_NAME, 20], "x_label?": (0, 50), "y_label?": (0, 50)},
}
_TABLE = {
    **_BLOCK,
    "caption": (1, 2000),
    "rows": [[Kinds(raw_text={"type": Any, "text": (1, TABLE_CHARACTERS)}), 20], 201, 2],
    "page_size?": range(1, 101),
    "row_header_column_index?": range(20),
}
_DATA = {
    "data_table": every(_TABLE, _rows_fit),
    "data_visualization": {**_BLOCK, "title": (1, 50), "chart": Kinds(bar=_BARS)},
}
_IN_VIEW = _blocks(_those(_PRESSED | {"static_select", "checkboxes"}))
_VIEW = {"type": {"modal", "home"}, "callback_id?": (0, 255), "private_metadata?": (0, 3000)}
_HOME = {**_VIEW, "blocks": [Kinds(_IN_VIEW), 100, 0]}
_MODAL = {
    **_VIEW,
    "blocks": [Kinds(_IN_VIEW, input=_INPUT), 100, 0],
    "title": plain(24),
    "submit?": plain(24),
    "close?": plain(24),
    "clear_on_close?": bool,
    "notify_on_close?": bool,
}
_MESSAGE = [Kinds(_blocks(_those(_PRESSED)), **_DATA), 50, 0]


def message_problems(blocks: Any) -> list[str]:
    return list(problems(every(_MESSAGE, _unique), blocks, "/blocks"))


def view_problems(view: Any) -> list[str]:
    shape = _HOME if isinstance(view, dict) and view.get("type") == "home" else _MODAL
    return list(problems(every(shape, _unique_in_view, _submit_for_inputs), view, "/view"))


def check_options(body: Json) -> list[str]:
    return list(problems({"options?": [_OPTION, 100, 0]}, body, ""))


def check_message(blocks: Any) -> tuple[Json, ...]:
    problems = message_problems(blocks)
    if problems:
        raise ApiError("invalid_blocks", *(f"[ERROR] {problem}" for problem in problems), errors=problems)
    if sum(map(len, _strings_in(blocks))) > MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")
    return tuple(blocks)


def check_view(view: Any) -> Json:
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
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def _submit_for_inputs(view: Json, path: str) -> Iterator[str]:
    for place, block in enumerate(view["blocks"]):
        if block["type"] == "input" and not view.get("submit"):
            yield at(f"{path}/blocks/{place}/input", "must define `submit` to use an `input` block in modals")


def _unique_in_view(view: Json, path: str) -> Iterator[str]:
    return _unique(view["blocks"], f"{path}/blocks")


def _unique(blocks: list[Json], path: str) -> Iterator[str]:
    yield from _differ("block_id", path, blocks)
    for place, block in enumerate(blocks):
        yield from _differ("action_id", f"{path}/{place}/elements", parts(block))


def _differ(name: str, path: str, owners: list[Json]) -> Iterator[str]:
    ids = [owner.get(name, "") for owner in owners]
    for place, own in enumerate(ids):
        if own and own in ids[:place]:
            yield at(f"{path}/{place}/{name}", f'`{name}` "{own}" already exists')


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
