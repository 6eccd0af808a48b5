"""The inspector: what it keeps, what it hides, how it is filtered, and live in a real browser by keyboard alone."""

import json
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator import EmulatorServer, Fault, SimulatedUser, SlackEmulator
from bot.slack_emulator.traffic_log import KEPT, ApiCall, TrafficLog, veiled
from tests.support.http import FORM, call

GENERAL = "C0GENERAL"


def get(server: EmulatorServer, path: str) -> str:
    return call(server.url + path).text


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
    text = get(server, "/inspector/all.json")
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


def test_a_veil_lies_over_tokens_wherever_they_stand() -> None:
    said = {"event": {"bot_access_token": "xoxb-1-2-secret", "token": "verification"}, "n": ["xapp-1-A-secret", 3]}
    assert veiled(said) == {"event": {"bot_access_token": "xoxb-…", "token": "verif…"}, "n": ["xapp-…", 3]}


def test_memory_is_bounded() -> None:
    kept = TrafficLog()
    for number in range(KEPT + 50):
        kept.called(ApiCall(0.0, f"m{number}", {}, 200, {"ok": True}))
    assert (len(kept.entries()), kept.last) == (KEPT, KEPT + 50)
    assert kept.entries()[0].number == KEPT + 50


def test_switches_and_faults(server: EmulatorServer, busy: SlackEmulator) -> None:
    def send(**form: str) -> None:
        call(f"{server.url}/inspector", "POST", urlencode(form).encode(), {"Content-Type": FORM})

    send(do="pace")
    send(method="views.open", fault="HTTP 500", times="3")
    assert (busy.limits.pace, busy.faults.remaining("views.open")) == (True, 3)
    send(do="right")
    send(do="clear")
    assert (busy.faults.remaining(), busy.traffic_log.entries()) == (0, [])


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
    expect(page.locator("#counts")).to_contain_text("chat.postMessage 3")
