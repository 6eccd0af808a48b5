"""What an answer costs over Socket Mode on loopback, from the envelope to its ack."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from urllib.parse import parse_qsl

import pytest
from asking import open_bot, open_slack
from floors import default_floor
from questions import HOME, LIST, PORTFOLIO, PROJECT, QUESTIONS, TYPEAHEAD
from slack_bolt.adapter.socket_mode import SocketModeHandler
from table import Figure
from test_answers import published
from timing import by_turns, middle, p99

from bot.loopback import LoopbackServer
from bot.loopback.deliver import Envelope
from bot.loopback.installation import APP_TOKEN
from bot.socket_mode import SocketMode
from db.database import Database

pytestmark = pytest.mark.bench
MEASURED = (PORTFOLIO, PROJECT, LIST, TYPEAHEAD, HOME)
SLACK_WAITS = 3.0


@pytest.mark.parametrize("name", MEASURED)
def test_an_answer_over_socket_mode(name: str, small_database: Database, figures: list[Figure]) -> None:
    """The floor is a Bolt app as its documentation writes it, which is connected to a Slack of its own."""
    with open_bot(small_database) as asking, open_slack() as other:
        response = asking(QUESTIONS[name])
        floor = default_floor(other.base_url, response, published(asking) if name == HOME else None)
        ours, theirs = SocketMode(asking.bot.app, APP_TOKEN), SocketModeHandler(floor.app, APP_TOKEN)
        with connected(ours, asking.server), connected(theirs, other):

            def least() -> None:
                send(other, name)
                if name == HOME:
                    floor.wait()

            own, slow = by_turns(partial(send, asking.server, name), least)
    for what, of, most in (("median", middle, 0.2), ("p99", p99, 0.5)):
        ratio, floor_ms = of(own) / of(slow), of(slow) * 1000
        figures.append(Figure(f"{name} over Socket Mode, {what}", "default floor", ratio, most, floor_ms=floor_ms))


@contextmanager
def connected(handler: SocketModeHandler, server: LoopbackServer) -> Iterator[None]:
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        server.socket.wait_until_connected()
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]


def send(server: LoopbackServer, name: str) -> None:
    """Ask, and wait for the ack."""
    ack = server.socket.send(envelope(QUESTIONS[name]), SLACK_WAITS)
    assert ack.acked, ack


def envelope(body: str) -> Envelope:
    """The same question as Socket Mode brings it."""
    if body.startswith("{"):
        return Envelope("events_api", json.loads(body))
    form = dict(parse_qsl(body, keep_blank_values=True))
    if "payload" in form:
        return Envelope("interactive", json.loads(form["payload"]))
    return Envelope("slash_commands", form)
