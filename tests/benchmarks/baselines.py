"""What an answer is measured against: the least that a Bolt app can do, in the same process and at the same time."""

import json
import threading
from collections.abc import Callable
from typing import Any

from slack_bolt import Ack, App, BoltResponse
from slack_sdk import WebClient
from sqlalchemy import Executable

from db.database import Database
from tests.benchmarks.requests import SECRET

Statements = list[tuple[Executable, Any]]


class Floor:
    """A Bolt app that answers everything with one thing. ``wait`` returns once the App Home was published."""

    def __init__(self, base_url: str, answer: Callable[[Ack], None], view: Any, *, at_once: bool) -> None:
        self._published = threading.Event()
        client = WebClient(token="xoxb-emulator", base_url=base_url, retry_handlers=[])
        self.app = App(
            client=client,
            signing_secret=SECRET,
            process_before_response=at_once,
            token_verification_enabled=False,
        )
        for name in ("/aid-status", "/aid-alerts", "/aid-admin"):
            self.app.command(name)(answer)
        self.app.options("refs")(answer)

        @self.app.event("app_home_opened")
        def opened(ack: Ack, client: WebClient) -> None:
            answer(ack)
            client.views_publish(user_id="U0ADMIN", view=view)
            self._published.set()

    def wait(self) -> None:
        assert self._published.wait(10)
        self._published.clear()


def default_floor(base_url: str, response: BoltResponse, view: Any) -> Floor:
    """A Bolt app as its documentation writes it, which acknowledges a static answer."""
    known = _short(response)

    def answer(ack: Ack) -> None:
        ack(**known)

    return Floor(base_url, answer, view, at_once=False)


def bare_floor(base_url: str, database: Database, asked: Statements, response: BoltResponse, view: Any) -> Floor:
    """The statements of the answer through SQLAlchemy Core, and an answer of the same size that was there before."""
    known = json.loads(response.body) if response.body else {}

    def answer(ack: Ack) -> None:
        with database.engine.connect() as connection:
            for statement, parameters in asked:
                connection.execute(statement, parameters).fetchall()
        ack(**known)

    return Floor(base_url, answer, view, at_once=True)


def _short(response: BoltResponse) -> dict[str, Any]:
    known = json.loads(response.body) if response.body else {}
    return {"options": known["options"][:1]} if "options" in known else {"text": "Hello"}
