"""Socket Mode as the built-in client of slack_sdk lives through it."""

from collections.abc import Callable, Iterator

import pytest
from loopback_closing import close
from slack_bolt import App, BoltRequest
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.loopback import LoopbackServer, Person, Slack


@pytest.fixture
def handler(server: LoopbackServer, app: App) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, "xapp-loopback", ping_interval=1)
    handler.connect()
    server.socket.wait_until_connected()
    yield handler
    close(handler, server)


def test_nobody_is_connected(server: LoopbackServer, admin: Person) -> None:
    assert server.socket.connected == 0
    assert admin.command("/status", channel="#general").error == "dispatch_failed"


def test_a_refresh_brings_a_new_connection(
    handler: SocketModeHandler,
    server: LoopbackServer,
    admin: Person,
    slack: Slack,
) -> None:
    first = handler.client.session_id()
    server.socket.disconnect()
    slack.wait_for(lambda: handler.client.session_id() != first and server.socket.connected == 1)
    assert admin.command("/status", "plain", channel="#general").text == "just text"


def test_a_deaf_connection_times_out(
    handler: SocketModeHandler, server: LoopbackServer, admin: Person, slack: Slack
) -> None:
    assert handler.client.is_connected()
    slack.settings.ack_seconds = 0.2
    server.socket.deaf = True
    assert admin.command("/status", channel="#general").error == "operation_timeout"


def test_an_unheard_event_comes_again_with_its_number(
    handler: SocketModeHandler,
    server: LoopbackServer,
    admin: Person,
    slack: Slack,
    app: App,
) -> None:
    assert handler.client.is_connected()
    attempts: list[list[str] | None] = []

    @app.middleware
    def note(request: BoltRequest, next_: Callable[[], None]) -> None:
        attempts.append(request.headers.get("x-slack-retry-num"))
        next_()

    slack.settings.ack_seconds = 5
    slack.settings.event_retries = 1
    server.socket.deaf = True
    slack.settings.ack_seconds = 0.2
    admin.mention("#general", "lost")
    server.socket.deaf = False
    slack.settings.ack_seconds = 5
    slack.redeliver(slack.inspector.sent("events_api")[-1], retry=2)
    assert attempts == [["2"]]
    sent = slack.inspector.sent("events_api")
    assert [delivery.retry for delivery in sent] == [0, 1, 2]
    assert len({delivery.envelope_id for delivery in sent}) == 1


def test_payloads_go_over_every_connection(server: LoopbackServer, app: App, admin: Person) -> None:
    handlers = [SocketModeHandler(app, "xapp-loopback") for _ in range(2)]
    for handler in handlers:
        handler.connect()
    server.socket.wait_until_connected(2)
    for _ in range(4):
        assert admin.command("/status", "plain", channel="#general").ack.acked
    for handler in handlers:
        close(handler, server)
