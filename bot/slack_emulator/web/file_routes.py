"""Files over HTTP: the addresses that uploads go to, and those that files come from."""

from urllib.parse import quote, urlencode

from aiohttp import web

from bot.slack_emulator.models import ApiError, Json
from bot.slack_emulator.state.files import MEBIBYTE, MIMETYPES, PICTURE, File
from bot.slack_emulator.traffic_log import ApiCall
from bot.slack_emulator.users.user import SlackEmulator

LARGEST = 20 * MEBIBYTE


class FileRoutes:
    """The routes of one Slack's files. Who asks for a file shows a token, or is somebody at the page."""

    def __init__(self, slack: SlackEmulator) -> None:
        self._slack = slack
        self._files = slack.store.files

    def add(self, app: web.Application) -> None:
        app.router.add_post("/upload/v1/{file}", self._upload)
        app.router.add_get("/files-pri/{ref}/{name}", self._private)
        app.router.add_get("/files-pri/{ref}/download/{name}", self._private)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        self._files.receive(request.match_info["file"], await request.clone(client_max_size=LARGEST).read())
        at, address = self._slack.store.clock(), Json(address=request.path)
        self._slack.traffic_log.add(ApiCall(at, "upload", address, 200, Json(ok=True)))
        return web.Response(text="OK")

    async def _private(self, request: web.Request) -> web.StreamResponse:
        """The file for the app; whoever has no good token is led to a page to sign in, as by Slack."""
        app = self._slack.app
        may_read = app.scopes is None or "files:read" in app.scopes
        if not may_read or request.headers.get("Authorization") != f"Bearer {app.bot_token}":
            raise web.HTTPFound(f"/signin?{urlencode({'redir': request.path})}")
        return self._found(request.match_info["ref"].rpartition("-")[2], app.bot_user)

    async def view(self, request: web.Request) -> web.StreamResponse:
        file, user = request.match_info["file"], request.match_info["user"]
        return self._found(file, user, download="download" in request.query)

    def _found(self, file_id: str, user: str, *, download: bool = False) -> web.Response:
        try:
            file = self._files.find(file_id)
        except ApiError:
            raise web.HTTPNotFound from None
        if user not in self._slack.store.users or not self._slack.store.can_see_file(user, file):
            raise web.HTTPNotFound
        return served(file, download=download)


def served(file: File, *, download: bool = False) -> web.Response:
    """Return a file's bytes. Only pictures may be drawn; anything else is downloaded, whatever it claims to be."""
    drawn = file.type == PICTURE and not download
    way = "inline" if drawn else "attachment"
    safe = {
        "Cache-Control": "private, max-age=300",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Type": MIMETYPES[file.type],
    }
    return web.Response(body=file.data, headers=safe)
