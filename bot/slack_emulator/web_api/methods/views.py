"""`views.*`, `users.info`, `auth.test`, `apps.connections.open`, `functions.*`."""

from typing import cast

from bot.slack_emulator.block_kit.blocks import check_message, check_view
from bot.slack_emulator.models import ApiError, Json
from bot.slack_emulator.payloads import user_json, view_json
from bot.slack_emulator.state.context import Call, Method
from bot.slack_emulator.state.workflow_steps import COMPLETED, FAILED
from bot.slack_emulator.web_api.methods.files import check_file_scope


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
    settings = cast("Json", call.json("manifest", "invalid_manifest"))["settings"]
    if not (settings["socket_mode_enabled"] or settings["event_subscriptions"].get("request_url")):
        error = {"pointer": "/settings/event_subscriptions", "message": "Requires a request URL or Socket Mode"}
        raise ApiError("invalid_manifest", errors=[error])
    return {"errors": []}


def blocks_validate(call: Call) -> Json:
    """`blocks.validate`: blocks or a view, checked as where they are sent."""
    try:
        if call.text("view"):
            check_view(call.json("view", "invalid_view"))
        else:
            check_message(call.json("blocks", "invalid_blocks"))
    except ApiError as refusal:
        errors = [{"pointer": "/", "message": message} for message in refusal.messages or (refusal.code,)]
        raise ApiError("invalid_view" if call.text("view") else "invalid_blocks", errors=errors) from refusal
    return {}


def views_open_or_push(call: Call) -> Json:
    source = _source(call)
    trigger, views = call.site.tickets.redeem(call.required("trigger_id")), call.site.views
    if call.method == "views.push":
        return {"view": view_json(call.site, views.push(trigger.user, source))}
    return {"view": view_json(call.site, views.open(trigger.user, source, trigger.channel))}


def views_update(call: Call) -> Json:
    """`views.update` by `view_id`, with `hash` only if nothing changed since."""
    view = call.site.views.find(call.required("view_id"))
    if view is None:
        raise ApiError("not_found")
    with call.world.lock:
        if call.text("hash") not in ("", view.hash):
            raise ApiError("hash_conflict", view=view_json(call.site, view))
        return {"view": view_json(call.site, call.site.views.update(view, _source(call)))}


def views_publish(call: Call) -> Json:
    return {"view": view_json(call.site, call.site.views.publish(call.user("user_id").id, _source(call)))}


def users_info(call: Call) -> Json:
    user = call.user("user")
    shape = user_json(user, call.world.team, met=call.world.meets_bot(user.id))
    if not call.flag("include_locale"):
        shape.pop("locale", None)
    return {"user": shape}


def complete_step(call: Call) -> Json:
    """`functions.completeSuccess` with outputs, `functions.completeError` with a sentence."""
    run = call.site.steps.running(call.required("function_execution_id"))
    if call.method == "functions.completeError":
        run.error, run.state = call.required("error"), FAILED
    else:
        run.outputs, run.state = _object(call, "outputs"), COMPLETED
    return {}


def _object(call: Call, name: str) -> Json:
    value = call.json(name, "invalid_arguments")
    if not isinstance(value, dict):
        raise ApiError("invalid_arguments", f"[ERROR] missing required field: {name} [json-pointer:/{name}]")
    return value


def _source(call: Call) -> Json:
    value = _object(call, "view")
    check_file_scope(call, check_view(value))
    return value


METHODS: dict[str, Method] = {
    "auth.test": auth_test,
    "apps.connections.open": connections_open,
    "apps.manifest.validate": manifest_validate,
    "blocks.validate": blocks_validate,
    "views.open": views_open_or_push,
    "views.push": views_open_or_push,
    "views.update": views_update,
    "views.publish": views_publish,
    "users.info": users_info,
    "functions.completeSuccess": complete_step,
    "functions.completeError": complete_step,
}
