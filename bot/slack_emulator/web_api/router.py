"""The Web API: who may call what, and the shape of an answer. HTTP is `server.py`'s business."""

import math
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.slack_emulator.faults import Fault, Faults, When
from bot.slack_emulator.models import ApiError, Json
from bot.slack_emulator.state.context import Call, Method, WorkspaceContext
from bot.slack_emulator.traffic_log import ApiCall, TrafficLog
from bot.slack_emulator.web_api.methods import chat, conversations, files, views
from bot.slack_emulator.web_api.scopes import scopes_for

METHODS: dict[str, Method] = {
    **views.METHODS,
    **chat.METHODS,
    **conversations.METHODS,
    **files.METHODS,
}
_PACED = {"chat.postMessage"}
_MINUTE = 60.0


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
        self._lately: deque[float] = deque()
        self._pace_lock = threading.Lock()

    def call(self, method: str, args: Mapping[str, Any], token: str = "") -> ApiAnswer:
        """Carry out a method for the holder of a token, faults included, and note it."""
        fault = self._faults.take(method, str(args.get("channel", "")))
        answer = self._fail(fault) if fault and not fault.handles else self._carry_out(method, args, token)
        if fault:
            answer = ApiAnswer(answer.status, answer.body, answer.headers, fault)
        error = "" if answer.body["ok"] else str(answer.body["error"])
        at = self._site.store.clock()
        kept = {key: value for key, value in args.items() if key != "token"}
        self._inspector.called(
            ApiCall(at, method, kept, answer.status, answer.body, error, fault.when if fault else ""),
        )
        return answer

    @staticmethod
    def _fail(fault: Fault) -> ApiAnswer:
        body: Json = {"ok": False, "error": fault.code}
        if fault.when is When.RATE_LIMIT:
            return ApiAnswer(429, body, {"Retry-After": str(int(fault.seconds))})
        return ApiAnswer(fault.status, body)

    def _carry_out(self, method: str, args: Mapping[str, Any], token: str) -> ApiAnswer:
        try:
            self._authorise(method, args, token)
            wait = self._too_early(str(args.get("channel", ""))) if method in _PACED else 0
            if wait:
                return ApiAnswer(429, {"ok": False, "error": "ratelimited"}, {"Retry-After": str(wait)})
            result = METHODS[method](Call(self._site, method, args))
        except ApiError as refusal:
            body: Json = {"ok": False, "error": refusal.code, **refusal.extra}
            if refusal.messages:
                body["response_metadata"] = {"messages": list(refusal.messages)}
            return ApiAnswer(200, body, self._scope_header())
        return ApiAnswer(200, {"ok": True, **result}, self._scope_header())

    def _authorise(self, method: str, args: Mapping[str, Any], token: str) -> None:
        """Raise ApiError unless there is such a method and the token's holder may use it."""
        app = self._site.app
        if method not in METHODS:
            raise ApiError("unknown_method", req_method=method)
        if not token:
            raise ApiError("not_authed")
        if token not in (app.bot_token, app.app_token):
            raise ApiError("invalid_auth")
        if (method == "apps.connections.open") != (token == app.app_token):
            raise ApiError("not_allowed_token_type")
        wanted = scopes_for(method, args, self._site.store)
        if wanted and app.scopes is not None and not wanted & app.scopes:
            needed = ",".join(sorted(wanted))
            raise ApiError("missing_scope", needed=needed, provided=",".join(sorted(app.scopes)))

    def _scope_header(self) -> dict[str, str]:
        scopes = self._site.app.scopes
        return {} if scopes is None else {"X-OAuth-Scopes": ",".join(sorted(scopes))}

    def _too_early(self, channel: str) -> int:
        """Seconds until a channel may get a message; 0: now, and this one counts."""
        now, settings = self._site.store.clock(), self._site.settings
        with self._pace_lock:
            while self._lately and now - self._lately[0] >= _MINUTE:
                self._lately.popleft()
            if settings.pace and now - self._posted.get(channel, now - 1) < 1:
                return 1
            if settings.a_minute and len(self._lately) >= settings.a_minute:
                return math.ceil(self._lately[0] + _MINUTE - now)
            self._posted[channel] = now
            if settings.a_minute:
                self._lately.append(now)
            return 0
