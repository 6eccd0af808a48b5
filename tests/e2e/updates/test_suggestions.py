"""Suggestions: a member hands in news, an admin records or declines it, its author is told."""

import pytest

from db.integrity.check import find_problems
from tests.support.harness import SECOND, BotHarness, UserDriver

NEWS = "GG-1 is on hold by France, says https://example.org/news"


def hands_in(somebody: UserDriver, text: str = NEWS) -> str:
    """Hand in news by the command; return the last page of the form."""
    somebody.types(f"/aid-update {text}")
    somebody.sees_modal("suggest_form")
    return somebody.submits()


def posted(harness: BotHarness) -> str:
    harness.alerts()
    return harness.member.person.screen("#general")


def test_member_suggests_from_a_message_and_an_admin_records(harness: BotHarness) -> None:
    assert "posted in #general" in harness.admin.types("/aid-admin suggestions #general").text
    harness.member.person.shortcut(harness.second.person.say("#general", NEWS), "record_message")
    form = harness.member.sees_modal("suggest_form")
    assert NEWS in form
    assert "GG-1 · Gyeonggi Province project 1" in form
    before = harness.rows()["updates"]
    assert "Thank you. An admin reviews it" in harness.member.submits()
    assert "Suggestion by @Mina Lee" in posted(harness)
    assert "[Open the form] [Decline]" in harness.admin.sees_home("Suggestion by @Mina Lee")
    assert harness.rows()["updates"] == before

    (message,) = [each for each in harness.slack.messages("#general") if "Suggestion" in each.text]
    harness.admin.person.press(message, "Open the form")
    form = harness.admin.sees_modal("update_form")
    assert "Hold" in form
    assert "https://example.org/news" in form
    harness.admin.submits(**{"as": "press", "on": "2026-02-09"})
    assert "Recorded as #6" in harness.admin.submits()

    assert "@Jihoon Park recorded this suggestion: #6." in posted(harness)
    assert "[Decline]" not in posted(harness)
    (told,) = harness.direct_messages("U0MEMBER")
    assert "recorded this suggestion: `#6`. Thank you." in told.text
    assert "settled this suggestion already" in harness.second.person.press(message, "Decline", stale=True).wait().text
    assert "0 suggestions wait." in harness.admin.types("/aid-admin suggestions off").text
    with harness.database.reading() as session:
        assert find_problems(session) == []


def test_withheld_name_is_not_posted(harness: BotHarness) -> None:
    harness.execute("UPDATE projects SET title_en = 'Kaepung nursery' WHERE ref = 'GG-2'")
    for line in ("withhold GG-2", "suggestions #general"):
        harness.admin.types(f"/aid-admin {line}")
    hands_in(harness.member, "Kaepung Nursery got its letter, says Gyeonggi Province.")
    assert "█████ got its letter, says Gyeonggi Province." in posted(harness)
    assert "Kaepung Nursery got its letter" in harness.admin.sees_home("Suggestion by")
    harness.admin.person.press(harness.admin.person.home, "Decline")
    harness.admin.person.submit(values={"reason": "The letter is about another, not Kaepung Nursery."})
    assert "another, not █████." in posted(harness)
    (told,) = harness.direct_messages("U0MEMBER")
    assert "Kaepung" not in told.text


def test_declined_suggestion_tells_its_author_why(harness: BotHarness) -> None:
    hands_in(harness.member)
    harness.admin.sees_home("Suggestion by")
    harness.admin.person.press(harness.admin.person.home, "Decline")
    harness.admin.sees_modal("suggestion_decline")
    harness.admin.person.submit(values={"reason": "The article is from last year."})
    (told,) = harness.direct_messages("U0MEMBER")
    assert "declined this suggestion: The article is from last year." in told.text


def test_card_and_direct_message_lead_to_the_form(harness: BotHarness) -> None:
    card = harness.member.types("/aid-status GG-1")
    harness.member.person.press(card.message, "Hand in news")
    assert "GG-1 · Gyeonggi" in harness.member.sees_modal("suggest_form")
    harness.member.person.close()

    place = harness.slack.store.direct_message("U0MEMBER")
    harness.member.person.say(place.id, NEWS)
    harness.slack.wait_for(lambda: "This sounds like news" in harness.slack.direct_messages("U0MEMBER")[-1].text)
    harness.member.person.press(harness.slack.direct_messages("U0MEMBER")[-1], "Hand in news")
    assert NEWS in harness.member.sees_modal("suggest_form")


def test_same_news_is_joined_and_too_much_is_refused(harness: BotHarness) -> None:
    hands_in(harness.member)
    assert "An admin has the same news already" in hands_in(harness.member)
    harness.slack.edit_user(SECOND.id, is_guest=True)
    assert "Guests can view but not do this" in harness.second.types(f"/aid-update {NEWS}").text
    for number in range(4):
        assert "Thank you" in hands_in(harness.member, f"news {number}")
    assert "5 of your suggestions wait" in hands_in(harness.member, "one more")
    assert harness.rows()["suggestions"] == 5


def test_admins_are_asked_once_about_old_suggestions(harness: BotHarness) -> None:
    hands_in(harness.member)
    for days in (6, 2, 20):
        harness.tick(days=days)
    asked = [each.text for each in harness.direct_messages("U0ADMIN") if "waited for a week" in each.text]
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("", "wait in App Home"), ("here", "Type /aid-admin suggestions #channel"), ("off", "App Home")],
)
def test_channel_of_suggestions_is_a_channel(harness: BotHarness, typed: str, answer: str) -> None:
    assert answer in harness.admin.types(f"/aid-admin suggestions {typed}").text
