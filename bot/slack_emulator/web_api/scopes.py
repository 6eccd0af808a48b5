"""Scopes that methods need: one of those listed; for a conversation the one of its kind."""

from collections.abc import Mapping

from bot.slack_emulator.models import ChannelKind
from bot.slack_emulator.state.store import Store

PREFIXES = {
    ChannelKind.PUBLIC: "channels",
    ChannelKind.PRIVATE: "groups",
    ChannelKind.IM: "im",
}
READ, HISTORY = "read", "history"
OF_A_KIND = {
    "conversations.info": READ,
    "conversations.history": HISTORY,
    "conversations.replies": HISTORY,
}
SCOPES: dict[str, set[str]] = {
    "chat.postMessage": {"chat:write"},
    "chat.update": {"chat:write"},
    "conversations.join": {"channels:join"},
    "conversations.open": {"im:write"},
    "users.info": {"users:read"},
    "pins.add": {"pins:write"},
    "pins.remove": {"pins:write"},
    "files.getUploadURLExternal": {"files:write"},
    "files.completeUploadExternal": {"files:write"},
    "files.info": {"files:read"},
}


def scopes_for(method: str, args: Mapping[str, object], world: Store) -> set[str]:
    """Return the scopes of which the app must have one; empty where none is needed."""
    if method not in OF_A_KIND:
        return SCOPES.get(method, set())
    channel = world.find_channel(str(args.get("channel", "")))
    kinds = [channel.kind] if channel else list(ChannelKind)
    return {f"{PREFIXES[kind]}:{OF_A_KIND[method]}" for kind in kinds}
