"""`conversations.*`: look up, join, open, read."""

from collections.abc import Sequence

from bot.slack_emulator.models import ApiError, ChannelKind, Json, Message, ts_key
from bot.slack_emulator.payloads import channel_json, message_json
from bot.slack_emulator.state.context import Call, Method

PAGE_MOST = 999


def page(call: Call, items: Sequence[Message], default: int) -> tuple[list[Message], Json]:
    """Return one page of items by `cursor` and `limit`, and the parts of the answer that tell of more."""
    size = call.number("limit", default)
    if not 1 <= size <= PAGE_MOST + 1:
        raise ApiError("invalid_limit")
    cursor = call.text("cursor")
    if cursor and not cursor.removeprefix("next:").isdigit():
        raise ApiError("invalid_cursor")
    start = int(cursor.removeprefix("next:") or 0)
    more = start + size < len(items)
    following = {"response_metadata": {"next_cursor": f"next:{start + size}"}} if more else {}
    return list(items[start : start + size]), {"has_more": more, **following}


def info(call: Call) -> Json:
    return {"channel": channel_json(call.channel(), call.site.app.bot_user)}


def join(call: Call) -> Json:
    """`conversations.join`: a public channel."""
    channel = call.channel()
    if channel.kind is not ChannelKind.PUBLIC:
        raise ApiError("method_not_supported_for_channel_type")
    if channel.archived:
        raise ApiError("is_archived")
    bot_user = call.site.app.bot_user
    joined = call.world.edit_channel(channel.id, members=channel.members | {bot_user})
    return {"channel": channel_json(joined, bot_user)}


def history(call: Call) -> Json:
    """`conversations.history`: newest first, without thread replies and ephemeral messages."""
    channel = call.own_channel()
    every = [m for m in call.world.messages(channel.id) if not m.is_reply or m.subtype == "thread_broadcast"]
    found, more = page(call, [m for m in reversed(every) if _within(call, m)], 100)
    return {"messages": [_shape(call, m) for m in found], **more}


def replies(call: Call) -> Json:
    """`conversations.replies`: the parent, then its replies, oldest first."""
    channel = call.own_channel()
    asked = call.world.message(channel.id, call.text("ts"))
    if asked is None or asked.ephemeral_for:
        raise ApiError("thread_not_found")
    root = asked.thread_ts or asked.ts
    every = [m for m in call.world.messages(channel.id) if root in (m.ts, m.thread_ts)]
    found, more = page(call, [m for m in every if m.ts == root or _within(call, m)], 1000)
    return {"messages": [_shape(call, m) for m in found], **more}


def opened(call: Call) -> Json:
    """`conversations.open`: the direct message with one person."""
    user = call.world.users.get(call.required("users"))
    if user is None:
        raise ApiError("user_not_found")
    if user.deleted:
        raise ApiError("user_disabled")
    if user.is_bot:
        raise ApiError("cannot_dm_bot")
    return {"channel": {"id": call.world.direct_message(user.id).id}}


def _within(call: Call, message: Message) -> bool:
    """Return True if a message lies between `oldest` and `latest`, these not included."""
    key, oldest, latest = ts_key(message.ts), call.text("oldest"), call.text("latest")
    return ts_key(oldest or "0") < key and (not latest or key < ts_key(latest))


def _shape(call: Call, message: Message) -> Json:
    metadata = call.flag("include_all_metadata")
    shape = message_json(message, call.site.app, call.world.team.id, metadata=metadata)
    if message.is_reply:
        return shape
    below = [m for m in call.world.messages(message.channel) if m.is_reply and m.thread_ts == message.ts]
    return {**shape, "thread_ts": message.ts, "reply_count": len(below)} if below else shape


METHODS: dict[str, Method] = {
    "conversations.info": info,
    "conversations.join": join,
    "conversations.history": history,
    "conversations.replies": replies,
    "conversations.open": opened,
}
