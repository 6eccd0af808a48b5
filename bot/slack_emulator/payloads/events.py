"""Events: what they look like, and which of them the app hears."""

from bot.slack_emulator.models import Channel, ChannelKind, Json, Message, User
from bot.slack_emulator.payloads.file_shares import CHANNEL_TYPES
from bot.slack_emulator.payloads.serializers import message_json, user_json
from bot.slack_emulator.state.context import WorkspaceContext

_HISTORY = {"channel": "channels", "group": "groups", "im": "im", "mpim": "mpim"}
_LETTERS = {ChannelKind.PUBLIC: "C", ChannelKind.PRIVATE: "G"}
_FAREWELLS = {"channel_left", "group_left"}
SCOPES: dict[str, set[str]] = {
    **{f"message.{kind}": {f"{kind}:history"} for kind in _HISTORY.values()},
    **{f"channel_{what}": {"channels:read"} for what in ("rename", "archive", "unarchive", "left")},
    **{f"group_{what}": {"groups:read"} for what in ("rename", "archive", "unarchive", "left")},
    "app_mention": {"app_mentions:read"},
    "member_joined_channel": {"channels:read", "groups:read"},
    "member_left_channel": {"channels:read", "groups:read"},
    "user_change": {"users:read"},
}
"""The scopes of which an app needs one to hear of something; what is not listed needs none."""


def is_subscribed(site: WorkspaceContext, event: Json) -> bool:
    """Return True if the app gets an event: it subscribes to it, has the scope, and is a member of the place."""
    kind = subscription(event)
    needed = SCOPES.get(kind)
    granted = site.app.scopes is None or needed is None or needed & site.app.scopes
    return kind in site.app.events and bool(granted) and _visible(site, event)


def subscription(event: Json) -> str:
    """Return a manifest's name of an event: for a message it depends on the conversation."""
    kind = str(event["type"])
    return f"message.{_HISTORY[event['channel_type']]}" if kind == "message" else kind


def channel_of(event: Json) -> str:
    """Return the id of the conversation that an event is about, empty if it is about none."""
    told = event.get("channel", "")
    return str(told["id"] if isinstance(told, dict) else told)


def _visible(site: WorkspaceContext, event: Json) -> bool:
    channel = site.store.channels.get(channel_of(event))
    if channel is None or event["type"] in _FAREWELLS:
        return True
    everybodys = channel.kind is ChannelKind.PUBLIC and str(event["type"]).startswith("channel_")
    return everybodys or site.app.bot_user in channel.members


# -- messages -------------------------------------------------------------------------------------------------


def message_event(site: WorkspaceContext, message: Message) -> Json:
    """Return the event of a new message."""
    return {**message_json(message, site.app, site.store.team.id), **_place(site, message), "event_ts": message.ts}


def message_changed_event(site: WorkspaceContext, old: Message, new: Message) -> Json:
    """Return the event of an edited message."""
    versions = {"message": _version(site, new), "previous_message": _version(site, old)}
    return {**_hidden(site, new, "message_changed"), **versions}


def message_deleted_event(site: WorkspaceContext, old: Message) -> Json:
    """Return the event of a deleted message."""
    return {**_hidden(site, old, "message_deleted"), "deleted_ts": old.ts, "previous_message": _version(site, old)}


def _version(site: WorkspaceContext, message: Message) -> Json:
    return message_json(message, site.app, site.store.team.id)


def _place(site: WorkspaceContext, message: Message) -> Json:
    kind = site.store.channels[message.channel].kind
    return {"channel": message.channel, "channel_type": CHANNEL_TYPES[kind]}


def _hidden(site: WorkspaceContext, message: Message, subtype: str) -> Json:
    stamp = f"{site.store.clock():.6f}"
    return {
        "type": "message",
        "subtype": subtype,
        "hidden": True,
        "ts": stamp,
        **_place(site, message),
        "event_ts": stamp,
    }


# -- conversations and people ---------------------------------------------------------------------------------


def member_joined_event(site: WorkspaceContext, channel: Channel, user_id: str) -> Json:
    """Return the event of somebody joining a channel."""
    return _member(site, channel, user_id, "member_joined_channel")


def member_left_event(site: WorkspaceContext, channel: Channel, user_id: str) -> Json:
    """Return the event of somebody leaving a channel; for the app itself it is another one."""
    if user_id == site.app.bot_user:
        return {"type": f"{_family(channel)}_left", "channel": channel.id}
    return _member(site, channel, user_id, "member_left_channel")


def archived(channel: Channel, user_id: str) -> Json:
    """Return the event of an archived or unarchived channel."""
    what = "archive" if channel.archived else "unarchive"
    return {"type": f"{_family(channel)}_{what}", "channel": channel.id, "user": user_id}


def renamed(site: WorkspaceContext, channel: Channel) -> Json:
    """Return the event of a renamed channel."""
    told = {"id": channel.id, "name": channel.name, "created": int(site.store.clock())}
    return {"type": f"{_family(channel)}_rename", "channel": told}


def person(site: WorkspaceContext, user: User) -> Json:
    """Return the event of a changed user."""
    return {"type": "user_change", "user": user_json(user), "cache_ts": int(site.store.clock())}


def _member(site: WorkspaceContext, channel: Channel, user_id: str, kind: str) -> Json:
    return {
        "type": kind,
        "user": user_id,
        "channel": channel.id,
        "channel_type": _LETTERS.get(channel.kind, "G"),
        "team": site.store.team.id,
    }


def _family(channel: Channel) -> str:
    return "channel" if channel.kind is ChannelKind.PUBLIC else "group"
