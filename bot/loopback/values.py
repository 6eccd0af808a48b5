"""Interactive elements: where they stand, what has been chosen in them, how Slack writes that down."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.loopback.blocks import parts
from bot.loopback.file_inputs import files_problem
from bot.loopback.model import Json

VALUE_KEYS = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "overflow": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "plain_text_input": "value",
    "number_input": "value",
    "url_text_input": "value",
    "email_text_input": "value",
    "file_input": "files",
}
TYPED = {"plain_text_input", "number_input", "url_text_input", "email_text_input"}
EXTERNAL = {"external_select", "multi_external_select"}
STATELESS = {"button", "overflow"}

State = dict[str, Json]
"""`state.values`: block id, then action id, then the value."""


class CannotDo(Exception):
    """What a person tried is not possible with what they see. The message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """An interactive element with the block around it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        """The block's id."""
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        """The element's action id."""
        return str(self.element["action_id"])

    @property
    def kind(self) -> str:
        """The element's type."""
        return str(self.element["type"])

    @property
    def label(self) -> str:
        """What a person calls it: a button's text, an input's label, a menu's placeholder."""
        for holder in (self.block.get("label"), self.element.get("text"), self.element.get("placeholder")):
            if isinstance(holder, Mapping):
                return str(holder["text"])
        return ""

    @property
    def dispatches(self) -> bool:
        """Whether choosing something tells the bot at once."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def with_ids(blocks: Sequence[Json], numbers: Iterator[int]) -> tuple[Json, ...]:
    """A copy of the blocks in which every block and every element has an id, as Slack gives them."""
    return tuple(_with_ids(block, numbers) for block in blocks)


def _with_ids(block: Json, numbers: Iterator[int]) -> Json:
    new = {**block, "block_id": block.get("block_id") or f"b{next(numbers):04x}"}
    if new["type"] == "actions":
        new["elements"] = [_named(element, numbers) for element in new["elements"]]
    for key in ("accessory", "element"):
        if new.get(key) and new[key]["type"] != "image":
            new[key] = _named(new[key], numbers)
    return new


def _named(element: Json, numbers: Iterator[int]) -> Json:
    return {**element, "action_id": element.get("action_id") or f"a{next(numbers):04x}"}


def find_parts(blocks: Sequence[Json]) -> list[Part]:
    """Every interactive element, in order."""
    return [Part(block, element) for block in blocks for element in parts(block)]


def find_part(blocks: Sequence[Json], name: str) -> Part:
    """The element of an action id, a block id or a label, in this order. Raises CannotDo if there is none."""
    every = find_parts(blocks)
    for field in ("action_id", "block_id", "label"):
        for part in every:
            if getattr(part, field) == name:
                return part
    have = ", ".join(repr(part.label or part.action_id) for part in every) or "nothing"
    raise CannotDo(f"nothing is called {name!r} here; there is {have}")


def options_of(element: Json) -> list[Json]:
    """The options that an element carries itself, groups laid flat."""
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def initial(element: Json) -> Json:
    """The value that an element starts with, as it stands in `state.values`."""
    key = VALUE_KEYS[element["type"]]
    value = element.get(key.replace("selected_", "initial_") if key != "value" else "initial_value")
    return entry(element, value)


def entry(element: Json, value: Any) -> Json:
    """A value as `state.values` writes it; None or nothing chosen is written as null or an empty list."""
    key = VALUE_KEYS[element["type"]]
    if key in ("selected_options", "files"):
        value = list(value or ())
    return {"type": element["type"], key: value if value != "" else None}


def chosen(part: Part, state: Mapping[str, Json]) -> Any:
    """What is chosen in an element now: text, an option, a list of options, an id, a date; None for nothing."""
    held = state.get(part.block_id, {}).get(part.action_id)
    return (held or initial(part.element))[VALUE_KEYS[part.kind]]


def merged(blocks: Sequence[Json], old: Mapping[str, Json]) -> State:
    """`state.values` of a surface: what was filled in stays where block id, action id and type stay."""
    state: State = {}
    for part in find_parts(blocks):
        if part.kind in STATELESS:
            continue
        held = old.get(part.block_id, {}).get(part.action_id)
        same = held is not None and held["type"] == part.kind
        state.setdefault(part.block_id, {})[part.action_id] = held if same else initial(part.element)
    return state


def input_problem(part: Part, value: Any) -> str:
    """Why Slack's client would not send what stands in an input; empty if it would."""
    if value in (None, "", []):
        return "" if part.block.get("optional") else "Please complete this required field."
    if part.kind in _PROBLEMS:
        return _PROBLEMS[part.kind](part.element, value)
    if part.kind == "url_text_input" and not re.match(r"[a-z][a-z0-9+.-]*://\S+\.\S+|https?://\S+", str(value)):
        return "Please enter a valid URL."
    if part.kind == "email_text_input" and not re.fullmatch(r"\S+@\S+\.\S+", str(value)):
        return "Please enter a valid email address."
    return ""


def _length_problem(element: Json, text: str) -> str:
    longest = element.get("max_length", 3000)
    if len(text) > longest:
        return f"Please enter no more than {longest} characters."
    shortest = element.get("min_length", 0)
    return f"Please enter at least {shortest} characters." if len(text) < shortest else ""


def _number_problem(element: Json, text: str) -> str:
    decimal = element.get("is_decimal_allowed")
    if not re.fullmatch(r"-?\d+(\.\d+)?" if decimal else r"-?\d+", text):
        return "Please enter a valid number." if decimal else "Please enter a whole number."
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        return f"Please enter a number of at least {low}."
    if high is not None and float(text) > float(high):
        return f"Please enter a number of at most {high}."
    return ""


_PROBLEMS: dict[str, Callable[[Json, Any], str]] = {
    "file_input": files_problem,
    "plain_text_input": lambda element, value: _length_problem(element, str(value)),
    "number_input": lambda element, value: _number_problem(element, str(value)),
}
