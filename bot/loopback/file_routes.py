"""Files over HTTP: the addresses that uploads go to, and those that files come from."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.loopback.files import File
from bot.loopback.model import ApiError
from bot.loopback.slack import Slack
from bot.loopback.slack_files import shown_to

_ENVELOPE = 64 * 1024
_SIGN_IN = "<!doctype html><html lang=en><title>Sign in</title><h1>Sign in to the workspace</h1></html>"
_REFUSED = {"invalid_upload_url": 404, "length_mismatch": 400}
_TOO_LARGE = 413


def add_file_routes(app: web.Application, slack: Slack) -> None:
    """Put in: upload addresses, and `url_private` for those who have a token."""

    async def upload(request: web.Request) -> web.StreamResponse:
        ticket = slack.world.files.waiting(request.match_info["ticket"])
        if ticket is None:
            return web.Response(status=404, text="this upload address is unknown or was used")
        try:
            data = await _body(request, ticket.length)
            slack.world.files.receive(ticket.id, data)
        except ApiError as refusal:
            text = " ".join([refusal.code, *refusal.messages])
            return web.Response(status=_REFUSED.get(refusal.code, _TOO_LARGE), text=text)
        return web.Response(text=f"OK - {len(data)}")

    async def private(request: web.Request) -> web.StreamResponse:
        if not _may_read(slack, request.headers):
            raise web.HTTPFound(f"/signin?{urlencode({'redir': request.path})}")
        try:
            file = slack.world.files.find(request.match_info["ref"].rpartition("-")[2])
        except ApiError:
            return _gone()
        return served(file) if slack.world.files.can_see(slack.app.bot_user, file) else _gone()

    async def sign_in(_request: web.Request) -> web.StreamResponse:
        return web.Response(text=_SIGN_IN, content_type="text/html")

    app.router.add_post("/upload/v1/{ticket}", upload)
    app.router.add_get("/files-pri/{ref}/{name}", private)
    app.router.add_get("/files-pri/{ref}/download/{name}", private)
    app.router.add_get("/signin", sign_in)


def add_file_view(app: web.Application, slack: Slack) -> None:
    """Put in where the page draws and downloads files: for those who may see them."""

    async def view(request: web.Request) -> web.StreamResponse:
        user = request.match_info["user"]
        try:
            file = slack.world.files.find(request.match_info["file"])
        except ApiError:
            return _gone()
        if user not in slack.world.users or not _may_see(slack, user, file):
            return _gone()
        return served(file, {"Cache-Control": "private, max-age=300"}, download="download" in request.query)

    app.router.add_get("/as/{user}/files/{file}", view)


def served(file: File, headers: Mapping[str, str] | None = None, *, download: bool = False) -> web.Response:
    """A file's bytes. Only pictures keep their type and may be drawn; the rest is downloaded as it is."""
    drawn = file.kind.picture and not download
    way = "inline" if drawn else "attachment"
    safe = {
        **(headers or {}),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f"{way}; filename*=UTF-8''{quote(file.name, safe='')}",
        "Content-Type": file.kind.mimetype,
    }
    return web.Response(body=file.data, headers=safe)


async def _body(request: web.Request, length: int) -> bytes:
    """The bytes of an upload, raw or as the file of a form. Raises HTTPRequestEntityTooLarge."""
    larger = request.clone(client_max_size=length + _ENVELOPE)
    if not request.content_type.startswith("multipart/"):
        return await larger.read()
    form = await larger.post()
    picked = [value for value in form.values() if isinstance(value, web.FileField)]
    try:
        return picked[0].file.read() if picked else b""
    finally:
        for field in picked:
            field.file.close()


def _may_see(slack: Slack, user: str, file: File) -> bool:
    return slack.world.files.can_see(user, file) or shown_to(slack, user, file)


def _may_read(slack: Slack, headers: Mapping[str, str]) -> bool:
    """Whether a request carries the app's token, and the app has the scope."""
    scheme, _, token = headers.get("Authorization", "").partition(" ")
    scopes = slack.app.scopes
    return scheme == "Bearer" and token == slack.app.bot_token and (scopes is None or "files:read" in scopes)


def _gone() -> web.Response:
    return web.Response(status=404, text="<!doctype html><title>File not found</title>", content_type="text/html")
