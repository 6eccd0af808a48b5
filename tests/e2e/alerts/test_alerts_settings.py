"""Settings of alerts for people: the form of a channel, the settings of a person's direct message, threads."""

from typing import Any

import pytest

from bot.slack_emulator import SimulatedUser, User
from db.models import Subscription
from tests.support.harness import BotHarness

FORM = "alerts_form"


def own(harness: BotHarness, line: str) -> str:
    """Type a line in the member's direct message with the bot; return the answer."""
    return harness.member.types(f"/aid-alerts {line}", channel=harness.slack.store.direct_message("U0MEMBER").id).text


def follow(harness: BotHarness, *refs: str) -> None:
    for ref in refs:
        assert ref in harness.member.presses(harness.member.types(f"/aid-status {ref}"), "Follow").text
    harness.execute("UPDATE subscriptions SET ended_at = created_at")  # nobody else is told


def newcomer(harness: BotHarness, **kind: Any) -> SimulatedUser:
    """Add a person to #general."""
    user = harness.slack.store.add_user(User("U0NEW", "new", "New", **kind))
    harness.slack.invite("#general", user.id)
    return harness.slack.person(user.id)


def messages(harness: BotHarness) -> list[str]:
    return [message.text for message in harness.direct_messages("U0MEMBER")]


# -- a person's direct message --------------------------------------------------------------------------------


def test_ten_updates_of_followed_projects_make_one_digest(harness: BotHarness) -> None:
    follow(harness, "GG-1", "GG-2")
    answer = own(harness, "set digest:weekdays@9 am zone:서울")
    assert "Your alerts about followed projects come here, in English:" in answer
    assert "Monday to Friday at 09:00 (Asia/Seoul)" in answer

    for number in range(10):
        harness.admin.types(f"/aid-update GG-{1 + number % 2} note the news {number}")
    harness.admin.types("/aid-update IO-1 note of another project")
    assert messages(harness) == []

    assert harness.tick(days=1) == 1  # Wednesday in Seoul
    assert messages(harness) == ["Digest: 10 updates"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("set language:ko", ["메모: GG-1"]),
        ("set digest:daily@18:00", []),
        ("on group:io", ["Note: GG-1", "Note: IO-1"]),
        ("on group:gyeonggi,io", ["Note: GG-1", "Note: IO-1"]),
    ],
)
def test_settings_of_the_direct_message_hold_for_followed_projects(
    harness: BotHarness, line: str, told: list[str]
) -> None:
    follow(harness, "GG-1")
    own(harness, line)

    harness.record("GG-1 note news", "IO-1 note news")
    assert messages(harness) == told


def test_off_in_the_direct_message_leaves_what_one_follows(harness: BotHarness) -> None:
    follow(harness, "GG-1")
    own(harness, "set digest:daily")
    harness.admin.types("/aid-update GG-1 note one")
    assert "those come at once" in own(harness, "off")
    harness.admin.types("/aid-update GG-1 note two")

    assert messages(harness) == ["Daily digest: 1 update", "Note: GG-1"]


def test_language_chosen_in_app_home_counts_in_the_direct_message(harness: BotHarness) -> None:
    follow(harness, "GG-1")
    own(harness, "set digest:daily")
    person = harness.member.person
    person.open_home()
    harness.wait(lambda: person.home is not None)
    person.choose(person.home, "home_language", "ko")

    assert "한국어" in own(harness, "help")
    harness.admin.types("/aid-update GG-1 note one")
    harness.tick(days=1)
    assert messages(harness) == ["일일 요약: 변동 1건"]


def test_direct_messages_of_others_are_not_listed(harness: BotHarness) -> None:
    own(harness, "set digest:daily")

    assert "A direct message" in harness.admin.types("/aid-alerts list").text
    assert "followed projects" in harness.member.types("/aid-alerts list").text
    assert "A direct message" not in newcomer(harness).command("/aid-alerts", "list", channel="#general").text


# -- the form -------------------------------------------------------------------------------------------------


