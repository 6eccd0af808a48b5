"""Follows, App Home, mentions and the message menu."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.slack_emulator import Fault, Faults
from db.models import Follow, Person, Project
from handlers.context import Actor as Asking
from handlers.home.listeners import HomePublisher
from tests.support.harness import SECOND, TEAM, BotHarness, UserDriver

LETTER = "as:letter source:https://example.org/letter"


def follow(harness: BotHarness, *refs: str) -> None:
    for ref in refs:
        harness.member.presses(harness.member.types(f"/aid-status {ref}"), "Follow")


# -- following ------------------------------------------------------------------------------------------------


def test_follow_sends_alerts_of_the_project_until_unfollowed(harness: BotHarness) -> None:
    card = harness.member.types("/aid-status GG-1")
    assert "You're following GG-1." in harness.member.presses(card, "Follow").text
    followed = harness.member.presses(card, "Follow")
    assert "You're following GG-1." in followed.text  # twice is once
    harness.record("GG-1 hold as:press by:FR on:2026-02-09", "GG-2 hold as:press by:FR on:2026-02-09")
    assert [each.text for each in harness.direct_messages("U0MEMBER")] == ["🔴 Hold by France, not confirmed: GG-1"]

    assert "You no longer follow GG-1." in harness.member.presses(followed, "Unfollow").text
    harness.note("nobody is told")
    assert len(harness.direct_messages("U0MEMBER")) == 1


def test_follower_gets_reminders_and_corrections(harness: BotHarness) -> None:
    follow(harness, "IO-2")
    (letter,) = harness.record(f"IO-2 approved {LETTER} on:2026-02-09 until:2026-04-11")
    harness.tick()
    harness.direct_messages("U0MEMBER")
    harness.admin.types(f"/aid-update {letter} retract another project")

    texts = [each.text for each in harness.direct_messages("U0MEMBER")]
    assert texts[0] == "Retracted: Exemption approved until 2026-04-11: IO-2"
    assert texts[1] == "Reminder: IO-2"
    assert f"retracted {letter} (#" in texts[2]


def test_follower_with_a_subscription_gets_one_message(harness: BotHarness) -> None:
    place = harness.slack.store.direct_message("U0MEMBER")
    harness.member.types("/aid-alerts on group:gyeonggi", channel=place.id)
    follow(harness, "GG-1", "IO-1")

    harness.record("GG-1,IO-1 note of both")

    assert [each.text for each in harness.direct_messages("U0MEMBER")] == ["Note: GG-1, IO-1"]


# -- App Home -------------------------------------------------------------------------------------------------


def test_home_of_a_new_person_is_empty_and_stores_nothing(harness: BotHarness) -> None:
    text = harness.member.sees_home("Projects you follow")

    for part in ("not following any projects.", "New since your last visit", "Upcoming deadlines", "Open holds"):
        assert part in text
    assert "Record an update" not in text
    assert "Messages:" not in text
    with harness.database.reading() as session:
        assert session.get(Person, (TEAM, "U0MEMBER")) is None
        assert session.scalars(select(Follow)).all() == []


def test_home_shows_projects_deadlines_and_holds(harness: BotHarness) -> None:
    follow(harness, "IO-2", "GG-1")
    harness.record(
        f"IO-2 approved {LETTER} on:2026-02-09 until:2026-04-11",
        f"IO-1 approved {LETTER} on:2026-02-09 until:2026-03-11",
        "GG-1 hold as:press by:FR on:2026-02-01",
        "GG-2 hold as:press by:FR on:2026-02-05",
    )

    harness.record("GG-3 hold by:CN reported:2026-02-08 as:press")

    text = harness.member.sees_home("Projects you follow")

    assert "China · 1 project\n" in text + "\n"  # no day for an undated hold
    assert "GG-1 Gyeonggi Province project 1 (name not given)\nOn hold · held by France" in text
    assert "IO-2 · exemption expires · 2026-04-11 (60 days left)" in text
    assert "IO-1 · exemption expires" not in text  # not followed
    assert "As of 2026-02-09, 1 day ago · https://example.org/letter" in text
    assert "France · 2 projects · the oldest dated one since 2026-02-01 (at least 9 days)" in text


@pytest.mark.parametrize("changes", [{"is_guest": True}, {"team_id": "T0OTHER"}])
def test_home_of_a_guest_or_stranger_with_the_role_is_a_readers(harness: BotHarness, changes: dict[str, Any]) -> None:
    assert "For admins" in harness.second.sees_home("Projects you follow")
    harness.slack.edit_user(SECOND.id, **changes)
    harness.note("something new")

    assert "For admins" not in harness.second.sees_home("something new")
    card = harness.second.types("/aid-status GG-1")
    assert "[Follow]" in card.text
    assert "[Record update]" not in card.text


def test_home_keeps_news_until_marked_as_seen(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 note a letter is expected")
    assert "a letter is expected" in harness.member.sees_home("Projects you follow")
    assert "a letter is expected" in harness.member.sees_home("a letter is expected")

    harness.member.person.press(harness.member.person.home, "Mark as read")

    harness.slack.wait_for(lambda: "Nothing new." in harness.member.person.read(harness.member.person.home))


@dataclass
class Late(Faults):
    """Faults that delay the first views.publish; ``came`` is set once it has arrived."""

    came: threading.Event = field(default_factory=threading.Event)

    def next_is(self, method: str, channel: str = "") -> Fault | None:
        if method != "views.publish" or self.came.is_set():
            return super().next_is(method, channel)
        self.came.set()
        return Fault.delay_before(1.5)


def test_home_published_late_replaces_no_newer_one(harness: BotHarness) -> None:
    harness.admin.types("/aid-update GG-1 note a letter is expected")
    harness.member.sees_home("a letter is expected")
    harness.slack.faults = late = Late()
    harness.member.person.open_home()
    assert late.came.wait(10)
    harness.member.person.press(harness.member.person.home, "Mark as read")

    harness.slack.wait_for(lambda: "Nothing new." in harness.member.person.read(harness.member.person.home))
    harness.bot.background.close()
    assert "Nothing new." in harness.member.person.read(harness.member.person.home)


def test_home_paged_quickly_shows_the_last_page(harness: BotHarness) -> None:
    """Publish once more, for any number of requests, and delay nobody else."""
    harness.slack.faults = late = Late()
    published: list[int] = []

    def publish(client: WebClient, person: Asking, page: int) -> None:
        client.views_publish(user_id=person.user_id, view={"type": "home", "blocks": []})
        published.append(page)

    tabs, client = HomePublisher(publish), WebClient("xoxb-emulator", base_url=harness.server.base_url)
    first = threading.Thread(target=tabs.publish, args=(client, Asking(TEAM, "U0MEMBER"), 1))
    first.start()
    assert late.came.wait(10)
    for page in range(2, 20):
        tabs.publish(client, Asking(TEAM, "U0MEMBER"), page)
    tabs.publish(client, Asking(TEAM, "U0ADMIN"), 1)
    assert published == [1], "the admin's; the member's is still on its way"
    first.join(10)
    assert published == [1, 1, 19]


def test_home_is_published_after_a_failed_attempt(harness: BotHarness, caplog: pytest.LogCaptureFixture) -> None:
    harness.slack.faults.add("views.publish", Fault.error("internal_error"))
    harness.member.person.open_home()
    harness.slack.wait_for(lambda: not harness.slack.faults.remaining())
    assert "Projects you follow" in harness.member.sees_home("Projects you follow")
    assert "an App Home was not published" in caplog.text


def test_home_is_paged(harness: BotHarness) -> None:
    with harness.database.reading() as session:
        refs = [row.ref for row in session.scalars(select(Project))]
    follow(harness, *refs[:10])
    text = harness.member.sees_home("Projects you follow")
    assert text.count("Unfollow") == 8

    harness.member.person.press(harness.member.person.home, "Next")
    harness.slack.wait_for(lambda: harness.member.person.read(harness.member.person.home).count("Unfollow") == 2)


def test_home_of_an_admin_has_buttons_to_record(harness: BotHarness) -> None:
    text = harness.admin.sees_home("Record an update")
    assert "Messages: none waiting or failed" in text

    harness.admin.person.press(harness.admin.person.home, "Record an update")
    assert "What happened" in harness.admin.sees_modal("update_form")


def test_home_language_setting_applies_to_answers(harness: BotHarness) -> None:
    harness.member.sees_home("Projects you follow")
    harness.member.person.choose(harness.member.person.home, "home_language", "ko")

    harness.slack.wait_for(lambda: "구독 중인 사업" in harness.member.person.read(harness.member.person.home))
    assert "보류" in harness.member.types("/aid-status GG-1").text


def test_language_defaults_to_that_of_slack(harness: BotHarness) -> None:
    harness.slack.edit_user("U0MEMBER", locale="ko-KR")
    assert "사업" in harness.member.types("/aid-status").text
    harness.slack.edit_user("U0GUEST", locale="de-DE")
    assert "Gyeonggi" in UserDriver(harness.slack, "U0GUEST").types("/aid-status").text


# -- mention and shortcut -------------------------------------------------------------------------------------


def test_mention_in_a_thread_is_answered_there(harness: BotHarness) -> None:
    for text, answered in (
        ("GG-1", "GG-1 · Under review"),
        ("", "17 projects"),
        ("group:gyeonggi", "3 projects"),
        ("help", "Ask where projects stand"),
        ("GG-99", "There is no project “GG-99”."),
    ):
        first = harness.admin.person.say("#general", "where does it stand?")
        harness.member.person.mention("#general", text, thread=first.ts)

        harness.wait(lambda words=answered: words in harness.member.person.screen("#general"))
        assert harness.slack.messages("#general")[-1].thread_ts == first.ts


def test_direct_message_is_answered(harness: BotHarness) -> None:
    place = harness.slack.store.direct_message("U0MEMBER")
    for text, answered in (("GG-1", "GG-1 · Under"), ("who holds IO-2?", "No hold on IO-2"), ("hi", "Hello.")):
        before = len(harness.slack.messages(place.id))
        harness.member.person.say(place.id, text)

        harness.wait(lambda count=before: len(harness.slack.messages(place.id)) > count + 1)
        assert harness.slack.messages(place.id)[-1].text.replace("*", "").startswith(answered)
        assert harness.slack.messages(place.id)[-1].thread_ts is None


def test_mention_delivered_twice_is_answered_once(harness: BotHarness) -> None:
    """What comes again before it is answered gets no ack, since the process may still be killed."""
    harness.slack.faults.add("chat.postMessage", Fault.delay(1.0))
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(harness.member.person.mention, "#general", "GG-1")
        harness.wait(lambda: len(harness.slack.messages("#general")) == 2)
        (mention, _) = harness.slack.messages("#general")
        event = {"type": "app_mention", "user": "U0MEMBER", "channel": "C0GENERAL", "ts": mention.ts}
        assert harness.slack.event(event).status == 503
        first.result()
    assert harness.slack.event(event).status == 200
    assert len(harness.slack.messages("#general")) == 2


def test_mention_that_failed_is_answered_when_it_comes_again(harness: BotHarness) -> None:
    """Once only, also where Slack's answer is lost after it was posted."""

    def answers() -> int:
        return sum("GG-1 · Under review" in message.text for message in harness.slack.messages("#general"))

    with harness.without_table("project_roles"):
        mention = harness.member.person.mention("#general", "GG-1")
        harness.wait(lambda: len(harness.slack.messages("#general")) == 2)
    harness.slack.faults.add("chat.postMessage", Fault.drop_after())
    again = {"type": "app_mention", "user": "U0MEMBER", "channel": "C0GENERAL", "ts": mention.ts, "text": mention.text}
    harness.slack.event(again)
    harness.wait(lambda: answers() == 1)
    harness.slack.event(again)
    assert answers() == 1


NAMED = [
    ("GG-1 and gg2: https://example.org/1.", ["GG-1", "GG-2"], "https://example.org/1"),
    ("WHO waits & who knows", ["IO-1"], "/archives/C0GENERAL/"),
    ("유니세프가 기다립니다(https://example.org/2)", ["IO-2"], "https://example.org/2"),
    ("WHO and UNICEF wait", ["IO-1", "IO-2"], "/archives/C0GENERAL/"),
    ("who knows about health", [], "/archives/C0GENERAL/"),
]


def test_message_shortcut_fills_in_what_the_message_names(harness: BotHarness) -> None:
    for says, projects, source in NAMED:
        harness.admin.person.shortcut(harness.member.person.say("#general", says), "record_message")
        text = harness.admin.sees_modal("update_form")

        assert re.findall(r"[A-Z]+-\d+(?= · )", text) == projects, says
        assert source in text[text.index("Source link") : text.index("Note")]
        assert says in text
        harness.admin.person.close(every=True)
