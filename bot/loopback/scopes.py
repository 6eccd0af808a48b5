"""Which scope a method needs: one of those listed; for a conversation the one of its kind."""

from collections.abc import Mapping
from typing import Any

from bot.loopback.model import ChannelKind
from bot.loopback.world import World

PREFIXES = {
    ChannelKind.PUBLIC: "channels",
    ChannelKind.PRIVATE: "groups",
    ChannelKind.IM: "im",
    ChannelKind.MPIM: "mpim",
}
READ, HISTORY, WRITE = "read", "history", "write"
OF_A_KIND = {
    "conversations.info": READ,
    "conversations.list": READ,
    "conversations.members": READ,
    "users.conversations": READ,
    "conversations.history": HISTORY,
    "conversations.replies": HISTORY,
    **{
        f"conversations.{change}": WRITE
        for change in ("rename", "setTopic", "invite", "kick", "archive", "unarchive", "create", "leave")
    },
}
SCOPES: dict[str, set[str]] = {
    "chat.postMessage": {"chat:write"},
    "chat.postEphemeral": {"chat:write"},
    "chat.meMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "chat.delete": {"chat:write"},
    "chat.scheduleMessage": {"chat:write"},
    "chat.deleteScheduledMessage": {"chat:write"},
    "conversations.join": {"channels:join"},
    "users.info": {"users:read"},
    "users.list": {"users:read"},
    "users.lookupByEmail": {"users:read.email"},
    "users.profile.get": {"users.profile:read"},
    "usergroups.list": {"usergroups:read"},
    "usergroups.users.list": {"usergroups:read"},
    "reactions.add": {"reactions:write"},
    "reactions.remove": {"reactions:write"},
    "reactions.get": {"reactions:read"},
    "team.info": {"team:read"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.delete": {"files:write"},
    "files.info": {"files:read"},
    "files.list": {"files:read"},
}


def scopes_for(method: str, args: Mapping[str, Any], world: World) -> set[str]:
    """The scopes of which the app must have one; empty where none is needed."""
    if method == "conversations.open":
        return {"mpim:write"} if "," in str(args.get("users", "")) else {"im:write"}
    if method not in OF_A_KIND:
        return SCOPES.get(method, set())
    family = OF_A_KIND[method]
    return {_scope(kind, family) for kind in _kinds(method, args, world)}


def _kinds(method: str, args: Mapping[str, Any], world: World) -> list[ChannelKind]:
    """The kinds that a call is about; all of them where the conversation is not known."""
    if method == "conversations.create":
        private = str(args.get("is_private", "")).lower() in {"1", "true"}
        return [ChannelKind.PRIVATE if private else ChannelKind.PUBLIC]
    if method in {"conversations.list", "users.conversations"}:
        asked = {each.strip() for each in str(args.get("types") or ChannelKind.PUBLIC).split(",")}
        return [kind for kind in ChannelKind if kind in asked]
    channel = world.find_channel(str(args.get("channel", "")))
    return [channel.kind] if channel else list(ChannelKind)


def _scope(kind: ChannelKind, family: str) -> str:
    if family == WRITE and kind is ChannelKind.PUBLIC:
        return "channels:manage"
    return f"{PREFIXES[kind]}:{family}"
