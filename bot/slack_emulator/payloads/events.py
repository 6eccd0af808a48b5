"""Events that the app may get, and the event of a message that mentions it or is written to it."""

from bot.slack_emulator.models import Json, Message
from bot.slack_emulator.payloads.serializers import message_json
from bot.slack_emulator.state.context import WorkspaceContext

SCOPES = {"app_mention": "app_mentions:read", "message.im": "im:history"}
"""The scope that the app needs to get an event; what is not listed needs none."""


def is_subscribed(site: WorkspaceContext, event: Json) -> bool:
    """Return True if the app gets an event: it subscribes to it, has the scope, and is a member of the channel."""
    kind, scopes = ".".join(str(event[key]) for key in ("type", "channel_type") if key in event), site.app.scopes
    needed = SCOPES.get(kind)
    if kind not in site.app.events or (needed is not None and scopes is not None and needed not in scopes):
        return False
    channel = site.store.channels.get(str(event.get("channel", "")))
    return channel is None or site.app.bot_user in channel.members


def mention_event(site: WorkspaceContext, message: Message) -> Json | None:
    """Return the event of a message that mentions the app or is in its direct message; None for any other."""
    direct = site.store.channels[message.channel].is_im
    if not direct and f"<@{site.app.bot_user}>" not in message.text:
        return None
    told = message_json(message, site.app, site.store.team.id)
    kind = {"type": "message", "channel_type": "im"} if direct else {"type": "app_mention"}
    return {**told, **kind, "channel": message.channel, "event_ts": message.ts}
