"""A channel that cannot be reached: who subscribed it is told once, and *Resume* sends what waited."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.slack_emulator import ActionResult, Fault, Message
from db.models import Delivery, Subscription
from db.outbox.deliveries import DeliveryState
from db.subscriptions.subscriptions import subscription_of
from tests.support.harness import TEAM, BotHarness, UserDriver

POST = "chat.postMessage"
HERE = "C0GENERAL"


def subscribed(harness: BotHarness, channel: str = "#general", **how: str) -> None:
    """The member subscribes a channel, and the subscription of the admin is out of the way."""
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")
    harness.member.types(f"/aid-alerts on {how.get('what', '')}", channel=channel)


def record(harness: BotHarness, *notes: str) -> None:
    for note in notes:
        assert "#" in harness.admin.types(f"/aid-update GG-1 note {note}").text


def states(harness: BotHarness, channel: str = HERE) -> list[str]:
    with harness.database.reading() as session:
        return list(session.scalars(select(Delivery.state).where(Delivery.channel_id == channel).order_by(Delivery.id)))


def present(harness: BotHarness, channel: str = HERE) -> Subscription:
    with harness.database.reading() as session:
        found = subscription_of(session, TEAM, channel)
    assert found
    return found


def notices(harness: BotHarness, user: str = "U0MEMBER") -> list[Message]:
    """What a person was told by direct message once all is sent."""
    harness.wait(lambda: not harness.queued())
    return [message for message in harness.slack.direct_messages(user) if not message.ephemeral_for]


def put_out(harness: BotHarness) -> Message:
    """The bot is put out of #general while two things happen; gives the notice to who subscribed it."""
    subscribed(harness)
    harness.slack.kick("#general")
    record(harness, "first", "second")
    harness.wait(lambda: states(harness) == [DeliveryState.BLOCKED] * 2)
    (notice,) = notices(harness)
    return notice


def press(who: UserDriver, message: Message, **how: Any) -> ActionResult:
    return who.person.press(message, "Resume", **how).wait()


def told(harness: BotHarness, channel: str = "#general") -> list[str]:
    """The notes that a channel was told of, in the order of their messages."""
    harness.wait(lambda: not harness.queued())
    found = []
    for message in harness.slack.messages(channel):
        if message.user == harness.slack.app.bot_user and not message.ephemeral_for:
            words = str(message.blocks)
            found += [note for note in ("first", "second", "third") if f"\\n{note}\\n" in words]
    return found


# -- the notice -----------------------------------------------------------------------------------------------


def test_who_subscribed_is_told_once(harness: BotHarness) -> None:
    notice = put_out(harness)
    record(harness, "third")
    harness.wait(lambda: len(states(harness)) == 3)

    assert "I am not in the channel: invite me there (`/invite`)." in notice.text
    assert "what waits goes out in its order. Nothing is lost until then." in notice.text
    assert len(notices(harness)) == 1
    assert notices(harness, "U0ADMIN") == []


def test_the_notice_speaks_the_language_of_who_is_told(harness: BotHarness) -> None:
    harness.execute(
        "INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0MEMBER', 'member', 'ko')"
    )
    notice = put_out(harness)

    assert "초대" in notice.text
    assert "재개" in str(notice.blocks)


# -- Resume ---------------------------------------------------------------------------------------------------


def test_resume_joins_a_public_channel_and_sends_all_in_order(harness: BotHarness) -> None:
    notice = put_out(harness)

    answer = press(harness.member, notice)

    assert "#general is told again. 2 messages that waited go out now." in answer.text
    assert told(harness) == ["first", "second"]
    assert harness.slack.app.bot_user in harness.slack.channel("#general").members
    assert present(harness).blocked is None


def test_resume_of_a_private_channel_says_how_to_invite(harness: BotHarness) -> None:
    harness.slack.invite("#ministry-desk")
    subscribed(harness, "#ministry-desk")
    desk = harness.slack.channel("#ministry-desk").id
    harness.slack.kick("#ministry-desk")
    record(harness, "first")
    harness.wait(lambda: states(harness, desk) == [DeliveryState.BLOCKED])
    (notice,) = notices(harness)

    refused = press(harness.member, notice)
    assert "Type /invite @aid-status there, then press Resume again; what waits is kept until then." in refused.text
    assert states(harness, desk) == [DeliveryState.BLOCKED]
    assert present(harness, desk).blocked == "channel_not_found"

    harness.slack.invite("#ministry-desk")
    assert "is told again. 1 message that waited goes out now." in press(harness.member, notice).text
    assert told(harness, "#ministry-desk") == ["first"]


def test_resume_of_an_archived_channel(harness: BotHarness) -> None:
    subscribed(harness)
    harness.slack.archive("#general")
    harness.admin.types("/aid-update GG-1 note first", channel="#aid-alerts")
    harness.wait(lambda: states(harness) == [DeliveryState.BLOCKED])
    (notice,) = notices(harness)
    assert "The channel is archived: unarchive it." in notice.text

    assert "#general is archived, so nobody can post there." in press(harness.member, notice).text
    harness.slack.archive("#general", archived=False)
    assert "is told again" in press(harness.member, notice).text
    assert told(harness) == ["first"]


