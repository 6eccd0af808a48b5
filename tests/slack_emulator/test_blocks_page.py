"""Every block and element drawn in a real browser, in light and dark, wide and on a phone, and as text."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from bot.slack_emulator import EmulatorServer, SimulatedUser, SlackEmulator
from bot.slack_emulator.models import Message
from bot.slack_emulator.transport.delivery import Ack, Envelope
from tests.slack_emulator.block_samples import BLOCKS, ELEMENTS, actions, asked, block, cells, element
from tests.slack_emulator.sample_app import Json, button, modal, option, plain
from tests.slack_emulator.test_browser import ARGUMENTS, CHROMIUM

GENERAL = "C0GENERAL"
ADDRESS = f"/as/U0ADMIN/c/{GENERAL}"
NARROW = 390
TRIES = 4
"""A message whose words follow the clock may just then be drawn anew."""
INPUTS = [{**asked(kind), "label": plain(kind)} for kind in ELEMENTS.keys() - {"button", "overflow"}]
PEOPLE = {"options": [option("Mina Lee"), option("Jihoon Park")], "placeholder": plain("People")}
SURE = {"title": plain("Withdraw it?"), "text": plain("GG-1 goes off the list.")}
USED: list[Json] = [
    actions(element("multi_static_select", **PEOPLE), button("Danger", "danger", value="danger", confirm=SURE)),
    {**asked("plain_text_input", action_id="line"), "label": plain("Plain text"), "dispatch_action": True},
    block(
        "data_table", caption="Consignments", page_size=5, rows=[cells("Ref"), *(cells(f"GG-{n}") for n in range(1, 9))]
    ),
]


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
    def actions(self) -> list[Json]:
        return [action for envelope in self.heard for action in envelope.payload.get("actions", ())]


@pytest.fixture
def acked(slack: SlackEmulator) -> Acked:
    slack.delivery = Acked()
    return slack.delivery


def post(slack: SlackEmulator, blocks: list[Json]) -> Message:
    answer = slack.call("chat.postMessage", {"channel": GENERAL, "blocks": blocks}, slack.app.bot_token)
    message = slack.store.message(GENERAL, answer.body["ts"])
    assert message
    return message


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1100, NARROW])
def test_everything_is_drawn_and_fits(
    server: EmulatorServer, slack: SlackEmulator, page: Page, width: int, scheme: str
) -> None:
    post(slack, [block(kind) for kind in BLOCKS])
    post(slack, [actions(*(element(kind) for kind in ("button", "overflow"))), *INPUTS])
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{server.url}{ADDRESS}")
    messages = page.locator(".message")
    expect(messages).to_have_count(2)
    wide = messages.evaluate_all("list => list.map((each) => each.scrollWidth - each.clientWidth)")
    assert max(wide) == 0
    unnamed = page.evaluate(
        """[...document.querySelectorAll('.message :is(button, select, textarea, input:not([type=hidden]))')]
            .filter((each) => !each.hidden && each.getAttribute('aria-hidden') !== 'true')
            .filter((each) => !(each.ariaLabel || each.labels?.length || each.textContent.trim()))
            .map((each) => each.outerHTML)""",
    )
    assert unnamed == []


def test_what_is_used_on_the_page_reaches_the_app(
    server: EmulatorServer, slack: SlackEmulator, page: Page, acked: Acked
) -> None:
    post(slack, USED)
    page.goto(f"{server.url}{ADDRESS}")
    page.get_by_role("combobox", name="People").press_sequentially("mina")
    page.get_by_role("listbox").get_by_role("option", name="Mina Lee").click()
    page.get_by_role("button", name="Danger").click()
    page.get_by_role("dialog", name="Withdraw it?").get_by_role("button", name="Yes").click()
    field = page.get_by_label("Plain text")
    field.fill("by Enter")
    field.press("Enter")
    expect(field).to_be_focused()
    page.wait_for_function("() => !document.querySelector('form.busy')")
    told = [(action["type"], action.get("value") or action.get("selected_options")) for action in acked.actions]
    assert told == [
        ("multi_static_select", [option("Mina Lee")]),
        ("button", "danger"),
        ("plain_text_input", "by Enter"),
    ]


def test_an_open_menu_outlives_news(server: EmulatorServer, page: Page, slack: SlackEmulator) -> None:
    """Also when its own message changes: what was typed is still there, and the list under it."""
    message = post(slack, USED)
    page.goto(f"{server.url}{ADDRESS}")
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

    token = slack.app.bot_token
    answer = slack.call("chat.update", {"channel": GENERAL, "ts": message.ts, "blocks": list(message.blocks)}, token)
    assert answer.body["ok"], answer.body
    expect(page.locator(f".message[data-key='{GENERAL}/{message.ts}'] .edited")).to_be_visible()
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


def test_news_that_comes_before_the_list_is_there_does_not_keep_it_away(
    server: EmulatorServer, slack: SlackEmulator, page: Page
) -> None:
    post(slack, USED)
    page.goto(f"{server.url}{ADDRESS}")
    people = page.get_by_role("combobox", name="People")
    expect(people).to_be_visible()
    page.evaluate(TYPED_AND_REPLACED)  # in one go, for news may put the field anew at any moment
    expect(people).to_have_value("mina")
    expect(page.get_by_role("listbox").get_by_role("option")).to_have_text(["Mina Lee"])


def test_a_data_table_is_paged(server: EmulatorServer, slack: SlackEmulator, page: Page) -> None:
    post(slack, USED)
    page.goto(f"{server.url}{ADDRESS}")
    rows = page.get_by_role("table", name="Consignments").locator("tbody tr:visible th")
    expect(rows).to_have_text([f"GG-{number}" for number in range(1, 6)])
    page.get_by_role("button", name="Next ›").click()
    expect(rows).to_have_text(["GG-6", "GG-7", "GG-8"])


def test_blocks_and_a_form_as_text(slack: SlackEmulator, admin: SimulatedUser) -> None:
    post(slack, [block(kind) for kind in BLOCKS])
    post(slack, USED)
    screen = admin.screen("#general").splitlines()
    lines = {
        "[Press]",
        "---",
        "Chart",
        "Mon | 1",
        "aid-status: [People] [Danger]",
        "Plain text: …",
        "Consignments",
        "GG-2",
    }
    assert lines <= set(screen)
    slack.views.open(admin.id, modal("Every input", INPUTS), GENERAL)
    assert "datepicker: …" in admin.read()


def test_a_dialog_comes_first_without_a_script_too(
    server: EmulatorServer, slack: SlackEmulator, acked: Acked, chromium: Browser
) -> None:
    post(slack, USED)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{server.url}{ADDRESS}")
    page.get_by_role("button", name="Danger").click()
    expect(page.get_by_role("heading", name="Withdraw it?")).to_be_visible()
    page.get_by_role("link", name="Cancel").click()
    assert acked.actions == []
    page.get_by_label("Plain text").fill("without a script")
    page.get_by_label("Plain text").press("Enter")
    page.get_by_role("button", name="Danger").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("heading", name="# general")).to_be_visible()
    assert [action["value"] for action in acked.actions] == ["danger"]
    expect(page.get_by_label("Plain text")).to_have_value("without a script")
    context.close()
