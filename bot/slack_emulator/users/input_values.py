"""Values and text that Slack's client makes of what a person types or picks."""

import re
from collections.abc import Callable, Sequence
from datetime import date

from bot.slack_emulator.block_kit.blocks import options_of
from bot.slack_emulator.block_kit.state_values import MANY, Chosen, Part, UserActionError
from bot.slack_emulator.models import Json
from bot.slack_emulator.state.store import Store

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>|]+[^\s<>|.,;:!?)\]'\"”’]")


def escaped(text: str, world: Store) -> str:
    """Return a text as the client sends it: `&`, `<`, `>` escaped; people, channels and links in angle brackets."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINK.sub(lambda match: f"<{match[0]}>", text)
    with world.lock:
        users, channels = list(world.users.values()), list(world.channels.values())
    names = {f"@{name}": f"<@{user.id}|{user.name}>" for user in users for name in (user.name, user.real_name)}
    names |= {f"#{channel.name}": f"<#{channel.id}|{channel.name}>" for channel in channels if not channel.is_im}
    every = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w/&<])({every})(?![\w-])", lambda match: names[match[1]], text)


def input_value(part: Part, value: object, offered: Sequence[Json]) -> Chosen:
    """Return an element's entry in `state.values` for the `value` that a user gave; None clears it.

    Options go by their text or value, days as text or as `date`. Raises UserActionError when there is no such thing
    to pick.
    """
    if value is None or value == "":
        return [] if part.kind in MANY else None
    read = _READERS.get(part.kind)
    if read is not None:
        return read(value)
    options = [*options_of(part.element), *offered]
    if part.kind not in MANY:
        return _one_of(options, part, value)
    values = list(value) if isinstance(value, list | tuple) else [value]
    most = part.element.get("max_selected_items", len(values))
    if len(values) > most:
        raise UserActionError(f"{part.label or part.action_id} takes no more than {most}")
    picked = [_one_of(options, part, entry) for entry in values]
    return [option for place, option in enumerate(picked) if option not in picked[:place]]


def _one_of(options: Sequence[Json], part: Part, value: object) -> Json:
    if isinstance(value, dict):
        return value
    for option in options:
        if value in (option["value"], option["text"]["text"]):
            return option
    have = ", ".join(repr(option["text"]["text"]) for option in options) or "nothing"
    raise UserActionError(f"{part.label or part.action_id} has no option {value!r}; it has {have}")


def _date(value: object) -> str:
    try:
        return (value if isinstance(value, date) else date.fromisoformat(str(value))).isoformat()
    except ValueError as error:
        raise UserActionError(f"{value!r} is not something a picker can give") from error


_READERS: dict[str, Callable[[object], str]] = {"plain_text_input": str, "url_text_input": str, "datepicker": _date}
