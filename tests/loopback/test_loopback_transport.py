"""How payloads come and come again, and how answers go wrong, as slack_sdk and slack_bolt live through it."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress

import loopback_sample
import pytest
from loopback_closing import close
from slack_bolt import App, BoltRequest, BoltResponse
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.loopback import (
    Fault,
    InProcess,
    LoopbackServer,
    Person,
    SignedHttp,
    Slack,
    answers_challenge,
    demo_world,
    dispatcher,
)

GENERAL = "C0GENERAL"


@pytest.fixture
def handler(server: LoopbackServer, app: App) -> Iterator[SocketModeHandler]:
    handler = SocketModeHandler(app, "xapp-loopback", ping_interval=1)
    handler.connect()
    server.socket.wait_until_connected()
    yield handler
    close(handler, server)


# -- Socket Mode ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["warning", "refresh_requested"])
def test_no_event_is_lost_while_the_app_connects_anew(
    handler: SocketModeHandler, server: LoopbackServer, admin: Person, slack: Slack, app: App, reason: str
) -> None:
    slack.settings.event_retries, slack.settings.ack_seconds = 3, 1
    for number in range(12):
        if number % 4 == 2:
            session = handler.client.session_id()
            server.socket.disconnect(reason)
        admin.mention("#general", f"number {number}")
        if number % 4 == 2:
            slack.wait_for(lambda before=session: handler.client.session_id() != before)
    texts = {found[0] for heard in app.heard if (found := re.findall(r"number \d+", heard["event"]["text"]))}
    assert texts == {f"number {number}" for number in range(12)}


def test_a_deaf_bot_gets_an_event_again_with_its_number_and_reason(
    handler: SocketModeHandler, slack: Slack, admin: Person, app: App
) -> None:
    assert handler.client.is_connected()
    seen: list[tuple[str, str]] = []

    @app.middleware
    def refuse_twice(request: BoltRequest, next_: Callable[[], None]) -> BoltResponse | None:
        head = request.headers
        seen.append((head.get("x-slack-retry-num", ["-"])[0], head.get("x-slack-retry-reason", ["-"])[0]))
        if len(seen) <= 2:
            return BoltResponse(status=500)
        next_()
        return None

    slack.settings.event_retries, slack.settings.ack_seconds = 3, 0.5
    admin.mention("#general", "listen")
    assert seen == [("0", ""), ("1", "timeout"), ("2", "timeout")]


# -- HTTP -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "slow", "reason"), [(500, 0.0, "http_error"), (200, 1.0, "http_timeout")])
def test_http_says_why_it_comes_again(
    slack: Slack, client: WebClient, admin: Person, status: int, slow: float, reason: str
) -> None:
    app = App(client=client, signing_secret="loopback", process_before_response=True)
    seen: list[tuple[str, str]] = []

    @app.middleware
    def fail(request: BoltRequest) -> BoltResponse:
        head = request.headers
        seen.append((head.get("x-slack-retry-num", ["-"])[0], head.get("x-slack-retry-reason", ["-"])[0]))
        time.sleep(slow)
        return BoltResponse(status=status)

    slack.delivery = InProcess(dispatcher(app))
    slack.settings.event_retries, slack.settings.ack_seconds = 3, 0.5
    admin.mention("#general", "hello")
    slack.delivery.close()
    assert seen == [("-", "-"), ("1", reason), ("2", reason), ("3", reason)]
    assert len({(sent.envelope_id, sent.payload["event_id"]) for sent in slack.inspector.sent("events_api")}) == 1


def test_nobody_listens_is_a_failed_connection(slack: Slack, admin: Person) -> None:
    slack.delivery = SignedHttp("http://127.0.0.1:9/slack/events")
    slack.settings.event_retries = 1
    admin.mention("#general", "hello")
    assert [sent.retry for sent in slack.inspector.sent("events_api")] == [0, 1]
    assert slack.inspector.sent("events_api")[-1].problem == "dispatch_failed"


def test_a_command_never_comes_again(slack: Slack, client: WebClient, admin: Person) -> None:
    app = loopback_sample.build(client)
    slack.delivery = InProcess(dispatcher(app))
    slack.settings.event_retries, slack.settings.ack_seconds = 3, 0.2
    assert not admin.command("/deaf", channel="#general").ack.acked
    slack.delivery.close()
    assert len(slack.inspector.sent("slash_commands")) == 1


# -- response_url ---------------------------------------------------------------------------------------------


def test_a_response_url_ends_after_half_an_hour() -> None:
    now = [1_770_000_000.0]
    slack = demo_world(clock=lambda: now[0])
    with LoopbackServer(slack) as server:
        address = slack.site.tickets.response("U0ADMIN", GENERAL)
        hook = WebhookClient(f"{server.url}/response/{address}")
        now[0] += 1800
        assert hook.send(text="just in time").body == "ok"
        now[0] += 1
        late = hook.send(text="too late")
        assert (late.status_code, late.body) == (404, "expired_url")


# -- answers that go wrong ------------------------------------------------------------------------------------


def test_the_workspace_takes_so_many_messages_a_minute() -> None:
    now = [1_770_000_000.0]
    slack = demo_world(clock=lambda: now[0])
    slack.settings.a_minute = 2
    with LoopbackServer(slack) as server:
        client = WebClient("xoxb-loopback", base_url=server.base_url, retry_handlers=[])
        client.chat_postMessage(channel=GENERAL, text="one")
        now[0] += 20
        client.chat_postMessage(channel="C0ALERTS", text="two")
        with pytest.raises(SlackApiError) as caught:
            client.chat_postMessage(channel="C0PARTNERS", text="three")
        assert caught.value.response.headers["Retry-After"] == "40"
        now[0] += 40
        client.chat_postMessage(channel="C0PARTNERS", text="three")


def test_an_answer_that_drips_comes_whole(client: WebClient, slack: Slack) -> None:
    slack.faults.add("chat.postMessage", Fault.drip(0.3))
    assert client.chat_postMessage(channel=GENERAL, text="slow")["message"]["text"] == "slow"
    assert slack.calls("chat.postMessage")[-1].fault == "drip"


@pytest.mark.parametrize(("fault", "posted"), [(Fault.drop_before(), 1), (Fault.drop_after(), 2)])
def test_a_client_that_tries_again_doubles_only_what_was_done(
    server: LoopbackServer, slack: Slack, fault: Fault, posted: int
) -> None:
    slack.faults.add("chat.postMessage", fault)
    eager = WebClient("xoxb-loopback", base_url=server.base_url)
    with suppress(OSError):
        eager.chat_postMessage(channel=GENERAL, text="x")
    assert len(slack.messages(GENERAL)) == posted


def test_a_request_url_answers_the_challenge(in_process: Slack) -> None:
    assert in_process.delivery
    assert answers_challenge(in_process.delivery)
    assert not answers_challenge(SignedHttp("http://127.0.0.1:9/slack/events"))
