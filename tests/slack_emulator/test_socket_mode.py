"""Socket Mode as the built-in client of slack_sdk lives through it."""

from typing import Any

from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from bot.slack_emulator import EmulatorServer, SimulatedUser, SlackEmulator


def test_nobody_is_connected(server: EmulatorServer, admin: SimulatedUser) -> None:
    assert server.socket.connected == 0
    assert admin.command("/status", channel="#general").error == "dispatch_failed"


def test_the_frames_of_socket_mode(slack: SlackEmulator, server: EmulatorServer, admin: SimulatedUser) -> None:
    frames: list[dict[str, Any]] = []
    client = SocketModeClient("xapp-emulator", web_client=WebClient(base_url=server.base_url))
    client.message_listeners.append(lambda _client, message, _raw: frames.append(message))

    def answer(client: Any, request: SocketModeRequest) -> None:
        client.send_socket_mode_response(SocketModeResponse(request.envelope_id, payload={"text": "heard"}))

    client.socket_mode_request_listeners.append(answer)
    client.connect()
    server.socket.wait_until_connected()
    try:
        assert admin.command("/status", "GG-1", channel="#general").text == "heard"
        slack.wait_for(lambda: len(frames) == 2)
        admin.mention("#general", "GG-1?")
        slack.wait_for(lambda: len(frames) == 3)
    finally:
        client.close()
    hello, command, event = frames
    assert (hello["type"], hello["num_connections"], hello["connection_info"]) == ("hello", 1, {"app_id": "A0LOOP"})
    assert (command["type"], command["accepts_response_payload"]) == ("slash_commands", True)
    assert (command["payload"]["command"], command["payload"]["text"]) == ("/status", "GG-1")
    assert {key: event[key] for key in ("type", "accepts_response_payload", "retry_attempt", "retry_reason")} == {
        "type": "events_api",
        "accepts_response_payload": False,
        "retry_attempt": 0,
        "retry_reason": "",
    }
    assert event["payload"]["event"]["type"] == "app_mention"
    assert command["envelope_id"] != event["envelope_id"]
