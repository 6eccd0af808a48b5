"""A Slack emulator with the sample app behind each of the three ways in."""

import contextlib
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from playwright.sync_api import Browser, Page
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient

from bot.slack_emulator import (
    EmulatorServer,
    InProcess,
    SignedHttp,
    SimulatedUser,
    SlackEmulator,
    demo_workspace,
    dispatcher,
)
from tests.slack_emulator import sample_app
from tests.slack_emulator.socket_client import close
from tests.support.chromium import open_browser, open_page


@pytest.fixture
def slack() -> SlackEmulator:
    return demo_workspace()


@pytest.fixture
def server(slack: SlackEmulator) -> Iterator[EmulatorServer]:
    with EmulatorServer(slack) as running:
        yield running


@pytest.fixture
def client(server: EmulatorServer) -> WebClient:
    return WebClient("xoxb-emulator", base_url=server.base_url, retry_handlers=[])


@pytest.fixture
def app(client: WebClient) -> App:
    return sample_app.build(client)


@pytest.fixture
def in_process(slack: SlackEmulator, server: EmulatorServer, app: App) -> Iterator[SlackEmulator]:
    with _in_process(slack, server, app):
        yield slack


@pytest.fixture(params=["in process", "signed HTTP", "Socket Mode"])
def ready(
    request: pytest.FixtureRequest, slack: SlackEmulator, server: EmulatorServer, app: App
) -> Iterator[SlackEmulator]:
    """The Slack with the sample app behind one of the three deliveries."""
    ways = {"in process": _in_process, "signed HTTP": _signed_http, "Socket Mode": _socket_mode}
    with ways[request.param](slack, server, app):
        yield slack


@pytest.fixture
def admin(slack: SlackEmulator) -> SimulatedUser:
    return slack.person("U0ADMIN")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser, server: EmulatorServer) -> Iterator[Page]:
    assert server.port  # the page is closed before its server is
    with open_page(chromium) as opened:
        yield opened


@contextlib.contextmanager
def _in_process(slack: SlackEmulator, _server: EmulatorServer, app: App) -> Iterator[None]:
    delivery = InProcess(dispatcher(app))
    slack.delivery = delivery
    yield
    delivery.close()


class QuietHandler(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        pass


@contextlib.contextmanager
def _signed_http(slack: SlackEmulator, _server: EmulatorServer, app: App) -> Iterator[None]:
    handler = SlackRequestHandler(app, path="/slack/events")
    with make_server("127.0.0.1", 0, handler, handler_class=QuietHandler) as web:
        thread = threading.Thread(target=web.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        slack.delivery = SignedHttp(f"http://127.0.0.1:{web.server_port}/slack/events")
        yield
        web.shutdown()
        thread.join()


@contextlib.contextmanager
def _socket_mode(_slack: SlackEmulator, server: EmulatorServer, app: App) -> Iterator[None]:
    handler = SocketModeHandler(app, "xapp-emulator")
    handler.connect()
    server.socket.wait_until_connected()
    yield
    close(handler, server)
