"""/aid-alerts: subscribe a channel, change its settings, end them."""

import re

import pytest

from bot.slack_emulator import Channel, ChannelKind, Fault
from db.models import Subscription
from db.outbox.deliveries import DeliveryState
from db.subscriptions.subscriptions import active_in
from tests.support.harness import START, TEAM, BotHarness
from tests.support.sender_rows import add_subscription

pytestmark = pytest.mark.usefixtures("without_channel_events")


def all_of(harness: BotHarness) -> list[Subscription]:
    with harness.database.reading() as session:
        return active_in(session, TEAM)


# -- on -------------------------------------------------------------------------------------------------------


def test_on_subscribes_the_channel(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-alerts on group:gyeonggi lang:ko")

    assert "This channel now gets alerts for updates of projects that match group:gyeonggi." in answer.text
    assert "in Korean" in answer.text
    assert "I joined" not in answer.text
    assert "Over the last 30 days, that would have been no messages." in answer.text
    subscription = harness.subscription("#general")
    assert (subscription.filter, subscription.language, subscription.created_by) == ("group:gyeonggi", "ko", "U0MEMBER")


def test_on_joins_a_public_channel(harness: BotHarness) -> None:
    answer = harness.member.types("/aid-alerts on", channel="#gyeonggi")

    assert "I joined this channel." in answer.text
    assert "every update of every project" in answer.text
    assert harness.slack.app.bot_user in harness.slack.channel("#gyeonggi").members
    harness.record("GG-1 note it moves")
    harness.wait(lambda: any("GG-1" in message.text for message in harness.slack.messages("#gyeonggi")))


def test_on_in_a_private_channel_asks_to_invite(harness: BotHarness) -> None:
    before = harness.rows()
    answer = harness.member.types("/aid-alerts on", channel="#ministry-desk")

    assert "Type /invite @aid-status here, then run the command again. Nothing was changed." in answer.text
    assert harness.rows() == before
    harness.slack.invite("#ministry-desk")
    assert "now gets alerts" in harness.member.types("/aid-alerts on", channel="#ministry-desk").text


def test_on_in_an_archived_channel_or_foreign_direct_message_is_refused(harness: BotHarness) -> None:
    harness.slack.archive("#general")
    members = frozenset({"U0MEMBER", "U0ADMIN"})
    harness.slack.store.put_channel(Channel("D0OTHERS", "directmessage", ChannelKind.IM, members, partner="U0ADMIN"))
    before = harness.rows()

    assert "archived" in harness.member.types("/aid-alerts on").text
    assert "I'm not in this direct message" in harness.member.types("/aid-alerts on", channel="D0OTHERS").text
    assert harness.rows() == before


@pytest.mark.parametrize(
    ("method", "fault", "sentence"),
    [
        ("conversations.info", Fault.delay(1.5), "I couldn't check with Slack whether I can post here"),
        ("conversations.info", Fault.drop_before(), "Nothing was changed. Try again."),
        ("conversations.info", Fault.error("missing_scope"), "Slack does not let me see this channel (missing_scope)"),
        ("conversations.join", Fault.drop_before(), "Nothing was changed. Try again."),
        ("conversations.join", Fault.error("restricted_action"), "/invite @aid-status"),
    ],
)
def test_on_while_slack_fails_subscribes_nothing(harness: BotHarness, method: str, fault: Fault, sentence: str) -> None:
    before = harness.rows()
    repeated = fault == Fault.drop_before()  # on a connection that was kept the call is made again
    harness.slack.faults.add(method, fault, times=1 + repeated)
    answer = harness.member.types("/aid-alerts on", channel="#gyeonggi")

    assert sentence in answer.text
    assert not answer.error
    assert harness.rows() == before
    assert "now gets alerts" in harness.member.types("/aid-alerts on", channel="#gyeonggi").text


def test_on_again_replaces_the_filter(harness: BotHarness) -> None:
    harness.member.types("/aid-alerts on group:io")
    same = harness.second.types("/aid-alerts on group:io")
    spoken = harness.second.types("/aid-alerts on group:io lang:ko")
    other = harness.second.types("/aid-alerts on group:io,ngo -kind:note lang:ko")
    kept_language = harness.member.types("/aid-alerts on water")

    assert "No change: this channel already gets alerts for updates of projects that match group:io." in same.text
    assert "still gets alerts for updates of projects that match group:io; messages are now in Korean" in spoken.text
    assert "Before: updates of projects that match group:io. Now: updates" in other.text
    assert "match group:io,ngo -kind:note." in other.text
    assert "in Korean" in kept_language.text
    subscriptions = [row for row in all_of(harness) if row.channel_id == "C0GENERAL"]
    assert [row.filter for row in subscriptions] == ["water"]


# what is typed and a part of the answer; nothing is changed and no channel joined
UNCHANGED = [
    ("on colour:red", "There is no filter colour:"),
    ("on group:io known:2026-02-01", "known: is no filter. It asks about the past"),
    ("on on:2026-02-01", "on: is no filter."),
    ("on status:fine", "“fine” is not a valid status"),
    ("on lang:fr", "I don't support the language “fr”. Use one of: lang:en, lang:ko."),
    ("on " + "x" * 501, "too long (maximum 500 characters)"),
    ("on group:,", "“group:,” has nothing to search for"),
    ("test", "This channel gets no alerts. Type /aid-alerts on"),
    ("help", "This channel gets no alerts."),
    ("help", "Get alerts in this channel"),
    ("HELP", "Get alerts in this channel"),
    ("subscribe", "I don't know subscribe. You can use:"),
    ("<!channel>", "I don't know <!channel>."),
]


def test_line_that_cannot_be_carried_out_changes_nothing(harness: BotHarness) -> None:
    before = harness.rows()
    for line, sentence in UNCHANGED:
        assert sentence in harness.member.types(f"/aid-alerts {line}", channel="#gyeonggi").text
    assert harness.rows() == before
    assert not harness.slack.counts["conversations.join"]
    subscribed = harness.member.types("/aid-alerts help", channel="#aid-alerts").text
    assert "This channel gets alerts for every update of every project." in subscribed


def test_on_previews_the_alerts_of_30_days(harness: BotHarness) -> None:
    harness.record("GG-1 hold by:FR on:2026-02-06 as:press")
    harness.record("IO-1 note seen")
    harness.clock.forward(days=1)
    mistake = harness.admin.types("/aid-update IO-2 note wrong")
    harness.admin.presses(mistake, "Undo")

    def preview(line: str) -> str:
        text = harness.member.types(f"/aid-alerts on {line}").text
        sentence = re.search(r"Over the last 30 days, .*", text)
        return sentence[0]

    assert preview("") == "Over the last 30 days, that would have been 3 messages, the last on 2026-02-11."
    assert preview("holder:FR") == "Over the last 30 days, that would have been 1 message, on 2026-02-10."
    assert preview("status:on-hold") == "Over the last 30 days, that would have been 1 message, on 2026-02-10."
    assert preview("kind:note group:io") == (
        "Over the last 30 days, that would have been 2 messages, the last on 2026-02-11."
    )
    assert preview("group:ngo") == "Over the last 30 days, that would have been no messages."
    harness.clock.forward(days=31)
    assert preview("holder:FR,US") == "Over the last 30 days, that would have been no messages."


# -- a direct message -----------------------------------------------------------------------------------------


# -- off, list, test, help ------------------------------------------------------------------------------------


def test_off_needs_the_subscriber_or_an_admin(harness: BotHarness) -> None:
    refused = harness.member.types("/aid-alerts off", channel="#aid-alerts")
    assert "Only @Jihoon Park, who subscribed this channel, or an admin can end the subscription." in refused.text
    assert harness.subscription("#aid-alerts")

    assert "Alerts in this channel are off." in harness.second.types("/aid-alerts off", channel="#aid-alerts").text
    assert harness.subscription("#aid-alerts") is None
    harness.record("GG-1 note nobody is told")
    assert harness.alerts() == []
    assert "This channel gets no alerts." in harness.second.types("/aid-alerts off", channel="#aid-alerts").text

    harness.member.types("/aid-alerts on")
    assert "Alerts in this channel are off." in harness.member.types("/aid-alerts off").text
    assert harness.subscription("#general") is None


def test_list_shows_this_channel_first(harness: BotHarness) -> None:
    harness.member.types("/aid-alerts on group:io", channel="#general")
    answer = harness.member.types("/aid-alerts list")
    lines = [line for line in answer.text.splitlines() if " · " in line]

    assert "2 subscriptions" in answer.text
    assert lines[0].startswith("This channel · updates of projects that match group:io · English")
    assert "by @Mina Lee" in lines[1]
    assert lines[2].startswith("#aid-alerts · every update of every project · English")


def test_list_of_none_and_of_many_fits(harness: BotHarness) -> None:
    harness.admin.types("/aid-alerts off", channel="#aid-alerts")
    assert "No channel in this workspace gets alerts" in harness.member.types("/aid-alerts list").text

    for n in range(80):
        add_subscription(harness.database, channel_id=f"C{n:05}", filter="org:" + "x" * 300)
    answer = harness.member.types("/aid-alerts list")
    count = answer.text.count("org:")
    assert not answer.error
    assert f"… and {80 - count} more subscriptions" in answer.text


def test_test_message_goes_through_the_outbox(harness: BotHarness) -> None:
    assert "A test message is on its way" in harness.member.types("/aid-alerts test", channel="#aid-alerts").text
    assert any("Test requested by <@U0MEMBER>" in message.text for message in harness.alerts())


# -- blocked --------------------------------------------------------------------------------------------------


def block(harness: BotHarness) -> None:
    """Remove the bot from #aid-alerts and let an alert fail."""
    harness.slack.kick("#aid-alerts")
    harness.record("GG-1 note while it was out")
    harness.wait(lambda: bool((subscription := harness.subscription("#aid-alerts")) and subscription.blocked))


def test_resume_in_the_list_sends_waiting_alerts(harness: BotHarness) -> None:
    block(harness)
    listed = harness.admin.types("/aid-alerts list")
    assert "Paused: I'm not in the channel. Invite me with /invite." in listed.text
    assert "This channel gets no alerts." not in harness.member.types("/aid-alerts test", channel="#aid-alerts").text
    harness.slack.invite("#aid-alerts")

    answer = harness.admin.presses(listed, "Resume")
    assert "Alerts in #aid-alerts are on again. Sending 1 waiting message now." in answer.text
    assert any("GG-1" in message.text for message in harness.alerts())
    assert set(harness.states("C0ALERTS")) == {DeliveryState.SENT}

    again = harness.admin.presses(listed, "Resume")
    assert "Alerts for #aid-alerts are not paused" in again.text


def test_resume_of_another_workspace_is_refused_and_on_again_resumes(harness: BotHarness) -> None:
    foreign = add_subscription(harness.database, team_id="T0OTHER", blocked="is_archived", blocked_at=START)
    block(harness)
    listed = harness.admin.types("/aid-alerts list")
    harness.forge(listed, str(foreign))

    assert "This subscription no longer exists." in harness.admin.presses(listed, "Resume").text

    answer = harness.second.types("/aid-alerts on", channel="#aid-alerts")
    assert "I joined this channel." in answer.text
    assert "Sending 1 waiting message now." in answer.text
    assert any("GG-1" in message.text for message in harness.alerts())
