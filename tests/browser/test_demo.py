"""The whole demo, as the README offers it: its own process, its page in a real browser, people at work."""

import re

from playwright.sync_api import Locator, expect

from tests.browser.demo_page import ALERTS, GENERAL, MEMBER, Visitor

BATCH = "/aid-update GG-1,GG-2,GG-3 approval-reported on:2026-02-05 source:https://example.org/a"


def test_demo_batch_is_previewed_recorded_and_undone(visitor: Visitor) -> None:
    visitor.visit()
    answer = visitor.type(BATCH)
    expect(answer).to_contain_text("Record this for 3 projects?")
    expect(answer).to_contain_text("Nothing is recorded yet.")
    answer.get_by_role("button", name="Record", exact=True).click()
    expect(answer).to_contain_text("Recorded as #")
    expect(answer).to_contain_text("GG-3 Under review → Approval reported")
    undo = answer.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_visible()

    alert = _only_message(visitor.visit(ALERTS))
    expect(alert).to_contain_text("Approval reported, not confirmed: GG-1, GG-2, GG-3")
    expect(alert).to_contain_text("Under review → Approval reported")
    expect(alert.get_by_role("link", name="example.org")).to_have_attribute("href", "https://example.org/a")

    visitor.visit()
    undo.click()
    expect(answer).to_contain_text("Retracted: #")
    alert = _only_message(visitor.visit(ALERTS))
    expect(alert).to_contain_text("(edited)")
    expect(alert).to_contain_text("@Jihoon Park retracted #")
    alert.get_by_role("link", name="1 reply").click()
    thread = visitor.page.get_by_role("complementary", name="Thread").get_by_role("article")
    expect(thread).to_have_count(2)
    expect(thread.last).to_contain_text("@Jihoon Park retracted #")
    expect(visitor.visit().type("/aid-status GG-2")).to_contain_text("GG-2 · Under review")


def test_demo_form_follows_the_kind_and_shows_field_errors(visitor: Visitor) -> None:
    visitor.visit().type("/aid-update")
    form = visitor.form("Record an update")
    form.get_by_label("Projects").press_sequentially("uni")
    form.get_by_role("option", name="UNICEF").click()
    expect(form.get_by_label("Held by")).to_have_count(0)
    form.get_by_label("What happened").select_option(label="Hold")
    form.get_by_label("Held by").select_option(label="France")
    form.get_by_label("Press", exact=True).check()
    expect(form.get_by_label("Reported on")).to_be_visible()
    expect(form.get_by_role("button", name="Remove IO-2")).to_be_visible()

    day = form.get_by_label("If the day is not known")
    day.fill("the other day")
    form.get_by_role("button", name="Review", exact=True).click()
    error = form.get_by_role("alert")
    expect(error).to_have_count(1)
    expect(error).to_contain_text("the other day")
    expect(day).to_have_accessible_description(re.compile("the other day"))

    day.fill("2026-03")
    form.get_by_role("button", name="Review", exact=True).click()
    visitor.form("Review and record").get_by_role("button", name="Record").click()
    receipt = visitor.form("Recorded")
    expect(receipt).to_contain_text("IO-2 Under review → On hold")
    expect(receipt.get_by_role("button", name="Undo")).to_be_visible()
    receipt.get_by_label("Close").click()
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    expect(visitor.type("/aid-status IO-2")).to_contain_text("IO-2 · On hold")
    expect(_only_message(visitor.visit(ALERTS))).to_contain_text("Hold by France, not confirmed: IO-2")


