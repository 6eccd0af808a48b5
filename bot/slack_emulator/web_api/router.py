"""The Web API: who may call what, and the shape of an answer. HTTP is `server.py`'s business."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot.slack_emulator.faults import Fault, Faults
from bot.slack_emulator.models import ApiError, ChannelKind, Json
from bot.slack_emulator.state.context import Call, Method, WorkspaceContext
from bot.slack_emulator.state.installation import CONFIG_TOKEN
from bot.slack_emulator.state.store import Store
from bot.slack_emulator.traffic_log import ApiCall, TrafficLog
from bot.slack_emulator.web_api.methods import chat, views

PREFIXES = {ChannelKind.PUBLIC: "channels", ChannelKind.PRIVATE: "groups", ChannelKind.IM: "im"}
# The methods with the scope that each needs, whose * stands for the kind of conversation.
METHODS: dict[str, tuple[Method, str]] = {
    "apps.connections.open": (views.connections_open, ""),
    "apps.manifest.validate": (views.manifest_validate, ""),
    "auth.test": (views.auth_test, ""),
    "blocks.validate": (views.blocks_validate, ""),
    "chat.postMessage": (chat.post_message, "chat:write"),
    "chat.update": (chat.update, "chat:write"),
    "conversations.history": (chat.history, "*:history"),
    "conversations.info": (chat.info, "*:read"),
    "conversations.join": (chat.join, "channels:join"),
    "conversations.open": (chat.opened, "im:write"),
    "conversations.replies": (chat.replies, "*:history"),
    "files.completeUploadExternal": (views.complete_upload, "files:write"),
    "files.getUploadURLExternal": (views.get_upload_url, "files:write"),
    "files.info": (views.file_info, "files:read"),
    "functions.completeError": (views.complete_step, ""),
    "functions.completeSuccess": (views.complete_step, ""),
    "pins.add": (chat.pin_or_unpin, "pins:write"),
    "pins.remove": (chat.pin_or_unpin, "pins:write"),
    "users.info": (views.users_info, "users:read"),
    "views.open": (views.views_open_or_push, ""),
    "views.publish": (views.views_publish, ""),
    "views.push": (views.views_open_or_push, ""),
    "views.update": (views.views_update, ""),
}


@dataclass(frozen=True, slots=True)
class ApiAnswer:
    """An HTTP answer of the Web API. `fault` tells the server what else to do to it."""

    status: int
    body: Json
    headers: dict[str, str] = field(default_factory=dict)
    fault: Fault | None = None


class WebApi:
    """Carries out methods, in any thread."""

    def __init__(self, site: WorkspaceContext, faults: Faults, inspector: TrafficLog) -> None:
        self._site = site
        self._faults = faults
        self._inspector = inspector
        self._posted: dict[str, float] = {}
        self._pace_lock = threading.Lock()

    def call(self, method: str, args: Mapping[str, object], token: str = "") -> ApiAnswer:
        fault = self._faults.take(method, str(args.get("channel", "")))
        if fault and not fault.handles:
            retry = {"Retry-After": str(int(fault.seconds))} if fault.when == "rate_limit" else {}
            answer = ApiAnswer(fault.status, {"ok": False, "error": fault.code}, retry)
        else:
            answer = self._carry_out(method, args, token)
        error = "" if answer.body["ok"] else str(answer.body["error"])
        kept, at = {key: value for key, value in args.items() if key != "token"}, self._site.store.clock()
        self._inspector.add(ApiCall(at, method, kept, answer.status, answer.body, error, fault.when if fault else ""))
        return replace(answer, fault=fault)

    def _carry_out(self, method: str, args: Mapping[str, object], token: str) -> ApiAnswer:
        try:
            self._authorise(method, args, token)
            if method == "chat.postMessage" and self._too_early(str(args.get("channel", ""))):
                return ApiAnswer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": "1"})
            result = METHODS[method][0](Call(self._site, method, args))
        except ApiError as refusal:
            told = {"response_metadata": {"messages": list(refusal.messages)}} if refusal.messages else {}
            result = {"ok": False, "error": refusal.code, **refusal.extra, **told}
        scopes = self._site.app.scopes
        headers = {} if scopes is None else {"X-OAuth-Scopes": ",".join(sorted(scopes))}
        return ApiAnswer(200, {"ok": True, **result}, headers)

    def _authorise(self, method: str, args: Mapping[str, object], token: str) -> None:
        app = self._site.app
        if method not in METHODS:
            raise ApiError("unknown_method", req_method=method)
        if token not in (app.bot_token, app.app_token, CONFIG_TOKEN):
            raise ApiError("invalid_auth")
        tokens = {"apps.connections.open": app.app_token, "apps.manifest.validate": CONFIG_TOKEN}
        if token != tokens.get(method, app.bot_token):
            raise ApiError("not_allowed_token_type")
        wanted = scopes_for(method, args, self._site.store)
        if wanted and app.scopes is not None and not wanted & app.scopes:
            needed = ",".join(sorted(wanted))
            raise ApiError("missing_scope", needed=needed, provided=",".join(sorted(app.scopes)))

    def _too_early(self, channel: str) -> bool:
        """Return True while a channel may not get another message; False: now, and this one counts."""
        now = self._site.store.clock()
        with self._pace_lock:
            if self._site.limits.pace and now - self._posted.get(channel, now - 1) < 1:
                return True
            self._posted[channel] = now
            return False


def scopes_for(method: str, args: Mapping[str, object], world: Store) -> set[str]:
    scope, channel = METHODS[method][1], world.find_channel(str(args.get("channel", "")))
    kinds = [channel.kind] if channel else list(ChannelKind)
    return {scope.replace("*", PREFIXES[kind]) for kind in kinds} if scope else set()
