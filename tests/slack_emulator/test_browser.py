"""The page in a real browser: commands, forms, files, and how what the bot posts is drawn."""

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, SimulatedUser, SlackEmulator
from tests.slack_emulator.block_samples import BLOCKS, ELEMENTS, asked, block
from tests.slack_emulator.sample_app import Json, field, modal, plain

GENERAL = "C0GENERAL"
NARROW = 390
INPUTS: list[Json] = [{**asked(kind), "label": plain(kind)} for kind in ELEMENTS.keys() - {"button", "overflow"}]
IN_MESSAGES = [block(kind) for kind in BLOCKS if kind != "input"]
DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""


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
    form = page.get_by_role("dialog", name="Record an update")
    form.get_by_label("Note").fill("typed before the news")
    form.get_by_label("Projects").press_sequentially("gg")
    form.get_by_role("option", name="GG-2").click()
    form.get_by_label("Kind").select_option("hold")
    form.get_by_label("Holder").fill("United States")
    expect(form.get_by_label("Note")).to_have_value("typed before the news")
    in_process.store.post(GENERAL, "U0MEMBER", text="news meanwhile")
    expect(page.get_by_text("news meanwhile")).to_be_attached()
    expect(form.get_by_label("Holder")).to_have_value("United States")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_hidden()
    values = in_process.traffic_log.sent("interactive")[-1].payload["view"]["state"]["values"]
    assert values["p"]["projects"]["selected_options"][0]["value"] == "GG-2"
    assert values["h"]["holder"]["value"] == "United States"
    assert values["n"]["note"]["value"] == "typed before the news"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, NARROW])
def test_everything_is_drawn_and_fits(
    server: EmulatorServer, slack: SlackEmulator, client: WebClient, page: Page, width: int, scheme: str
) -> None:
    client.chat_postMessage(channel=GENERAL, text="x", blocks=IN_MESSAGES)
    slack.views.open("U0ADMIN", modal("Every input", INPUTS), GENERAL)
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(server.url)
    expect(page.get_by_role("dialog", name="Every input").locator(".input")).to_have_count(len(INPUTS))
    for part in (".message", "dialog .scroll"):
        wide = page.locator(part).evaluate_all("list => list.map((each) => each.scrollWidth - each.clientWidth)")
        assert wide == [0]
    unnamed = page.evaluate(
        """[...document.querySelectorAll(':is(.message, dialog) :is(button, select, textarea, input:not([type=hidden]))')]
            .filter((each) => !each.hidden && each.getAttribute('aria-hidden') !== 'true')
            .filter((each) => !(each.ariaLabel || each.labels?.length || each.textContent.trim()))
            .map((each) => each.outerHTML)""",
    )
    assert unnamed == []


def test_blocks_and_a_form_as_text(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    client.chat_postMessage(channel=GENERAL, text="x", blocks=IN_MESSAGES)
    assert {"[Press]", "---", "Chart", "Mon | 1", "GG-1"} <= set(admin.screen("#general").splitlines())
    slack.views.open(admin.id, modal("Every input", INPUTS), GENERAL)
    assert "datepicker: …" in admin.read()


def test_files_are_attached_and_seen(
    page: Page, server: EmulatorServer, in_process: SlackEmulator, tmp_path: Path
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
    page: Page, server: EmulatorServer, in_process: SlackEmulator, tmp_path: Path
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
    in_process.views.open("U0ADMIN", modal("Letters", blocks, callback_id="top"), GENERAL)
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
