"""Payloads that buttons and forms send back, parsed defensively: an old message may carry other things."""

import json
import re
from enum import StrEnum
from typing import Any, TypeVar

from db.errors import N_, BadInput

Choice = TypeVar("Choice", bound=StrEnum)


def is_number(value: object) -> bool:
    """Return True for a number that a database takes as a key."""
    return bool(re.fullmatch(r"[0-9]{1,9}", str(value)))


def parse_id(value: object) -> int:
    """Return the number that a button carries. Raises BadInput for anything else."""
    if not is_number(value):
        raise unknown_payload()
    return int(str(value))


def slack_id(value: object) -> str:
    """Return the id of a channel or person that a button carries. Raises BadInput for anything else."""
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,30}", str(value)):
        raise unknown_payload()
    return str(value)


def parse_choice(choices: type[Choice], value: object) -> Choice:
    """Return the choice that a menu carries. Raises BadInput for anything else."""
    try:
        return choices(str(value))
    except ValueError:
        raise unknown_payload() from None


def read_metadata(view: dict[str, Any], **kinds: type) -> dict[str, Any]:
    """Return a form's private metadata with the given names and types; empty for none. Raises BadInput for others."""
    try:
        found = json.loads(view.get("private_metadata") or "{}")
    except ValueError:
        raise unknown_payload() from None
    if not isinstance(found, dict) or any(type(found[name]) is not kinds.get(name) for name in found):
        raise unknown_payload()
    return found


def unknown_payload() -> BadInput:
    """Return the refusal of something that this version of the bot did not make."""
    return BadInput(
        N_(
            "This button or form is not one of mine, or an older version of me made it, so nothing was done. "
            "Type the command again."
        )
    )
