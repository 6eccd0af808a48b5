"""Files in a real browser: attached in the message field, drawn in the channel, picked in a modal."""

import base64
from pathlib import Path

from playwright.sync_api import Page, expect
from test_loopback_browser import page, pytestmark  # noqa: F401 - the fixture, and the skip without a browser

from bot.loopback import LoopbackServer, Slack

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""


def test_files_are_attached_and_seen(page: Page, server: LoopbackServer, in_process: Slack, tmp_path: Path) -> None:  # noqa: F811
    picture, table = tmp_path / "seal.png", tmp_path / "list.csv"
    picture.write_bytes(DOT)
    table.write_text("ref\nGG-1\n")
    page.goto(server.url)
    composer = page.locator("#composer")
    composer.get_by_label("Attach files").set_input_files([picture, table])
    composer.get_by_role("button", name="Leave out list.csv").click()
    composer.get_by_label("Message", exact=True).fill("the seal")
    composer.get_by_role("button", name="Send").click()
    drawn = page.get_by_role("img", name="seal.png")
    expect(drawn).to_be_visible()
    assert drawn.evaluate("image => image.decode().then(() => image.naturalWidth)") == 1
    expect(page.get_by_label("Files to send")).to_be_hidden()
    (message,) = in_process.messages("#general")
    assert (message.text, [file["name"] for file in message.files]) == ("the seal", ["seal.png"])

    composer.get_by_label("Attach files").set_input_files(table)
    composer.get_by_role("button", name="Send").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="list.csv").click()
    assert download.value.path().read_text() == "ref\nGG-1\n"
