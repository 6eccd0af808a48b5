"""Interactive elements: where they stand, what has been chosen in them, how Slack writes that down."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.loopback.blocks import all_blocks, parts
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
    "multi_users_select": "selected_users",
    "conversations_select": "selected_conversation",
    "multi_conversations_select": "selected_conversations",
    "channels_select": "selected_channel",
    "multi_channels_select": "selected_channels",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "plain_text_input": "value",
    "number_input": "value",
    "url_text_input": "value",
    "email_text_input": "value",
    "rich_text_input": "rich_text_value",
    "file_input": "files",
}
"""Where the chosen value of an element stands, in `state.values` and in an action."""
_INITIAL = {"value": "initial_value", "rich_text_value": "initial_value", "files": ""}
_LISTS = {"selected_options", "selected_users", "selected_conversations", "selected_channels", "files"}
MANY = {kind for kind, key in VALUE_KEYS.items() if key in _LISTS}
"""The elements whose value is a list."""
TYPED = {"plain_text_input", "number_input", "url_text_input", "email_text_input"}
EXTERNAL = {"external_select", "multi_external_select"}
BUTTONS = {"button", "workflow_button", "icon_button", "feedback_buttons"}
STATELESS = {*BUTTONS, "overflow"}
_ENTER = ("on_enter_pressed",)

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
        return next(iter(self.labels), "")

    @property
    def labels(self) -> list[str]:
        """Everything that it may be called: feedback buttons have two names."""
        halves = [half["text"] for half in opinions(self.element)]
        holders = [self.block.get("label"), self.element.get("text"), *halves, self.element.get("placeholder")]
        return [str(holder["text"]) for holder in holders if isinstance(holder, Mapping)]

    @property
    def dispatches(self) -> bool:
        """Whether choosing something tells the bot at once."""
        return self.block["type"] != "input" or bool(self.block.get("dispatch_action"))

    @property
    def dispatches_on(self) -> tuple[str, ...]:
        """For text that dispatches: `on_enter_pressed`, `on_character_entered` or both."""
        config = self.element.get("dispatch_action_config") or {}
        return tuple(config.get("trigger_actions_on") or _ENTER) if self.dispatches else ()


def with_ids(blocks: Sequence[Json], numbers: Iterator[int]) -> tuple[Json, ...]:
    """A copy of the blocks in which every block and every element has an id, as Slack gives them."""
    return tuple(_with_ids(block, numbers) for block in blocks)


def _with_ids(block: Json, numbers: Iterator[int]) -> Json:
    new = {**block, "block_id": block.get("block_id") or f"b{next(numbers):04x}"}
    if new["type"] == "carousel":
        new["elements"] = [_with_ids(card, numbers) for card in new["elements"]]
    listed = _LISTED.get(new["type"], "")
    if listed in new:
        new[listed] = [_named(element, numbers) for element in new[listed]]
    for key in ("accessory", "element"):
        if new.get(key) and new[key]["type"] != "image":
            new[key] = _named(new[key], numbers)
    if "child_blocks" in new:
        new["child_blocks"] = [_with_ids(child, numbers) for child in new["child_blocks"]]
    return new


_LISTED = {"actions": "elements", "context_actions": "elements", "card": "actions"}


def _named(element: Json, numbers: Iterator[int]) -> Json:
    return {**element, "action_id": element.get("action_id") or f"a{next(numbers):04x}"}


def find_parts(blocks: Sequence[Json]) -> list[Part]:
    """Every interactive element, in order, those inside containers and carousels included."""
    return [Part(block, element) for block in all_blocks(blocks) for element in parts(block)]


def find_part(blocks: Sequence[Json], name: str) -> Part:
    """The element of an action id, a block id or a label, in this order. Raises CannotDo if there is none."""
    every = find_parts(blocks)
    found = [
        *(part for part in every if part.action_id == name),
        *(part for part in every if part.block_id == name),
        *(part for part in every if name in part.labels),
    ]
    if found:
        return found[0]
    have = ", ".join(repr(part.label or part.action_id) for part in every) or "nothing"
    raise CannotDo(f"nothing is called {name!r} here; there is {have}")


def options_of(element: Json) -> list[Json]:
    """The options that an element carries itself, groups laid flat."""
    groups = element.get("option_groups") or ()
    return [*(element.get("options") or ()), *(option for group in groups for option in group["options"])]


def opinions(element: Json) -> list[Json]:
    """The two halves of feedback buttons, each with `text` and `value`; nothing for other elements."""
    return [element[key] for key in ("positive_button", "negative_button") if key in element]


def initial(element: Json, here: str = "") -> Json:
    """The value that an element starts with, as it stands in `state.values`.

    `here` is the conversation that the person was looking at, empty if there is none.
    """
    key = VALUE_KEYS[element["type"]]
    value = element.get(_INITIAL.get(key) or key.replace("selected_", "initial_"))
    if here and not value and element.get("default_to_current_conversation"):
        value = [here] if element["type"] in MANY else here
    return entry(element, value)


def entry(element: Json, value: Any) -> Json:
    """A value as `state.values` writes it; None or nothing chosen is written as null or an empty list."""
    kind = element["type"]
    if kind in MANY:
        value = list(value or ())
    held = {"type": kind, VALUE_KEYS[kind]: value if value != "" else None}
    return {**held, "timezone": element["timezone"]} if kind == "timepicker" and "timezone" in element else held


def chosen(part: Part, state: Mapping[str, Json]) -> Any:
    """What is chosen in an element now: text, an option, a list of options, an id, a date; None for nothing."""
    held = state.get(part.block_id, {}).get(part.action_id)
    return (held or initial(part.element))[VALUE_KEYS[part.kind]]


def merged(blocks: Sequence[Json], old: Mapping[str, Json], here: str = "") -> State:
    """`state.values` of a surface: what was filled in stays where block id, action id and type stay."""
    state: State = {}
    for part in find_parts(blocks):
        if part.kind in STATELESS:
            continue
        held = old.get(part.block_id, {}).get(part.action_id)
        same = held is not None and held["type"] == part.kind
        state.setdefault(part.block_id, {})[part.action_id] = held if same else initial(part.element, here)
    return state
