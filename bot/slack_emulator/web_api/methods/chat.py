"""`chat.*` and `pins.*`: post, change and pin messages."""

from bot.slack_emulator.models import ApiError, Channel, Json, Message
from bot.slack_emulator.payloads.serializers import message_json
from bot.slack_emulator.state.context import Call, Method
from bot.slack_emulator.web_api.methods.message_args import (
    blocks_of,
    message_fields,
    metadata,
    refuse_unsupported,
)

UPDATE_TEXT = 4_000


def post_message(call: Call) -> Json:
    """`chat.postMessage`; a user id as the channel opens the direct message."""
    channel, app = target(call), call.site.app
    message = call.world.post(channel.id, app.bot_user, bot_id=app.bot_id, **message_fields(call, channel))
    return {"channel": channel.id, "ts": message.ts, "message": _shape(call, message)}


def update(call: Call) -> Json:
    """`chat.update`: a message of the bot's own; blocks that are not given stay."""
    message = _own(call)
    changes = _changes(call)
    new = {name: changes.get(name, getattr(message, name)) for name in ("text", "blocks")}
    if not any(new.values()):
        raise ApiError("no_text")
    changed = call.world.edit(message, **changes, edited=call.world.next_ts(message.channel))
    return {"channel": changed.channel, "ts": changed.ts, "text": changed.text, "message": _shape(call, changed)}


def get_permalink(call: Call) -> Json:
    channel = call.channel()
    message = call.world.message(channel.id, call.text("message_ts"))
    if message is None or message.ephemeral_for:
        raise ApiError("message_not_found")
    link = f"{call.site.base_url}/archives/{channel.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={channel.id}"
    return {"channel": channel.id, "permalink": link}


def pin(call: Call) -> Json:
    return _pinned(call, True, "already_pinned")


def unpin(call: Call) -> Json:
    return _pinned(call, False, "no_pin")


def _pinned(call: Call, pinned: bool, error: str) -> Json:
    """Pin or unpin a message of a channel that the bot is in. Raises ApiError(`error`) where it is so already."""
    channel = call.own_channel()
    if not call.text("timestamp"):
        raise ApiError("no_item_specified")
    message = call.world.message(channel.id, call.text("timestamp"))
    if message is None or message.ephemeral_for:
        raise ApiError("message_not_found")
    if channel.archived:
        raise ApiError("is_archived")
    if message.pinned is pinned:
        raise ApiError(error)
    call.world.edit(message, pinned=pinned)
    return {}


def target(call: Call) -> Channel:
    """Return the channel to post to. Raises ApiError when the bot cannot."""
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


def _changes(call: Call) -> Json:
    """Return the fields that `chat.update` sets. Raises ApiError."""
    refuse_unsupported(call)
    changes: Json = {"text": call.text("text")} if "text" in call.args else {}
    if len(changes.get("text", "")) > UPDATE_TEXT:
        raise ApiError("msg_too_long")
    readers = {"blocks": blocks_of, "metadata": metadata}
    return changes | {name: read(call) for name, read in readers.items() if name in call.args}


def _own(call: Call) -> Message:
    """Return the message that `channel` and `ts` name, if it is the bot's. Raises ApiError when not."""
    channel = call.channel()
    message = call.world.message(channel.id, call.text("ts"))
    if message is None or message.ephemeral_for:
        raise ApiError("message_not_found")
    if message.user != call.site.app.bot_user:
        raise ApiError("cant_update_message")
    if channel.archived:
        raise ApiError("is_archived")
    return message


def _shape(call: Call, message: Message) -> Json:
    return message_json(message, call.site.app, call.world.team.id, metadata=True)


METHODS: dict[str, Method] = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.getPermalink": get_permalink,
    "pins.add": pin,
    "pins.remove": unpin,
}
