"""`chat.*`: post, change and delete messages."""

from typing import Any

from bot.loopback.blocks import check_message
from bot.loopback.calls import Call, Method
from bot.loopback.model import ApiError, Channel, Json, Message
from bot.loopback.shapes import message_json
from bot.loopback.slack_files import check_images
from bot.loopback.values import with_ids

TEXT_CUT = 40_000
UPDATE_TEXT = 4_000
METADATA_CHARACTERS = 8_000


def post_message(call: Call) -> Json:
    """`chat.postMessage`; a user id as the channel opens the direct message."""
    channel = target(call)
    blocks, text = content(call)
    fields = {"metadata": metadata(call), **thread(call, channel)}
    message = call.world.post(
        channel.id,
        call.site.app.bot_user,
        text=text,
        blocks=blocks,
        bot_id=call.site.app.bot_id,
        **fields,
    )
    return {"channel": channel.id, "ts": message.ts, "message": _shape(call, message)}


def post_ephemeral(call: Call) -> Json:
    """`chat.postEphemeral`: to one member of a conversation."""
    channel = target(call)
    reader = call.required("user")
    if reader not in channel.members:
        raise ApiError("user_not_in_channel")
    blocks, text = content(call)
    message = call.world.post(
        channel.id,
        call.site.app.bot_user,
        text=text,
        blocks=blocks,
        bot_id=call.site.app.bot_id,
        ephemeral_for=reader,
        thread_ts=call.text("thread_ts") or None,
    )
    return {"message_ts": message.ts}


def update(call: Call) -> Json:
    """`chat.update`: a message of the bot's own; blocks that are not given stay."""
    message = _own(call, "cant_update_message")
    changes: Json = {"edited": call.world.next_ts(message.channel)}
    if "blocks" in call.args:
        changes["blocks"] = _blocks(call)
    if "text" in call.args:
        changes["text"] = call.text("text")
    if not (changes.get("text", message.text) or changes.get("blocks", message.blocks)):
        raise ApiError("no_text")
    if len(changes.get("text", "")) > UPDATE_TEXT:
        raise ApiError("msg_too_long")
    if "metadata" in call.args:
        changes["metadata"] = metadata(call)
    new = call.world.edit(message, **changes)
    return {"channel": new.channel, "ts": new.ts, "text": new.text, "message": _shape(call, new)}


def delete(call: Call) -> Json:
    """`chat.delete`: a message of the bot's own."""
    message = _own(call, "cant_delete_message")
    call.world.remove(message)
    return {"channel": message.channel, "ts": message.ts}


def get_permalink(call: Call) -> Json:
    """`chat.getPermalink`."""
    channel = call.channel()
    message = call.world.message(channel.id, call.text("message_ts"))
    if message is None or message.ephemeral_for:
        raise ApiError("message_not_found")
    link = f"{call.site.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def target(call: Call) -> Channel:
    """Where to post. Raises ApiError when the bot cannot."""
    ref = call.text("channel")
    user = call.world.users.get(ref)
    if user is not None and user.is_bot:
        raise ApiError("cannot_dm_bot")
    channel = call.world.direct_message(ref) if user else call.channel()
    if channel.archived:
        raise ApiError("is_archived")
    if not call.is_member(channel):
        raise ApiError("not_in_channel")
    return channel


def _blocks(call: Call) -> tuple[Json, ...]:
    value = call.json("blocks", "invalid_blocks_format")
    return with_ids(check_images(call.world, check_message(value)), iter(call.world.number, 0)) if value else ()


def content(call: Call) -> tuple[tuple[Json, ...], str]:
    """Blocks and text, of which there must be one. Raises ApiError."""
    blocks = _blocks(call)
    text = call.text("text")[:TEXT_CUT]
    if not blocks and not text.strip():
        raise ApiError("no_text")
    return blocks, text


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


def _own(call: Call, refusal: str) -> Message:
    """The message that `channel` and `ts` name, if it is the bot's. Raises ApiError when not."""
    channel = call.channel()
    message = call.world.message(channel.id, call.text("ts"))
    if message is None or message.ephemeral_for:
        raise ApiError("message_not_found")
    if message.user != call.site.app.bot_user:
        raise ApiError(refusal)
    if channel.archived:
        raise ApiError("is_archived")
    return message


def _shape(call: Call, message: Message) -> Json:
    return message_json(message, call.site.app, call.world.team.id, metadata=True)


METHODS: dict[str, Method] = {
    "chat.postMessage": post_message,
    "chat.postEphemeral": post_ephemeral,
    "chat.update": update,
    "chat.delete": delete,
    "chat.getPermalink": get_permalink,
}
