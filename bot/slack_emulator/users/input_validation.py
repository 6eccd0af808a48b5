"""Checks of Slack's client before it sends a form."""

from collections.abc import Callable
from typing import Any

from bot.slack_emulator.block_kit.state_values import Part
from bot.slack_emulator.formatting.translations import Translate
from bot.slack_emulator.models import Json
from bot.slack_emulator.users.file_inputs import files_problem


def input_problem(part: Part, value: Any, say: Translate = str) -> str:
    """Why Slack's client would not send what stands in an input, in the person's words; empty if it would."""
    if value in (None, "", []):
        return "" if part.block.get("optional") else say("Please complete this required field.")
    return _CHECKS[part.kind](part.element, value, say) if part.kind in _CHECKS else ""


def _length_problem(element: Json, text: str, say: Translate) -> str:
    longest = element.get("max_length", 3000)
    return say("Please enter no more than {n} characters.").format(n=longest) if len(text) > longest else ""


_CHECKS: dict[str, Callable[[Json, Any, Translate], str]] = {
    "plain_text_input": _length_problem,
    "file_input": files_problem,
}
