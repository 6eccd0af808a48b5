"""How payloads come, and how answers go wrong, as slack_sdk lives through it."""

from contextlib import suppress

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.loopback import Fault, LoopbackServer, Person, SignedHttp, Slack, answers_challenge, demo_world

GENERAL = "C0GENERAL"


def test_nobody_listens_is_a_failed_connection(slack: Slack, admin: Person) -> None:
    slack.delivery = SignedHttp("http://127.0.0.1:9/slack/events")
    admin.mention("#general", "hello")
    (sent,) = slack.inspector.sent("events_api")
    assert sent.problem == "dispatch_failed"


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
