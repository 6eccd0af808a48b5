"""The inspector: what it keeps, what it hides, how it is filtered, and live in a real browser by keyboard alone."""

import json

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator import EmulatorServer, Fault, SimulatedUser, SlackEmulator
from tests.support.http import call

GENERAL = "C0GENERAL"


@pytest.fixture
def busy(in_process: SlackEmulator, client: WebClient, admin: SimulatedUser) -> SlackEmulator:
    """A good call, one refused, a 429, and a command."""
    in_process.traffic_log.clear()
    client.chat_postMessage(channel=GENERAL, text="hello")
    in_process.faults.add("chat.update", Fault.rate_limit(3))
    with pytest.raises(SlackApiError):
        client.chat_update(channel=GENERAL, ts="1.000000", text="x")
    with pytest.raises(SlackApiError):
        client.conversations_replies(channel=GENERAL, ts="1.000000")
    admin.command("/status", "plain", channel="#general")
    return in_process


def test_the_download_tells_all_of_it_without_tokens(
    server: EmulatorServer, busy: SlackEmulator, client: WebClient
) -> None:
    client.apps_connections_open(app_token="xapp-emulator")
    text = call(f"{server.url}/inspector/all.json").text
    entries = json.loads(text)
    assert [entry.get("method", entry.get("type")) for entry in entries] == [
        *("chat.postMessage", "chat.update", "conversations.replies", "slash_commands", "apps.connections.open")
    ]
    assert [entry["number"] for entry in entries] == sorted(entry["number"] for entry in entries)
    assert (entries[1]["status"], entries[1]["fault"]) == (429, "rate_limit")
    ack = entries[3]["ack"]
    assert (ack["acked"], ack["payload"]) == (True, {"text": "just text"})
    assert ack["milliseconds"] >= 0
    assert not [secret for secret in ("xoxb-emulator", "xapp-emulator", busy.app.verification) if secret in text]
    assert "?" not in entries[4]["answer"]["url"]


def test_live_by_keyboard(server: EmulatorServer, busy: SlackEmulator, client: WebClient, page: Page) -> None:
    page.goto(f"{server.url}/inspector")
    lines = page.locator("#rows .line")
    expect(lines).to_have_count(4)
    first = lines.first.locator("summary")
    first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#said")).to_have_text("Delivered again.")
    expect(lines).to_have_count(5)
    expect(page.locator("#rows .line[open]")).to_have_count(1)
    assert busy.traffic_log.sent("slash_commands")[-1].retry == 1
    page.get_by_label("Text in it").focus()
    page.keyboard.type("news from")
    expect(page.locator("#said")).to_have_text("Nothing fits this filter.")
    client.chat_postMessage(channel=GENERAL, text="news from the bot")
    client.chat_postMessage(channel=GENERAL, text="something else")
    expect(lines).to_have_count(1)
