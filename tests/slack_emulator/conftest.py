"""A Slack emulator with the sample app behind it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, InProcess, SimulatedUser, SlackEmulator, demo_workspace, dispatcher
from tests.slack_emulator import samples
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
    return samples.build(client)


@pytest.fixture
def in_process(slack: SlackEmulator, app: App) -> Iterator[SlackEmulator]:
    delivery = InProcess(dispatcher(app))
    slack.delivery = delivery
    yield slack
    delivery.close()


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
