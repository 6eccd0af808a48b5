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


def subscribed(scene: BotHarness, channel: str = "#general", **how: str) -> None:
    """The member subscribes a channel, and the subscription of the admin is out of the way."""
    scene.admin.types("/aid-alerts off", channel="#aid-alerts")
    scene.member.types(f"/aid-alerts on {how.get('what', '')}", channel=channel)


def record(scene: BotHarness, *notes: str) -> None:
    for note in notes:
        assert "#" in scene.admin.types(f"/aid-update GG-1 note {note}").text


def states(scene: BotHarness, channel: str = HERE) -> list[str]:
    with scene.database.reading() as session:
        return list(session.scalars(select(Delivery.state).where(Delivery.channel_id == channel).order_by(Delivery.id)))


def present(scene: BotHarness, channel: str = HERE) -> Subscription:
    with scene.database.reading() as session:
        found = subscription_of(session, TEAM, channel)
    assert found
    return found


def notices(scene: BotHarness, user: str = "U0MEMBER") -> list[Message]:
    """What a person was told by direct message once all is sent."""
    scene.wait(lambda: not scene.queued())
    return [message for message in scene.slack.direct_messages(user) if not message.ephemeral_for]


def put_out(scene: BotHarness) -> Message:
    """The bot is put out of #general while two things happen; gives the notice to who subscribed it."""
    subscribed(scene)
    scene.slack.kick("#general")
    record(scene, "first", "second")
    scene.wait(lambda: states(scene) == [DeliveryState.BLOCKED] * 2)
    (notice,) = notices(scene)
    return notice


def press(who: UserDriver, message: Message, **how: Any) -> ActionResult:
    return who.person.press(message, "Resume", **how).wait()


def told(scene: BotHarness, channel: str = "#general") -> list[str]:
    """The notes that a channel was told of, in the order of their messages."""
    scene.wait(lambda: not scene.queued())
    found = []
    for message in scene.slack.messages(channel):
        if message.user == scene.slack.app.bot_user and not message.ephemeral_for:
            words = str(message.blocks)
            found += [note for note in ("first", "second", "third") if f"\\n{note}\\n" in words]
    return found


# -- the notice -----------------------------------------------------------------------------------------------


def test_who_subscribed_is_told_once(scene: BotHarness) -> None:
    notice = put_out(scene)
    record(scene, "third")
    scene.wait(lambda: len(states(scene)) == 3)

    assert "I am not in the channel: invite me there (`/invite`)." in notice.text
    assert "what waits goes out in its order. Nothing is lost until then." in notice.text
    assert len(notices(scene)) == 1
    assert notices(scene, "U0ADMIN") == []


def test_the_notice_speaks_the_language_of_who_is_told(scene: BotHarness) -> None:
    scene.execute("INSERT INTO people (team_id, user_id, role, language) VALUES ('T0LOOP', 'U0MEMBER', 'member', 'ko')")
    notice = put_out(scene)

    assert "초대" in notice.text
    assert "재개" in str(notice.blocks)


# -- Resume ---------------------------------------------------------------------------------------------------


def test_resume_joins_a_public_channel_and_sends_all_in_order(scene: BotHarness) -> None:
    notice = put_out(scene)

    answer = press(scene.member, notice)

    assert "#general is told again. 2 messages that waited go out now." in answer.text
    assert told(scene) == ["first", "second"]
    assert scene.slack.app.bot_user in scene.slack.channel("#general").members
    assert present(scene).blocked is None


def test_resume_of_a_private_channel_says_how_to_invite(scene: BotHarness) -> None:
    scene.slack.invite("#ministry-desk")
    subscribed(scene, "#ministry-desk")
    desk = scene.slack.channel("#ministry-desk").id
    scene.slack.kick("#ministry-desk")
    record(scene, "first")
    scene.wait(lambda: states(scene, desk) == [DeliveryState.BLOCKED])
    (notice,) = notices(scene)

    refused = press(scene.member, notice)
    assert "Type /invite @aid-status there, then press Resume again; what waits is kept until then." in refused.text
    assert states(scene, desk) == [DeliveryState.BLOCKED]
    assert present(scene, desk).blocked == "channel_not_found"

    scene.slack.invite("#ministry-desk")
    assert "is told again. 1 message that waited goes out now." in press(scene.member, notice).text
    assert told(scene, "#ministry-desk") == ["first"]


def test_resume_of_an_archived_channel(scene: BotHarness) -> None:
    subscribed(scene)
    scene.slack.archive("#general")
    scene.admin.types("/aid-update GG-1 note first", channel="#aid-alerts")
    scene.wait(lambda: states(scene) == [DeliveryState.BLOCKED])
    (notice,) = notices(scene)
    assert "The channel is archived: unarchive it." in notice.text

    assert "#general is archived, so nobody can post there." in press(scene.member, notice).text
    scene.slack.archive("#general", archived=False)
    assert "is told again" in press(scene.member, notice).text
    assert told(scene) == ["first"]


