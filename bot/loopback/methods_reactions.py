"""`reactions.*`: the bot's emoji below a message."""

import re

from bot.loopback.calls import Call, Method
from bot.loopback.events import reacted
from bot.loopback.model import ApiError, Json, Message
from bot.loopback.shapes import message_json

NAME = re.compile(r"[a-z0-9_+'-]+(::skin-tone-[2-6])?")


def add(call: Call) -> Json:
    """`reactions.add`."""
    name, bot_user = _name(call), call.site.app.bot_user
    with call.world.lock:
        message = _message(call, change=True)
        if bot_user in message.reactions.get(name, ()):
            raise ApiError("already_reacted")
        call.world.react(message, bot_user, name)
    call.site.tell(reacted(message, bot_user, name))
    return {}


def remove(call: Call) -> Json:
    """`reactions.remove`: the bot's own."""
    name, bot_user = _name(call), call.site.app.bot_user
    with call.world.lock:
        message = _message(call, change=True)
        if bot_user not in message.reactions.get(name, ()):
            raise ApiError("no_reaction")
        call.world.unreact(message, bot_user, name)
    call.site.tell(reacted(message, bot_user, name, added=False))
    return {}


def get(call: Call) -> Json:
    """`reactions.get`: a message with everybody's."""
    message = _message(call, change=False)
    shape = message_json(message, call.site.app, call.world.team.id)
    return {"type": "message", "channel": message.channel, "message": shape}


def _message(call: Call, *, change: bool) -> Message:
    if not call.text("channel") or not call.text("timestamp"):
        raise ApiError("no_item_specified")
    channel = call.channel()
    if not call.is_member(channel):
        raise ApiError("not_in_channel")
    if change and channel.archived:
        raise ApiError("is_archived")
    if not re.fullmatch(r"\d+\.\d+", call.text("timestamp")):
        raise ApiError("bad_timestamp")
    found = call.world.message(channel.id, call.text("timestamp"))
    if found is None or found.ephemeral_for:
        raise ApiError("message_not_found")
    return found


def _name(call: Call) -> str:
    name = call.text("name").strip(":")
    if not NAME.fullmatch(name):
        raise ApiError("invalid_name")
    return name


METHODS: dict[str, Method] = {"reactions.add": add, "reactions.remove": remove, "reactions.get": get}
