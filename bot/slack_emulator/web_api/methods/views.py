"""`views.*`, `files.*`, `users.info`, `auth.test`, `apps.connections.open`, `functions.*`."""

from bot.slack_emulator.block_kit.blocks import check_message, check_view
from bot.slack_emulator.models import ApiError, Json
from bot.slack_emulator.payloads import file_json, share_files, user_json, view_json
from bot.slack_emulator.state.context import COMPLETED, FAILED, Call

ALT_TEXT = 1000


def auth_test(call: Call) -> Json:
    team, app = call.world.team, call.site.app
    return {
        "url": call.site.base_url + "/",
        "team": team.name,
        "team_id": team.id,
        "user": call.world.users[app.bot_user].name,
        "user_id": app.bot_user,
        "bot_id": app.bot_id,
        "is_enterprise_install": False,
    }


def connections_open(call: Call) -> Json:
    address = call.site.base_url.replace("http://", "ws://")
    return {"url": f"{address}/socket?ticket={call.world.number()}&app_id={call.site.app.app_id}"}


def manifest_validate(call: Call) -> Json:
    """`apps.manifest.validate`: only that events have a way to reach the app."""
    settings = call.json("manifest")["settings"]
    if not (settings["socket_mode_enabled"] or settings["event_subscriptions"].get("request_url")):
        error = {"pointer": "/settings/event_subscriptions", "message": "Requires a request URL or Socket Mode"}
        raise ApiError("invalid_manifest", errors=[error])
    return {"errors": []}


def blocks_validate(call: Call) -> Json:
    """`blocks.validate`: blocks or a view, checked as where they are sent."""
    try:
        if call.text("view"):
            check_view(call.json("view"))
        else:
            check_message(call.json("blocks"))
    except ApiError as refusal:
        errors = [{"pointer": "/", "message": message} for message in refusal.messages or (refusal.code,)]
        raise ApiError("invalid_view" if call.text("view") else "invalid_blocks", errors=errors) from refusal
    return {}


def views_open_or_push(call: Call) -> Json:
    source = check_view(call.json("view"))
    trigger, views = call.site.tickets.redeem(call.required("trigger_id")), call.site.views
    pushed = call.method == "views.push"
    view = views.push(trigger.user, source) if pushed else views.open(trigger.user, source, trigger.channel)
    return {"view": view_json(call.site, view)}


def views_update(call: Call) -> Json:
    """`views.update` by `view_id`, with `hash` only if nothing changed since."""
    view = call.site.views.current(call.required("view_id"))
    with call.world.lock:
        if call.text("hash") not in ("", view.hash):
            raise ApiError("hash_conflict", view=view_json(call.site, view))
        return {"view": view_json(call.site, call.site.views.update(view, call.json("view")))}


def views_publish(call: Call) -> Json:
    return {"view": view_json(call.site, call.site.views.publish(call.user("user_id").id, call.json("view")))}


def users_info(call: Call) -> Json:
    user = call.user("user")
    shape = user_json(user, call.world.team, met=call.world.meets_bot(user.id))
    if not call.flag("include_locale"):
        shape.pop("locale", None)
    return {"user": shape}


def complete_step(call: Call) -> Json:
    """`functions.completeSuccess` with outputs, `functions.completeError` with a sentence."""
    run = call.site.steps[call.required("function_execution_id")]
    if call.method == "functions.completeError":
        run.error, run.state = call.required("error"), FAILED
    else:
        run.outputs, run.state = call.json("outputs"), COMPLETED
    return {}


def get_upload_url(call: Call) -> Json:
    if len(call.text("alt_txt")) > ALT_TEXT:
        raise ApiError("alt_txt_too_large")
    file = call.world.files.begin(call.site.app.bot_user, call.required("filename"), call.text("alt_txt"))
    return {"upload_url": f"{call.site.base_url}/upload/v1/{file.id}", "file_id": file.id}


def complete_upload(call: Call) -> Json:
    channel, bot = call.own_channel("channel_id"), call.site.app.bot_user
    with call.world.lock:
        files = [call.world.files.complete(each["id"], each.get("title", "")) for each in call.json("files")]
        share_files(call.site, files, channel.id, bot, text=call.text("initial_comment"))
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def file_info(call: Call) -> Json:
    file = call.world.files.find(call.required("file"))
    if not call.world.can_see_file(call.site.app.bot_user, file):
        raise ApiError("not_visible")
    return {"file": file_json(call.site, file)}
