"""The conversations that a menu offers a person: by its kind and its filter."""

from bot.loopback.model import Channel, ChannelKind, Json
from bot.loopback.world import World

_NAMES = {ChannelKind.PUBLIC: "public", ChannelKind.PRIVATE: "private", ChannelKind.IM: "im", ChannelKind.MPIM: "mpim"}


def conversations(element: Json, world: World, user_id: str) -> list[Channel]:
    """What a menu of channels or conversations offers, by name; archived channels are left out."""
    with world.lock:
        every = sorted(world.channels.values(), key=lambda channel: (channel.is_im, channel.name))
    seen = [c for c in every if not c.archived and (c.kind is ChannelKind.PUBLIC or user_id in c.members)]
    if "channels_select" in element["type"]:
        return [channel for channel in seen if channel.kind is ChannelKind.PUBLIC]
    rule = element.get("filter") or {}
    return [channel for channel in seen if _fits(channel, rule)]


def _fits(channel: Channel, rule: Json) -> bool:
    """Whether a filter lets a conversation through; every direct message here is one with the bot."""
    if "include" in rule and _NAMES[channel.kind] not in rule["include"]:
        return False
    if rule.get("exclude_external_shared_channels") and channel.shared:
        return False
    return not (rule.get("exclude_bot_users") and channel.is_im)
