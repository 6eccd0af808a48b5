"""Connections to Slack: kept for calls that may be repeated, new for each message."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_client import Connections, Instruments
from bot.slack_clock import SlackClock
from db.domain.dates import utc_now


def ports_of_calls(method: str, *, most: int = 99, status: int = 200) -> list[int]:
    """Call a method thrice; return the client's port each time. The server ends a connection after ``most`` calls."""
    used: list[int] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            used.append(self.client_address[1])
            self.send_response(status)
            self.send_header("Content-Length", "11")
            self.end_headers()
            self.wfile.write(b'{"ok":true}')
            self.close_connection = used.count(used[-1]) >= most  # without a word

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/api/"
        connections = Connections(address)
        instruments = Instruments(lambda *_: None, SlackClock(utc_now), connections)
        client = instruments.on(WebClient("xoxb", base_url=address, retry_handlers=[]))
        try:
            for _ in range(3):
                client.api_call(method, params={"user": "U1"})
        finally:
            connections.close()
            server.shutdown()
    return used


@pytest.mark.parametrize("method", ["users.info", "views.open", "views.publish", "conversations.info", "auth.test"])
def test_calls_that_may_be_repeated_share_a_connection(method: str) -> None:
    assert len(set(ports_of_calls(method))) == 1
    assert len(set(ports_of_calls(method, most=1))) == 3  # and one that Slack closed is replaced


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "files.completeUploadExternal"])
def test_messages_take_a_connection_each(method: str) -> None:
    assert len(set(ports_of_calls(method))) == 3


def test_refusal_is_an_error_of_slack() -> None:
    with pytest.raises(SlackApiError, match="request to the Slack API failed"):
        ports_of_calls("users.info", status=429)
