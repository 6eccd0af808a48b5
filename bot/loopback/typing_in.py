"""What a person types or picks, as the values and the text that Slack's client makes of it."""

import re
from collections.abc import Callable, Sequence
from datetime import date, time
from typing import Any

from bot.loopback.model import ApiError, Json
from bot.loopback.values import TYPED, VALUE_KEYS, CannotDo, Part, options_of
from bot.loopback.world import World

_LINK = re.compile(r"(?:https?://|mailto:)[^\s<>|]+[^\s<>|.,;:!?)\]'\"”’]")


def escaped(text: str, world: World) -> str:
    """A text as the client sends it: `&`, `<`, `>` escaped; people, channels and links in angle brackets."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    text = _LINK.sub(lambda match: f"<{match[0]}>", text)
    with world.lock:
        users, channels = list(world.users.values()), list(world.channels.values())
    names = {f"@{name}": f"<@{user.id}|{user.name}>" for user in users for name in (user.name, user.real_name)}
    names |= {f"#{channel.name}": f"<#{channel.id}|{channel.name}>" for channel in channels if not channel.is_im}
    every = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w/&<])({every})(?![\w-])", lambda match: names[match[1]], text)


def picked(part: Part, value: Any, world: World, offered: Sequence[Json]) -> Any:
    """What stands in `state.values` after a person gave `value` for an element; None clears it.

    Options go by their text or value, people by name or id, channels by name or id, days and times as
    text or as `date` and `time`. Raises CannotDo when there is no such thing to pick.
    """
    if value is None or value == "":
        return [] if VALUE_KEYS[part.kind] == "selected_options" else None
    if part.kind in _READERS:
        return _READERS[part.kind](value, world)
    options = [*options_of(part.element), *offered]
    if VALUE_KEYS[part.kind] == "selected_options":
        values = [value] if isinstance(value, str | dict) else list(value)
        return _unique([_option(part, entry, options) for entry in values])
    return _option(part, value, options)


def _unique(options: list[Json]) -> list[Json]:
    return list({option["value"]: option for option in options}.values())


def _option(part: Part, value: Any, options: Sequence[Json]) -> Json:
    if isinstance(value, dict):
        return value
    for option in options:
        if value in (option["value"], option["text"]["text"]):
            return option
    have = ", ".join(repr(option["text"]["text"]) for option in options) or "nothing"
    raise CannotDo(f"{part.label or part.action_id} has no option {value!r}; it has {have}")


def _user(value: str, world: World) -> str:
    name = value.removeprefix("@")
    for user in world.users.values():
        if name in (user.id, user.name, user.real_name):
            return user.id
    raise CannotDo(f"nobody is called {value!r}")


def _channel(value: str, world: World) -> str:
    try:
        found = world.find_channel(value)
    except ApiError as error:
        raise CannotDo(str(error)) from error
    if found is None:
        raise CannotDo(f"no channel is called {value!r}")
    return found.id


def _date(value: str | date, _world: World) -> str:
    return value.isoformat() if isinstance(value, date) else _valid(date, value)


def _time(value: str | time, _world: World) -> str:
    return f"{value:%H:%M}" if isinstance(value, time) else _valid(time, value)


def _valid(kind: type[date | time], value: str) -> str:
    try:
        kind.fromisoformat(value)
    except ValueError as error:
        raise CannotDo(f"{value!r} is not something a picker can give") from error
    return value


_READERS: dict[str, Callable[[Any, World], str]] = {
    **dict.fromkeys(TYPED, lambda value, _world: str(value)),
    "datepicker": _date,
    "timepicker": _time,
    "users_select": _user,
    "conversations_select": _channel,
    "channels_select": _channel,
}
