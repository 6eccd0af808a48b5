"""Connections to Slack: kept for calls that may be repeated, new for each message."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_client import Connections, InstrumentedClient, Instruments
from bot.slack_clock import SlackClock
from db.domain.dates import utc_now


class Site(ThreadingHTTPServer):
    """A server that notes its connections, and closes each after ``most`` calls without a word."""

    daemon_threads = True
    most = 99
    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.used: list[Any] = []  # the connection of each call


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Site

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.used.append(self.client_address)
        self.send_response(self.server.status)
        self.send_header("Content-Length", "11")
        self.send_header("Retry-After", "7")
        self.end_headers()
        self.wfile.write(b'{"ok":true}')
        self.close_connection = self.server.used.count(self.client_address) >= self.server.most

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    threading.Thread(target=site.serve_forever, daemon=True).start()
    yield site
    site.shutdown()
    site.server_close()


@pytest.fixture
def client(site: Site) -> Iterator[InstrumentedClient]:
    address = f"http://127.0.0.1:{site.server_port}/api/"
    connections = Connections(address)
    plain = WebClient("xoxb", base_url=address, retry_handlers=[])
    yield Instruments(lambda _method, _error: None, SlackClock(utc_now), connections).on(plain)
    connections.close()


def call_thrice(client: InstrumentedClient, method: str) -> None:
    for _ in range(3):
        assert client.api_call(method, params={"user": "U1"})["ok"]


@pytest.mark.parametrize("method", ["users.info", "views.open", "views.publish", "conversations.info", "auth.test"])
def test_calls_that_may_be_repeated_share_a_connection(site: Site, client: InstrumentedClient, method: str) -> None:
    call_thrice(client, method)
    assert len(set(site.used)) == 1


@pytest.mark.parametrize("method", ["chat.postMessage", "chat.update", "files.completeUploadExternal"])
def test_messages_take_a_connection_each(site: Site, client: InstrumentedClient, method: str) -> None:
    call_thrice(client, method)
    assert len(set(site.used)) == 3


def test_connection_that_slack_closed_is_replaced(site: Site, client: InstrumentedClient) -> None:
    site.most = 1
    call_thrice(client, "users.info")
    assert len(set(site.used)) == 3


def test_refusal_on_a_kept_connection_is_an_error(site: Site, client: InstrumentedClient) -> None:
    client.api_call("users.info")
    site.status = 429
    with pytest.raises(SlackApiError) as caught:
        client.api_call("users.info")
    assert (caught.value.response.status_code, caught.value.response.headers["Retry-After"]) == (429, "7")
