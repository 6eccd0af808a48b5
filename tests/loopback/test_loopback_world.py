"""Who and what there is beside the bot's own channels, as the unchanged slack_sdk meets it."""

from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.loopback import Installation, LoopbackServer, Slack, demo_world

EVERY_KIND = "public_channel,private_channel,im,mpim"


class Hands:
    """A clock whose hands the test moves."""

    now = 1_770_735_600.0

    def __call__(self) -> float:
        return self.now


def error(client: WebClient, method: str, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=args)
    return str(caught.value.response["error"])


# -- scheduled messages ---------------------------------------------------------------------------------------


def test_a_scheduled_message_is_posted_when_its_time_comes() -> None:
    hands = Hands()
    slack = demo_world(hands)
    with LoopbackServer(slack, page=False) as server:
        client = WebClient("xoxb-loopback", base_url=server.base_url)
        at = int(hands.now) + 60
        first = client.chat_scheduleMessage(
            channel="C0GENERAL", post_at=at, text="later", metadata={"event_type": "a", "event_payload": {}}
        )
        other = client.chat_scheduleMessage(channel="C0GENERAL", post_at=at + 60, text="never")
        listed = client.chat_scheduledMessages_list(channel="C0GENERAL")["scheduled_messages"]
        assert [(each["id"], each["post_at"], each["text"]) for each in listed] == [
            (first["scheduled_message_id"], at, "later"),
            (other["scheduled_message_id"], at + 60, "never"),
        ]
        client.chat_deleteScheduledMessage(channel="C0GENERAL", scheduled_message_id=other["scheduled_message_id"])
        assert slack.tick() == 0

        hands.now += 120
        slack.wait_for(lambda: len(slack.messages("general")) == 1)

        (message,) = slack.messages("general")
        assert (message.text, message.metadata) == ("later", {"event_type": "a", "event_payload": {}})
        assert client.chat_scheduledMessages_list()["scheduled_messages"] == []
        assert slack.tick() == 0


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"post_at": 1, "text": "x"}, "time_in_past"),
        ({"post_at": 9_999_999_999, "text": "x"}, "time_too_far"),
        ({"post_at": "soon", "text": "x"}, "invalid_time"),
        ({"post_at": "@later"}, "no_text"),
        ({"post_at": "@later", "text": "x", "channel": "C404"}, "channel_not_found"),
        ({"post_at": "@later", "text": "x", "channel": "#gyeonggi"}, "not_in_channel"),
    ],
)
def test_scheduling_is_refused(client: WebClient, slack: Slack, args: dict[str, Any], expected: str) -> None:
    later = int(slack.world.clock()) + 600
    args = {"channel": "C0GENERAL", **{name: later if value == "@later" else value for name, value in args.items()}}
    assert error(client, "chat.scheduleMessage", **args) == expected


def test_deleting_what_is_not_scheduled(client: WebClient) -> None:
    assert (
        error(client, "chat.deleteScheduledMessage", channel="C0GENERAL", scheduled_message_id="Q1")
        == "invalid_scheduled_message_id"
    )


# -- people ---------------------------------------------------------------------------------------------------


