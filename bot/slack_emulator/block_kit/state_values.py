"""Interactive elements: where they stand, what has been chosen in them, how Slack writes that down."""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.slack_emulator.block_kit.blocks import parts
from bot.slack_emulator.models import Json

VALUE_KEYS = {
    "static_select": "selected_option",
    "external_select": "selected_option",
    "radio_buttons": "selected_option",
    "multi_static_select": "selected_options",
    "multi_external_select": "selected_options",
    "checkboxes": "selected_options",
    "overflow": "selected_option",
    "datepicker": "selected_date",
    "plain_text_input": "value",
    "url_text_input": "value",
    "file_input": "files",
}
"""Where the chosen value of an element stands, in `state.values` and in an action."""
_INITIAL = {"value": "initial_value", "files": ""}
MANY = {kind for kind, key in VALUE_KEYS.items() if key in ("selected_options", "files")}
"""The elements whose value is a list."""
STATELESS = {"button", "overflow"}  # the elements that are pressed and hold no value
EXTERNAL = {"external_select", "multi_external_select"}

Chosen = str | Json | list[Json] | None
"""What is chosen in an element: a text or day, an option, options or files; None for nothing."""
State = dict[str, Json]  # `state.values`: block id, then action id, then the value


class UserActionError(Exception):
    """A user action that is impossible with what they see. The message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """An interactive element with the block around it."""

    block: Json
    element: Json

    @property
    def block_id(self) -> str:
        return str(self.block["block_id"])

    @property
    def action_id(self) -> str:
        return str(self.element["action_id"])

    @property
    def kind(self) -> str:
        return str(self.element["type"])

    @property
    def label(self) -> str:
        holders = [self.block.get("label"), self.element.get("text"), self.element.get("placeholder")]
        return next((str(holder["text"]) for holder in holders if isinstance(holder, Mapping)), "")

    @property
    def dispatches(self) -> bool:
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))


def with_ids(blocks: Sequence[Json], numbers: Iterator[int]) -> tuple[Json, ...]:
    copies = copy.deepcopy(tuple(blocks))
    for block in copies:
        block["block_id"] = block.get("block_id") or f"b{next(numbers):04x}"
        for element in parts(block):
            element["action_id"] = element.get("action_id") or f"a{next(numbers):04x}"
    return copies


def find_parts(blocks: Sequence[Json]) -> list[Part]:
    return [Part(block, element) for block in blocks for element in parts(block)]


def find_part(blocks: Sequence[Json], name: str, value: str | None = None) -> Part:
    """Return the element of an action id, block id or label, in this order, and a value. Raises UserActionError."""
    every = [part for part in find_parts(blocks) if value in (None, part.element.get("value"))]
    for names in (
        [part.action_id for part in every],
        [part.block_id for part in every],
        [part.label for part in every],
    ):
        if name in names:
            return every[names.index(name)]
    have = ", ".join(repr(part.label or part.action_id) for part in every) or "nothing"
    raise UserActionError(f"nothing is called {name!r} here; there is {have}")


def initial(element: Json) -> Json:
    """Return the value that an element starts with, as it stands in `state.values`."""
    key = VALUE_KEYS[element["type"]]
    return entry(element, element.get(_INITIAL.get(key) or key.replace("selected_", "initial_")))


def entry(element: Json, value: Chosen) -> Json:
    """Return a value as `state.values` writes it; None or nothing chosen is written as null or an empty list."""
    kind = element["type"]
    return {"type": kind, VALUE_KEYS[kind]: value or ([] if kind in MANY else None)}


def chosen(part: Part, state: Mapping[str, Json]) -> Chosen:
    held: Json = state.get(part.block_id, {}).get(part.action_id) or initial(part.element)
    value: Chosen = held[VALUE_KEYS[part.kind]]
    return value


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
