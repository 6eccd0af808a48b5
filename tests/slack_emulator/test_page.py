"""The page in a browser: how it draws what the bot may send, files, and that other sites stay out."""

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect
from slack_sdk import WebClient

from bot.slack_emulator import EmulatorServer, SimulatedUser, SlackEmulator
from tests.slack_emulator.samples import BLOCKS, ELEMENTS, asked, block, button, modal, section
from tests.support.http import FORM, call

BACK = "/as/U0ADMIN/c/C0GENERAL"
GENERAL = "C0GENERAL"
INPUTS = [asked(kind) for kind in ELEMENTS if kind not in {"button", "overflow"}]


@pytest.mark.parametrize("width", [1100, 390])
def test_everything_is_drawn_and_fits(
    server: EmulatorServer, slack: SlackEmulator, client: WebClient, page: Page, width: int
) -> None:
    client.chat_postMessage(channel=GENERAL, text="x", blocks=[block(kind) for kind in BLOCKS if kind != "input"])
    slack.views.open("U0ADMIN", modal("Every input", INPUTS), GENERAL)
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(server.url)
    expect(page.get_by_role("dialog", name="Every input").locator(".input")).to_have_count(len(INPUTS))
    for part in (".message", "dialog .scroll"):
        wide = page.locator(part).evaluate_all("list => list.map((each) => each.scrollWidth - each.clientWidth)")
        assert wide == [0]
    unnamed = page.evaluate(
        """[...document.querySelectorAll(':is(.message, dialog) :is(button, select, textarea, input:not([type=hidden]))')]
            .filter((each) => !each.hidden && each.getAttribute('aria-hidden') !== 'true')
            .filter((each) => !(each.ariaLabel || each.labels?.length || each.textContent.trim()))
            .map((each) => each.outerHTML)"""
    )
    assert unnamed == []


def test_files_are_picked_in_a_modal(
    page: Page, server: EmulatorServer, in_process: SlackEmulator, tmp_path: Path
) -> None:
    letter, wrong = tmp_path / "letter.pdf", tmp_path / "run.exe"
    letter.write_bytes(b"%PDF-1.7")
    wrong.write_bytes(b"MZ")
    fields = [{**asked("file_input", filetypes=["pdf"], action_id="f"), "block_id": "l"}, asked("plain_text_input")]
    page.goto(server.url)
    expect(page.get_by_label("Message", exact=True)).to_be_visible()
    in_process.views.open("U0ADMIN", modal("Letters", fields), GENERAL)
    box = page.get_by_role("dialog", name="Letters")
    box.get_by_label("plain_text_input").fill("typed before")
    box.get_by_label("file_input").set_input_files(wrong)
    expect(box.get_by_role("alert")).to_have_text("run.exe is of a type that is not accepted here; accepted: pdf.")
    box.get_by_label("file_input").set_input_files(letter)
    expect(box.get_by_role("checkbox", name="letter.pdf")).to_be_checked()
    expect(box.get_by_role("alert")).to_have_count(0)
    in_process.store.post(GENERAL, "U0MEMBER", text="news meanwhile")
    expect(page.get_by_text("news meanwhile")).to_be_attached()
    expect(box.get_by_label("plain_text_input")).to_have_value("typed before")
    box.get_by_role("button", name="Save").click()
    expect(box).to_be_hidden()
    values = in_process.traffic_log.sent("interactive")[-1].payload["view"]["state"]["values"]
    assert [file["name"] for file in values["l"]["f"]["files"]] == ["letter.pdf"]


def test_what_only_one_sees_is_dismissed_by_them_alone(server: EmulatorServer, admin: SimulatedUser) -> None:
    admin.command("/nowhere", channel="#general")
    (message,) = admin.messages("#general")
    form = urlencode({"surface": f"{message.channel}/{message.ts}", "back": BACK}).encode()
    for person, left in (("U0GUEST", [message]), ("U0ADMIN", [])):
        assert call(f"{server.url}/as/{person}/dismiss", "POST", form, {"Content-Type": FORM}).status == 303
        assert admin.messages("#general") == left


def test_text_from_the_bot_cannot_break_out(server: EmulatorServer, client: WebClient) -> None:
    evil = '<script>alert(1)</script> <javascript:alert(1)|x> "><img src=x> <https://x.org/"onload=alert(1)|y>'
    blocks = [
        section(evil),
        {"type": "context", "elements": [{"type": "plain_text", "text": evil}]},
        {"type": "actions", "elements": [button('"><b>', '"><b>')]},
    ]
    client.chat_postMessage(channel="C0GENERAL", text=evil, blocks=blocks)
    page = call(server.url + BACK).text
    messages = page[page.index('<section id="messages"') : page.index("</section>")]
    assert not re.search(r"<script|<img|<b>|javascript:alert\(1\)\"| onload=", messages.replace("&#34;onload=", ""))


def test_other_sites_stay_out(server: EmulatorServer, slack: SlackEmulator) -> None:
    """An address in a picture carries the token, but GET writes nothing, and nothing is done for another site."""
    write = "/api/chat.postMessage?token=xoxb-emulator&channel=C0GENERAL&text=x"
    read = "/api/conversations.history?token=xoxb-emulator&channel=C0GENERAL"
    picture = {"Sec-Fetch-Site": "cross-site"}
    link = {**picture, "Sec-Fetch-Mode": "navigate"}
    host, origin = {"Host": "evil.example"}, {"Origin": "http://evil.example"}
    for path, method, headers, status in (
        (write, "GET", {}, 405),
        *((path, "GET", headers, 403) for path in (read, write) for headers in (picture, link, host, origin)),
        *((path, "POST", headers, 403) for path in (write, BACK, "/start-over") for headers in (link, host, origin)),
        (BACK, "GET", picture, 403),
        (BACK, "GET", link, 200),
        (read, "GET", {}, 200),
    ):
        assert call(server.url + path, method, headers=headers).status == status, (path, method, headers)
    assert slack.messages("#general") == []