def test_what_somebody_is(client: WebClient, slack: Slack) -> None:
    slack.edit_user("U0GUEST", is_single_channel=True)
    people = {each["id"]: each for each in client.users_list()["members"]}

    assert people["U0ADMIN"]["is_admin"]
    assert (people["U0GUEST"]["is_restricted"], people["U0GUEST"]["is_ultra_restricted"]) == (True, True)
    assert people["U0OTHER"]["team_id"] == "T0OTHER"
    assert people["U0GONE"]["deleted"]
    assert client.users_lookupByEmail(email="MINA.LEE@t0loop.example")["user"]["id"] == "U0MEMBER"
    assert client.users_profile_get(user="U0MEMBER")["profile"]["email"] == "mina.lee@t0loop.example"
    assert client.team_info()["team"]["name"] == "Aid circle"


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("users.lookupByEmail", {"email": "kim.gone@t0loop.example"}, "users_not_found"),
        ("users.lookupByEmail", {"email": "nobody@example.org"}, "users_not_found"),
        ("users.profile.get", {"user": "U404"}, "user_not_found"),
        ("usergroups.users.list", {"usergroup": "S404"}, "no_such_subteam"),
        ("team.info", {"team": "T404"}, "team_not_found"),
        ("users.setPresence", {"presence": "away"}, "unknown_method"),
    ],
)
def test_people_who_are_not_there(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    assert error(client, method, **args) == expected


def test_user_groups(client: WebClient) -> None:
    (group,) = client.usergroups_list(include_users=True, include_count=True)["usergroups"]
    assert (group["handle"], group["users"], group["user_count"]) == ("aid-desk", ["U0ADMIN", "U0MEMBER"], 2)
    assert client.usergroups_users_list(usergroup="S0DESK")["users"] == ["U0ADMIN", "U0MEMBER"]


# -- conversations --------------------------------------------------------------------------------------------


def test_a_group_direct_message(client: WebClient, slack: Slack) -> None:
    opened = client.conversations_open(users=["U0ADMIN", "U0MEMBER"])["channel"]
    assert client.conversations_open(users="U0MEMBER,U0ADMIN")["channel"]["id"] == opened["id"]
    client.chat_postMessage(channel=opened["id"], text="to both")

    info = client.conversations_info(channel=opened["id"])["channel"]
    assert (info["is_mpim"], info["is_private"]) == (True, True)
    assert [each.text for each in slack.person("U0ADMIN").messages(opened["id"])] == ["to both"]
    assert {each["id"] for each in client.conversations_list(types="mpim")["channels"]} == {opened["id"]}


def test_a_channel_is_made_changed_and_put_away(client: WebClient, slack: Slack) -> None:
    made = client.conversations_create(name="deliveries", is_private=True)["channel"]
    channel = made["id"]
    client.conversations_rename(channel=channel, name="shipments")
    client.conversations_setTopic(channel=channel, topic="what is on its way")
    client.conversations_invite(channel=channel, users="U0MEMBER")
    client.conversations_kick(channel=channel, user="U0MEMBER")
    client.conversations_archive(channel=channel)

    found = slack.channel("shipments")
    assert (found.topic, found.members, found.archived) == ("what is on its way", frozenset({"U0BOT"}), True)
    assert error(client, "chat.postMessage", channel=channel, text="x") == "is_archived"
    client.conversations_unarchive(channel=channel)
    client.chat_postMessage(channel=channel, text="x")


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("conversations.create", {"name": "general"}, "name_taken"),
        ("conversations.create", {"name": "two words"}, "invalid_name_specials"),
        ("conversations.create", {"name": ""}, "invalid_name_required"),
        ("conversations.invite", {"channel": "C0GENERAL", "users": "U404"}, "user_not_found"),
        ("conversations.invite", {"channel": "C0GENERAL", "users": "U0GONE"}, "user_not_found"),
        ("conversations.invite", {"channel": "C0GENERAL", "users": "U0BOT"}, "cant_invite_self"),
        ("conversations.invite", {"channel": "C0GENERAL", "users": "U0ADMIN"}, "already_in_channel"),
        ("conversations.kick", {"channel": "C0GENERAL", "user": "U0ADMIN"}, "cant_kick_from_general"),
        ("conversations.kick", {"channel": "C0ALERTS", "user": "U0BOT"}, "cant_kick_self"),
        ("conversations.archive", {"channel": "C0GENERAL"}, "cant_archive_general"),
        ("conversations.unarchive", {"channel": "C0GENERAL"}, "not_archived"),
        ("conversations.rename", {"channel": "#gyeonggi", "name": "x"}, "not_in_channel"),
        ("conversations.open", {"users": "U0ADMIN,U404"}, "user_not_found"),
        ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
        ("conversations.open", {}, "users_list_not_supplied"),
        ("conversations.list", {"types": "public"}, "invalid_types"),
    ],
)
def test_conversations_are_refused(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    assert error(client, method, **args) == expected


# -- scopes ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "args", "needed"),
    [
        ("conversations.info", {"channel": "C0GENERAL"}, "channels:read"),
        ("conversations.history", {"channel": "C0GENERAL"}, "channels:history"),
        ("conversations.history", {"channel": "G0MINISTRY"}, "groups:history"),
        ("conversations.members", {"channel": "@dm"}, "im:read"),
        ("conversations.list", {"types": EVERY_KIND}, "channels:read,groups:read,im:read,mpim:read"),
        ("conversations.open", {"users": "U0ADMIN"}, "im:write"),
        ("conversations.open", {"users": "U0ADMIN,U0MEMBER"}, "mpim:write"),
        ("conversations.create", {"name": "x", "is_private": True}, "groups:write"),
        ("chat.scheduleMessage", {"channel": "C0GENERAL", "post_at": 1, "text": "x"}, "chat:write"),
        ("usergroups.list", {}, "usergroups:read"),
        ("users.lookupByEmail", {"email": "x"}, "users:read.email"),
    ],
)
def test_each_kind_of_conversation_needs_a_scope_of_its_own(method: str, args: dict[str, Any], needed: str) -> None:
    slack = demo_world()
    slack.invite("G0MINISTRY")
    slack.site.app = Installation(scopes=frozenset({"commands"}))
    channel = slack.world.direct_message("U0ADMIN").id
    args = {name: channel if value == "@dm" else value for name, value in args.items()}

    answer = slack.call(method, args, slack.app.bot_token)

    assert (answer.body["error"], answer.body["needed"], answer.body["provided"]) == (
        "missing_scope",
        needed,
        "commands",
    )
    slack.site.app = Installation(scopes=frozenset(needed.split(",")))
    assert slack.call(method, args, slack.app.bot_token).body.get("error") != "missing_scope"
