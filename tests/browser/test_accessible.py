"""Every surface of the page, looked at by axe: light and dark, on a desk and on a phone."""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.demo_page import ALERTS, MEMBER, Visitor

BATCH = "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-05 source:https://example.org/a"
DESK, PHONE = {"width": 1100, "height": 900}, {"width": 390, "height": 844}
GRAVE = {"serious", "critical"}
KEYS = 40  # at most between the composer and the newest message


@pytest.fixture(scope="module")
def worked_at(browser: Browser, demo: str) -> Iterator[Visitor]:
    """A demo in which something was recorded, taken back and followed."""
    visitor = Visitor(browser.new_page(), demo)
    assert visitor.page.request.post(f"{demo}/start-over").ok
    answer = visitor.visit().type(BATCH)
    answer.get_by_role("button", name="Record", exact=True).click()
    answer.get_by_role("button", name="Undo", exact=True).click()
    expect(answer).to_contain_text("Retracted")
    visitor.type("/aid-status GG-1").get_by_role("button", name="Follow", exact=True).click()
    expect(visitor.newest).to_contain_text("You're following GG-1")
    visitor.type("/aid-status")
    expect(visitor.newest).to_contain_text("17 aid projects")
    yield visitor
    visitor.page.close()


def channel(visitor: Visitor) -> None:
    expect(visitor.visit().newest).to_contain_text("17 aid projects")


def completing(visitor: Visitor) -> None:
    visitor.visit().page.get_by_role("combobox", name="Message").press_sequentially("/aid")
    expect(visitor.page.get_by_role("option", name="/aid-status").first).to_be_visible()


def thread(visitor: Visitor) -> None:
    visitor.visit(ALERTS).page.get_by_role("link", name="1 reply").click()
    expect(visitor.page.get_by_role("complementary", name="Thread")).to_be_visible()


def direct_message(visitor: Visitor) -> None:
    visitor.visit(person=MEMBER).page.get_by_role("link", name="aid-status", exact=True).click()
    expect(visitor.page.get_by_role("link", name="Messages", exact=True)).to_be_visible()


def told(visitor: Visitor) -> None:
    """An admin tells the bot something, and opens the form for it by keys alone."""
    visitor.visit().page.get_by_role("link", name="aid-status", exact=True).click()
    expect(visitor.page.get_by_role("link", name="Messages", exact=True)).to_be_visible()
    visitor.type("GG-1 is on hold by France")
    expect(visitor.newest).to_contain_text("Nothing is recorded yet. I understood:")
    button = visitor.newest.get_by_role("button", name="Open the form")
    for _ in range(KEYS):
        if button.evaluate("each => each === document.activeElement"):
            break
        visitor.page.keyboard.press("Shift+Tab")
    visitor.page.keyboard.press("Enter")
    expect(visitor.form("Record an update")).to_contain_text("France")


def home(visitor: Visitor) -> None:
    expect(visitor.home()).to_contain_text("GG-1")


def errors(visitor: Visitor) -> None:
    visitor.visit().type("/aid-update")
    form = visitor.form("Record an update")
    form.get_by_role("button", name="Next").click()
    expect(form.get_by_role("alert").first).to_be_visible()


def inspector(visitor: Visitor) -> None:
    visitor.page.goto(f"{visitor.url}/inspector")


SURFACES = (channel, completing, thread, direct_message, told, home, errors, inspector)


@pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.__name__)
def test_page_has_no_serious_accessibility_problem(
    browser: Browser, worked_at: Visitor, surface: Callable[[Visitor], None]
) -> None:
    page = browser.new_page(viewport=DESK)  # type: ignore[arg-type]
    surface(Visitor(page, worked_at.url))
    found = {}
    for window in (DESK, PHONE):
        page.set_viewport_size(window)  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found |= {(window["width"], scheme): grave} if (grave := _grave(page)) else {}
    _close_forms(page)
    page.close()
    assert found == {}


def test_the_drawer_of_a_phone(browser: Browser, worked_at: Visitor) -> None:
    page = browser.new_page(viewport=PHONE)  # type: ignore[arg-type]
    Visitor(page, worked_at.url).visit()
    page.locator("main label[for=drawer]").click()
    expect(page.get_by_role("navigation", name="Workspace")).to_be_visible()
    assert _grave(page) == []
    page.close()


def _close_forms(page: Page) -> None:
    """A form that is left open lies over what its person looks at next."""
    for _ in range(page.get_by_role("dialog").count()):
        page.get_by_role("dialog").last.get_by_role("button", name="Close").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)


def _grave(page: Page) -> list[str]:
    """What axe calls serious or critical, each with where it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{each['id']}: {node['target']} {node.get('failureSummary', '')}"
        for each in found
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
