"""Signed requests to a bot in this process, as Slack sends them, and the emulator that it calls."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import urlencode

from slack_bolt import BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import event

from bot.app import Bot, build
from bot.config import load_settings
from bot.installation.manifest import manifest
from bot.sender.settings import SenderSettings
from bot.slack_emulator import EmulatorServer, SlackEmulator, demo_workspace
from db.database import Database
from tests.benchmarks.big_record import ADMIN, TEAM

SECRET = "emulator"
NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)  # two days after the record was filled
SIGNER = SignatureVerifier(SECRET)
_triggers = count(1)  # a command with the trigger of another is that one, sent again


class Inline:
    """A pool that does at once what the bot leaves for after the answer, so that it is counted and timed too."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> None:
        work(*arguments)

    def shutdown(self, *, wait: bool) -> None:
        """Nothing is left to wait for."""


@dataclass(frozen=True)
class Asking:
    """A bot that is asked, and the Slack that it calls."""

    bot: Bot
    slack: SlackEmulator

    def __call__(self, body: str) -> BoltResponse:
        """Return the answer to a body, signed now; it has to be accepted."""
        stamp = str(int(time.time()))
        headers = {
            "content-type": "application/x-www-form-urlencoded" if body[0] != "{" else "application/json",
            "x-slack-request-timestamp": stamp,
            "x-slack-signature": SIGNER.generate_signature(timestamp=stamp, body=body) or "",
        }
        response: BoltResponse = self.bot.app.dispatch(BoltRequest(body=body, headers=headers))
        assert response.status == 200, response.body
        return response


def command(name: str, text: str = "") -> str:
    return urlencode(
        {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "emulator",
            "channel_id": "C0GENERAL",
            "channel_name": "general",
            "user_id": ADMIN,
            "user_name": "somebody",
            "command": name,
            "text": text,
            "api_app_id": "A0LOOP",
            "response_url": "http://127.0.0.1/response",
            "trigger_id": f"1.2.{next(_triggers)}",
        }
    )


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
        environment = {
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": server.base_url,
            "DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
            "AID_ADMINS": ADMIN,
            "PORT": "0",
        }
        bot = build(load_settings(environment, slack=True), database, clock=clock, pace=pace)
        bot.background._pool = Inline()  # type: ignore[assignment]
        yield Asking(bot, slack)


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
