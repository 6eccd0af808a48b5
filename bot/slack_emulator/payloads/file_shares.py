"""Sharing files in a conversation: the message that carries them, and what the app hears of it."""

from collections.abc import Sequence

from bot.slack_emulator.models import Channel, ChannelKind, Json, Message
from bot.slack_emulator.payloads.serializers import message_json
from bot.slack_emulator.state.context import WorkspaceContext
from bot.slack_emulator.state.file_json import message_file_json
from bot.slack_emulator.state.files import File

SUBTYPE = "file_share"
CHANNEL_TYPES = {
    ChannelKind.PUBLIC: "channel",
    ChannelKind.PRIVATE: "group",
    ChannelKind.IM: "im",
    ChannelKind.MPIM: "mpim",
}


def share_files(
    site: WorkspaceContext,
    files: Sequence[File],
    channel: Channel,
    user: str,
    *,
    text: str = "",
    blocks: tuple[Json, ...] = (),
    thread_ts: str | None = None,
) -> Message:
    """Post one message of `user` with files in it."""
    world, app = site.store, site.app
    with world.lock:
        message = world.post(
            channel.id,
            user,
            text=text,
            blocks=blocks,
            thread_ts=thread_ts,
            subtype=SUBTYPE,
            bot_id=app.bot_id if user == app.bot_user else "",
        )
        shared = [world.files.shared(file, message) for file in files]
        return world.edit(message, files=tuple(message_file_json(file, world, site.base_url) for file in shared))


def share_events(site: WorkspaceContext, message: Message) -> list[Json]:
    """Return the events about such a message; none where the bot is not."""
    channel = site.store.channels[message.channel]
    if site.app.bot_user not in channel.members:
        return []
    told: Json = {
        **message_json(message, site.app, site.store.team.id),
        "channel": channel.id,
        "channel_type": CHANNEL_TYPES[channel.kind],
        "event_ts": message.ts,
        "upload": True,
        "display_as_bot": False,
    }
    return [told, *(_file_shared(file["id"], message) for file in message.files)]


def _file_shared(file_id: str, message: Message) -> Json:
    return {
        "type": "file_shared",
        "file_id": file_id,
        "user_id": message.user,
        "file": {"id": file_id},
        "channel_id": message.channel,
        "event_ts": message.ts,
    }
