"""`blocks.validate`: what posting a message or opening a view would meet, without doing it."""

from typing import Any

from bot.loopback.blocks import message_problems, view_problems
from bot.loopback.calls import Call, Method
from bot.loopback.model import ApiError, Json
from bot.loopback.schema import Problem

_KINDS = ("blocks", "message", "view")


def validate(call: Call) -> Json:
    """`blocks.validate` of exactly one of `blocks`, `message` and `view`.

    Every error has the one code that is documented; its pointer is within what was given.
    """
    given = [kind for kind in _KINDS if call.args.get(kind)]
    if len(given) != 1:
        raise ApiError("invalid_arguments", "[ERROR] must provide exactly one of `blocks`, `message` and `view`")
    kind = given[0]
    problems = _problems(kind, call.json(kind, "invalid_arguments"))
    if problems:
        raise ApiError(f"invalid_{kind}", errors=[_shape(problem) for problem in problems])
    return {}


def _problems(kind: str, value: Any) -> list[Problem]:
    if kind == "view":
        return view_problems(value, "")
    if kind == "blocks":
        return message_problems(value, "")
    if not isinstance(value, dict):
        return [Problem("", "must provide an object")]
    return message_problems(value.get("blocks", []))


def _shape(problem: Problem) -> Json:
    return {"pointer": problem.path, "code": "failed_constraint", "message": problem.text}


METHODS: dict[str, Method] = {"blocks.validate": validate}
