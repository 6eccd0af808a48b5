"""Every block and element drawn: in a real browser in light and dark, wide and on a phone, and as text."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from block_samples import BLOCKS, ELEMENTS
from playwright.sync_api import Browser, Page, expect, sync_playwright
from test_loopback_browser import ARGUMENTS, CHROMIUM

from bot.loopback import LoopbackServer, Person, Slack
from bot.loopback.blocks import all_blocks, view_problems
from bot.loopback.deliver import Ack, Envelope
from bot.loopback.gallery import CHANNEL, MESSAGES, MODAL, show
from bot.loopback.values import find_parts

NARROW = 390
TRIES = 4
"""A message whose words follow the clock may just then be drawn anew."""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip("Debian's chromium is not installed")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    opened = chromium.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
    yield opened
    opened.close()
    assert problems == []


class Acked:
    """An app that hears and acknowledges everything."""

    def __init__(self) -> None:
        self.heard: list[Envelope] = []

    def send(self, envelope: Envelope, _seconds: float) -> Ack:
        self.heard.append(envelope)
        return Ack(acked=True, status=200, payload=None, seconds=0.0)

    @property
    def actions(self) -> list[dict[str, object]]:
        return [action for envelope in self.heard for action in envelope.payload.get("actions", ())]


@pytest.fixture
def acked(slack: Slack) -> Acked:
    slack.delivery = Acked()
    return slack.delivery


def test_the_gallery_holds_every_block_and_element(slack: Slack) -> None:
    show(slack, "U0ADMIN", "")
    assert len(slack.messages(CHANNEL)) == len(MESSAGES)
    blocks = [block for message in MESSAGES for block in all_blocks(message)]
    assert {block["type"] for block in blocks} | {block["type"] for block in MODAL["blocks"]} == BLOCKS.keys()
    assert {part.kind for part in find_parts([*blocks, *MODAL["blocks"]])} == ELEMENTS.keys()
    assert view_problems(MODAL) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, NARROW])
def test_everything_is_drawn_and_fits(server: LoopbackServer, page: Page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{server.url}/gallery")
    messages = page.locator(".message")
    expect(messages).to_have_count(len(MESSAGES))
    wide = messages.evaluate_all("list => list.map((each) => each.scrollWidth - each.clientWidth)")
    assert max(wide) == 0
    unnamed = page.evaluate(
        """[...document.querySelectorAll('.message :is(button, select, textarea, input:not([type=hidden]))')]
            .filter((each) => !each.hidden && each.getAttribute('aria-hidden') !== 'true')
            .filter((each) => !(each.ariaLabel || each.labels?.length || each.textContent.trim()))
            .map((each) => each.outerHTML)""",
    )
    assert unnamed == []
    if folder := os.environ.get("PICTURES"):
        for place, message in enumerate(messages.all()):
            message.screenshot(path=Path(folder) / f"gallery-{place}-{width}-{scheme}.png", animations="disabled")


def test_what_is_used_on_the_page_reaches_the_app(server: LoopbackServer, page: Page, acked: Acked) -> None:
    page.goto(f"{server.url}/gallery")
    page.get_by_role("button", name="Helpful", exact=True).click()
    page.get_by_role("combobox", name="People").press_sequentially("mina")
    page.get_by_role("listbox").get_by_role("option", name="Mina Lee").click()
    page.get_by_role("button", name="Open 2").click()
    page.get_by_role("button", name="Danger").click()
    page.get_by_role("dialog", name="Withdraw it?").get_by_role("button", name="Yes").click()
    field = page.get_by_label("Plain text")
    field.fill("by Enter")
    field.press("Enter")
    expect(field).to_be_focused()
    page.wait_for_function("() => !document.querySelector('form.busy')")
    told = [(action["type"], action.get("value") or action.get("selected_users")) for action in acked.actions]
    assert told == [
        ("feedback_buttons", "good"),
        ("multi_users_select", ["U0MEMBER"]),
        ("button", "open 2"),
        ("button", "danger"),
        ("plain_text_input", "by Enter"),
    ]


def test_an_open_menu_outlives_news(server: LoopbackServer, page: Page, slack: Slack) -> None:
    """Also when its own message changes: what was typed is still there, and the list under it."""
    page.goto(f"{server.url}/gallery")
    people = page.get_by_role("combobox", name="People")
    people.press_sequentially("mina")
    option = page.get_by_role("listbox").get_by_role("option", name="Mina Lee")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Mina Lee"])
    for _ in range(TRIES):
        same = option.element_handle()
        people.dispatch_event("click")
        page.wait_for_load_state("networkidle")
        if same.is_visible():
            break
    else:
        pytest.fail("the option is put anew each time")

    (message,) = [each for each in slack.messages(CHANNEL) if "multi_users_select" in str(each.blocks)]
    token = slack.app.bot_token
    answer = slack.call("chat.update", {"channel": CHANNEL, "ts": message.ts, "blocks": list(message.blocks)}, token)
    assert answer.body["ok"], answer.body
    expect(page.locator(f".message[data-key='{CHANNEL}/{message.ts}'] .edited")).to_be_visible()
    expect(people).to_be_focused()
    expect(people).to_have_value("mina")
    option.click()
    expect(page.get_by_role("button", name="Remove Mina Lee")).to_be_visible()


TYPED_AND_REPLACED = """
() => {
    const input = document.querySelector("input[role=combobox][aria-label=People]");
    const ask = new XMLHttpRequest();
    ask.open("GET", location.href, false);
    ask.send();
    const there = input.closest(".message");
    const fresh = new DOMParser().parseFromString(ask.responseText, "text/html");
    input.focus();
    input.value = "mina";
    input.dispatchEvent(new Event("input", { bubbles: true }));
    swap(there, fresh.querySelector(`.message[data-key="${there.dataset.key}"]`));
}
"""


def test_news_that_comes_before_the_list_is_there_does_not_keep_it_away(server: LoopbackServer, page: Page) -> None:
    page.goto(f"{server.url}/gallery")
    people = page.get_by_role("combobox", name="People")
    expect(people).to_be_visible()
    page.evaluate(TYPED_AND_REPLACED)  # in one go, for news may put the field anew at any moment
    expect(people).to_have_value("mina")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Mina Lee"])


def test_a_data_table_is_paged_and_sorted(server: LoopbackServer, page: Page) -> None:
    page.goto(f"{server.url}/gallery")
    table = page.get_by_role("table", name="Consignments")
    rows = table.locator("tbody tr:visible th")
    expect(rows).to_have_text([f"GG-{number}" for number in range(1, 6)])
    table.get_by_role("button", name="Items").click()
    expect(rows).to_have_text(["GG-6", "GG-1", "GG-4", "GG-3", "GG-5"])
    table.get_by_role("button", name="Items").click()
    expect(rows.first).to_have_text("GG-8")
    page.get_by_role("button", name="Next ›").click()
    expect(rows).to_have_text(["GG-4", "GG-1", "GG-6"])


def test_a_form_with_every_input_is_sent_as_it_stands(server: LoopbackServer, page: Page, acked: Acked) -> None:
    page.goto(f"{server.url}/gallery?view=modal")
    modal = page.get_by_role("dialog", name="Every input")
    modal.get_by_label("A datetimepicker").fill("2026-03-01T10:00")
    modal.get_by_label("Formatted text").fill("*all* of it")
    modal.get_by_label("Formatted text").press("Control+A")
    modal.get_by_role("button", name="Italic").click()
    modal.get_by_role("button", name="Send").click()
    expect(modal).to_be_hidden()
    entries = [
        entry for block in acked.heard[-1].payload["view"]["state"]["values"].values() for entry in block.values()
    ]
    held = {entry["type"]: entry for entry in entries}
    assert held["datetimepicker"]["selected_date_time"] == 1_772_326_800  # ten o'clock in Seoul
    pieces = held["rich_text_input"]["rich_text_value"]["elements"][0]["elements"]
    assert pieces == [{"type": "text", "text": "*all* of it", "style": {"italic": True}}]
    assert held["timepicker"] == {"type": "timepicker", "selected_time": "09:30", "timezone": "America/New_York"}


def test_the_gallery_as_text(slack: Slack, admin: Person) -> None:
    show(slack, admin.id, "modal")
    screen = admin.screen("#gallery")
    for line in (
        "Rich text: struck and underlined a > b #17665f@S0DESK🚢 2026-02-07",
        "[Plain] [Primary] [Danger] [Link] [Workflow] [⋯]",
        "[Helpful] [Not helpful] [Delete]",
        "Formatted text: Held twice",
        "(complete) Read the letter",
        "[video: How the Committee decides]",
        "[file: letter-2026-12]",
        "GG-2 | Organisation B | 28",
        "2025 | 31 | 12",
        "Health | 9 (53%)",
    ):
        assert line in screen.splitlines()
    assert re.search(r"\[a\w+: 2026-02-07 09:00\]", screen)
    assert "(warning) This is warning." in admin.read()


def test_a_dialog_comes_first_without_a_script_too(
    server: LoopbackServer, slack: Slack, acked: Acked, chromium: Browser
) -> None:
    show(slack, "U0ADMIN", "")
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}/as/U0ADMIN/c/{CHANNEL}")
    page.get_by_role("button", name="Danger").click()
    expect(page.get_by_role("heading", name="Withdraw it?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    assert acked.actions == []
    page.get_by_label("Plain text").fill("without a script")
    page.get_by_label("Plain text").press("Enter")
    page.get_by_role("button", name="Danger").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", name="# gallery")).to_be_visible()
    assert [action["value"] for action in acked.actions] == ["danger"]
    expect(page.get_by_label("Plain text")).to_have_value("without a script")
    context.close()
