"""The Web API as slack_sdk meets it: errors, limits, history, metadata, tickets, faults."""

import socket
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.slack_emulator import EmulatorServer, Installation, SignedHttp, SimulatedUser, SlackEmulator, demo_workspace
from tests.slack_emulator.samples import error


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#gyeonggi", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "G0MINISTRY", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "U0BOT", "text": "x"}, "cannot_dm_bot"),
        ("chat.postMessage", {"text": " "}, "no_text"),
        ("chat.postMessage", {"text": "x", "thread_ts": "1.5"}, "thread_not_found"),
        ("chat.postMessage", {"blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ("chat.postMessage", {"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ("chat.postMessage", {"text": "x", "attachments": [{"text": "y"}]}, "invalid_arguments"),
        ("chat.update", {"ts": "1.000000", "text": "x"}, "message_not_found"),
        ("conversations.join", {"channel": "G0MINISTRY"}, "channel_not_found"),
        ("conversations.history", {"channel": "#gyeonggi"}, "not_in_channel"),
        ("conversations.replies", {"ts": "1.0"}, "thread_not_found"),
        ("conversations.open", {"users": "U404"}, "user_not_found"),
        ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
        ("conversations.open", {"users": "U0BOT"}, "cannot_dm_bot"),
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("reactions.add", {"name": "eyes"}, "unknown_method"),
    ],
)
def test_calls_are_refused(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    assert error(client.api_call, api_method=method, json={"channel": "C0GENERAL", **args}) == expected


@pytest.mark.parametrize(
    ("method", "args", "needed"),
    [
        ("conversations.info", {"channel": "C0GENERAL"}, "channels:read"),
        ("conversations.history", {"channel": "C0GENERAL"}, "channels:history"),
        ("conversations.history", {"channel": "G0MINISTRY"}, "groups:history"),
        ("conversations.replies", {"channel": "@dm"}, "im:history"),
        ("conversations.open", {"users": "U0ADMIN"}, "im:write"),
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "x"}, "chat:write"),
    ],
)
def test_each_kind_of_conversation_needs_a_scope_of_its_own(method: str, args: dict[str, Any], needed: str) -> None:
    slack = demo_workspace()
    slack.invite("G0MINISTRY")
    slack.site.app = Installation(scopes=frozenset({"commands"}))
    channel = slack.store.direct_message("U0ADMIN").id
    args = {name: channel if value == "@dm" else value for name, value in args.items()}
    refused = slack.call(method, args, slack.app.bot_token).body
    assert (refused["error"], refused["needed"], refused["provided"]) == ("missing_scope", needed, "commands")
    slack.site.app = Installation(scopes=frozenset({needed}))
    assert slack.call(method, args, slack.app.bot_token).body.get("error") != "missing_scope"


def test_a_response_url_goes_five_times(in_process: SlackEmulator, admin: SimulatedUser, app: Any) -> None:
    admin.command("/status", channel="#gyeonggi")
    hook = WebhookClient(app.heard[-1]["response_url"])
    assert hook.send(text="one").body == "ok"
    hook.send(text="for all", response_type="in_channel")
    hook.send(text="two", replace_original=True)
    assert in_process.person("U0MEMBER").screen("#gyeonggi") == "aid-status: for all"
    assert hook.send(blocks=[{"type": "nonsense"}]).status_code == 400
    hook.send(text="five")
    last = hook.send(text="six")
    assert (last.status_code, last.body) == (404, "used_url")


def test_only_this_machine(server: EmulatorServer) -> None:
    with pytest.raises(ConnectionRefusedError):  # whoever listens everywhere listens here, too
        socket.create_connection(("127.0.0.2", server.port), timeout=5)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        SignedHttp("https://example.org/slack/events")


def test_a_response_url_ends_after_half_an_hour() -> None:
    now = [1_770_000_000.0]
    slack = demo_workspace(clock=lambda: now[0])
    with EmulatorServer(slack) as server:
        address = slack.site.tickets.response("U0ADMIN", "C0GENERAL")
        hook = WebhookClient(f"{server.url}/response/{address}")
        now[0] += 1800
        assert hook.send(text="just in time").body == "ok"
        now[0] += 1
        late = hook.send(text="too late")
        assert (late.status_code, late.body) == (404, "expired_url")
