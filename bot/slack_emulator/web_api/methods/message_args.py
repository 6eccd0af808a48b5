"""Arguments of a message: blocks, text, metadata and thread, checked as Slack checks them."""

from bot.slack_emulator.block_kit.blocks import check_message
from bot.slack_emulator.block_kit.state_values import with_ids
from bot.slack_emulator.models import ApiError, Channel, Json
from bot.slack_emulator.state.context import Call

TEXT_CUT = 40_000
METADATA_CHARACTERS = 8_000
UNSUPPORTED = ("attachments", "markdown_text", "username", "icon_emoji", "icon_url")
"""What Slack takes and this one does not, refused so that nobody relies on it unseen."""


def message_fields(call: Call, channel: Channel) -> Json:
    """Return the fields of the message that a call wants in a conversation. Raises ApiError."""
    return {**message_content(call), "metadata": metadata(call), **thread(call, channel)}


def message_content(call: Call) -> Json:
    """Text and blocks, of which there must be one. Raises ApiError."""
    refuse_unsupported(call)
    blocks, text = blocks_of(call), call.text("text")[:TEXT_CUT]
    if not blocks and not text.strip():
        raise ApiError("no_text")
    return {"text": text, "blocks": blocks}


def refuse_unsupported(call: Call) -> None:
    """Raise ApiError for an argument that nothing here would come of."""
    for name in UNSUPPORTED:
        if call.args.get(name):
            raise ApiError("invalid_arguments", f"[ERROR] not supported by this Slack [json-pointer:/{name}]")


def blocks_of(call: Call) -> tuple[Json, ...]:
    """Return the argument `blocks`, checked and with ids. Raises ApiError."""
    value = call.json("blocks", "invalid_blocks_format")
    return with_ids(check_message(value), iter(call.world.number, 0)) if value else ()


def metadata(call: Call) -> Json | None:
    """Message metadata, None for none or an empty object. Raises ApiError when it is not of Slack's form."""
    value = call.json("metadata", "invalid_metadata_format")
    if not value:
        return None
    if not isinstance(value, dict) or not isinstance(value.get("event_type"), str):
        raise ApiError("invalid_metadata_schema")
    if not isinstance(value.get("event_payload"), dict):
        raise ApiError("invalid_metadata_schema")
    if len(str(value)) > METADATA_CHARACTERS:
        raise ApiError("metadata_too_large")
    return {"event_type": value["event_type"], "event_payload": value["event_payload"]}


def thread(call: Call, channel: Channel) -> Json:
    """Return the fields that make a message a reply. Raises ApiError if there is no such thread."""
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return {}
    parent = call.world.message(channel.id, thread_ts)
    if parent is None and call.site.settings.lost_threads_land:
        return {}
    if parent is None or parent.ephemeral_for:
        raise ApiError("thread_not_found")
    subtype = "thread_broadcast" if call.flag("reply_broadcast") else None
    return {"thread_ts": parent.thread_ts or parent.ts, "subtype": subtype}
