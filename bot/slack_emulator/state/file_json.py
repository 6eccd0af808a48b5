"""Files as the JSON that methods, messages and payloads carry."""

from urllib.parse import quote

from bot.slack_emulator.models import Json
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
