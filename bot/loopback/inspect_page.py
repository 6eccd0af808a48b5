"""The inspector's page: envelopes and acks, API calls, switches and faults."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiohttp import web
from jinja2 import Environment

from bot.loopback.faults import Fault
from bot.loopback.inspector import ApiCall, Delivery
from bot.loopback.slack import Slack

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


def add_inspector(app: web.Application, slack: Slack, env: Environment) -> None:
    """Put the inspector's routes in."""

    async def show(request: web.Request) -> web.StreamResponse:
        html = env.get_template("inspector.html").render(_seen(slack, request.query.get("back", "/")))
        return web.Response(text=html, content_type="text/html", headers={"Cache-Control": "no-store"})

    async def switch(request: web.Request) -> web.StreamResponse:
        form = await request.post()
        what = form.get("do")
        if what == "pace":
            slack.settings.pace = not slack.settings.pace
        elif what == "clear":
            slack.inspector.clear()
        elif what == "right":
            slack.faults.clear()
        elif form.get("fault") in FAULTS:
            times = str(form.get("times") or "1")
            method = str(form.get("method") or "*").strip()
            slack.faults.add(method, FAULTS[str(form["fault"])](), int(times) if times.isdigit() else 1)
        raise web.HTTPSeeOther("/inspector")

    app.router.add_get("/inspector", show)
    app.router.add_post("/inspector", switch)


def _seen(slack: Slack, back: str) -> dict[str, Any]:
    entries: list[ApiCall | Delivery] = [*slack.inspector.calls(), *slack.inspector.sent()]
    entries.sort(key=lambda entry: entry.at, reverse=True)
    return {
        "rows": [_row(entry) for entry in entries[:SHOWN]],
        "counts": slack.inspector.counts.most_common(),
        "pace": slack.settings.pace,
        "faults": FAULTS,
        "waiting": slack.faults.remaining(),
        "back": back if back.startswith("/as/") else "/",
        "team": slack.world.team,
    }


def _row(entry: ApiCall | Delivery) -> dict[str, Any]:
    call = isinstance(entry, ApiCall)
    detail = {"sent": entry.args if isinstance(entry, ApiCall) else entry.payload, "answered": entry.answer}
    return {
        "time": f"{datetime.fromtimestamp(entry.at, UTC):%H:%M:%S}",
        "call": call,
        "entry": entry,
        "detail": json.dumps(detail, indent=2, ensure_ascii=False, default=str),
    }
