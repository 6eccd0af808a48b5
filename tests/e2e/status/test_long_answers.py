"""Socket Mode answers of any length, also on a connection that was replaced."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_bolt import Ack, App
from slack_sdk import WebClient
from slack_sdk.errors import SlackClientNotConnectedError

from bot.installation.manifest import manifest
from bot.server.socket_mode import SocketMode
from bot.slack_emulator import Ack as Acked
from bot.slack_emulator import EmulatorServer, demo_workspace
from bot.slack_emulator.state.installation import APP_TOKEN
from bot.slack_emulator.transport.delivery import Envelope

LENGTHS = (0, 1, 60, 100, 3_000, 65_000, 65_536, 300_000)
"""Around the limits at which a frame encodes its length differently, and far beyond the last."""


@contextmanager
def answering(
    texts: list[str], before: Callable[[], object] = lambda: None
) -> Iterator[tuple[EmulatorServer, SocketMode]]:
    """Run a bot on its own emulator that answers with the last of ``texts``, after calling ``before``."""
    slack = demo_workspace()
    slack.install(manifest())
    with EmulatorServer(slack, page=False) as server:
        client = WebClient("xoxb-emulator", base_url=server.base_url)
        app = App(client=client, token_verification_enabled=False, process_before_response=True)

        @app.command("/aid-status")
        def answer(ack: Ack) -> None:
            before()
            ack({"text": texts[-1]})

        handler = SocketMode(app, APP_TOKEN)
        handler.connect()  # type: ignore[no-untyped-call]
        server.socket.wait_until_connected()
        try:
            yield server, handler
        finally:
            handler.close()  # type: ignore[no-untyped-call]


def send_command(server: EmulatorServer) -> Acked:
    return server.socket.send(Envelope("slash_commands", {"command": "/aid-status", "text": ""}), 20.0)


def test_answer_of_any_length_and_text_arrives_whole_until_closed() -> None:
    texts = [""]
    with answering(texts) as (server, handler):
        for length in LENGTHS:
            texts.append("가" * (length // 2) + "x" * (length - length // 2))
            ack = send_command(server)
            assert ack.acked, length
            assert (ack.payload or {}).get("text", "") == texts[-1], length

        @settings(max_examples=100, deadline=None)
        @given(st.text(min_size=1))
        def arrives(text: str) -> None:
            texts.append(text)
            ack = send_command(server)
            assert ack.payload["text"] == text

        arrives()
        handler.client.close()
        with pytest.raises(SlackClientNotConnectedError):
            handler.client.send_message("too late")


def test_answer_uses_the_replacement_connection() -> None:
    command_arrived, replaced = threading.Event(), threading.Event()

    def wait_for_the_new_one() -> None:
        command_arrived.set()
        time.sleep(0.5)  # the old one is being closed, which takes seconds, and is still the client's

    with answering(["hello"], wait_for_the_new_one) as (server, handler):

        def replace() -> None:
            command_arrived.wait(10)
            handler.client.connect_to_new_endpoint(force=True)  # as the SDK does when Slack says "disconnect"
            replaced.set()

        threading.Thread(target=replace).start()
        ack = send_command(server)

        assert replaced.wait(20)
        assert (ack.payload or {}).get("text") == "hello"


def test_connection_is_closed_after_a_partial_message() -> None:
    with answering(["hello"]) as (_, handler):
        session = handler.client.current_session
        near, far = socket.socketpair()  # nobody reads at the other end
        near.settimeout(0.2)
        slack, session.sock = session.sock, near
        handler.client.auto_reconnect_enabled = False
        with pytest.raises(SlackClientNotConnectedError):
            handler.client.send_message("x" * 3_000_000)

        assert session.sock is None
        assert near.fileno() == -1, "it is closed"
        far.close()
        slack.close()
