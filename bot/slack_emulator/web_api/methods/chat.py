"""`chat.*`, `pins.*` and `conversations.*`: post, change, pin and read messages; look up, join and open channels."""

from collections.abc import Sequence
from typing import Any

from bot.slack_emulator.block_kit.blocks import check_message
from bot.slack_emulator.block_kit.state_values import with_ids
from bot.slack_emulator.models import ApiError, Channel, Json, Message
from bot.slack_emulator.payloads import channel_json, message_json
from bot.slack_emulator.state.context import Call

TEXT_CUT = 40_000
METADATA_CHARACTERS = 8_000
UPDATE_TEXT = 4_000


def post_message(call: Call) -> Json:
    """`chat.postMessage`; a user id as the channel opens the direct message."""
    channel, app = target(call), call.site.app
    fields = {**message_content(call), "metadata": metadata(call), **thread(call, channel)}
    message = call.world.post(channel.id, app.bot_user, bot_id=app.bot_id, **fields)
    return {"channel": channel.id, "ts": message.ts, "message": message_json(call.site, message, metadata=True)}


def update(call: Call) -> Json:
    """`chat.update`: a message of the bot's own; blocks that are not given stay."""
    message = _own(call)
    readers = {"text": lambda call: call.text("text"), "blocks": blocks_of, "metadata": metadata}
    changes: Json = {name: read(call) for name, read in readers.items() if name in call.args}
    if len(changes.get("text", "")) > UPDATE_TEXT:
        raise ApiError("msg_too_long")
    new = {name: changes.get(name, getattr(message, name)) for name in ("text", "blocks")}
    if not any(new.values()):
        raise ApiError("no_text")
    changed = call.world.edit(message, **changes, edited=call.world.next_ts(message.channel))
    shape = message_json(call.site, changed, metadata=True)
    return {"channel": changed.channel, "ts": changed.ts, "text": changed.text, "message": shape}


def pin_or_unpin(call: Call) -> Json:
    """Pin or unpin a message of a channel that the bot is in. Raises ApiError where it is so already."""
    pinned = call.method == "pins.add"
    channel = call.own_channel()
    message = call.world.message(channel.id, call.text("timestamp"))
    if message is None:
        raise ApiError("message_not_found")
    if message.pinned is pinned:
        raise ApiError("already_pinned" if pinned else "no_pin")
    call.world.edit(message, pinned=pinned)
    return {}


def target(call: Call) -> Channel:
    ref = call.text("channel")
    channel = call.world.direct_message(ref) if ref in call.world.users else call.channel()
    if channel.archived:
        raise ApiError("is_archived")
    if not call.is_member(channel):
        raise ApiError("not_in_channel")
    return channel


def _own(call: Call) -> Message:
    channel = call.channel()
    message = call.world.message(channel.id, call.text("ts"))
    if message is None or message.user != call.site.app.bot_user:
        raise ApiError("message_not_found")
    return message


def message_content(call: Call) -> Json:
    blocks, text = blocks_of(call), call.text("text")[:TEXT_CUT]
    if not blocks and not text.strip():
        raise ApiError("no_text")
    return {"text": text, "blocks": blocks}


def blocks_of(call: Call) -> tuple[Json, ...]:
    value = call.json("blocks")
    return with_ids(check_message(value), iter(call.world.number, 0)) if value else ()


def metadata(call: Call) -> Any:
    value = call.json("metadata")
    if len(str(value)) > METADATA_CHARACTERS:
        raise ApiError("metadata_too_large")
    return value or None


def thread(call: Call, channel: Channel) -> Json:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return {}
    parent = call.world.message(channel.id, thread_ts)
    if parent is None and call.site.limits.lost_threads_land:
        return {}
    if parent is None or parent.ephemeral_for:
        raise ApiError("thread_not_found")
    subtype = "thread_broadcast" if call.flag("reply_broadcast") else None
    return {"thread_ts": parent.thread_ts or parent.ts, "subtype": subtype}


def page(call: Call, items: Sequence[Message], default: int) -> tuple[list[Message], Json]:
    """Return one page of items by `cursor` and `limit`, and the parts of the answer that tell of more."""
    size, start = call.number("limit", default), int(call.text("cursor").removeprefix("next:") or 0)
    more = start + size < len(items)
    following = {"response_metadata": {"next_cursor": f"next:{start + size}"}} if more else {}
    return list(items[start : start + size]), {"has_more": more, **following}


def info(call: Call) -> Json:
    return {"channel": channel_json(call.channel(), call.site.app.bot_user)}


def join(call: Call) -> Json:
    channel, bot_user = call.channel(), call.site.app.bot_user
    joined = call.world.edit_channel(channel.id, members=channel.members | {bot_user})
    return {"channel": channel_json(joined, bot_user)}


def history(call: Call) -> Json:
    """`conversations.history`: newest first, without thread replies and ephemeral messages."""
    channel = call.own_channel()
    every = [m for m in call.world.messages(channel.id) if not m.is_reply or m.subtype == "thread_broadcast"]
    found, more = page(call, [m for m in reversed(every) if _within(call, m)], 100)
    return {"messages": [_told(call, m) for m in found], **more}


def replies(call: Call) -> Json:
    """`conversations.replies`: the parent, then its replies, oldest first."""
    channel = call.own_channel()
    asked = call.world.message(channel.id, call.text("ts"))
    if asked is None or asked.ephemeral_for:
        raise ApiError("thread_not_found")
    root = asked.thread_ts or asked.ts
    every = [m for m in call.world.messages(channel.id) if root in (m.ts, m.thread_ts)]
    found, more = page(call, [m for m in every if m.ts == root or _within(call, m)], 1000)
    return {"messages": [_told(call, m) for m in found], **more}


def opened(call: Call) -> Json:
    return {"channel": {"id": call.world.direct_message(call.user("users").id).id}}


def _within(call: Call, message: Message) -> bool:
    return float(call.text("oldest") or 0) < float(message.ts)


def _told(call: Call, message: Message) -> Json:
    shape = message_json(call.site, message, metadata=call.flag("include_all_metadata"))
    if message.is_reply:
        return shape
    below = [m for m in call.world.messages(message.channel) if m.is_reply and m.thread_ts == message.ts]
    return {**shape, "thread_ts": message.ts, "reply_count": len(below)} if below else shape
