"""A blocked channel: its subscriber gets one notice, and *Resume* sends what waited."""

from typing import Any

import pytest

from bot.slack_emulator import ActionResult, Fault, Message
from db.outbox.deliveries import DeliveryState
from tests.support.harness import BotHarness, UserDriver

POST = "chat.postMessage"
HERE = "C0GENERAL"

pytestmark = pytest.mark.usefixtures("without_channel_events")


def subscribe_channel(harness: BotHarness, channel: str = "#general", **how: str) -> None:
    """Subscribe a channel as the member, and end the admin's subscription."""
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")
    harness.member.types(f"/aid-alerts on {how.get('what', '')}", channel=channel)


def block_channel(harness: BotHarness) -> Message:
    """Remove the bot from #general, record two updates, and return the notice to the subscriber."""
    subscribe_channel(harness)
    harness.slack.kick("#general")
    harness.note("first", "second")
    harness.wait(lambda: harness.states(HERE) == [DeliveryState.BLOCKED] * 2)
    (notice,) = harness.direct_messages("U0MEMBER")
    return notice


def press(who: UserDriver, message: Message, **how: Any) -> ActionResult:
    return who.person.press(message, "Resume", **how).wait()


def posted_notes(harness: BotHarness, channel: str = "#general") -> list[str]:
    """Return the notes posted to a channel, in the order of the messages."""
    harness.wait(lambda: not harness.queued())
    notes = []
    for message in harness.slack.messages(channel):
        if message.user == harness.slack.app.bot_user and not message.ephemeral_for:
            words = str(message.blocks)
            notes += [note for note in ("first", "second", "third") if f"\\n{note}\\n" in words]
    return notes


# -- the notice -----------------------------------------------------------------------------------------------


def test_blocked_channel_notifies_the_subscriber_once(harness: BotHarness) -> None:
    notice = block_channel(harness)
    harness.note("third")
    harness.wait(lambda: len(harness.states(HERE)) == 3)

    assert "I'm not in the channel. Invite me with `/invite`." in notice.text
    assert "to send the waiting messages in order. They are kept until then." in notice.text
    assert len(harness.direct_messages("U0MEMBER")) == 1
    assert harness.direct_messages("U0ADMIN") == []


# -- Resume ---------------------------------------------------------------------------------------------------


def test_resume_joins_the_channel_and_sends_once_in_order(harness: BotHarness) -> None:
    notice = block_channel(harness)
    harness.note("third")

    answer = press(harness.member, notice)

    assert "Alerts in #general are on again. Sending 3 waiting messages now." in answer.text
    assert "Alerts for #general are not paused" in press(harness.member, notice).text
    assert posted_notes(harness) == ["first", "second", "third"]
    assert harness.slack.app.bot_user in harness.slack.channel("#general").members
    assert harness.subscription("#general").blocked is None


def test_resume_of_a_private_channel_asks_to_invite(harness: BotHarness) -> None:
    harness.slack.invite("#ministry-desk")
    subscribe_channel(harness, "#ministry-desk")
    desk = harness.slack.channel("#ministry-desk").id
    harness.slack.kick("#ministry-desk")
    harness.note("first")
    harness.wait(lambda: harness.states(desk) == [DeliveryState.BLOCKED])
    (notice,) = harness.direct_messages("U0MEMBER")

    refused = press(harness.member, notice)
    assert (
        "Type /invite @aid-status there, then press Resume again. Waiting messages are kept until then." in refused.text
    )
    assert harness.states(desk) == [DeliveryState.BLOCKED]
    assert harness.subscription("#ministry-desk").blocked == "channel_not_found"

    harness.slack.invite("#ministry-desk")
    assert "are on again. Sending 1 waiting message now." in press(harness.member, notice).text
    assert posted_notes(harness, "#ministry-desk") == ["first"]


def test_resume_of_an_archived_channel_is_refused(harness: BotHarness) -> None:
    subscribe_channel(harness)
    harness.slack.archive("#general")
    harness.admin.types("/aid-update GG-1 note first", channel="#aid-alerts")
    harness.wait(lambda: harness.states(HERE) == [DeliveryState.BLOCKED])
    (notice,) = harness.direct_messages("U0MEMBER")
    assert "The channel is archived. Unarchive it." in notice.text

    assert "#general is archived, so nobody can post there." in press(harness.member, notice).text
    harness.slack.archive("#general", archived=False)
    assert "are on again" in press(harness.member, notice).text
    assert posted_notes(harness) == ["first"]


# -- pressed by others, late, or in trouble -------------------------------------------------------------------


def test_resume_after_off_sends_nothing(harness: BotHarness) -> None:
    notice = block_channel(harness)
    harness.admin.types("/aid-alerts off", channel="#general")

    answer = press(harness.member, notice)
    assert "@Jihoon Park turned off the alerts of #general, so nothing was sent." in answer.text
    assert harness.states(HERE) == [DeliveryState.BLOCKED] * 2

    harness.member.types("/aid-alerts on")
    assert posted_notes(harness) == ["first", "second"]


def test_resume_by_another_member_is_refused(harness: BotHarness) -> None:
    harness.slack.kick("#aid-alerts")
    harness.note("first")
    harness.wait(lambda: harness.states("C0ALERTS") == [DeliveryState.BLOCKED])
    assert "[Resume]" not in harness.member.types("/aid-alerts list").text
    listed = harness.admin.types("/aid-alerts list")
    harness.slack.store.edit(listed.message, ephemeral_for=None)
    before = harness.slack.counts["conversations.join"]

    refused = press(harness.member, listed.message)

    assert "Only @Jihoon Park, who made this subscription, or an admin can resume it." in refused.text
    assert harness.states("C0ALERTS") == [DeliveryState.BLOCKED]
    assert harness.subscription("#aid-alerts").blocked
    assert harness.slack.counts["conversations.join"] == before


@pytest.mark.parametrize(
    ("method", "fault", "sentence"),
    [
        ("conversations.info", Fault.error("token_revoked"), "token_revoked"),
        ("conversations.info", Fault.error("channel_not_found"), "Type /invite @aid-status there"),
        ("conversations.info", Fault.delay(1.5), "I couldn't check with Slack whether I can post in #general"),
        ("conversations.join", Fault.error("restricted_action"), "Type /invite @aid-status there"),
    ],
)
def test_resume_while_slack_fails_keeps_messages(harness: BotHarness, method: str, fault: Fault, sentence: str) -> None:
    notice = block_channel(harness)
    harness.slack.faults.add(method, fault)

    answer = press(harness.member, notice)

    assert sentence in answer.text
    assert harness.states(HERE) == [DeliveryState.BLOCKED] * 2
    assert "are on again" in press(harness.member, notice).text
    assert posted_notes(harness) == ["first", "second"]


def test_resume_blocks_again_if_posting_fails(harness: BotHarness) -> None:
    notice = block_channel(harness)
    harness.slack.faults.add(POST, Fault.error("restricted_action"), channel=HERE)

    assert "are on again" in press(harness.member, notice).text
    harness.wait(lambda: harness.subscription("#general").blocked == "restricted_action")

    assert harness.states(HERE) == [DeliveryState.BLOCKED] * 2
    assert "Posting in this channel is restricted." in harness.direct_messages("U0MEMBER")[-1].text
    press(harness.member, notice)
    assert posted_notes(harness) == ["first", "second"]
