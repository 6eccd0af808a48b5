"""The inspector's page: envelopes and acks, API calls, and faults, live."""

import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from jinja2 import Environment

from bot.slack_emulator.faults import Fault
from bot.slack_emulator.traffic_log import ApiCall, DeliveryRecord, veiled
from bot.slack_emulator.users.user import SlackEmulator
from bot.slack_emulator.web.rendering import HEADERS, stream

SHOWN = 200
FAULTS: dict[str, Callable[[], Fault]] = {
    "429, Retry-After 5 s": lambda: Fault.rate_limit(5),
    "HTTP 500": lambda: Fault.http(500),
    "HTTP 503": Fault.http,
    "connection breaks before the call": Fault.drop_before,
    "connection breaks after the call": Fault.drop_after,
    "answer after 5 s": lambda: Fault.delay(5),
    "answer is no JSON": Fault.malformed,
    "internal_error": lambda: Fault.error("internal_error"),
}


class InspectorRoutes:
    def __init__(self, slack: SlackEmulator, env: Environment, ending: asyncio.Event) -> None:
        self._slack = slack
        self._log = slack.traffic_log
        self._env = env
        self._ending = ending

    def add_routes(self, app: web.Application) -> None:
        app.router.add_get("/inspector", self._show)
        app.router.add_get("/inspector/rows", self._rows)
        app.router.add_get("/inspector/news", self._news)
        app.router.add_get("/inspector/all.json", self._download)
        app.router.add_post("/inspector", self._order)
        app.router.add_post("/inspector/again/{number}", self._again)

    async def _show(self, request: web.Request) -> web.StreamResponse:
        back = request.query.get("back", "/")
        return self._html(
            "inspector.html",
            request.query,
            methods=sorted(self._slack.counts),
            faults=FAULTS,
            waiting=self._slack.faults.remaining(),
            last=self._log.last,
            team=self._slack.store.team,
            back=back if back.startswith("/as/") else "/",
        )

    async def _rows(self, request: web.Request) -> web.StreamResponse:
        return self._html("inspector_rows.html", request.query)

    async def _news(self, request: web.Request) -> web.StreamResponse:
        """Stream server-sent events, whenever something happened: how many entries there are, how many faults to come."""
        return await stream(request, self._ending, lambda: [self._log.last, self._slack.faults.remaining()])

    async def _download(self, _request: web.Request) -> web.StreamResponse:
        text = _json([_shape(entry) for entry in reversed(self._log.entries())])
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="inspector.json"'}
        return web.Response(text=text, content_type="application/json", headers=headers)

    async def _again(self, request: web.Request) -> web.StreamResponse:
        number = request.match_info["number"]
        found = next((entry for entry in self._log.sent() if str(entry.number) == number), None)
        if found is None:
            raise web.HTTPNotFound(text="this envelope is not kept any more")
        await asyncio.to_thread(self._slack.redeliver, found, found.retry + 1)
        raise web.HTTPSeeOther("/inspector")

    async def _order(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        if form.get("do") == "clear":
            self._log.clear()
        elif form.get("do") == "right":
            self._slack.faults.clear()
        else:
            self._slack.faults.add(str(form["method"]).strip(), FAULTS[str(form["fault"])](), int(str(form["times"])))
        raise web.HTTPSeeOther("/inspector")

    def _html(self, template: str, query: Mapping[str, str], **more: object) -> web.Response:
        """Draw a template with the rows newer than `since` that have a `text` in them: the entry and its JSON."""
        since, text = int(query.get("since", 0)), query.get("text", "").strip()
        shapes = ((entry, _shape(entry)) for entry in self._log.entries() if entry.number > since)
        rows = [(entry, shape, detail) for entry, shape in shapes if text.lower() in (detail := _json(shape)).lower()]
        html = self._env.get_template(template).render(rows=rows[:SHOWN], text=text, **more)
        return web.Response(text=html, content_type="text/html", headers=HEADERS)


def _shape(entry: ApiCall | DeliveryRecord) -> dict[str, object]:
    at = datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds")
    said: dict[str, object] = {"number": entry.number, "at": at}
    if isinstance(entry, ApiCall):
        said |= {"method": entry.method, "arguments": _opened(entry.args), "status": entry.status}
        return {**said, "answer": veiled(entry.answer), "fault": entry.fault}
    envelope = {"envelope_id": entry.envelope_id, "retry": entry.retry, "payload": veiled(entry.payload)}
    ack: dict[str, object] = {"acked": entry.acked, "milliseconds": round(entry.seconds * 1000, 2)}
    ack |= {"status": entry.status, "payload": veiled(entry.answer), "problem": entry.problem}
    return {**said, "type": entry.kind, "envelope": envelope, "ack": ack}


def _json(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _opened(args: Mapping[str, object]) -> Any:
    """Return arguments with what came as JSON inside a string (blocks, views) taken out of it."""
    shown = {}
    for name, value in args.items():
        try:
            shown[name] = json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        except ValueError:
            shown[name] = value
    return veiled(shown)
