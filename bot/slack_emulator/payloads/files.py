"""Files as the JSON that methods, messages and payloads carry, and the message that shares some."""

from collections.abc import Sequence
from urllib.parse import quote

from bot.slack_emulator.models import Json, Message
from bot.slack_emulator.state.context import WorkspaceContext
from bot.slack_emulator.state.files import File
from bot.slack_emulator.state.store import Store

_PREVIEW_LINES = 5


def file_json(file: File, world: Store, base_url: str) -> Json:
    """Return a file with the addresses that need the app's token."""
    place = f"{base_url}/files-pri/{world.team.id}-{file.id}"
    name = quote(file.name.replace("/", "_").replace(" ", "_").lower()) or "file"
    shape: Json = {
        "id": file.id,
        "created": int(file.created),
        "name": file.name,
        "title": file.title,
        "mimetype": file.kind.mimetype,
        "filetype": file.kind.filetype,
        "pretty_type": file.kind.pretty,
        "user": file.user,
        "size": file.size,
        "url_private": f"{place}/{name}",
        "url_private_download": f"{place}/download/{name}",
    }
    if file.alt_text:
        shape["alt_txt"] = file.alt_text
    if file.kind.text:
        lines = file.data.decode("utf-8", "replace").splitlines()
        more = max(0, len(lines) - _PREVIEW_LINES)
        shape |= {"preview": "\n".join(lines[:_PREVIEW_LINES]), "lines": len(lines), "lines_more": more}
    if file.kind.width:
        shape |= {"original_w": file.kind.width, "original_h": file.kind.height}
    return shape


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
