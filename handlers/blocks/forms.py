"""Modals and the fields in them, as plain data, and what was entered there."""

from collections.abc import Collection, Sequence

from handlers.blocks.blockkit import LIMITS, Block, given, plain
from handlers.i18n.translator import Translator
from handlers.slack.payloads import ElementState


def modal(
    translator: Translator,
    callback_id: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str = "",
    close: str = "",
    private_metadata: str = "",
) -> Block:
    close = close or (translator.plain("Cancel") if submit else translator.plain("Close"))
    return {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, LIMITS["title"]),
        "close": plain(close, LIMITS["title"]),
        "blocks": list(blocks)[: LIMITS["view_blocks"]],
        "private_metadata": private_metadata,
        **given(submit=submit and plain(submit, LIMITS["title"])),
    }


def field_input(block_id: str, label: str, element: Block, *, optional: bool = False, hint: str | None = None) -> Block:
    """Return an input whose block and action carry the same id, so that an error finds its field."""
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, LIMITS["label"]),
        "element": {**element, "action_id": block_id},
        "optional": optional,
        **given(hint=hint and plain(hint, LIMITS["label"])),
    }


def text_input(value: str = "", *, most: int = 200, multiline: bool = False, placeholder: str = "") -> Block:
    element = {"type": "plain_text_input", "multiline": multiline, "max_length": most}
    return element | given(initial_value=value[:most], placeholder=placeholder and plain(placeholder, 150))


def choice(kind: str, options: Sequence[Block], values: Collection[str] = (), *, placeholder: str = "") -> Block:
    """Return a menu, checkboxes or radio buttons, with those options chosen whose value is among ``values``."""
    chosen = [each for each in options if each["value"] in values]
    return {"type": kind, "options": list(options)} | _initial(kind, chosen, placeholder)


def search_menu(kind: str, chosen: Sequence[Block], *, placeholder: str) -> Block:
    """Return a menu whose options are asked for while somebody types."""
    return {"type": kind, "min_query_length": 0} | _initial(kind, chosen, placeholder)


def _initial(kind: str, chosen: Sequence[Block], placeholder: str) -> Block:
    several = kind.startswith(("multi_", "checkboxes"))
    initial = {"initial_options": list(chosen)} if several else {"initial_option": next(iter(chosen), None)}
    return given(**initial, placeholder=placeholder and plain(placeholder, 150))


def entered(element: ElementState) -> str | list[str]:
    """Return the values chosen in a field of several, else its text, day or value."""
    if "selected_options" in element:
        return [each["value"] for each in element["selected_options"] or []]
    chosen = element.get("selected_option")
    return chosen["value"] if chosen else element.get("value") or element.get("selected_date") or ""
