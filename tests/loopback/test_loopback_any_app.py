"""Apps that are not built as ours: Bolt for asyncio, and slack_sdk's Socket Mode client with no Bolt at all."""

import asyncio
from typing import Any

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk import WebClient
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from bot.loopback import LoopbackServer, Person, Slack

GO = {"type": "actions", "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}]}


def async_app(base_url: str) -> AsyncApp:
    app = AsyncApp(client=AsyncWebClient("xoxb-loopback", base_url=base_url, retry_handlers=[]))

    @app.command("/status")
    async def status(ack: Any, respond: Any) -> None:
        await ack()
        await respond(text="asked", blocks=[GO])

    @app.action("go")
    async def go(ack: Any, respond: Any, client: AsyncWebClient, body: dict[str, Any]) -> None:
        await ack()
        await client.chat_postMessage(channel=body["channel"]["id"], text="gone")
        await respond(replace_original=True, text="done", attachments=[{"text": "attached"}])

    return app


def test_bolt_for_asyncio_over_socket_mode(slack: Slack, server: LoopbackServer, admin: Person) -> None:
    asyncio.run(_a_day_of(slack, server, admin))


async def _a_day_of(slack: Slack, server: LoopbackServer, admin: Person) -> None:
    handler = AsyncSocketModeHandler(async_app(server.base_url), "xapp-loopback")
    await handler.connect_async()
    try:
        answer = await asyncio.to_thread(lambda: admin.command("/status", channel="#general").wait())
        pressed = await asyncio.to_thread(admin.press, answer.message, "Go")
        assert pressed.error == ""
        await asyncio.to_thread(slack.wait_for, lambda: "attached" in admin.screen("#general"))
        assert "aid-status: (only visible to you) done\nattached" in admin.screen("#general")
        assert slack.calls("chat.postMessage")[-1].args["text"] == "gone"
    finally:
        await handler.close_async()


def test_the_frames_of_socket_mode(slack: Slack, server: LoopbackServer, admin: Person) -> None:
    frames: list[dict[str, Any]] = []
    client = SocketModeClient("xapp-loopback", web_client=WebClient(base_url=server.base_url))
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
