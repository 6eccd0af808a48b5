"""The message field completes what people type: by keys, by pointer, and for screen readers."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.demo_page import GENERAL, MEMBER, Visitor


@pytest.fixture
def field(visitor: Visitor) -> Locator:
    return visitor.visit(GENERAL, MEMBER).page.get_by_role("combobox", name="Message")


@pytest.fixture
def options(visitor: Visitor) -> Locator:
    return visitor.page.get_by_role("listbox", name="Suggestions").get_by_role("option")


def test_completion_offers_commands_and_arguments(visitor: Visitor, field: Locator, options: Locator) -> None:
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("/aid-")
    expect(options).to_have_count(4)
    expect(options.first).to_contain_text("[GG-1 | filter | words | help]")
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    expect(visitor.page.locator(f"#{active}")).to_contain_text("/aid-update")
    field.press("Enter")
    expect(field).to_have_value("/aid-update ")
    field.press_sequentially("gg-2")
    field.press_sequentially(",gg-")
    expect(options).to_have_text(["GG-1", "GG-2", "GG-3"])
    field.press("Tab")
    expect(field).to_have_value("/aid-update gg-2,GG-1 ")
    field.press_sequentially("hold-")
    options.get_by_text("hold-lifted").click()
    field.press_sequentially("u")
    field.press("Escape")
    expect(options).to_have_count(0)
    expect(field).to_have_value("/aid-update gg-2,GG-1 hold-lifted u")
    expect(field).to_be_focused()


def test_enter_sends_a_fully_typed_command(visitor: Visitor, field: Locator) -> None:
    for line in ("/aid-status", "/aid-status ", "/aid-status GG-1"):
        field.press_sequentially(line)
        field.press("Enter")
        expect(visitor.newest).to_contain_text("GG-1 · " if line.endswith("1") else "17 aid projects · 1718")

    desk = Visitor(visitor.page, visitor.url).visit("G0MINISTRY", MEMBER)
    head = visitor.page.locator("#head")
    expect(head).to_contain_text("The bot is not in this channel")
    expect(desk.type("/aid-alerts on")).to_contain_text("/invite @aid-status")
    expect(desk.type("/invite @aid-status")).to_contain_text("was added to #ministry-desk")
    expect(head).not_to_contain_text("The bot is not in this channel")
    expect(desk.type("/aid-alerts on")).to_contain_text("gets alerts for")


def test_people_and_channels(visitor: Visitor, field: Locator, options: Locator) -> None:
    field.press_sequentially("Ask @par")
    expect(options).to_contain_text(["Jihoon Park"])
    field.press("Enter")
    field.press_sequentially("in #aid")
    expect(options).to_have_text(["#aid-alerts"])
    field.press("Enter")
    field.press_sequentially(":tada:")
    field.press("Enter")
    expect(visitor.newest).to_contain_text("Ask @Jihoon Park in #aid-alerts 🎉")
    expect(visitor.newest.locator(".mention")).to_have_count(2)


def test_completion_ignores_times_addresses_and_numbers(field: Locator, options: Locator) -> None:
    for typed in ("at 10:30", "https://example.org", "mail a@mina", "undo #3", "smile :)"):
        field.fill("")
        field.press_sequentially(typed)
        expect(options).to_have_count(0)


def test_on_a_phone_by_touch(visitor: Visitor) -> None:
    assert visitor.page.context.browser
    context = visitor.page.context.browser.new_context(has_touch=True, viewport={"width": 390, "height": 700})
    touched = Visitor(context.new_page(), visitor.url).visit(GENERAL, MEMBER)
    field = touched.page.get_by_role("combobox", name="Message")
    field.press_sequentially("/aid-st")
    touched.page.get_by_role("option", name="/aid-status").tap()
    touched.page.get_by_role("option", name="GG-3", exact=True).tap()
    expect(field).to_have_value("/aid-status GG-3 ")
    touched.page.get_by_role("button", name="Send").tap()
    expect(touched.newest).to_contain_text("GG-3 · ")
    context.close()
