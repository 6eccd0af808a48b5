"""Asking a bot as Slack does: signed requests through ``app.dispatch``, in this process, with the Slack emulator."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from slack_bolt import App, BoltRequest, BoltResponse
from slack_sdk.signature import SignatureVerifier
from sqlalchemy import Executable, event

from bot.app import Bot, build
from bot.config import Settings, load_settings
from bot.installation.manifest import manifest
from bot.slack_emulator import EmulatorServer, SlackEmulator, demo_workspace
from db.database import Database
from tests.benchmarks.big_record import ADMIN, TEAM

SECRET = "emulator"
NOW = datetime(2026, 2, 10, 15, 0, tzinfo=UTC)
"""When everything is asked: the morning after the last day of the big record."""

SIGNER = SignatureVerifier(SECRET)


class Inline:
    """Does at once what is handed over to be done later, so that it is counted and timed with the answer."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> None:
        work(*arguments)

    def shutdown(self, *, wait: bool) -> None:
        """Nothing is left to wait for."""


@dataclass(frozen=True)
class Asking:
    """A bot that is asked; ``server`` is the Slack that it calls."""

    bot: Bot
    slack: SlackEmulator
    server: EmulatorServer

    def __call__(self, body: str) -> BoltResponse:
        return ask(self.bot.app, body)


def ask(app: App, body: str) -> BoltResponse:
    """The answer to a body, signed now. Raises AssertionError where it is refused."""
    stamp = str(int(time.time()))
    headers = {
        "content-type": "application/x-www-form-urlencoded" if body[0] != "{" else "application/json",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": SIGNER.generate_signature(timestamp=stamp, body=body) or "",
    }
    response: BoltResponse = app.dispatch(BoltRequest(body=body, headers=headers))
    assert response.status == 200, response.body
    return response


def command(name: str, text: str = "", user: str = ADMIN, channel: str = "C0GENERAL") -> str:
    return urlencode(
        {
            "token": "verification",
            "team_id": TEAM,
            "team_domain": "emulator",
            "channel_id": channel,
            "channel_name": "general",
            "user_id": user,
            "user_name": "somebody",
            "command": name,
            "text": text,
            "api_app_id": "A0LOOP",
            "response_url": "http://127.0.0.1/response",
            "trigger_id": "1.2.3",
        }
    )


def typeahead(text: str, user: str = ADMIN) -> str:
    payload = {
        "type": "block_suggestion",
        "team": {"id": TEAM, "domain": "emulator"},
        "user": {"id": user, "team_id": TEAM},
        "api_app_id": "A0LOOP",
        "action_id": "refs",
        "block_id": "refs",
        "value": text,
        "container": {"type": "view", "view_id": "V1"},
        "view": {"id": "V1", "type": "modal", "callback_id": "update_form", "blocks": [], "state": {"values": {}}},
    }
    return urlencode({"payload": json.dumps(payload)})


def home_opened(user: str = ADMIN) -> str:
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": TEAM,
            "api_app_id": "A0LOOP",
            "event": {"type": "app_home_opened", "user": user, "channel": "D1", "tab": "home"},
            "event_id": "Ev1",
            "event_time": 1,
            "authorizations": [{"team_id": TEAM, "user_id": "U0BOT", "is_bot": True}],
        }
    )


def settings_for(base_url: str, address: str) -> Settings:
    return load_settings(
        {
            "SLACK_BOT_TOKEN": "xoxb-emulator",
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": base_url,
            "DATABASE_URL": address,
            "AID_ADMINS": ADMIN,
            "PORT": "0",
        },
        slack=True,
    )


@contextmanager
def open_bot(database: Database) -> Iterator[Asking]:
    """A bot on a record that is there already; nothing is sent or planned by itself."""
    with open_slack() as server:
        address = database.engine.url.render_as_string(hide_password=False)
        bot = build(settings_for(server.base_url, address), database, clock=lambda: NOW)
        bot.background._pool = Inline()  # type: ignore[assignment]
        yield Asking(bot, server.slack, server)


@contextmanager
def open_slack() -> Iterator[EmulatorServer]:
    """A Slack emulator that has the app installed."""
    slack = demo_workspace(NOW.timestamp)
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        yield server


@contextmanager
def statements(database: Database) -> Iterator[list[tuple[str, Any]]]:
    """The SQL that is executed, with its parameters; what opens a transaction is none."""
    seen: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            seen.append((statement, parameters))

    with _listening(database, "before_cursor_execute", note):
        yield seen


@contextmanager
def core_statements(database: Database) -> Iterator[list[tuple[Executable, Any]]]:
    """The same as SQLAlchemy Core has them before it compiles them."""
    seen: list[tuple[Executable, Any]] = []

    def note(_connection: Any, statement: Executable, many: Any, parameters: Any, _options: Any) -> None:
        seen.append((statement, many or parameters))

    with _listening(database, "before_execute", note):
        yield seen


@contextmanager
def _listening(database: Database, name: str, note: Callable[..., None]) -> Iterator[None]:
    event.listen(database.engine, name, note)
    try:
        yield
    finally:
        event.remove(database.engine, name, note)
