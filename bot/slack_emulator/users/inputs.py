"""Inputs of Slack's client: what it makes of what a person types or picks, and what it would not send."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.slack_emulator.block_kit.blocks import INPUT_TEXT, options_of
from bot.slack_emulator.block_kit.state_values import MANY, Chosen, Part, UserActionError, chosen
from bot.slack_emulator.formatting.translations import Translate, language_of, translator
from bot.slack_emulator.models import Json, User
from bot.slack_emulator.payloads import file_json
from bot.slack_emulator.state.files import extension
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.workspace import Workspace

MOST_FILES = 10
_AS_TYPED = {"plain_text_input", "url_text_input", "datepicker"}
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

    Options go by their text or value. Raises UserActionError when there is no such thing to pick.
    """
    if value is None or value == "":
        return [] if part.kind in MANY else None
    if part.kind in _AS_TYPED:
        return str(value)
    options = [*options_of(part.element), *offered]
    values = list(value) if isinstance(value, list | tuple) else [value]
    named = {name: option for option in reversed(options) for name in (option["text"]["text"], option["value"])}
    unknown = [word for word in values if not isinstance(word, dict) and word not in named]
    if unknown:
        raise UserActionError(f"{part.label or part.action_id} has no option {unknown[0]!r}; it has {', '.join(named)}")
    picked = [word if isinstance(word, dict) else named[str(word)] for word in values]
    if part.kind not in MANY:
        return picked[0]
    return [option for place, option in enumerate(picked) if option not in picked[:place]]


def most_files(element: Json) -> int:
    return int(element.get("max_files") or MOST_FILES)


def endings(element: Json) -> list[str]:
    return [str(ending).lower().removeprefix(".") for ending in element.get("filetypes") or ()]


def files_problem(element: Json, names: Sequence[str], say: Translate) -> str:
    """Return why a file input would not take files of these names, in the person's words; empty if it would."""
    allowed, most = endings(element), most_files(element)
    for name in names:
        if allowed and extension(name) not in allowed:
            words = say("{name} is of a type that is not accepted here; accepted: {types}.")
            return words.format(name=name, types=", ".join(allowed))
    return say("Please choose no more files than {n}.").format(n=most) if len(names) > most else ""


def input_problem(part: Part, value: object, say: Translate) -> str:
    """Return why Slack's client would not send what stands in an input, in the person's words; empty if it would."""
    if value in (None, "", []):
        return "" if part.block.get("optional") else say("Please complete this required field.")
    longest = part.element.get("max_length", INPUT_TEXT)
    if part.kind == "plain_text_input" and len(str(value)) > longest:
        return say("Please enter no more than {n} characters.").format(n=longest)
    if part.kind == "url_text_input" and not re.fullmatch(r"https?://\S+", str(value)):
        return say("Please enter a valid URL.")
    return ""


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that a person has picked on their machine."""

    name: str
    data: bytes = field(repr=False)


class FileRefused(UserActionError):
    """A file input would not take what was picked for it. The message says why."""


def held_files(
    slack: Workspace, user: User, part: Part, state: Mapping[str, Json], values: Sequence[object]
) -> list[Json]:
    """Return a file input's entry in `state.values` for the `values` that a user left in it.

    A `LocalFile` is uploaded; a file already held stays if it, or its id, is among the values. Raises
    FileRefused, and uploads nothing, when the input would not take all of them.
    """
    picked = [value for value in values if isinstance(value, LocalFile)]
    ids = {value["id"] if isinstance(value, Mapping) else str(value) for value in values if value not in picked}
    held = chosen(part, state)
    kept = [file for file in held if file["id"] in ids] if isinstance(held, list) else []
    names = [*(file["name"] for file in kept), *(file.name for file in picked)]
    problem = files_problem(part.element, names, translator(language_of(user.locale)))
    if problem:
        raise FileRefused(problem)
    new = [slack.store.files.add(user.id, each.name, each.data, for_bot=True) for each in picked]
    return [*kept, *(file_json(slack, file) for file in new)]
