"""A Slack that changes: what becomes of a channel's alerts when it moves, is archived or deleted, or the bot is removed."""

import pytest

from bot.slack_emulator import Channel, ChannelKind
from bot.slack_emulator.models import Message
from db.outbox.deliveries import DeliveryState
from tests.support.harness import BotHarness

DESK = "#ministry-desk"


def notices(harness: BotHarness, user_id: str = "U0MEMBER") -> str:
    return "\n".join(f"{message.text} {message.blocks}" for message in harness.direct_messages(user_id))


def posted(harness: BotHarness, channel: str) -> list[Message]:
    harness.wait(lambda: not harness.queued())
    return [each for each in harness.slack.messages(channel) if each.metadata]


def subscribed(harness: BotHarness, channel: str) -> str:
    """Let the member subscribe a channel, with a message that waits for its digest; return its id."""
    harness.slack.invite(channel)
    harness.member.types("/aid-alerts on digest:daily@09:00 digest-kinds:hold", channel=channel)
    harness.admin.types("/aid-update GG-1 hold by:FR on:2026-02-06 as:press")
    return harness.slack.channel(channel).id


@pytest.mark.parametrize("channel", ["#general", DESK])
def test_archived_channel_rests_and_goes_on(harness: BotHarness, channel: str) -> None:
    key = subscribed(harness, channel)
    harness.slack.archive(channel)

    assert "Alerts rest: <#" in notices(harness)
    assert "1 message that waited is not sent any more" in notices(harness)
    assert set(harness.states(key)) == {DeliveryState.CANCELLED}
    harness.note("while it rests")
    harness.tick(days=2)
    assert set(harness.states(key)) == {DeliveryState.CANCELLED}
    assert "Paused: The channel was archived." in harness.member.types("/aid-alerts list", channel="#aid-alerts").text

    harness.slack.archive(channel, archived=False)
    harness.wait(lambda: harness.subscription(channel).blocked is None)
    harness.note("afterwards")
    assert [message.text for message in posted(harness, channel)] == ["Note: GG-1"]
    assert "Alerts are on again" in notices(harness)


def test_unarchived_channel_without_the_bot_asks_to_be_invited(harness: BotHarness) -> None:
    subscribed(harness, DESK)
    harness.slack.archive(DESK)
    harness.slack.store.edit_channel(harness.slack.channel(DESK).id, members=frozenset({"U0MEMBER"}))
    harness.slack.store.edit_channel(harness.slack.channel(DESK).id, archived=False)
    harness.slack.event({"type": "group_unarchive", "channel": harness.slack.channel(DESK).id})

    harness.wait(lambda: harness.subscription(DESK).blocked == "left")
    assert "I was removed from the channel. Invite me" in notices(harness)
    harness.slack.invite(DESK)
    notice = harness.direct_messages("U0MEMBER")[-1]
    assert "are on again" in harness.member.person.press(notice, "Resume").wait().text


@pytest.mark.parametrize("channel", ["#general", DESK])
def test_channel_that_the_bot_left_rests(harness: BotHarness, channel: str) -> None:
    key = subscribed(harness, channel)
    harness.slack.kick(channel)
    harness.slack.event({"type": "channel_left", "channel": key})  # told twice

    assert notices(harness).count("that waited is not sent any more") == 2  # the text, and its block
    harness.note("nobody is told")
    assert set(harness.states(key)) == {DeliveryState.CANCELLED}
    harness.slack.invite(channel)
    harness.member.types("/aid-alerts on", channel=channel)
    harness.note("told again")
    assert [message.text for message in posted(harness, channel)] == ["Note: GG-1"]


@pytest.mark.parametrize("channel", ["#gyeonggi", DESK])
def test_deleted_channel_ends_its_subscription(harness: BotHarness, channel: str) -> None:
    key = subscribed(harness, channel)
    harness.slack.delete_channel(channel)

    assert "was deleted, and with it the alerts" in notices(harness)
    assert set(harness.states(key)) == {DeliveryState.CANCELLED}
    assert key not in harness.member.types("/aid-alerts list").text


