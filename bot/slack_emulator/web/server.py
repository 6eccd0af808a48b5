"""The HTTP server of the emulator, in a thread of its own, on 127.0.0.1 only."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from email.utils import formatdate
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web

from bot.slack_emulator.transport.delivery import LOOPBACK
from bot.slack_emulator.transport.socket_mode import EmulatedSocketMode
from bot.slack_emulator.users.user import SlackEmulator
from bot.slack_emulator.web.file_routes import FileRoutes
from bot.slack_emulator.web.page import PageRoutes
from bot.slack_emulator.web_api.router import ApiAnswer

LARGEST_BODY = 8 * 1024 * 1024
START_SECONDS = 10.0
READING = {
    *("auth.test", "conversations.history", "conversations.info", "conversations.replies"),
    *("files.info", "users.info"),
}
"""The methods that take GET: those that write do not, since any page can have a picture with such an address."""


class EmulatorServer:
    """Serves a Slack: `/api/{method}`, `/socket`, `/response/{id}`, files and, with `page`, the page for people.

    Port 0 takes a free one. Until something else is set, the Slack delivers by Socket Mode (`socket`).
    """

    def __init__(self, slack: SlackEmulator, port: int = 0, *, page: bool = True) -> None:
        self.slack = slack
        self.port = port
        self.socket = EmulatedSocketMode(slack.store)
        self._page = page
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._started: Future[None] = Future()
        self._done: asyncio.Event | None = None
        if slack.delivery is None:
            slack.delivery = self.socket

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def base_url(self) -> str:
        return f"{self.url}/api/"

    def __enter__(self) -> Self:
        """Listen; returns when the port is open. Raises OSError when it is taken."""
        self._thread = threading.Thread(target=self._run, name="emulator-server", daemon=True)
        self._thread.start()
        self._started.result(START_SECONDS)
        return self

    def __exit__(self, *_: object) -> None:
        if self._loop is not None and self._done is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._done.set)
            self._thread.join(START_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._started.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._done = asyncio.get_running_loop(), asyncio.Event()
        app = web.Application(client_max_size=LARGEST_BODY, middlewares=[only_this_machine])
        self.add_routes(app)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await runner.setup()
        try:
            site = web.TCPSite(runner, "127.0.0.1", self.port)
            await site.start()
            self.port = runner.addresses[0][1]
            self.slack.base_url = self.url
            self._started.set_result(None)
            await self._done.wait()
            await self.socket.close()
        finally:
            await runner.cleanup()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_post("/response/{id}", self._response)
        app.router.add_get("/socket", self.socket.handle)
        FileRoutes(self.slack).add(app)
        if self._page:
            PageRoutes(self.slack).add_routes(app)

    def call(self, method: str, args: Mapping[str, object], token: str) -> ApiAnswer:
        return self.slack.call(method, args, token)

    async def _api(self, request: web.Request) -> web.StreamResponse:
        args = await arguments(request)
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        token = token if scheme == "Bearer" else str(args.get("token", ""))
        method = request.match_info["method"]
        if request.method != "POST" and method not in READING:
            raise web.HTTPMethodNotAllowed(request.method, ["POST"])
        fault = self.slack.faults.next_is(method, str(args.get("channel", "")))
        if fault is not None and fault.when == "delay_before":
            await asyncio.sleep(fault.seconds)
        answer = self.call(method, args, token)
        return await self._answered(request, answer)

    async def _response(self, request: web.Request) -> web.StreamResponse:
        payload = await arguments(request)
        fault = self.slack.faults.take("response_url")
        if fault is not None and not fault.handles:
            status, body = fault.status, fault.code
        else:
            status, body = self.slack.respond(request.match_info["id"], dict(payload))
        if fault is None:
            return web.Response(status=status, text=body)
        return await self._answered(request, ApiAnswer(status, {"ok": body == "ok", "error": body}, fault=fault))

    async def _answered(self, request: web.Request, answer: ApiAnswer) -> web.StreamResponse:
        """Return the answer over HTTP, spoilt as its fault says, with the date of the emulator's clock."""
        when = answer.fault.when if answer.fault else None
        if answer.fault and when == "delay_after":
            await asyncio.sleep(answer.fault.seconds)
        if when in ("drop_before", "drop_after"):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        if when in ("malformed", "malformed_before"):
            return web.Response(text='{"ok": tru', content_type="application/json")
        headers = {**answer.headers, "Date": formatdate(self.slack.store.clock(), usegmt=True)}
        return web.json_response(answer.body, status=answer.status, headers=headers)


@web.middleware
async def only_this_machine(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Keep other sites' pages out, from the page and from the API: the host must be this machine's, an origin this page.

    From elsewhere a link may lead to the page, nothing more.
    """
    host = urlsplit(f"//{request.host}").hostname
    origin = request.headers.get("Origin", "")
    foreign = request.headers.get("Sec-Fetch-Site") == "cross-site"
    link = request.method == "GET" and request.headers.get("Sec-Fetch-Mode") == "navigate"
    within = request.path.startswith("/api/") or not link
    if host not in LOOPBACK or (origin and urlsplit(origin).netloc != request.host) or (foreign and within):
        raise web.HTTPForbidden(text="this page is for this machine only")
    response: web.StreamResponse = await handler(request)
    return response


async def arguments(request: web.Request) -> Mapping[str, object]:
    body = await request.text()
    sent = (
        json.loads(body or "{}")
        if request.content_type == "application/json"
        else parse_qsl(body, keep_blank_values=True)
    )
    return {**request.query, **dict(sent)}
