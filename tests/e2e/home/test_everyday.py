"""What people do beside the commands: follow a project, open the App Home, mention the bot, use a message's menu."""

import threading
from dataclasses import dataclass, field

import pytest
from slack_sdk import WebClient
from sqlalchemy import select

from bot.slack_emulator import Fault, Faults, Message
from db.models import Follow, Person, Project
from handlers.context import Actor as Asking
from handlers.home.publisher import HomePublisher
from tests.support.harness import TEAM, BotHarness, UserDriver

LETTER = "as:letter source:https://example.org/letter"


def told(scene: BotHarness, user_id: str) -> list[Message]:
    """What the bot wrote to somebody once everything is sent."""
    scene.wait(lambda: not scene.queued())
    place = scene.slack.store.direct_message(user_id)
    return scene.slack.messages(place.id)


def home(scene: BotHarness, somebody: UserDriver, *, shows: str) -> str:
    """Open the App Home and read it once ``shows`` stands there."""
    somebody.person.open_home()
    scene.slack.wait_for(lambda: bool(somebody.person.home) and shows in somebody.person.read(somebody.person.home))
    return somebody.person.read(somebody.person.home)


# -- following ------------------------------------------------------------------------------------------------


def test_following_a_project(scene: BotHarness) -> None:
    card = scene.member.types("/aid-status GG-1")
    assert "You follow GG-1" in scene.member.presses(card, "Follow").text
    assert "You follow GG-1" in scene.member.presses(card, "Follow").text  # twice is once

    scene.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09")
    scene.admin.types("/aid-update GG-2 hold by:FR on:2026-02-09")

    assert [each.text for each in told(scene, "U0MEMBER")] == ["Hold: GG-1"]


def test_no_more_following(scene: BotHarness) -> None:
    answer = scene.member.presses(scene.member.types("/aid-status GG-1"), "Follow")
    stopped = scene.member.presses(answer, "Stop following")
    assert "You do not follow GG-1 any more." in stopped.text

    scene.admin.types("/aid-update GG-1 hold by:FR on:2026-02-09")

    assert told(scene, "U0MEMBER") == []


def test_a_follower_is_told_of_deadlines_and_corrections(scene: BotHarness) -> None:
    scene.member.presses(scene.member.types("/aid-status IO-2"), "Follow")
    scene.admin.types(f"/aid-update IO-2 approved {LETTER} on:2026-02-09 until:2026-04-11")
    scene.hour_comes()
    told(scene, "U0MEMBER")
    scene.admin.types("/aid-update #3 retract another project")

    texts = [each.text for each in told(scene, "U0MEMBER")]
    assert texts[0] == "Taken back: Exemption approved: IO-2"
    assert texts[1] == "Reminder: IO-2"
    assert "#3 was taken back by" in texts[2]


def test_who_follows_and_subscribed_the_direct_message_is_told_once(scene: BotHarness) -> None:
    place = scene.slack.store.direct_message("U0MEMBER")
    scene.member.types("/aid-alerts on group:gyeonggi", channel=place.id)
    for ref in ("GG-1", "IO-1"):
        scene.member.presses(scene.member.types(f"/aid-status {ref}"), "Follow")

    scene.admin.presses(scene.admin.types("/aid-update GG-1,IO-1 note of both"), "Record")

    assert sorted(each.text for each in told(scene, "U0MEMBER")) == ["Note: GG-1", "Note: IO-1"]


# -- App Home -------------------------------------------------------------------------------------------------


def test_the_home_of_somebody_new(scene: BotHarness) -> None:
    seen = home(scene, scene.member, shows="My projects")

    assert "You follow no project." in seen
    assert "What changed since you looked" in seen
    assert "Next deadlines" in seen
    assert "Who holds" in seen
    assert "Record an update" not in seen
    assert "Messages:" not in seen