def test_subscription_follows_its_channels_new_id_and_name(harness: BotHarness) -> None:
    harness.note("before")
    (alert,) = harness.alerts()
    harness.slack.change_channel_id("#aid-alerts", "C0SHARED")
    harness.slack.rename("#aid-alerts", "aid-news")
    harness.note("after")

    assert [message.channel for message in posted(harness, "#aid-news")] == ["C0SHARED"] * 2
    harness.admin.types("/aid-update #6 retract a mistake")  # the earlier message is edited where it is now
    harness.wait(lambda: not harness.queued())
    edited = harness.slack.store.message("C0SHARED", alert.ts)
    assert edited is not None
    assert edited.edited
    assert "#aid-news" in harness.admin.types("/aid-alerts list").text
    assert harness.states("C0ALERTS") == []


# -- who hears of it, who sees it ---------------------------------------------------------------------------------


def test_owner_hears_what_others_change(harness: BotHarness) -> None:
    harness.member.types("/aid-alerts on group:io")
    harness.member.types("/aid-alerts set threading:thread")
    assert harness.direct_messages("U0MEMBER") == []  # nobody is told of what they do themselves
    harness.admin.types("/aid-alerts on group:ngo")
    harness.second.types("/aid-alerts off")

    changed, ended = (message.text for message in harness.direct_messages("U0MEMBER"))
    assert "<@U0ADMIN> changed alerts that you set up: <#C0GENERAL>." in changed
    assert "Before: updates of projects that match `group:io`" in changed
    assert "Now: updates of projects that match `group:ngo` · English" in changed
    assert "<@U0SECOND> turned off alerts that you set up" in ended
    audit = harness.admin.types("/aid-admin audit").text
    assert "@Soyeon Kim turned off alerts: #general" in audit
    assert "@Jihoon Park changed alerts (filter): #general" in audit
    assert "@Mina Lee turned on alerts: #general" in audit


def test_subscription_is_listed_and_ended_from_anywhere(harness: BotHarness) -> None:
    harness.slack.invite(DESK)
    harness.member.types("/aid-alerts on", channel=DESK)
    listed = harness.member.types("/aid-alerts list", channel="#aid-alerts")
    refused = harness.member.types("/aid-alerts off <#C0ALERTS|aid-alerts>")
    assert "Only @Jihoon Park, who subscribed this channel, or an admin" in refused.text
    assert "Alerts are off: #ministry-desk." in harness.member.presses(listed, "Turn off").text
    assert harness.subscription(DESK) is None
    assert "Alerts are off: #aid-alerts." in harness.second.types("/aid-alerts off <#C0ALERTS|aid-alerts>").text
    assert "“nowhere” gets no alerts" in harness.second.types("/aid-alerts off nowhere").text


def test_guest_learns_of_no_other_channel(harness: BotHarness) -> None:
    guest = type(harness.member)(harness.slack, "U0GUEST")
    harness.slack.invite("#general", "U0GUEST")
    harness.member.types("/aid-alerts on group:io", channel="#general")
    listed = guest.types("/aid-alerts list").text

    assert "1 subscription\nThis channel · updates of projects that match group:io" in listed
    assert "#aid-alerts" not in listed
    assert "gets no alerts" in guest.types("/aid-alerts off <#C0ALERTS|aid-alerts>").text


def test_group_direct_message_is_named_as_such(harness: BotHarness) -> None:
    group = Channel("G0GROUP", "mpdm-mina--jihoon-1", ChannelKind.PRIVATE, frozenset({"U0MEMBER", "U0ADMIN"}))
    harness.slack.store.put_channel(group)

    for line in ("/aid-alerts on", "/aid-alerts"):
        assert (
            "This is a group direct message, which can't be subscribed." in harness.member.types(line, "G0GROUP").text
        )
