"""What Slack's client checks in an input before it sends a form."""

import re
from collections.abc import Callable
from typing import Any

from bot.loopback.file_inputs import files_problem
from bot.loopback.model import Json
from bot.loopback.values import Part


def input_problem(part: Part, value: Any) -> str:
    """Why Slack's client would not send what stands in an input; empty if it would."""
    if value in (None, "", []):
        return "" if part.block.get("optional") else "Please complete this required field."
    return _CHECKS[part.kind](part.element, value) if part.kind in _CHECKS else ""


def _url_problem(_element: Json, text: str) -> str:
    good = re.match(r"[a-z][a-z0-9+.-]*://\S+\.\S+|https?://\S+", text)
    return "" if good else "Please enter a valid URL."


def _email_problem(_element: Json, text: str) -> str:
    return "" if re.fullmatch(r"\S+@\S+\.\S+", text) else "Please enter a valid email address."


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


_CHECKS: dict[str, Callable[[Json, Any], str]] = {
    "plain_text_input": _length_problem,
    "number_input": _number_problem,
    "url_text_input": _url_problem,
    "email_text_input": _email_problem,
    "file_input": files_problem,
}
