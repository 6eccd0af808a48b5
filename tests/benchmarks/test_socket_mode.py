"""What an answer costs over Socket Mode on loopback, from the envelope to its ack."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from urllib.parse import parse_qsl

import pytest
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.server.socket_mode import SocketMode
from bot.slack_emulator import EmulatorServer
from bot.slack_emulator.state.installation import APP_TOKEN
from bot.slack_emulator.transport.delivery import Envelope
from db.database import Database
from tests.benchmarks.baselines import Floor
from tests.benchmarks.queries import HOME, LIST, PORTFOLIO, PROJECT, QUESTIONS, TYPEAHEAD
from tests.benchmarks.report import Figure
from tests.benchmarks.requests import open_bot, open_slack
from tests.benchmarks.test_answers import compare, floors_of
from tests.benchmarks.timing import by_turns

pytestmark = pytest.mark.bench
MEASURED = (PORTFOLIO, PROJECT, LIST, TYPEAHEAD, HOME)
SLACK_WAITS = 3.0


@pytest.mark.parametrize("name", MEASURED)
def test_an_answer_over_socket_mode(name: str, small_database: Database, figures: list[Figure]) -> None:
    """The floors are connected by Bolt's own handler, each to a Slack of its own."""
    with ExitStack() as running:
        asking = running.enter_context(open_bot(small_database))
        others = [running.enter_context(open_slack()) for _ in range(2)]
        floors = floors_of(asking, small_database, name, *(other.base_url for other in others))
        running.enter_context(connected(SocketMode(asking.bot.app, APP_TOKEN), asking.server))
        for floor, other in zip(floors, others, strict=True):
            running.enter_context(connected(SocketModeHandler(floor.app, APP_TOKEN), other))

        def least(floor: Floor, other: EmulatorServer) -> None:
            send(other, name)
            if name == HOME:
                floor.wait()

        works = [partial(least, floor, other) for floor, other in zip(floors, others, strict=True)]
        figures.extend(compare(f"{name} over Socket Mode", *by_turns(partial(send, asking.server, name), *works)))


@contextmanager
def connected(handler: SocketModeHandler, server: EmulatorServer) -> Iterator[None]:
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        server.socket.wait_until_connected()
        yield
    finally:
        handler.close()  # type: ignore[no-untyped-call]


def send(server: EmulatorServer, name: str) -> None:
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
