"""Block Kit as Slack takes it: which blocks stand where, their fields, their limits."""

from collections.abc import Mapping
from typing import Any

from bot.loopback.elements import ID, IMAGE, IN_ACTIONS, IN_INPUT, IN_SECTION, URL, any_text, plain
from bot.loopback.model import ApiError, Json
from bot.loopback.schema import (
    Check,
    Field,
    Report,
    anything,
    array,
    boolean,
    integer,
    may,
    need,
    one_of,
    string,
    strings_in,
    table,
    typed,
)

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
MESSAGE_CHARACTERS = 13_200
MARKDOWN_CHARACTERS = 12_000
_SEEN = frozenset({"text", "alt_text", "caption"})


def _block(*either: str, **fields: Field) -> Check:
    return table({"type": need(anything), "block_id": may(ID), **fields}, *either)


_RICH = _block(elements=need(array(anything, 1000)))
_CELL = typed({"raw_text": anything, "raw_number": anything, "rich_text": _RICH})
_COLUMN = table({"align": may(one_of("left", "center", "right")), "is_wrapped": may(boolean)})
_CONTEXT_TEXT = any_text(3000)
_CONTEXT = typed({"plain_text": _CONTEXT_TEXT, "mrkdwn": _CONTEXT_TEXT, "image": IMAGE})


def _even_rows(report: Report, rows: Any, path: str) -> None:
    if isinstance(rows, list) and len({len(row) for row in rows if isinstance(row, list)}) > 1:
        report.add(path, "all rows must have the same number of cells")


def _data_rows(report: Report, rows: Any, path: str) -> None:
    array(array(_CELL, 20), most=201, fewest=2)(report, rows, path)
    _even_rows(report, rows, path)


BLOCKS: dict[str, Check] = {
    "section": _block(
        "text",
        "fields",
        text=may(any_text(3000)),
        fields=may(array(any_text(2000), 10)),
        accessory=may(IN_SECTION),
        expand=may(boolean),
    ),
    "header": _block(text=need(plain(150)), level=may(integer(1, 4))),
    "context": _block(elements=need(array(_CONTEXT, 10))),
    "divider": _block(),
    "actions": _block(elements=need(array(IN_ACTIONS, 25))),
    "input": _block(
        label=need(plain(2000)),
        element=need(IN_INPUT),
        hint=may(plain(2000)),
        optional=may(boolean),
        dispatch_action=may(boolean),
    ),
    "rich_text": _RICH,
    "table": _block(
        rows=need(array(array(_CELL, 20), 100)),
        column_settings=may(array(_COLUMN, 20, fewest=0)),
    ),
    "data_table": _block(
        caption=need(string(2000, 1)),
        rows=need(_data_rows),
        page_size=may(integer(1, 100)),
        row_header_column_index=may(integer(0, 19)),
    ),
    "image": _block(image_url=need(URL), alt_text=need(string(2000)), title=may(plain(2000))),
    "markdown": _block(text=need(string(MARKDOWN_CHARACTERS, 1))),
}
_ONLY_IN_MESSAGES = {"table", "data_table", "markdown"}
_IN_MESSAGE = typed(BLOCKS)
_IN_VIEW = typed({name: check for name, check in BLOCKS.items() if name not in _ONLY_IN_MESSAGES})

_VIEW_COMMON = {
    "type": need(one_of("modal", "home")),
    "callback_id": may(string(255)),
    "external_id": may(string(255)),
    "private_metadata": may(string(3000)),
    "blocks": need(array(_IN_VIEW, VIEW_BLOCKS, fewest=0)),
}
_HOME = table(_VIEW_COMMON)
_MODAL = table(
    {
        **_VIEW_COMMON,
        "title": need(plain(24)),
        "submit": may(plain(24)),
        "close": may(plain(24)),
        "clear_on_close": may(boolean),
        "notify_on_close": may(boolean),
        "submit_disabled": may(boolean),
    },
)


def message_errors(blocks: Any) -> list[str]:
    """What Slack would refuse in the blocks of a message."""
    report = Report()
    array(_IN_MESSAGE, MESSAGE_BLOCKS, fewest=0)(report, blocks, "/blocks")
    if not report.errors:
        _unique(report, blocks, "/blocks")
        _once(report, blocks, {"table", "data_table"})
        markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
        if markdown > MARKDOWN_CHARACTERS:
            report.add("/blocks", f"markdown blocks hold more than {MARKDOWN_CHARACTERS} characters")
    return report.errors


def view_errors(view: Any) -> list[str]:
    """What Slack would refuse in a modal or home view."""
    report = Report()
    (_HOME if isinstance(view, dict) and view.get("type") == "home" else _MODAL)(report, view, "/view")
    if not report.errors:
        _unique(report, view["blocks"], "/view/blocks")
        inputs = any(block["type"] == "input" for block in view["blocks"])
        if inputs and view["type"] == "modal" and not view.get("submit"):
            report.add("/view", "missing required field: submit")
    return report.errors


def check_message(blocks: Any) -> tuple[Json, ...]:
    """The blocks of a message, if Slack takes them. Raises ApiError when not."""
    errors = message_errors(blocks)
    if errors:
        raise ApiError("invalid_blocks", *errors)
    if sum(map(len, strings_in(blocks, _SEEN))) > MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")
    return tuple(blocks)


def check_view(view: Any) -> Json:
    """A view, if Slack takes it. Raises ApiError when not."""
    errors = view_errors(view)
    if errors:
        raise ApiError("invalid_arguments", *errors)
    return dict(view)


def parts(block: Mapping[str, Any]) -> list[Json]:
    """The interactive elements of a block, in order."""
    found = [*block.get("elements", ())] if block["type"] == "actions" else []
    found += [block[key] for key in ("accessory", "element") if block.get(key)]
    return [element for element in found if element.get("type") != "image"]


def _unique(report: Report, blocks: list[Json], path: str) -> None:
    """Block ids are unique in a surface, action ids in their block, focus is taken once."""
    seen: set[str] = set()
    focused = 0
    for number, block in enumerate(blocks):
        where = f"{path}/{number}"
        block_id = block.get("block_id")
        if block_id and block_id in seen:
            report.add(f"{where}/block_id", f"block_id already exists: {block_id}")
        seen.add(block_id or "")
        actions = [element["action_id"] for element in parts(block) if element.get("action_id")]
        for action_id in {action for action in actions if actions.count(action) > 1}:
            report.add(f"{where}/elements", f"action_id already exists: {action_id}")
        focused += sum(1 for element in parts(block) if element.get("focus_on_load"))
    if focused > 1:
        report.add(path, "only one element may have focus_on_load")


def _once(report: Report, blocks: list[Json], kinds: set[str]) -> None:
    if sum(1 for block in blocks if block["type"] in kinds) > 1:
        report.add("/blocks", "only_one_table_allowed")