def test_my_projects_deadlines_and_holds(scene: BotHarness) -> None:
    for ref in ("IO-2", "GG-1"):
        scene.member.presses(scene.member.types(f"/aid-status {ref}"), "Follow")
    scene.admin.types(f"/aid-update IO-2 approved {LETTER} on:2026-02-09 until:2026-04-11")
    scene.admin.types(f"/aid-update IO-1 approved {LETTER} on:2026-02-09 until:2026-03-11")
    scene.admin.types("/aid-update GG-1 hold by:FR on:2026-02-01")
    scene.admin.types("/aid-update GG-2 hold by:FR on:2026-02-05")

    seen = home(scene, scene.member, shows="My projects")

    assert "GG-1 Gyeonggi Province project 1 (name not public)\nOn hold · held by France" in seen
    assert "IO-2 · the exemption ends · 2026-04-11 (60 days left)" in seen
    assert "IO-1 · the exemption ends" not in seen  # not followed
    assert "France · 2 projects · the oldest since 2026-02-01 (at least 9 days)" in seen


def test_what_changed_stays_until_it_is_seen(scene: BotHarness) -> None:
    scene.admin.types("/aid-update GG-1 note a letter is expected")
    assert "a letter is expected" in home(scene, scene.member, shows="My projects")
    assert "a letter is expected" in home(scene, scene.member, shows="a letter is expected")

    view = scene.member.person.home
    assert view
    scene.member.person.press(view, "I have seen this")

    scene.slack.wait_for(lambda: "Nothing was recorded." in scene.member.person.read(scene.member.person.home))


@dataclass
class Late(Faults):
    """Lets Slack take its time with the first tab that is published; ``came`` says that it is on its way."""

    came: threading.Event = field(default_factory=threading.Event)

    def next_is(self, method: str, channel: str = "") -> Fault | None:
        if method != "views.publish" or self.came.is_set():
            return super().next_is(method, channel)
        self.came.set()
        return Fault.delay_before(1.5)


def test_a_tab_that_slack_takes_late_does_not_come_over_a_newer_one(scene: BotHarness) -> None:
    scene.admin.types("/aid-update GG-1 note a letter is expected")
    home(scene, scene.member, shows="a letter is expected")
    scene.slack.faults = late = Late()
    scene.member.person.open_home()
    assert late.came.wait(10)
    view = scene.member.person.home
    assert view
    scene.member.person.press(view, "I have seen this")

    scene.slack.wait_for(lambda: "Nothing was recorded." in scene.member.person.read(scene.member.person.home))
    scene.bot.background.close()
    assert "Nothing was recorded." in scene.member.person.read(scene.member.person.home)


def test_whoever_turns_pages_in_haste_sees_the_last_one(scene: BotHarness) -> None:
    """And nobody else waits for it: the tab is published once more, however often it was asked for."""
    scene.slack.faults = late = Late()
    published: list[int] = []

    def publish(client: WebClient, person: Asking, page: int) -> None:
        client.views_publish(user_id=person.user_id, view={"type": "home", "blocks": []})
        published.append(page)

    tabs, client = HomePublisher(publish), WebClient("xoxb-emulator", base_url=scene.server.base_url)
    first = threading.Thread(target=tabs.publish, args=(client, Asking(TEAM, "U0MEMBER"), 1))
    first.start()
    assert late.came.wait(10)
    for page in range(2, 20):
        tabs.publish(client, Asking(TEAM, "U0MEMBER"), page)
    tabs.publish(client, Asking(TEAM, "U0ADMIN"), 1)
    assert published == [1], "the admin's; the member's is still on its way"
    first.join(10)
    assert published == [1, 1, 19]


def test_a_tab_that_cannot_be_published_does_not_keep_the_next_one_away(
    scene: BotHarness, caplog: pytest.LogCaptureFixture
) -> None:
    scene.slack.faults.add("views.publish", Fault.error("internal_error"))
    scene.member.person.open_home()
    scene.slack.wait_for(lambda: not scene.slack.faults.remaining())
    assert "My projects" in home(scene, scene.member, shows="My projects")
    assert "an App Home was not published" in caplog.text


