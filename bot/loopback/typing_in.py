"""What a person types or picks, as the values and the text that Slack's client makes of it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bot.loopback.choices import conversations
from bot.loopback.model import ApiError, Json
from bot.loopback.rich_typing import as_rich
from bot.loopback.values import MANY, TYPED, CannotDo, Part, opinions, options_of
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


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives a value: the world they look things up in, and their own id."""

    world: World
    user: str

    @property
    def zone(self) -> ZoneInfo:
        """The zone of their clock."""
        return ZoneInfo(self.world.users[self.user].tz)


def picked(part: Part, value: Any, giver: Giver, offered: Sequence[Json]) -> Any:
    """What stands in `state.values` after a person gave `value` for an element; None clears it.

    Options go by their text or value, people by name or id, channels by name or id; days and times as
    text or as `date`, `time`, `datetime` (without a zone: the person's own); rich text as it is typed.
    Raises CannotDo when there is no such thing to pick.
    """
    if value is None or value == "":
        return [] if part.kind in MANY else None
    read = _READERS.get(part.kind.removeprefix("multi_")) or _one_of([*options_of(part.element), *offered])
    if part.kind not in MANY:
        return read(part, value, giver)
    values = [value] if isinstance(value, str | dict) else list(value)
    most = part.element.get("max_selected_items", len(values))
    if len(values) > most:
        raise CannotDo(f"{part.label or part.action_id} takes no more than {most}")
    return _unique([read(part, entry, giver) for entry in values])


def _unique(values: list[Any]) -> list[Any]:
    kept: list[Any] = []
    for value in values:
        if value not in kept:
            kept.append(value)
    return kept


Read = Callable[[Part, Any, Giver], Any]


def _one_of(options: Sequence[Json]) -> Read:
    def read(part: Part, value: Any, _giver: Giver) -> Json:
        if isinstance(value, dict):
            return value
        for option in options:
            if value in (option["value"], option["text"]["text"]):
                return option
        have = ", ".join(repr(option["text"]["text"]) for option in options) or "nothing"
        raise CannotDo(f"{part.label or part.action_id} has no option {value!r}; it has {have}")

    return read


def _user(_part: Part, value: str, giver: Giver) -> str:
    name = value.removeprefix("@")
    for user in giver.world.users.values():
        if name in (user.id, user.name, user.real_name):
            return user.id
    raise CannotDo(f"nobody is called {value!r}")


def _channel(part: Part, value: str, giver: Giver) -> str:
    try:
        found = giver.world.find_channel(value)
    except ApiError as error:
        raise CannotDo(str(error)) from error
    if found is None:
        raise CannotDo(f"no channel is called {value!r}")
    if found not in conversations(part.element, giver.world, giver.user):
        raise CannotDo(f"{part.label or part.action_id} does not offer {value!r}")
    return found.id


def _date(_part: Part, value: str | date, _giver: Giver) -> str:
    return (value if isinstance(value, date) else _valid(date.fromisoformat, value)).isoformat()


def _time(_part: Part, value: str | time, _giver: Giver) -> str:
    return f"{value if isinstance(value, time) else _valid(time.fromisoformat, value):%H:%M}"


def _moment(_part: Part, value: str | float | datetime, giver: Giver) -> int:
    if isinstance(value, int | float):
        return int(value)
    moment = value if isinstance(value, datetime) else _valid(datetime.fromisoformat, value)
    return int((moment if moment.tzinfo else moment.replace(tzinfo=giver.zone)).timestamp())


Moment = TypeVar("Moment", date, time, datetime)


def _valid(reader: Callable[[str], Moment], value: str) -> Moment:
    try:
        return reader(value)
    except ValueError as error:
        raise CannotDo(f"{value!r} is not something a picker can give") from error


def _rich(_part: Part, value: str | Json, giver: Giver) -> Json:
    return value if isinstance(value, dict) else as_rich(escaped(value, giver.world))


def _said(part: Part, value: str, giver: Giver) -> Json:
    return dict(_one_of(opinions(part.element))(part, value, giver))


_READERS: dict[str, Read] = {
    **dict.fromkeys(TYPED, lambda _part, value, _giver: str(value)),
    "datepicker": _date,
    "timepicker": _time,
    "datetimepicker": _moment,
    "rich_text_input": _rich,
    "feedback_buttons": _said,
    "users_select": _user,
    "conversations_select": _channel,
    "channels_select": _channel,
}
