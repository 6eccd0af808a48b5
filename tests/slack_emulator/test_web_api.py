"""The Web API as slack_sdk meets it: errors, limits, history, metadata, tickets, faults."""

import socket
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient

from bot.slack_emulator import EmulatorServer, SignedHttp, SimulatedUser, SlackEmulator
from tests.slack_emulator.samples import error


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#gyeonggi", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "G0MINISTRY", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"text": " "}, "no_text"),
        ("chat.postMessage", {"text": "x", "thread_ts": "1.5"}, "thread_not_found"),
        ("chat.update", {"ts": "1.000000", "text": "x"}, "message_not_found"),
        ("conversations.join", {"channel": "G0MINISTRY"}, "channel_not_found"),
        ("conversations.history", {"channel": "#gyeonggi"}, "not_in_channel"),
        ("conversations.replies", {"ts": "1.0"}, "thread_not_found"),
        ("conversations.open", {"users": "U404"}, "user_not_found"),
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("reactions.add", {"name": "eyes"}, "unknown_method"),
    ],
)
def test_calls_are_refused(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    assert error(client.api_call, api_method=method, json={"channel": "C0GENERAL", **args}) == expected


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
