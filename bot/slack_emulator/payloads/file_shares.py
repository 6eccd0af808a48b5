"""Sharing files in a conversation: the message that carries them."""

from collections.abc import Sequence

from bot.slack_emulator.models import Message
from bot.slack_emulator.state.context import WorkspaceContext
from bot.slack_emulator.state.file_json import file_json
from bot.slack_emulator.state.files import File


def share_files(
    site: WorkspaceContext, files: Sequence[File], channel: str, user: str, *, text: str, thread_ts: str | None = None
) -> Message:
    """Post one message of `user` with files in it."""
    with site.store.lock:
        shared = [site.store.files.share(file, channel) for file in files]
        return site.store.post(
            channel,
            user,
            text=text,
            thread_ts=thread_ts,
            subtype="file_share",
            bot_id=site.app.bot_id if user == site.app.bot_user else "",
            files=tuple(file_json(file, site.store, site.base_url) for file in shared),
        )
