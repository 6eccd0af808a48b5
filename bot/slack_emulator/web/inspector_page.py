"""The inspector's page: envelopes and acks, API calls, switches and faults, live."""

import asyncio
import json
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from jinja2 import Environment

from bot.slack_emulator.emulator import SlackEmulator
from bot.slack_emulator.faults import Fault
from bot.slack_emulator.traffic_log import ApiCall, DeliveryRecord, veiled
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
KINDS = {"": "Everything", "out": "Slack → bot", "in": "bot → Slack", "bad": "Refused, late or unheard"}
LONGEST_GIST = 80
_TELLING = (
    *("channel", "channel_id", "user", "user_id", "users", "ts", "thread_ts", "view_id", "filename", "response_type"),
)
Entry = ApiCall | DeliveryRecord


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the page draws it; `detail` is its JSON as a download holds it."""

    entry: Entry
    call: bool
    name: str
    gist: str
    bad: bool
    detail: str

    @property
    def time(self) -> str:
        return f"{datetime.fromtimestamp(self.entry.at, UTC):%H:%M:%S}"


def add_inspector(app: web.Application, slack: SlackEmulator, env: Environment, ending: asyncio.Event) -> None:
    routes = InspectorRoutes(slack, env, ending)
    app.router.add_get("/inspector", routes.show)
    app.router.add_get("/inspector/rows", routes.rows)
    app.router.add_get("/inspector/news", routes.news)
    app.router.add_get("/inspector/all.json", routes.download)
    app.router.add_post("/inspector", routes.switch)
    app.router.add_post("/inspector/again/{number}", routes.again)


class InspectorRoutes:
    """Routes below `/inspector`."""

    def __init__(self, slack: SlackEmulator, env: Environment, ending: asyncio.Event) -> None:
        self._slack = slack
        self._env = env
        self._ending = ending

    async def show(self, request: web.Request) -> web.StreamResponse:
        """The page: `kind`, `method`, `text` filter its rows."""
        return self._html("inspector.html", self._seen(request.query))

    async def rows(self, request: web.Request) -> web.StreamResponse:
        """Only the rows, those newer than `since`, for the page's script."""
        return self._html("inspector_rows.html", {"rows": self._found(request.query)})

    async def news(self, request: web.Request) -> web.StreamResponse:
        """Server-sent events, whenever something happened: how many entries, calls by method, faults to come."""
        return await stream(request, self._ending, self._totals)

    async def download(self, _request: web.Request) -> web.StreamResponse:
        """Everything kept, oldest first, as JSON."""
        text = _json([_shape(entry) for entry in reversed(self._slack.traffic_log.entries())])
        headers = {**HEADERS, "Content-Disposition": 'attachment; filename="inspector.json"'}
        return web.Response(text=text, content_type="application/json", headers=headers)

    async def again(self, request: web.Request) -> web.StreamResponse:
        """Deliver an envelope once more, unchanged, and go back."""
        number = request.match_info["number"]
        found = next((entry for entry in self._slack.traffic_log.sent() if str(entry.number) == number), None)
        if found is None:
            raise web.HTTPNotFound(text="this envelope is not kept any more")
        await asyncio.to_thread(self._slack.redeliver, found, found.retry + 1)
        raise web.HTTPSeeOther("/inspector")

    async def switch(self, request: web.Request) -> web.StreamResponse:
        """Set a fault or a switch, or forget what was noted."""
        form = await request.post()
        what = form.get("do")
        if what == "pace":
            self._slack.limits.pace = not self._slack.limits.pace
        elif what == "clear":
            self._slack.traffic_log.clear()
        elif what == "right":
            self._slack.faults.clear()
        elif form.get("fault") in FAULTS:
            method = str(form.get("method") or "*").strip()
            self._slack.faults.add(method, FAULTS[str(form["fault"])](), _whole(form.get("times"), 1) or 1)
        raise web.HTTPSeeOther("/inspector")

    def _totals(self) -> dict[str, object]:
        kept = self._slack.traffic_log
        return {"last": kept.last, "calls": kept.counts.most_common(), "waiting": self._slack.faults.remaining()}

    def _html(self, template: str, seen: Mapping[str, object]) -> web.Response:
        html = self._env.get_template(template).render(seen)
        return web.Response(text=html, content_type="text/html", headers=HEADERS)

    def _seen(self, query: Mapping[str, str]) -> dict[str, object]:
        back = query.get("back", "/")
        return {
            "rows": self._found(query),
            "counts": self._slack.traffic_log.counts.most_common(),
            "settings": self._slack.limits,
            "faults": FAULTS,
            "kinds": KINDS,
            "asked": {name: query.get(name, "") for name in ("kind", "method", "text")},
            "waiting": self._slack.faults.remaining(),
            "back": back if back.startswith("/as/") else "/",
            "last": self._slack.traffic_log.last,
            "team": self._slack.store.team,
        }

    def _found(self, query: Mapping[str, str]) -> list[Row]:
        since = _whole(query.get("since"), 0)
        found: list[Row] = []
        for entry in self._slack.traffic_log.entries():
            if entry.number <= since or len(found) == SHOWN:
                break
            row = _row(entry)
            if _fits(row, query):
                found.append(row)
        return found


def _fits(row: Row, query: Mapping[str, str]) -> bool:
    kind, method, text = (query.get(name, "").strip().lower() for name in ("kind", "method", "text"))
    kinds = {"in": row.call, "out": not row.call, "bad": row.bad}
    return kinds.get(kind, True) and method in row.name.lower() and text in row.detail.lower()


def _row(entry: Entry) -> Row:
    detail = _json(_shape(entry))
    if isinstance(entry, ApiCall):
        return Row(entry, True, entry.method, _gist(entry.args), bool(entry.error or entry.fault), detail)
    return Row(entry, False, entry.kind, entry.summary, bool(entry.problem or entry.retry), detail)


def _gist(args: Mapping[str, object]) -> str:
    """Summarize a call: where, for whom, and the beginning of its text."""
    opened = _opened(args)
    told = [str(opened[name]) for name in _TELLING if opened.get(name)]
    view = opened.get("view")
    if isinstance(view, dict):
        told.append(str(view.get("callback_id") or view.get("type", "")))
    text = " ".join(str(opened.get("text") or "").split())
    return " ".join([*told, textwrap.shorten(text, LONGEST_GIST, placeholder=" …")]).strip()


def _shape(entry: Entry) -> dict[str, object]:
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
    """Arguments with what came as JSON inside a string (blocks, views) taken out of it."""
    shown = {}
    for name, value in args.items():
        try:
            shown[name] = json.loads(value) if isinstance(value, str) and value[:1] in ("{", "[") else value
        except ValueError:
            shown[name] = value
    return veiled(shown)


def _whole(text: object, otherwise: int) -> int:
    return int(str(text)) if str(text).isascii() and str(text).isdigit() else otherwise
