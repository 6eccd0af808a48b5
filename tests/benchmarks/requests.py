"""Signed requests to a bot in this process, as Slack sends them, and the emulator that it calls."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import quote_plus, urlencode

from slack_bolt import BoltRequest, BoltResponse
from sqlalchemy import event

from bot.app import Bot, build
from bot.installation.manifest import manifest
from bot.sender.settings import SenderSettings
from bot.slack_emulator import EmulatorServer, SlackEmulator, demo_workspace
from db.database import Database
from tests.benchmarks.big_record import ADMIN, TEAM
from tests.support.harness import settings_for
from tests.support.http import FORM, NO_RESPONSES, command_body, sign

NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)  # two days after the record was filled
_triggers = count(1)  # a command with the trigger of another is that one, sent again


@dataclass(frozen=True)
class Asking:
    """A bot that is asked, and the Slack that it calls."""

    bot: Bot
    slack: SlackEmulator
    url: str

    def __call__(self, body: str) -> BoltResponse:
        """Return the answer to a body, signed now, once what follows it is done; it has to be accepted."""
        body = body.replace(
            quote_plus(NO_RESPONSES), quote_plus(f"{self.url}/none")
        )  # refused at once, not tried again
        headers = sign(body.encode(), kind=FORM if body[0] != "{" else "application/json")
        response: BoltResponse = self.bot.app.dispatch(BoltRequest(body=body, headers=headers))
        assert response.status == 200, response.body
        while self.bot.background.is_busy:  # what the bot leaves for after the answer is counted and timed too
            time.sleep(0.001)
        return response


def command(name: str, text: str = "") -> str:
    return command_body(name, text, f"1.2.{next(_triggers)}").decode()


def typeahead(text: str) -> str:
    payload = {
        "type": "block_suggestion",
        "team": {"id": TEAM, "domain": "emulator"},
        "user": {"id": ADMIN, "team_id": TEAM},
        "api_app_id": "A0LOOP",
        "action_id": "refs",
        "block_id": "refs",
        "value": text,
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "type": "modal", "callback_id": "update_form", "blocks": [], "state": {"values": {}}},
    }
    return urlencode({"payload": json.dumps(payload)})


def home_opened() -> str:
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0LOOP",
            "event": {"type": "app_home_opened", "user": ADMIN, "channel": "D1", "tab": "home"},
            "event_id": "Ev1",
            "event_time": 1,
            "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
        }
    )


@contextmanager
def open_bot(
    database: Database, clock: Callable[[], datetime] = lambda: NOW, pace: SenderSettings | None = None
) -> Iterator[Asking]:
    """Yield a bot on ``database`` and the Slack that it calls; neither its sender nor its scheduler is started."""
    slack = demo_workspace(lambda: clock().timestamp())
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        url = database.engine.url.render_as_string(hide_password=False)
        settings = settings_for(server.base_url, url, AID_ADMINS=ADMIN)
        bot = build(settings, database, clock=clock, pace=pace)
        yield Asking(bot, slack, server.url)
        bot.connections.close()


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """Collect the SQL that is executed, with its parameters, except what opens a transaction."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append((statement, parameters))

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


PORTFOLIO = "portfolio"
PROJECT = "one project"
LIST = "a filtered list"
HOME = "App Home"
TYPEAHEAD = "typeahead"

QUESTIONS = {
    PORTFOLIO: command("/aid-status"),
    PROJECT: command("/aid-status", "GG-1"),
    LIST: command("/aid-status", "group:io -status:delivered"),
    "a list by words": command("/aid-status", "water clinic"),
    "a list by status": command("/aid-status", "status:on-hold holder:US"),
    "one update": command("/aid-status", "#1"),
    "a near miss": command("/aid-status", "watre pmup"),
    HOME: home_opened(),
    TYPEAHEAD: typeahead("provi"),
    "typeahead, nothing typed": typeahead(""),
    "typeahead, mistyped": typeahead("provnice"),
    "alerts list": command("/aid-alerts", "list"),
    "alerts on": command("/aid-alerts", "on group:io"),
    "delivery log": command("/aid-admin", "delivery"),
    "a channel's deliveries": command("/aid-admin", "delivery <#C0BIG1|big>"),
}
