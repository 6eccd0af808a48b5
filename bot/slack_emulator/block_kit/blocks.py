"""Block Kit as Slack takes it: which blocks stand in messages, modals and on App Home, and what they amount to."""

import json

from bot.slack_emulator.block_kit.composition import any_text, block, plain
from bot.slack_emulator.block_kit.data_blocks import CHARTS, DATA_BLOCKS
from bot.slack_emulator.block_kit.elements import IN_INPUT, IN_MESSAGE, IN_VIEW
from bot.slack_emulator.block_kit.schema import (
    Check,
    SchemaReport,
    array,
    boolean,
    every,
    may,
    need,
    one_of,
    string,
    strings_in,
    table,
    typed,
)
from bot.slack_emulator.models import ApiError, Json

MESSAGE_BLOCKS, VIEW_BLOCKS = 50, 100
MESSAGE_CHARACTERS = 13_200
SECTION_TEXT, FIELD_TEXT, HEADER_TEXT, CONTEXT_TEXT, LABEL_TEXT = 3000, 2000, 150, 3000, 2000
ACTIONS = 25
VIEW_TITLE, METADATA = 24, 3000
VIEW_BYTES = 250 * 1024
_SEEN = frozenset({"text", "caption"})


def _no_dispatched_files(report: SchemaReport, block: Json, path: str) -> None:
    if block.get("dispatch_action") and block["element"]["type"] == "file_input":
        report.add(f"{path}/element/type", "unsupported type: file_input")


def _says_something(report: SchemaReport, block: Json, path: str) -> None:
    if not (block.get("text") or block.get("fields")):
        report.add(path, "must define either `text` or `fields`")


_SAID = any_text(CONTEXT_TEXT)
_IN_CONTEXT = typed({"plain_text": _SAID, "mrkdwn": _SAID})


def _blocks(interactive: Check) -> dict[str, Check]:
    """Return the blocks that stand in messages and in views, with what may be pressed or chosen in them."""
    return {
        "section": every(
            block(
                text=may(any_text(SECTION_TEXT)),
                fields=may(array(any_text(FIELD_TEXT), 10)),
                accessory=may(interactive),
            ),
            _says_something,
        ),
        "header": block(text=need(plain(HEADER_TEXT))),
        "context": block(elements=need(array(_IN_CONTEXT, 10))),
        "divider": block(),
        "actions": block(elements=need(array(interactive, ACTIONS))),
    }


_INPUT = every(
    block(
        label=need(plain(LABEL_TEXT)),
        element=need(IN_INPUT),
        hint=may(plain(LABEL_TEXT)),
        optional=may(boolean),
        dispatch_action=may(boolean),
    ),
    _no_dispatched_files,
)
SURFACES: dict[str, dict[str, Check]] = {
    "message": {**_blocks(IN_MESSAGE), **DATA_BLOCKS},
    "modal": {**_blocks(IN_VIEW), "input": _INPUT},
    "home": _blocks(IN_VIEW),
}
"""What may stand where."""

_VIEW_COMMON = {
    "type": need(one_of("modal", "home")),
    "callback_id": may(string(255)),
    "private_metadata": may(string(METADATA)),
}
_HOME = table({**_VIEW_COMMON, "blocks": need(array(typed(SURFACES["home"]), VIEW_BLOCKS, fewest=0))})
_MODAL = table(
    {
        **_VIEW_COMMON,
        "blocks": need(array(typed(SURFACES["modal"]), VIEW_BLOCKS, fewest=0)),
        "title": need(plain(VIEW_TITLE)),
        "submit": may(plain(VIEW_TITLE)),
        "close": may(plain(VIEW_TITLE)),
        "clear_on_close": may(boolean),
        "notify_on_close": may(boolean),
    },
)


def message_problems(blocks: object, path: str = "/blocks") -> list[str]:
    """Find what Slack would refuse in the blocks of a message; `path` is their JSON pointer."""
    report = SchemaReport()
    array(typed(SURFACES["message"]), MESSAGE_BLOCKS, fewest=0)(report, blocks, path)
    if not report.problems and isinstance(blocks, list):
        _unique(report, blocks, path)
        if sum(block["type"] == "data_visualization" for block in blocks) > CHARTS:
            report.add("", "too many data_visualization blocks")
    return report.problems


def view_problems(view: object, path: str = "/view") -> list[str]:
    """Find what Slack would refuse in a modal or home view; `path` is its JSON pointer."""
    report = SchemaReport()
    (_HOME if isinstance(view, dict) and view.get("type") == "home" else _MODAL)(report, view, path)
    if not report.problems and isinstance(view, dict):
        _unique(report, view["blocks"], f"{path}/blocks")
        if view["type"] == "modal" and not view.get("submit"):
            for place, part in enumerate(view["blocks"]):
                if part["type"] == "input":
                    words = "must define `submit` to use an `input` block in modals"
                    report.add(f"{path}/blocks/{place}/input", words)
    return report.problems


def check_message(blocks: object) -> tuple[Json, ...]:
    """Return the blocks of a message, if Slack takes them. Raises ApiError when not."""
    problems = message_problems(blocks)
    if problems or not isinstance(blocks, list):
        raise ApiError("invalid_blocks", *(f"[ERROR] {problem}" for problem in problems), errors=problems)
    if sum(block["type"] == "data_table" for block in blocks) > 1:
        raise ApiError("invalid_attachments", "[ERROR] only_one_table_allowed", errors=["only_one_table_allowed"])
    if sum(map(len, strings_in(blocks, _SEEN))) > MESSAGE_CHARACTERS:
        raise ApiError("msg_blocks_too_long")
    return tuple(blocks)


def check_view(view: object) -> Json:
    """Return a view, if Slack takes it. Raises ApiError when not."""
    problems = view_problems(view)
    if problems or not isinstance(view, dict):
        raise ApiError("invalid_arguments", *(f"[ERROR] {problem}" for problem in problems))
    if len(json.dumps(view).encode()) > VIEW_BYTES:
        raise ApiError("view_too_large")
    return dict(view)


def parts(block: Json) -> list[Json]:
    """Return the interactive elements of a block, in order."""
    found = [*block["elements"]] if block["type"] == "actions" else []
    return found + [block[name] for name in ("accessory", "element") if block.get(name)]


def _unique(report: SchemaReport, blocks: list[Json], path: str) -> None:
    """Block ids are unique in a surface, action ids in their block."""
    _differ(report, "block_id", path, blocks)
    for number, one in enumerate(blocks):
        _differ(report, "action_id", f"{path}/{number}/elements", parts(one))


def _differ(report: SchemaReport, name: str, path: str, owners: list[Json]) -> None:
    seen: set[str] = set()
    for number, owner in enumerate(owners):
        own = owner.get(name, "")
        if own and own in seen:
            report.add(f"{path}/{number}/{name}", f'`{name}` "{own}" already exists')
        seen.add(own)
