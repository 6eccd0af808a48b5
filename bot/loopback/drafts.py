"""What a call asks to be posted: blocks, text, attachments, metadata, thread and name, checked as Slack checks them."""

from typing import Any

from bot.loopback.blocks import check_message
from bot.loopback.calls import Call
from bot.loopback.model import ApiError, Channel, Json
from bot.loopback.values import with_ids

TEXT_CUT = 40_000
METADATA_CHARACTERS = 8_000
MOST_ATTACHMENTS = 100
_ICONS = ("icon_emoji", "icon_url")


def draft(call: Call, channel: Channel) -> Json:
    """The fields of the message that a call wants in a conversation. Raises ApiError."""
    return {**body(call), "metadata": metadata(call), **thread(call, channel), **_name(call)}


def body(call: Call) -> Json:
    """Text, blocks and attachments, of which there must be one. Raises ApiError."""
    blocks, text, attached = blocks_of(call), call.text("text")[:TEXT_CUT], attachments(call)
    if not blocks and not text.strip() and not attached:
        raise ApiError("no_text")
    return {"text": text, "blocks": blocks, "attachments": attached}


def blocks_of(call: Call) -> tuple[Json, ...]:
    """The argument `blocks`, checked and with ids. Raises ApiError."""
    value = call.json("blocks", "invalid_blocks_format")
    return _named(check_message(value), call) if value else ()


def attachments(call: Call) -> tuple[Json, ...]:
    """The argument `attachments`, the older way to more than text; blocks in them are checked, too. Raises ApiError."""
    value: Any = call.json("attachments", "invalid_attachments")
    if not value:
        return ()
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise ApiError("invalid_attachments")
    if len(value) > MOST_ATTACHMENTS:
        raise ApiError("too_many_attachments")
    return tuple(_attachment(each, number, call) for number, each in enumerate(value, 1))


def metadata(call: Call) -> Json | None:
    """Message metadata, None for none or an empty object. Raises ApiError when it is not of Slack's form."""
    value: Any = call.json("metadata", "invalid_metadata_format")
    if not value:
        return None
    known = isinstance(value, dict) and isinstance(value.get("event_type"), str)
    if not known or not isinstance(value.get("event_payload"), dict):
        raise ApiError("invalid_metadata_schema")
    if len(str(value)) > METADATA_CHARACTERS:
        raise ApiError("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": value["event_payload"]}


def thread(call: Call, channel: Channel) -> Json:
    """What of a message says that it is a reply. Raises ApiError where there is no such thread."""
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return {}
    parent = call.world.message(channel.id, thread_ts)
    if parent is None or parent.ephemeral_for:
        raise ApiError("thread_not_found")
    subtype = "thread_broadcast" if call.flag("reply_broadcast") else None
    return {"thread_ts": parent.thread_ts or parent.ts, "subtype": subtype}


def _named(blocks: tuple[Json, ...], call: Call) -> tuple[Json, ...]:
    return with_ids(blocks, iter(call.world.number, 0))


def _attachment(source: Json, number: int, call: Call) -> Json:
    new = {**source, "id": number}
    if source.get("blocks"):
        new["blocks"] = list(_named(check_message(source["blocks"]), call))
    elif not source.get("fallback"):
        new["fallback"] = str(source.get("text") or source.get("title") or "[no preview available]")
    return new


def _name(call: Call) -> Json:
    """Another name and picture than the app's own; passed over unless the app may choose them."""
    given = {key: call.text(key) for key in ("username", *_ICONS) if call.text(key)}
    if not given or not call.may("chat:write.customize"):
        return {}
    icons = {key.removeprefix("icon_"): given[key] for key in _ICONS if key in given}
    return {"username": given.get("username", ""), "icons": icons}
