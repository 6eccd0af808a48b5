"""Files as the JSON that methods, messages and payloads carry, and the addresses in it."""

from urllib.parse import quote

from bot.slack_emulator.models import Channel, ChannelKind, Json
from bot.slack_emulator.state.files import MEBIBYTE, File, Share
from bot.slack_emulator.state.store import Store

_PREVIEW_LINES = 5
_PLACES = {
    ChannelKind.PUBLIC: "channels",
    ChannelKind.PRIVATE: "groups",
    ChannelKind.IM: "ims",
    ChannelKind.MPIM: "groups",
}


def private_url(file: File, world: Store, base_url: str, *, download: bool = False) -> str:
    """`url_private`, or `url_private_download`: only with a token."""
    way = "download/" if download else ""
    return f"{base_url}/files-pri/{world.team.id}-{file.id}/{way}{_address_name(file)}"


def permalink(file: File, base_url: str) -> str:
    """Return the address that people open."""
    return f"{base_url}/files/{file.user}/{file.id}/{_address_name(file)}"


def message_file_json(file: File, world: Store, base_url: str) -> Json:
    """Return a file as a message carries it."""
    snippet = is_snippet(file)
    url = private_url(file, world, base_url)
    shape: Json = {
        "id": file.id,
        "created": int(file.created),
        "timestamp": int(file.created),
        "name": file.name,
        "title": file.title,
        "mimetype": file.kind.mimetype,
        "filetype": file.kind.filetype,
        "pretty_type": file.kind.pretty,
        "user": file.user,
        "user_team": world.team.id,
        "editable": snippet,
        "size": file.size,
        "mode": "snippet" if snippet else "hosted",
        "is_external": False,
        "external_type": "",
        "is_public": any(world.channels[s.channel].kind is ChannelKind.PUBLIC for s in world.file_shares(file)),
        "public_url_shared": False,
        "display_as_bot": False,
        "username": "",
        "url_private": url,
        "url_private_download": private_url(file, world, base_url, download=True),
        "permalink": permalink(file, base_url),
        "is_starred": False,
        "has_rich_preview": False,
        "file_access": "visible",
    }
    if file.alt_text:
        shape["alt_txt"] = file.alt_text
    return {**shape, **(_preview(file) if snippet else {}), **(_picture(file, url) if file.kind.picture else {})}


def file_json(file: File, world: Store, base_url: str) -> Json:
    """Return a file as `files.info` tells: with the conversations it was shared in."""
    places: dict[str, list[str]] = {"channels": [], "groups": [], "ims": []}
    shares: dict[str, dict[str, list[Json]]] = {}
    for share in world.file_shares(file):
        channel = world.channels[share.channel]
        ids = places[_PLACES[channel.kind]]
        if channel.id not in ids:
            ids.append(channel.id)
        group = "public" if channel.kind is ChannelKind.PUBLIC else "private"
        shares.setdefault(group, {}).setdefault(channel.id, []).append(_share_json(share, channel, world))
    return {**message_file_json(file, world, base_url), **places, "shares": shares, "comments_count": 0}


def fresh_file_json(file: File, world: Store, base_url: str) -> Json:
    """Return a file as `files.completeUploadExternal` answers: its type and its shares are still being worked on."""
    shape = {**message_file_json(file, world, base_url), "mimetype": "", "filetype": "", "pretty_type": ""}
    return {**shape, "channels": [], "groups": [], "ims": [], "shares": {}, "comments_count": 0}


def is_snippet(file: File) -> bool:
    """Return True for a file that Slack shows as text."""
    return file.kind.text and file.size <= MEBIBYTE


def _share_json(share: Share, channel: Channel, world: Store) -> Json:
    replies = [m for m in world.messages(channel.id) if m.is_reply and m.thread_ts == share.ts]
    users = list(dict.fromkeys(reply.user for reply in replies))
    shape: Json = {
        "reply_users": users,
        "reply_users_count": len(users),
        "reply_count": len(replies),
        "ts": share.ts,
        "channel_name": channel.name,
        "team_id": world.team.id,
    }
    return {**shape, "thread_ts": share.thread_ts} if share.thread_ts else shape


def _preview(file: File) -> Json:
    lines = file.data.decode("utf-8", "replace").splitlines()
    preview = "\n".join(lines[:_PREVIEW_LINES])
    return {"preview": preview, "lines": len(lines), "lines_more": max(0, len(lines) - _PREVIEW_LINES)}


def _picture(file: File, url: str) -> Json:
    """Return the extra fields of pictures; every thumbnail is the picture itself."""
    thumbs = {f"thumb_{size}": url for size in (64, 80, 160, 360)}
    if not file.kind.width:
        return dict(thumbs)
    width, height = file.kind.width, file.kind.height
    size = {"original_w": width, "original_h": height, "thumb_360_w": width, "thumb_360_h": height}
    return {**thumbs, **size, "image_exif_rotation": 1}


def _address_name(file: File) -> str:
    return quote(file.name.replace("/", "_").replace(" ", "_").lower()) or "file"