def test_the_home_is_paged(scene: BotHarness) -> None:
    with scene.database.reading() as session:
        refs = [row.ref for row in session.scalars(select(Project))]
    for ref in refs[:10]:
        scene.member.presses(scene.member.types(f"/aid-status {ref}"), "Follow")
    seen = home(scene, scene.member, shows="My projects")
    assert seen.count("Stop following") == 8

    view = scene.member.person.home
    assert view
    scene.member.person.press(view, "Next")
    scene.slack.wait_for(lambda: scene.member.person.read(scene.member.person.home).count("Stop following") == 2)


def test_the_home_of_an_admin(scene: BotHarness) -> None:
    seen = home(scene, scene.admin, shows="Record an update")
    assert "Messages: none waits or has failed" in seen

    view = scene.admin.person.home
    assert view
    scene.admin.person.press(view, "Record an update")
    assert "What happened" in scene.admin.sees_modal("update_form")


def test_a_language_of_ones_own(scene: BotHarness) -> None:
    home(scene, scene.member, shows="My projects")
    view = scene.member.person.home
    assert view

    scene.member.person.choose(view, "home_language", "ko")

    scene.slack.wait_for(lambda: "내 사업" in scene.member.person.read(scene.member.person.home))
    assert "보류" in scene.member.types("/aid-status GG-1").text


def test_the_language_of_ones_slack(scene: BotHarness) -> None:
    scene.slack.edit_user("U0MEMBER", locale="ko-KR")
    assert "사업" in scene.member.types("/aid-status").text
    scene.slack.edit_user("U0GUEST", locale="de-DE")
    assert "Gyeonggi" in UserDriver(scene.slack, "U0GUEST").types("/aid-status").text


# -- mention and shortcut -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "answered"),
    [
        ("GG-1", "GG-1 · Under review"),
        ("", "17 projects"),
        ("group:gyeonggi", "3 projects"),
        ("help", "Ask where projects stand"),
        ("GG-99", "There is no project “GG-99”."),
    ],
)
def test_a_mention_in_a_thread_is_answered_there(scene: BotHarness, text: str, answered: str) -> None:
    first = scene.admin.person.say("#general", "where does it stand?")
    scene.member.person.mention("#general", text, thread=first.ts)

    scene.wait(lambda: answered in scene.member.person.screen("#general"))
    assert scene.slack.messages("#general")[-1].thread_ts == first.ts


def test_a_mention_delivered_twice_is_answered_once(scene: BotHarness) -> None:
    asked = scene.member.person.mention("#general", "GG-1")
    scene.wait(lambda: len(scene.slack.messages("#general")) == 2)
    scene.slack.event(
        {"type": "app_mention", "user": "U0MEMBER", "channel": "C0GENERAL", "ts": asked.ts, "text": asked.text}
    )
    scene.member.person.mention("#general", "GG-2")
    scene.wait(lambda: len(scene.slack.messages("#general")) == 4)


def test_a_message_becomes_a_note_with_its_address(scene: BotHarness) -> None:
    said = scene.member.person.say("#general", "the Mission says https://example.org/1 is on its way & soon")

    scene.admin.person.shortcut(said, "record_message")

    form = scene.admin.sees_modal("update_form")
    assert "the Mission says https://example.org/1 is on its way & soon" in form
    scene.admin.person.fill(scene.admin.person.modal, {"refs": ["GG-1"], "kind": "note"})
    outcome = scene.admin.person.submit()
    assert not outcome.errors
    card = scene.member.types("/aid-status GG-1").text
    assert "is on its way & soon" in card
    assert "archives/C0GENERAL" in str(scene.member.types("/aid-status GG-1").message.blocks)


def test_who_may_not_record_gets_no_form_from_a_message(scene: BotHarness) -> None:
    said = scene.member.person.say("#general", "it moves")
    answer = scene.member.person.shortcut(said, "record_message").wait()

    assert "Only admins may do this" in answer.text
    assert scene.member.person.modal is None


def test_people_who_look_leave_no_trace_but_their_choice(scene: BotHarness) -> None:
    home(scene, scene.member, shows="My projects")
    with scene.database.reading() as session:
        assert session.get(Person, (TEAM, "U0MEMBER")) is None
        assert session.scalars(select(Follow)).all() == []
