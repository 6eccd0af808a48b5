"""`files.*`: upload in three steps, and look up."""

from bot.slack_emulator.models import ApiError, Json
from bot.slack_emulator.payloads import file_json, share_files
from bot.slack_emulator.state.context import Call, Method

ALT_TEXT = 1000


def get_upload_url(call: Call) -> Json:
    name = call.required("filename")
    length = call.number("length", 0)
    if length <= 0:
        raise ApiError("missing_argument")
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    file = call.world.files.begin(call.site.app.bot_user, name, length, call.text("alt_txt"))
    return {"upload_url": f"{call.site.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    asked = _asked(call)
    channel = call.own_channel("channel_id")
    if channel.archived:
        raise ApiError("posting_to_channel_denied")
    bot = call.site.app.bot_user
    with call.world.lock:
        files = [call.world.files.complete(file_id, title) for file_id, title in asked.items()]
        share_files(call.site, files, channel.id, bot, text=call.text("initial_comment"))
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def info(call: Call) -> Json:
    file = call.world.files.find(call.required("file"))
    if not call.world.can_see_file(call.site.app.bot_user, file):
        raise ApiError("not_visible")
    return {"file": file_json(call.site, file)}


def check_file_scope(call: Call, view: Json) -> None:
    scopes = call.site.app.scopes
    picks = any(block.get("element", {}).get("type") == "file_input" for block in view["blocks"])
    if picks and scopes is not None and "files:read" not in scopes:
        raise ApiError("missing_scope", needed="files:read", provided=",".join(sorted(scopes)))


def _asked(call: Call) -> dict[str, str]:
    value = call.json("files", "invalid_arguments")
    if not isinstance(value, list) or not value or any("id" not in entry for entry in value):
        raise ApiError("invalid_arguments", "[ERROR] missing required field: id [json-pointer:/files]")
    return {entry["id"]: str(entry.get("title") or "") for entry in value}


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": get_upload_url,
    "files.completeUploadExternal": complete_upload,
    "files.info": info,
}
