"""Files in a real browser: attached in the message field, drawn in the channel, picked in a modal."""

import base64
from pathlib import Path

from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, SlackEmulator
from tests.slack_emulator.sample_app import field, modal
from tests.slack_emulator.test_browser import page, pytestmark  # noqa: F401 - the fixture, and the skip without a browser

DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""


def test_files_are_attached_and_seen(
    page: Page,  # noqa: F811 - the fixture imported above
    server: EmulatorServer,
    in_process: SlackEmulator,
    tmp_path: Path,
) -> None:
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


def test_files_are_picked_in_a_modal(
    page: Page,  # noqa: F811
    server: EmulatorServer,
    in_process: SlackEmulator,
    client: WebClient,
    tmp_path: Path,
) -> None:
    letter, wrong = tmp_path / "letter.pdf", tmp_path / "run.exe"
    letter.write_bytes(b"%PDF-1.7")
    wrong.write_bytes(b"MZ")
    blocks = [
        field("Letters", {"type": "file_input", "action_id": "files", "filetypes": ["pdf"]}, "l"),
        field("Note", {"type": "plain_text_input", "action_id": "note"}, "n", optional=True),
    ]
    page.goto(server.url)
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    trigger = in_process.site.tickets.trigger("U0ADMIN")
    client.views_open(trigger_id=trigger, view=modal("Letters", blocks, callback_id="top"))
    box = page.get_by_role("dialog", name="Letters")
    box.get_by_label("Note").fill("typed before")
    box.get_by_label("Letters").set_input_files(wrong)
    expect(box.get_by_role("alert")).to_have_text("run.exe is of a type that is not accepted here; accepted: pdf.")
    box.get_by_label("Letters").set_input_files(letter)
    expect(box.get_by_role("checkbox", name="letter.pdf")).to_be_checked()
    expect(box.get_by_role("alert")).to_have_count(0)
    expect(box.get_by_label("Note")).to_have_value("typed before")
    box.get_by_role("button", name="Save").click()
    expect(box).to_be_hidden()
    values = in_process.traffic_log.sent("interactive")[-1].payload["view"]["state"]["values"]
    assert [file["name"] for file in values["l"]["files"]["files"]] == ["letter.pdf"]
    assert values["n"]["note"]["value"] == "typed before"
