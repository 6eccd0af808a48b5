"""Checks of Slack's client before it sends a form."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from bot.slack_emulator.block_kit.state_values import Part
from bot.slack_emulator.formatting.translations import Translate
from bot.slack_emulator.models import Json
from bot.slack_emulator.state.files import MEBIBYTE, extension

MOST_FILES = 10
LARGEST = 10 * MEBIBYTE
_SAME = {"jpeg": "jpg", "tif": "tiff", "htm": "html"}


def most_files(element: Json) -> int:
    return int(element.get("max_files") or MOST_FILES)


def endings(element: Json) -> list[str]:
    """Return the endings of names that it takes, without a dot; none: all."""
    return [str(ending).lower().removeprefix(".") for ending in element.get("filetypes") or ()]


def files_problem(element: Json, files: Sequence[Json], say: Translate = str) -> str:
    """Why it would not take these files (`name`, `size` in bytes), in the person's words; empty if it would."""
    allowed, most = endings(element), most_files(element)
    known = {_SAME.get(ending, ending) for ending in allowed}
    for file in files:
        ending = extension(file["name"])
        if known and _SAME.get(ending, ending) not in known:
            words = say("{name} is of a type that is not accepted here; accepted: {types}.")
            return words.format(name=file["name"], types=", ".join(allowed))
        if file["size"] > LARGEST:
            return say("{name} is larger than {n} MB.").format(name=file["name"], n=LARGEST // MEBIBYTE)
    if len(files) > most:
        return (say("Please choose one file.") if most == 1 else say("Please choose no more than {n} files.")).format(
            n=most
        )
    return ""


def input_problem(part: Part, value: object, say: Translate = str) -> str:
    """Why Slack's client would not send what stands in an input, in the person's words; empty if it would."""
    if value in (None, "", []):
        return "" if part.block.get("optional") else say("Please complete this required field.")
    return _CHECKS[part.kind](part.element, value, say) if part.kind in _CHECKS else ""


def _length_problem(element: Json, text: str, say: Translate) -> str:
    longest = element.get("max_length", 3000)
    return say("Please enter no more than {n} characters.").format(n=longest) if len(text) > longest else ""


def _url_problem(_element: Json, text: str, say: Translate) -> str:
    return "" if re.fullmatch(r"https?://\S+", text) else say("Please enter a valid URL.")


_CHECKS: dict[str, Callable[[Json, Any, Translate], str]] = {
    "plain_text_input": _length_problem,
    "url_text_input": _url_problem,
    "file_input": files_problem,
}
