"""`files.*`: upload in three steps, and look up."""

import re
from typing import Any

from bot.slack_emulator.block_kit.blocks import check_message
from bot.slack_emulator.block_kit.state_values import with_ids
from bot.slack_emulator.models import ApiError, Channel, ChannelKind, Json
from bot.slack_emulator.payloads.file_shares import share_events, share_files
from bot.slack_emulator.state.context import Call, Method
from bot.slack_emulator.state.file_json import file_json, fresh_file_json, is_snippet
from bot.slack_emulator.state.file_types import SNIPPETS
from bot.slack_emulator.state.files import MEBIBYTE, Ticket

ALT_TEXT = 1000
CHANNELS = 100
_CONVERSATION = re.compile(r"[CGDZ][A-Z0-9]+")


def get_upload_url(call: Call) -> Json:
    """`files.getUploadURLExternal`."""
    name = call.required("filename")
    length = call.number("length", 0)
    if length == 0:
        raise ApiError("missing_argument")
    if length < 0:
        raise _wrong("must be greater than 0", "/length")
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    snippet = call.text("snippet_type")
    if snippet and snippet not in SNIPPETS:
        raise ApiError("unknown_snippet_type")
    if snippet and length > MEBIBYTE:
        raise ApiError("snippet_too_large")
    ticket = call.world.files.ticket(call.site.app.bot_user, name, length, call.text("alt_txt"), snippet)
    return {"upload_url": f"{call.site.base_url}/upload/v1/{ticket.id}", "file_id": ticket.file_id}


def complete_upload(call: Call) -> Json:
    """`files.completeUploadExternal`: everything is checked before anything is done."""
    asked = _asked(call)
    channels = _channels(call)
    comment, blocks = call.text("initial_comment"), _blocks(call)
    with call.world.lock:
        thread_ts = _thread(call, channels)
        tickets = [(_ticket(call, entry["id"]), str(entry.get("title") or "")) for entry in asked]
        files = [call.world.files.complete(ticket, title) for ticket, title in tickets]
        bot = call.site.app.bot_user
        messages = [
            share_files(call.site, files, channel, bot, text=comment, blocks=blocks, thread_ts=thread_ts)
            for channel in channels
        ]
    for message in messages:
        for event in share_events(call.site, message):
            call.site.send_event(event)
    return {"files": [fresh_file_json(file, call.world, call.site.base_url) for file in files]}


def info(call: Call) -> Json:
    """`files.info`."""
    file = call.world.files.find(call.required("file"))
    if not call.world.can_see_file(call.site.app.bot_user, file):
        raise ApiError("not_visible")
    shape = file_json(file, call.world, call.site.base_url)
    content = {"content": file.data.decode("utf-8", "replace")} if is_snippet(file) else {}
    return {"file": shape, **content, "comments": [], "response_metadata": {"next_cursor": ""}}


def check_file_scope(call: Call, view: Json) -> None:
    """Raise ApiError when a view has a file input and the app may not read files."""
    scopes = call.site.app.scopes
    picks = any(block.get("element", {}).get("type") == "file_input" for block in view["blocks"])
    if picks and scopes is not None and "files:read" not in scopes:
        raise ApiError("missing_scope", needed="files:read", provided=",".join(sorted(scopes)))


def _asked(call: Call) -> list[Json]:
    """Return the `files` argument. Raises ApiError when it is not a list of objects with an id."""
    value: Any = call.json("files", "invalid_arguments")
    if not isinstance(value, list) or not value:
        raise _wrong("must be a non-empty array", "/files")
    for number, entry in enumerate(value):
        if not isinstance(entry, dict) or not isinstance(entry.get("id"), str):
            raise _wrong("missing required field: id", f"/files/{number}")
    if len({entry["id"] for entry in value}) < len(value):
        raise _wrong("every file may stand there once only", "/files")
    return value


def _ticket(call: Call, file_id: str) -> Ticket:
    return call.world.files.uploaded(file_id, call.site.app.bot_user)


def _channels(call: Call) -> list[Channel]:
    """Return the channels to share in; none is allowed: the file then stays private."""
    single, several = call.text("channel_id"), [ref for ref in call.text("channels").split(",") if ref]
    if single and not _CONVERSATION.fullmatch(single):
        raise _wrong("input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$", "/channel_id")
    if len(several) > CHANNELS:
        raise ApiError("channels_limit_exceeded")
    found = [_channel(call, single, "channel_not_found")] if single else []
    found += [_channel(call, ref, "invalid_channel") for ref in several]
    if call.text("thread_ts") and len(found) > 1:
        raise _wrong("only one channel may be given with thread_ts", "/thread_ts")
    return list({channel.id: channel for channel in found}.values())


def _channel(call: Call, ref: str, unknown: str) -> Channel:
    user = call.world.users.get(ref)
    channel = call.world.direct_message(ref) if user and not user.is_bot else call.world.channels.get(ref)
    if channel is None or (channel.kind is not ChannelKind.PUBLIC and not call.is_member(channel)):
        raise ApiError(unknown)
    if not call.is_member(channel):
        raise ApiError("not_in_channel")
    if channel.archived:
        raise ApiError("posting_to_channel_denied")
    return channel


def _blocks(call: Call) -> tuple[Json, ...]:
    """Return the blocks of the message; ignored when there is a comment."""
    value = None if call.text("initial_comment") else call.json("blocks", "invalid_blocks")
    return with_ids(check_message(value), iter(call.world.number, 0)) if value else ()


def _thread(call: Call, channels: list[Channel]) -> str | None:
    thread_ts = call.text("thread_ts")
    if not thread_ts or not channels:
        return None
    parent = call.world.message(channels[0].id, thread_ts)
    if parent is None or parent.ephemeral_for:
        raise ApiError("thread_not_found")
    return parent.thread_ts or parent.ts


def _wrong(problem: str, pointer: str) -> ApiError:
    return ApiError("invalid_arguments", f"[ERROR] {problem} [json-pointer:{pointer}]")


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
}