def test_pressing_twice_sends_once(harness: BotHarness) -> None:
    notice = put_out(harness)
    press(harness.member, notice)

    assert "#general is not blocked (any more)" in press(harness.member, notice).text
    assert told(harness) == ["first", "second"]


def test_what_is_recorded_while_it_is_blocked_keeps_its_place(harness: BotHarness) -> None:
    notice = put_out(harness)
    record(harness, "third")

    assert "3 messages that waited go out now" in press(harness.member, notice).text
    assert told(harness) == ["first", "second", "third"]


def test_a_channel_that_is_blocked_again_is_told_again(harness: BotHarness) -> None:
    notice = put_out(harness)
    press(harness.member, notice)
    assert told(harness) == ["first", "second"]
    harness.slack.kick("#general")
    record(harness, "third")
    harness.wait(lambda: states(harness)[-1] == DeliveryState.BLOCKED)

    assert len(notices(harness)) == 2
    assert "1 message that waited goes out now" in press(harness.member, notice).text  # the old one does as well
    assert told(harness) == ["first", "second", "third"]


# -- pressed by others, late, or in trouble -------------------------------------------------------------------


def test_a_late_press_after_the_alerts_were_ended(harness: BotHarness) -> None:
    notice = put_out(harness)
    harness.admin.types("/aid-alerts off", channel="#general")

    answer = press(harness.member, notice)
    assert "@Jihoon Park ended the alerts of #general, so nothing was sent." in answer.text
    assert states(harness) == [DeliveryState.BLOCKED] * 2

    harness.member.types("/aid-alerts on")
    assert told(harness) == ["first", "second"]


def test_a_press_after_another_subscription_took_its_place(harness: BotHarness) -> None:
    notice = put_out(harness)
    harness.slack.invite("#general")
    harness.admin.types("/aid-alerts on group:gyeonggi", channel="#general")
    assert told(harness) == ["first", "second"]

    answer = press(harness.member, notice)

    assert "Only @Jihoon Park, who made this subscription, or an admin may resume it." in answer.text
    assert told(harness) == ["first", "second"]


def test_a_press_by_somebody_who_may_not(harness: BotHarness) -> None:
    harness.slack.kick("#aid-alerts")
    record(harness, "first")
    harness.wait(lambda: states(harness, "C0ALERTS") == [DeliveryState.BLOCKED])
    listed = harness.admin.types("/aid-alerts list")
    harness.slack.store.edit(listed.message, ephemeral_for=None)
    before = harness.slack.counts["conversations.join"]

    refused = press(harness.member, listed.message)

    assert "Only @Jihoon Park, who made this subscription, or an admin may resume it." in refused.text
    assert states(harness, "C0ALERTS") == [DeliveryState.BLOCKED]
    assert harness.slack.counts["conversations.join"] == before


@pytest.mark.parametrize(
    ("method", "fault", "said"),
    [
        ("conversations.info", Fault.error("token_revoked"), "token_revoked"),
        ("conversations.info", Fault.error("team_access_not_granted"), "team_access_not_granted"),
        ("conversations.info", Fault.error("channel_not_found"), "Type /invite @aid-status there"),
        ("conversations.info", Fault.delay(1.5), "Slack did not tell me whether I can post in #general"),
        ("conversations.info", Fault.http(503), "Press it once more."),
        ("conversations.join", Fault.error("restricted_action"), "Type /invite @aid-status there"),
    ],
)
def test_a_press_while_slack_refuses(harness: BotHarness, method: str, fault: Fault, said: str) -> None:
    notice = put_out(harness)
    harness.slack.faults.add(method, fault)

    answer = press(harness.member, notice)

    assert said in answer.text
    assert states(harness) == [DeliveryState.BLOCKED] * 2
    assert "is told again" in press(harness.member, notice).text
    assert told(harness) == ["first", "second"]


def test_it_is_blocked_again_where_posting_shows_another_trouble(harness: BotHarness) -> None:
    notice = put_out(harness)
    harness.slack.faults.add(POST, Fault.error("restricted_action"), channel=HERE)

    assert "is told again" in press(harness.member, notice).text
    harness.wait(lambda: present(harness).blocked == "restricted_action")

    assert states(harness) == [DeliveryState.BLOCKED] * 2
    assert "Only some people may post in the channel" in notices(harness)[-1].text
    press(harness.member, notice)
    assert told(harness) == ["first", "second"]


def test_a_dead_token_is_no_fault_of_the_channel(harness: BotHarness) -> None:
    """All waits and nobody can be told; once the token works, what waited goes before what is new."""
    subscribed(harness)
    harness.slack.faults.add(POST, Fault.error("token_revoked"))
    record(harness, "first")
    harness.wait(lambda: states(harness) == [DeliveryState.BLOCKED])
    assert notices(harness) == []
    assert present(harness).blocked is None

    record(harness, "second")
    assert told(harness) == ["first", "second"]


def test_a_dead_token_is_tried_with_what_waits_longest(harness: BotHarness) -> None:
    subscribed(harness)
    harness.slack.faults.add(POST, Fault.error("account_inactive"), times=2)
    for number, note in enumerate(("first", "second"), start=1):
        record(harness, note)
        harness.wait(lambda expected=number: states(harness) == [DeliveryState.BLOCKED] * expected)

    record(harness, "third")
    assert told(harness) == ["first", "second", "third"]
