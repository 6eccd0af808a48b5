"""`conversations.*` that change a conversation: make, rename, invite, put out, archive."""

import re
from collections.abc import Callable

from bot.loopback import events
from bot.loopback.calls import Call, Method
from bot.loopback.model import ApiError, Channel, ChannelKind, Json
from bot.loopback.shapes import channel_json

NAME = re.compile(r"[a-z0-9_\-\u00c0-\U0010ffff]{1,80}")


def create(call: Call) -> Json:
    """`conversations.create`, with the bot in it."""
    name = _name(call)
    kind = ChannelKind.PRIVATE if call.flag("is_private") else ChannelKind.PUBLIC
    new = Channel(call.world.new_id("C"), name, kind, frozenset({call.site.app.bot_user}))
    call.world.put_channel(new)
    call.site.tell(events.created(call.site, new, call.site.app.bot_user))
    return _shown(call, new)


def rename(call: Call) -> Json:
    """`conversations.rename`."""
    channel = _open(call)
    changed = call.world.edit_channel(channel.id, name=_name(call))
    call.site.tell(events.renamed(call.site, changed))
    return _shown(call, changed)


def set_topic(call: Call) -> Json:
    """`conversations.setTopic`."""
    channel = _open(call)
    return _shown(call, call.world.edit_channel(channel.id, topic=call.text("topic")[:250]))


def invite(call: Call) -> Json:
    """`conversations.invite`: one or several, each of whom may be invited, or nobody."""
    channel = _open(call)
    users = [user for user in call.required("users").split(",") if user]
    if any(user not in call.world.users or call.world.users[user].deleted for user in users):
        raise ApiError("user_not_found")
    if call.site.app.bot_user in users:
        raise ApiError("cant_invite_self")
    if set(users) <= channel.members:
        raise ApiError("already_in_channel")
    changed = call.world.edit_channel(channel.id, members=channel.members | set(users))
    for user in sorted(set(users) - channel.members):
        call.site.tell(events.joined(call.site, changed, user, call.site.app.bot_user))
    return _shown(call, changed)


def kick(call: Call) -> Json:
    """`conversations.kick`."""
    channel, user = _open(call), call.required("user")
    if user == call.site.app.bot_user:
        raise ApiError("cant_kick_self")
    if user not in channel.members:
        raise ApiError("not_in_channel")
    if channel.name == "general":
        raise ApiError("cant_kick_from_general")
    smaller = call.world.edit_channel(channel.id, members=channel.members - {user})
    call.site.tell(events.left(call.site, smaller, user))
    return {}


def archive(call: Call) -> Json:
    """`conversations.archive`."""
    channel = _open(call)
    if channel.name == "general":
        raise ApiError("cant_archive_general")
    changed = call.world.edit_channel(channel.id, archived=True)
    call.site.tell(events.archived(changed, call.site.app.bot_user))
    return {}


def unarchive(call: Call) -> Json:
    """`conversations.unarchive`."""
    channel = call.channel()
    if not channel.archived:
        raise ApiError("not_archived")
    changed = call.world.edit_channel(channel.id, archived=False)
    call.site.tell(events.archived(changed, call.site.app.bot_user))
    return {}


def _open(call: Call) -> Channel:
    """A channel that the bot is in and that can be changed."""
    channel = call.channel()
    if channel.kind in {ChannelKind.IM, ChannelKind.MPIM}:
        raise ApiError("method_not_supported_for_channel_type")
    if not call.is_member(channel):
        raise ApiError("not_in_channel")
    if channel.archived:
        raise ApiError("already_archived" if call.method.endswith(".archive") else "is_archived")
    return channel


def _name(call: Call) -> str:
    name = call.text("name").lower()
    if not name:
        raise ApiError("invalid_name_required")
    if not NAME.fullmatch(name):
        raise ApiError("invalid_name_specials")
    if any(each.name == name for each in call.world.channels.values()):
        raise ApiError("name_taken")
    return name


def _shown(call: Call, channel: Channel) -> Json:
    return {"channel": channel_json(channel, call.site.app.bot_user)}


_CHANGES: dict[str, Callable[[Call], Json]] = {
    "create": create,
    "rename": rename,
    "setTopic": set_topic,
    "invite": invite,
    "kick": kick,
    "archive": archive,
    "unarchive": unarchive,
}
METHODS: dict[str, Method] = {f"conversations.{name}": method for name, method in _CHANGES.items()}
