"""The page in a real browser: type a command, press a button, fill in a modal, see news come in."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from bot.slack_emulator import EmulatorServer, SlackEmulator

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason="Debian's chromium is not installed")


@pytest.fixture
def page(server: EmulatorServer) -> Iterator[Page]:
    assert server.port
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        yield page
        browser.close()
        assert problems == []


def test_a_day_at_the_page(page: Page, server: EmulatorServer, in_process: SlackEmulator) -> None:
    page.goto(server.url)
    composer = page.get_by_label("Message", exact=True)
    composer.fill("/status")
    composer.press("Enter")
    expect(page.get_by_text("Only visible to you")).to_be_visible()
    page.get_by_role("button", name="Share in channel").click()
    expect(page.get_by_text("Shared.")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    page.get_by_role("button", name="Keep").click()

    composer.fill("/update")
    composer.press("Enter")
    modal = page.get_by_role("dialog", name="Record an update")
    modal.get_by_label("Note").fill("typed before the news")
    modal.get_by_label("Projects").press_sequentially("gg")
    modal.get_by_role("option", name="GG-2").click()
    modal.get_by_label("Kind").select_option("hold")
    modal.get_by_label("Holder").fill("United States")
    expect(modal.get_by_label("Note")).to_have_value("typed before the news")
    in_process.store.post("C0GENERAL", "U0MEMBER", text="news meanwhile")
    expect(page.get_by_text("news meanwhile")).to_be_attached()
    expect(modal.get_by_label("Holder")).to_have_value("United States")
    modal.get_by_role("button", name="Save").click()
    expect(modal).to_be_hidden()
    values = in_process.traffic_log.sent("interactive")[-1].payload["view"]["state"]["values"]
    assert values["p"]["projects"]["selected_options"][0]["value"] == "GG-2"
    assert values["h"]["holder"]["value"] == "United States"
    assert values["n"]["note"]["value"] == "typed before the news"


def test_errors_beside_the_field_and_escape(page: Page, server: EmulatorServer, in_process: SlackEmulator) -> None:
    assert in_process.delivery
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(server.url)
    page.get_by_label("Message", exact=True).fill("/update")
    page.get_by_role("button", name="Send").click()
    modal = page.get_by_role("dialog", name="Record an update")
    modal.get_by_role("button", name="Save").click()
    expect(modal.get_by_role("alert")).to_have_count(2)
    page.keyboard.press("Escape")
    expect(modal).to_be_hidden()
    page.locator("main label[for=drawer]").click()
    page.get_by_role("link", name="gyeonggi").click()
    expect(page.get_by_role("heading", name="# gyeonggi")).to_be_visible()
