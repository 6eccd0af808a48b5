"""The page for people: server-rendered HTML; what they do goes through `people.py`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from aiohttp import web
from yarl import URL

from bot.slack_emulator.block_kit.state_values import UserActionError
from bot.slack_emulator.formatting.translations import translator
from bot.slack_emulator.users.user import SimulatedUser, SlackEmulator
from bot.slack_emulator.web.file_routes import FileRoutes
from bot.slack_emulator.web.form_actions import Form, FormActions, read_form
from bot.slack_emulator.web.inspector_page import InspectorRoutes
from bot.slack_emulator.web.rendering import HEADERS, HERE, Location, PageContext, environment, first_channel, stream

Result = TypeVar("Result")
_WORKERS = 16


class PageRoutes:
    """Routes of the page. Acts wait for the bot, so they run in threads of their own."""

    def __init__(self, slack: SlackEmulator) -> None:
        self._slack = slack
        self._envs = {language: environment(language) for language in ("en", "ko")}
        self._acts = FormActions(slack)
        self._pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="emulator-page")
        self._ending = asyncio.Event()

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/", self._start)
        app.router.add_get("/as/{user}/c/{channel}", self._show)
        app.router.add_get("/as/{user}/home", self._show)
        app.router.add_get("/as/{user}/news", self._news)
        app.router.add_get("/as/{user}/options", self._options)
        for act in (self._acts.send, self._acts.act, self._acts.shortcut, self._acts.dismiss):
            app.router.add_post(f"/as/{{user}}/{act.__name__}", partial(self._act, act))
        app.router.add_post("/start-over", self._start_over)
        app.router.add_static("/static", HERE / "static")
        app.router.add_get("/as/{user}/files/{file}", FileRoutes(self._slack).view)
        InspectorRoutes(self._slack, self._envs["en"], self._ending).add_routes(app)
        app.on_shutdown.append(self._end)

    async def _end(self, _app: web.Application) -> None:
        self._ending.set()
        self._pool.shutdown(wait=False)

    async def _start(self, _request: web.Request) -> web.StreamResponse:
        with self._slack.store.lock:
            user = next(user.id for user in self._slack.store.users.values() if not user.is_bot)
        raise web.HTTPSeeOther(Location(user, first_channel(self._slack.store, user)).address)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        """The page; without `quiet` going to a tab of the app tells the bot."""
        place = self._place(request)
        person = self._slack.person(place.user)
        channel = self._slack.store.channels.get(place.channel)
        tab = "home" if channel is None else "messages" if channel.is_im else ""
        if tab and "quiet" not in request.query:
            await self._do(lambda: person.open_home(tab))
        if place.channel:
            self._slack.store.mark_read(place.user, place.channel)
        seen = PageContext(self._slack, place).page(request.query.get("note", ""))
        html = self._envs[person.language].get_template("page.html").render(seen)
        return web.Response(text=html, content_type="text/html", headers=HEADERS)

    async def _options(self, request: web.Request) -> web.StreamResponse:
        person = self._person(request)
        surface, query = request.query["surface"], request.query.get("q", "")
        try:
            found = await self._do(lambda: self._acts.offer(person, surface, request.query["part"], query))
        except UserActionError:
            found = []
        return web.json_response(found, headers=HEADERS)

    async def _news(self, request: web.Request) -> web.StreamResponse:
        self._person(request)
        version = self._slack.store.version
        return await stream(request, self._ending, lambda: self._slack.store.version, version)

    async def _start_over(self, _request: web.Request) -> web.StreamResponse:
        if self._slack.start_over is None:
            raise web.HTTPNotFound(text="nobody here can start over")
        await self._do(self._slack.start_over)
        raise web.HTTPSeeOther("/")

    async def _act(self, act: Callable[[SimulatedUser, Form], None], request: web.Request) -> web.StreamResponse:
        person, form = self._person(request), await read_form(request)
        back, query = str(form["back"]), {"quiet": "1"}
        try:
            await self._do(lambda: act(person, form))
        except UserActionError as refusal:
            query["note"] = translator(person.language)(str(refusal))
        raise web.HTTPSeeOther(URL(back if back.startswith("/as/") else "/").update_query(query))

    async def _do(self, act: Callable[[], Result]) -> Result:
        return await asyncio.get_running_loop().run_in_executor(self._pool, act)

    def _person(self, request: web.Request) -> SimulatedUser:
        try:
            return self._slack.person(request.match_info["user"])
        except KeyError:
            raise web.HTTPNotFound(text="nobody has this id") from None

    def _place(self, request: web.Request) -> Location:
        person = self._person(request)
        channel_id = request.match_info.get("channel", "")
        channel = self._slack.store.channels.get(channel_id)
        if channel_id and (channel is None or person.id not in channel.members):
            raise web.HTTPNotFound(text="this person is in no such channel")
        return Location(person.id, channel_id, request.query.get("thread", ""))
