"""Several workspaces behind one address, as behind slack.com: where an app is installed, and whose token a call has."""

import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from urllib.parse import urlencode

from aiohttp import BasicAuth, web

from bot.slack_emulator.models import Json
from bot.slack_emulator.traffic_log import ApiCall
from bot.slack_emulator.users.user import SlackEmulator
from bot.slack_emulator.web.server import EmulatorServer, arguments
from bot.slack_emulator.web_api.router import ApiAnswer

ACCESS = "oauth.v2.access"
ORGANISATION: Json = {"id": "E0LOOP", "name": "Aid organisation"}
PAGE = "<!doctype html><html lang=en><title>Install</title><h1>Install the app</h1>{}</html>"
FORM = (
    "<form method=post action=/oauth/v2/allow><input type=hidden name=state value='{state}'><input type=hidden name=scope "
    "value='{scope}'><button name=team value='{team}'>Allow in {name}</button></form>"
)


@dataclass(slots=True)
class WorkspaceDirectory:
    """An app that workspaces install; with ``organisation`` it is installed for all those of one at once."""

    workspaces: Sequence[SlackEmulator]
    client_id: str = "1.2"
    client_secret: str = "emulator-client-secret"  # noqa: S105 - made up, good for the emulator only
    redirect_url: str = ""
    organisation: bool = False
    _codes: dict[str, tuple[SlackEmulator, str]] = field(default_factory=dict)
    _gone: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allow(self, team_id: str, scope: str) -> str:
        code = secrets.token_hex(8)
        with self._lock:
            self._codes[code] = (self.workspace(team_id), scope)
        return code

    def access(self, code: str, client_id: str, client_secret: str) -> Json:
        if (client_id, client_secret) != (self.client_id, self.client_secret):
            return _refused("bad_client_secret" if client_id == self.client_id else "invalid_client_id")
        with self._lock:
            slack, scope = self._codes.pop(code, (None, ""))
        if slack is None:
            return _refused("invalid_code")
        token = f"xoxb-{slack.store.team.id}-{secrets.token_hex(12)}"
        self.retire(slack)
        slack.app = replace(slack.app, bot_token=token, scopes=frozenset(scope.split(",")))
        team = slack.store.team
        installer = next(user.id for user in slack.store.users.values() if user.is_admin)
        return {
            "ok": True,
            "app_id": slack.app.app_id,
            "authed_user": {"id": installer},
            "scope": scope,
            "token_type": "bot",
            "access_token": token,
            "bot_user_id": slack.app.bot_user,
            "team": None if self.organisation else {"id": team.id, "name": team.name},
            "enterprise": ORGANISATION if self.organisation else None,
            "is_enterprise_install": self.organisation,
        }

    def uninstall(self, team_id: str) -> None:
        slack = self.workspace(team_id)
        self.retire(slack)
        slack.event({"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [slack.app.bot_user]}})
        slack.event({"type": "app_uninstalled"})

    def workspace(self, team_id: str) -> SlackEmulator:
        return next(each for each in self.workspaces if each.store.team.id == team_id)

    def call(self, method: str, args: Mapping[str, object], token: str) -> ApiAnswer:
        if token in self._gone:
            return ApiAnswer(200, _refused("account_inactive"))
        own = (each for each in self.workspaces if token in {each.app.bot_token, each.app.app_token})
        return next(own, self.workspaces[0]).call(method, args, token)

    def retire(self, slack: SlackEmulator) -> None:
        self._gone.add(slack.app.bot_token)
        slack.app = replace(slack.app, bot_token="xoxb-not-installed-" + slack.store.team.id)


class DirectoryServer(EmulatorServer):
    """Serves the first workspace of a directory, the API for all, and the page where an app is allowed."""

    def __init__(self, directory: WorkspaceDirectory, port: int = 0) -> None:
        super().__init__(directory.workspaces[0], port, page=False)
        self.directory = directory

    def call(self, method: str, args: Mapping[str, object], token: str) -> ApiAnswer:
        return self.directory.call(method, args, token)

    def add_routes(self, app: web.Application) -> None:
        app.router.add_post(f"/api/{ACCESS}", self._access)
        app.router.add_get("/oauth/v2/authorize", self._authorize)
        app.router.add_post("/oauth/v2/allow", self._allow)
        super().add_routes(app)

    async def _access(self, request: web.Request) -> web.StreamResponse:
        args = await arguments(request)
        given = BasicAuth.decode(request.headers["Authorization"])
        answer = self.directory.access(str(args.get("code", "")), given.login, given.password)
        error = "" if answer["ok"] else answer["error"]
        kept = {key: value for key, value in args.items() if key not in {"code", "client_secret"}}
        self.slack.traffic_log.add(ApiCall(self.slack.store.clock(), ACCESS, kept, 200, {"ok": answer["ok"]}, error))
        return await self._answered(request, ApiAnswer(200, answer))

    async def _authorize(self, request: web.Request) -> web.StreamResponse:
        asked = request.query
        asking = {key: escape(asked.get(key, "")) for key in ("state", "scope")}
        teams = [each.store.team for each in self.directory.workspaces]
        forms = [FORM.format(**asking, team=team.id, name=escape(team.name)) for team in teams]
        return web.Response(text=PAGE.format("".join(forms)), content_type="text/html")

    async def _allow(self, request: web.Request) -> web.StreamResponse:
        chosen = await request.post()
        code = self.directory.allow(str(chosen["team"]), str(chosen["scope"]))
        back = urlencode({"code": code, "state": str(chosen["state"])})
        raise web.HTTPFound(f"{self.directory.redirect_url}?{back}")


def _refused(code: str) -> Json:
    return {"ok": False, "error": code}