def test_news_is_suggested_recorded_and_seen(visitor: Visitor) -> None:
    """A member suggests from a message, an admin records from it, a second admin sees it, and the alert follows."""
    visitor.visit(GENERAL, MEMBER).type("The Chair approved GG-1, says https://example.org/letter")
    expect(visitor.newest).to_contain_text("The Chair approved")
    visitor.newest.hover()
    visitor.newest.locator("details.menu summary").click()
    visitor.newest.get_by_role("button", name="Hand in committee news").click()
    form = visitor.form("Hand in news")
    expect(form.get_by_label("Source link")).to_have_value("https://example.org/letter")
    form.get_by_role("button", name="Hand in", exact=True).click()
    thanks = visitor.form("Handed in")
    expect(thanks).to_contain_text("Thank you. An admin reviews it")
    thanks.get_by_label("Close").click()

    visitor.visit().type("/aid-admin grant @mina.lee")
    expect(visitor.newest).to_contain_text("is now an admin")
    home = visitor.home()
    expect(home).to_contain_text("Suggestion by @Mina Lee")
    home.get_by_role("button", name="Open the form").click()
    form = visitor.form("Record an update")
    expect(form.get_by_role("button", name="Remove GG-1")).to_be_visible()
    form.get_by_label("What happened").select_option(label="Exemption approved")
    form.get_by_role("radio", name=re.compile("quotes the letter")).check()
    expect(form.get_by_label("Reported on")).to_be_visible()
    form.get_by_label("If the day is not known").fill("2026-02-06")
    form.get_by_label("Valid until").fill("2027-02-06")
    form.get_by_role("button", name="Review", exact=True).click()
    visitor.form("Review and record").get_by_role("button", name="Record").click()
    expect(visitor.form("Recorded")).to_contain_text("GG-1 Under review → Approved")

    alert = _only_message(visitor.visit(ALERTS, MEMBER))
    expect(alert).to_contain_text("Not yet seen by a second admin: #6")
    alert.get_by_role("button", name="Seen", exact=True).click()
    alert = visitor.messages.first
    expect(alert).to_contain_text("(edited)")
    expect(alert).not_to_contain_text("second admin")


def _only_message(visitor: Visitor) -> Locator:
    """The one message of the open channel, once it is there."""
    expect(visitor.messages).to_have_count(1)
    return visitor.newest


def test_by_keyboard_alone(visitor: Visitor) -> None:
    """Type, preview, record, a message's menu, a form in it, close: never with the focus lost."""
    keys = visitor.visit().page.keyboard
    focused = visitor.page.locator(":focus")
    keys.type("/aid-update GG-1,GG-2 approval-reported on:2026-02-05")
    keys.press("Enter")
    expect(visitor.newest).to_contain_text("Record this for 2 projects?")
    _back_to(visitor, "Record")
    keys.press("Enter")
    expect(visitor.newest).to_contain_text("Recorded as #")
    expect(focused).to_contain_text("Recorded as #")

    message = visitor.visit(ALERTS).type("The ministry says so.")
    expect(message).to_contain_text("The ministry says so.")
    _back_to(visitor, "⋯")
    keys.press("Enter")
    keys.press("Tab")
    expect(focused).to_have_text("Hand in committee news")
    keys.press("Enter")
    form = visitor.form("Record an update")
    expect(form.get_by_label("What happened")).to_be_focused()
    keys.press("Tab")
    expect(form.get_by_label("Projects")).to_be_focused()
    suggestions = form.get_by_role("listbox", name="Suggestions")
    expect(suggestions).to_have_count(0)
    keys.type("gg-3")
    expect(suggestions.get_by_role("option")).to_have_count(1)
    keys.press("Enter")
    expect(form.get_by_role("button", name="Remove GG-3")).to_be_visible()
    expect(suggestions).to_have_count(0)
    keys.press("Tab")
    expect(form.get_by_label("Source link")).to_be_focused()
    keys.press("Escape")
    expect(form).to_have_count(0)
    expect(visitor.page.get_by_role("combobox", name="Message")).to_be_focused()


def _back_to(visitor: Visitor, words: str) -> None:
    """Shift+Tab to what has these words on it."""
    for _ in range(8):
        visitor.page.keyboard.press("Shift+Tab")
        if visitor.page.locator(":focus").text_content() == words:
            return
    raise AssertionError(f"nothing called {words} can be reached by keys")


def test_a_newcomer_tries_as_others(visitor: Visitor) -> None:
    """The page's first words are lines to press; whoever can come in can be acted as, from any channel."""
    visitor.visit().page.get_by_role("button", name="/aid-status the status of all 17").click()
    expect(visitor.newest).to_contain_text("17 aid projects · 1718 Committee exemptions")
    visitor.page.get_by_role("link", name="Jo Other").click()
    expect(visitor.page.get_by_role("heading", name="# partners")).to_be_visible()
    expect(visitor.page.get_by_role("link", name="Kim Gone")).to_have_count(0)
    visitor.page.get_by_role("link", name="Jihoon Park").click()
    expect(visitor.page.get_by_role("heading", name="# partners")).to_be_visible()
    visitor.page.get_by_role("button", name="Start over").click()
    expect(visitor.page.get_by_role("heading", name="# general")).to_be_visible()
