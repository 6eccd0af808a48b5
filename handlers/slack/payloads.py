"""Payloads that Slack sends, and what buttons and forms carry back: validated, since an old message may carry anything."""

import json
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypedDict, TypeVar

from db.errors import BadInput

Choice = TypeVar("Choice", bound=StrEnum)


Named = dict[str, str]
"""A user, channel or workspace by its ``id``, an option by its ``value``, or where a button stands by ``thread_ts``."""


class Action(TypedDict, total=False):
    """A button or menu that was used."""

    action_id: str
    value: str
    selected_option: Named | None
    selected_options: list[Named]


class FileObject(TypedDict, total=False):
    """A file as forms and ``files.info`` name it; ``size`` in bytes."""

    id: str
    name: str
    size: int
    url_private: str
    url_private_download: str


class ElementState(TypedDict, total=False):
    """The value of one input; its type says in which field."""

    type: str
    value: str | None
    selected_option: Named | None
    selected_options: list[Named]
    selected_date: str | None
    files: list[FileObject]


class SlackView(TypedDict, total=False):
    """An open modal or App Home; ``state`` has the ``values`` of inputs by block id and action id."""

    id: str
    hash: str
    type: str
    callback_id: str
    title: dict[str, object]
    close: dict[str, object]
    blocks: list[dict[str, Any]]
    private_metadata: str
    previous_view_id: str | None
    state: dict[str, dict[str, dict[str, ElementState]]]


class SlackEvent(TypedDict, total=False):
    """An event of the Events API."""

    type: str
    user: Any
    channel: str
    channel_type: str
    subtype: str
    bot_id: str
    text: str
    ts: str
    thread_ts: str
    tab: str
    tokens: dict[str, list[str]]
    function_execution_id: str
    old_channel_id: str
    new_channel_id: str


class Body(TypedDict, total=False):
    """Fields of a command, a button, a form, a menu's request for options, a shortcut, or an event."""

    type: str
    team_id: str
    team: Named | str
    user_id: str
    user: Named | str
    trigger_id: str
    response_url: str
    command: str
    actions: list[Action]
    container: Named
    view: SlackView
    channel_id: str
    channel_name: str
    channel: Named
    text: str
    block_id: str
    value: str
    message: SlackEvent
    event: SlackEvent
    event_time: int
    redelivered: bool


def thread_of(body: Body) -> str | None:
    """Return the thread that a pressed button stands in; None for one in the channel, also above a thread."""
    container = body.get("container") or {}
    thread = container.get("thread_ts")
    return thread if thread != container.get("message_ts") else None


def is_number(value: object) -> bool:
    """Return True for a number that fits a database id."""
    return bool(re.fullmatch(r"[0-9]{1,9}", str(value)))


def stamp(value: object, epoch: str) -> str:
    """Return a button's value with the record's epoch, which ``Request.own`` checks when it is pressed."""
    return f"{value}@{epoch}" if epoch else str(value)


def parse_id(value: object) -> int:
    """Parse the number that a button carries. Raises BadInput for anything else."""
    if not is_number(value):
        raise unknown_payload()
    return int(str(value))


def slack_id(value: object) -> str:
    """Validate the channel or user id that a button carries. Raises BadInput for anything else."""
    if not re.fullmatch(r"[A-Z][A-Z0-9]{1,30}", str(value)):
        raise unknown_payload()
    return str(value)


def parse_choice(choices: type[Choice], value: object) -> Choice:
    """Parse the choice that a menu carries. Raises BadInput for anything else."""
    try:
        return choices(str(value))
    except ValueError:
        raise unknown_payload() from None


def read_metadata(view: Mapping[str, object], **kinds: type) -> dict[str, Any]:
    """Parse a view's ``private_metadata``, {} if it has none. Raises BadInput for other names or types than ``kinds``."""
    try:
        metadata = json.loads(str(view.get("private_metadata") or "{}"))
    except (ValueError, RecursionError):
        raise unknown_payload() from None
    if not isinstance(metadata, dict) or any(type(metadata[name]) is not kinds.get(name) for name in metadata):
        raise unknown_payload()
    return metadata


def unknown_payload() -> BadInput:
    """Return the error for a value that this version of the bot did not produce."""
    return BadInput("This button or form is out of date, so nothing was done. Run the command again.")