def test_pressing_twice_sends_once(scene: BotHarness) -> None:
    notice = put_out(scene)
    press(scene.member, notice)

    assert "#general is not blocked (any more)" in press(scene.member, notice).text
    assert told(scene) == ["first", "second"]


def test_what_is_recorded_while_it_is_blocked_keeps_its_place(scene: BotHarness) -> None:
    notice = put_out(scene)
    record(scene, "third")

    assert "3 messages that waited go out now" in press(scene.member, notice).text
    assert told(scene) == ["first", "second", "third"]


def test_a_channel_that_is_blocked_again_is_told_again(scene: BotHarness) -> None:
    notice = put_out(scene)
    press(scene.member, notice)
    assert told(scene) == ["first", "second"]
    scene.slack.kick("#general")
    record(scene, "third")
    scene.wait(lambda: states(scene)[-1] == DeliveryState.BLOCKED)

    assert len(notices(scene)) == 2
    assert "1 message that waited goes out now" in press(scene.member, notice).text  # the old one does as well
    assert told(scene) == ["first", "second", "third"]


# -- pressed by others, late, or in trouble -------------------------------------------------------------------


def test_a_late_press_after_the_alerts_were_ended(scene: BotHarness) -> None:
    notice = put_out(scene)
    scene.admin.types("/aid-alerts off", channel="#general")

    answer = press(scene.member, notice)
    assert "@Jihoon Park ended the alerts of #general, so nothing was sent." in answer.text
    assert states(scene) == [DeliveryState.BLOCKED] * 2

    scene.member.types("/aid-alerts on")
    assert told(scene) == ["first", "second"]


def test_a_press_after_another_subscription_took_its_place(scene: BotHarness) -> None:
    notice = put_out(scene)
    scene.slack.invite("#general")
    scene.admin.types("/aid-alerts on group:gyeonggi", channel="#general")
    assert told(scene) == ["first", "second"]

    answer = press(scene.member, notice)

    assert "Only @Jihoon Park, who made this subscription, or an admin may resume it." in answer.text
    assert told(scene) == ["first", "second"]


def test_a_press_by_somebody_who_may_not(scene: BotHarness) -> None:
    scene.slack.kick("#aid-alerts")
    record(scene, "first")
    scene.wait(lambda: states(scene, "C0ALERTS") == [DeliveryState.BLOCKED])
    listed = scene.admin.types("/aid-alerts list")
    scene.slack.store.edit(listed.message, ephemeral_for=None)
    before = scene.slack.counts["conversations.join"]

    refused = press(scene.member, listed.message)

    assert "Only @Jihoon Park, who made this subscription, or an admin may resume it." in refused.text
    assert states(scene, "C0ALERTS") == [DeliveryState.BLOCKED]
    assert scene.slack.counts["conversations.join"] == before


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
def test_a_press_while_slack_refuses(scene: BotHarness, method: str, fault: Fault, said: str) -> None:
    notice = put_out(scene)
    scene.slack.faults.add(method, fault)

    answer = press(scene.member, notice)

    assert said in answer.text
    assert states(scene) == [DeliveryState.BLOCKED] * 2
    assert "is told again" in press(scene.member, notice).text
    assert told(scene) == ["first", "second"]


def test_it_is_blocked_again_where_posting_shows_another_trouble(scene: BotHarness) -> None:
    notice = put_out(scene)
    scene.slack.faults.add(POST, Fault.error("restricted_action"), channel=HERE)

    assert "is told again" in press(scene.member, notice).text
    scene.wait(lambda: present(scene).blocked == "restricted_action")

    assert states(scene) == [DeliveryState.BLOCKED] * 2
    assert "Only some people may post in the channel" in notices(scene)[-1].text
    press(scene.member, notice)
    assert told(scene) == ["first", "second"]


def test_a_dead_token_is_no_fault_of_the_channel(scene: BotHarness) -> None:
    """All waits and nobody can be told; once the token works, what waited goes before what is new."""
    subscribed(scene)
    scene.slack.faults.add(POST, Fault.error("token_revoked"))
    record(scene, "first")
    scene.wait(lambda: states(scene) == [DeliveryState.BLOCKED])
    assert notices(scene) == []
    assert present(scene).blocked is None

    record(scene, "second")
    assert told(scene) == ["first", "second"]


def test_a_dead_token_is_tried_with_what_waits_longest(scene: BotHarness) -> None:
    subscribed(scene)
    scene.slack.faults.add(POST, Fault.error("account_inactive"), times=2)
    for number, note in enumerate(("first", "second"), start=1):
        record(scene, note)
        scene.wait(lambda expected=number: states(scene) == [DeliveryState.BLOCKED] * expected)

    record(scene, "third")
    assert told(scene) == ["first", "second", "third"]
