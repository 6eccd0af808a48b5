"""Messages that are posted later: `chat.scheduleMessage`, its list and its end, and posting them when their time comes."""

from bot.loopback.calls import Call, Method, Site
from bot.loopback.drafts import draft
from bot.loopback.events import said
from bot.loopback.methods_chat import target
from bot.loopback.methods_conversations import page
from bot.loopback.model import ApiError, Json, Scheduled

FURTHEST = 120 * 24 * 3600
WINDOW, MOST_IN_WINDOW = 300, 30
TOO_LATE = 60
"""Seconds before its time from which on a message cannot be taken back."""


def schedule(call: Call) -> Json:
    """`chat.scheduleMessage`."""
    channel, at, now = target(call), _time(call), int(call.world.clock())
    fields = draft(call, channel)
    with call.world.lock:
        near = [each for each in call.world.scheduled.values() if each.channel == channel.id]
        if sum(abs(each.post_at - at) < WINDOW for each in near) >= MOST_IN_WINDOW:
            raise ApiError("restricted_too_many")
        new = Scheduled(call.world.new_id("Q"), channel.id, at, now, fields)
        call.world.scheduled[new.id] = new
    app = call.site.app
    shown: Json = {"type": "delayed_message", "text": new.text, "bot_id": app.bot_id, "user": app.bot_user}
    shown |= {name: list(fields[name]) for name in ("blocks", "attachments") if fields[name]}
    return {"channel": channel.id, "scheduled_message_id": new.id, "post_at": str(at), "message": shown}


def delete_scheduled(call: Call) -> Json:
    """`chat.deleteScheduledMessage`."""
    channel = call.channel()
    with call.world.lock:
        found = call.world.scheduled.get(call.required("scheduled_message_id"))
        late = found is not None and found.post_at - call.world.clock() < TOO_LATE
        if found is None or found.channel != channel.id or late:
            raise ApiError("invalid_scheduled_message_id")
        del call.world.scheduled[found.id]
    return {}


def list_scheduled(call: Call) -> Json:
    """`chat.scheduledMessages.list`, in the order of their times."""
    channel = call.channel().id if call.text("channel") else ""
    first, last = call.number("oldest", 0), call.number("latest", 2**40)
    with call.world.lock:
        waiting = sorted(call.world.scheduled.values(), key=lambda each: (each.post_at, each.id))
    fits = [each for each in waiting if channel in ("", each.channel) and first <= each.post_at <= last]
    shown, more = page(call, fits, 100)
    rows = [
        {
            "id": each.id,
            "channel_id": each.channel,
            "post_at": each.post_at,
            "date_created": each.created,
            "text": each.text,
        }
        for each in shown
    ]
    return {"scheduled_messages": rows, "response_metadata": more}


def post_due(site: Site) -> int:
    """Post what is due, in its order; what can no longer be posted (left, archived) is dropped, as Slack does."""
    world, app = site.world, site.app
    with world.lock:
        due = sorted((each for each in world.scheduled.values() if each.post_at <= world.clock()), key=_order)
        for each in due:
            del world.scheduled[each.id]
        open_now = [
            each
            for each in due
            if app.bot_user in world.channels[each.channel].members and not world.channels[each.channel].archived
        ]
        for each in open_now:
            message = world.post(each.channel, app.bot_user, bot_id=app.bot_id, **each.fields)
            site.tell(said(site, message))
    return len(open_now)


def _order(each: Scheduled) -> tuple[int, str]:
    return each.post_at, each.id


def _time(call: Call) -> int:
    text = call.required("post_at")
    if not text.isdecimal():
        raise ApiError("invalid_time")
    at, now = int(text), call.world.clock()
    if at <= now:
        raise ApiError("time_in_past")
    if at > now + FURTHEST:
        raise ApiError("time_too_far")
    return at


METHODS: dict[str, Method] = {
    "chat.scheduleMessage": schedule,
    "chat.deleteScheduledMessage": delete_scheduled,
    "chat.scheduledMessages.list": list_scheduled,
}