def test_form_subscribes_the_channel(harness: BotHarness) -> None:
    harness.admin.types("/aid-update IO-1 note seen")
    person = harness.member.person
    harness.member.types("/aid-alerts")
    assert "1 message, on 2026-02-10." in harness.member.sees_modal(FORM)

    person.choose(person.modal, "Groups", ["gyeonggi", "ngo"])
    harness.wait(lambda: "1 message" not in person.read())
    person.choose(person.modal, "Words and other filters", "-kind:note water")
    text = harness.member.submits(
        **{"When": "mon", "Hour of the digest": "18:00", "Threads": "thread", "Language": "ko"},
        **{"Quiet hours": "22:00-07:00", "Reminders of deadlines": "off"},
    )

    assert "group:gyeonggi,ngo -kind:note water" in text
    assert "on Mondays at 18:00" in text
    row = harness.subscription("#general")
    assert (row.filter, row.digest, row.digest_day, row.digest_at, row.threading, row.language) == (
        "group:gyeonggi,ngo -kind:note water",
        "weekly",
        0,
        "18:00",
        "thread",
        "ko",
    )
    assert (row.quiet, row.reminders) == ("22:00-07:00", False)


def test_form_is_filled_with_what_the_channel_has(harness: BotHarness) -> None:
    line = "group:io status:approved -kind:note holder:US digest:weekdays@9:30 quiet:19-8 reminders:off lang:ko"
    harness.member.types(f"/aid-alerts on {line} zone:New York")
    before = harness.subscription("#general")
    assert before.zone == "America/New_York"
    harness.member.types("/aid-alerts")
    harness.member.sees_modal(FORM)

    harness.member.submits()

    assert harness.member.person.modal.callback_id == "alerts_done"
    assert harness.subscription("#general").id == before.id


def test_form_shows_what_it_cannot_read(harness: BotHarness) -> None:
    harness.member.types("/aid-alerts")
    harness.member.sees_modal(FORM)
    for words, sentence in (("colour:red", "colour:"), ("zone:Soeul", "Did you mean zone:Asia/Seoul?")):
        outcome = harness.member.person.submit(values={"Words and other filters": words})
        assert sentence in str(outcome.errors["alerts_words"]).replace("`", "")
    assert harness.subscription("#general") is None


def test_form_of_the_direct_message_is_about_followed_projects(harness: BotHarness) -> None:
    harness.member.types("/aid-alerts", channel=harness.slack.store.direct_message("U0MEMBER").id)
    assert "last 30 days" not in harness.member.sees_modal(FORM)
    person = harness.member.person
    assert "Your alerts about followed projects" in harness.member.submits(When="daily")
    person.close()

    harness.member.types("/aid-alerts", channel=harness.slack.store.direct_message("U0MEMBER").id)
    harness.member.sees_modal(FORM)
    person.choose(person.modal, "Projects", "matching")
    harness.wait(lambda: "last 30 days" in person.read())
    assert "group:io" in harness.member.submits(Groups=["io"])


@pytest.mark.parametrize("kind", [{"is_guest": True}, {"team_id": "T0OTHER"}], ids=["guest", "stranger"])
def test_guests_and_strangers_read_help_instead(harness: BotHarness, kind: dict[str, Any]) -> None:
    guest = newcomer(harness, **kind)

    assert "/aid-alerts list" in guest.command("/aid-alerts", channel="#general").text
    assert guest.modal is None
    assert "nothing was changed" in guest.command("/aid-alerts", "on", channel="#general").text.lower()


def test_subscription_of_another_is_not_changed(harness: BotHarness) -> None:
    before = harness.rows()
    for line in ("on zzzzz", "set digest:weekly", "off"):
        answer = harness.member.types(f"/aid-alerts {line}", channel="#aid-alerts").text
        assert answer.startswith("Only @Jihoon Park, who subscribed this channel, or an admin")
    assert harness.rows() == before
    assert "/aid-alerts list" in harness.member.types("/aid-alerts", channel="#aid-alerts").text


def test_subscription_changed_by_an_admin_stays_its_makers(harness: BotHarness) -> None:
    harness.member.types("/aid-alerts on group:io")
    harness.admin.types("/aid-alerts on group:ngo")

    harness.member.types("/aid-alerts off")
    with harness.database.reading() as session:
        ended = [row.ended_by for row in session.query(Subscription).filter_by(channel_id="C0GENERAL")]
    assert ended == ["U0ADMIN", "U0MEMBER"]


# -- threads --------------------------------------------------------------------------------------------------


def test_answer_stands_where_the_button_was_pressed(harness: BotHarness) -> None:
    person, slack = harness.member.person, harness.slack
    mention = person.mention("#general", "GG-1")
    harness.wait(lambda: any(each.thread_ts == mention.ts for each in slack.messages("#general")))
    card = next(each for each in slack.messages("#general") if each.thread_ts == mention.ts and each.ts != mention.ts)

    followed = person.press(card, "follow_on").wait()
    stopped = person.press(followed.message, "follow_off").wait()

    assert [each.message.thread_ts for each in (followed, stopped)] == [mention.ts] * 2
