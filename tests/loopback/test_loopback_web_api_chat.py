"""`chat.*` and `reactions.*` as the unchanged slack_sdk meets them."""

import urllib.request
from typing import Any

import pytest
from loopback_sample import section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.loopback import Installation, LoopbackServer, Person, Slack

GENERAL = "C0GENERAL"


def error(client: WebClient, method: str, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        client.api_call(method, json=args)
    return str(caught.value.response["error"])


def last(client: WebClient) -> dict[str, Any]:
    messages: list[dict[str, Any]] = client.conversations_history(channel=GENERAL)["messages"]
    return messages[0]


# -- posting --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("chat.postMessage", {"markdown_text": "x"}, "no_text"),
        ("chat.postMessage", {"text": " "}, "no_text"),
        ("chat.postMessage", {"attachments": "[{"}, "invalid_attachments"),
        ("chat.postMessage", {"attachments": ["x"]}, "invalid_attachments"),
        ("chat.postMessage", {"attachments": [{"text": "x"}] * 101}, "too_many_attachments"),
        ("chat.postMessage", {"attachments": [{"blocks": [{"type": "nonsense"}]}]}, "invalid_blocks"),
        ("chat.postMessage", {"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ("chat.postEphemeral", {"user": "U0ADMIN"}, "no_text"),
        ("chat.postEphemeral", {"user": "U0ADMIN", "text": "x", "channel": "#gyeonggi"}, "not_in_channel"),
        ("chat.postEphemeral", {"user": "U0ADMIN", "text": "x", "thread_ts": "1.5"}, "thread_not_found"),
        ("chat.meMessage", {"text": ""}, "no_text"),
        ("chat.meMessage", {"text": "x", "channel": "C404"}, "channel_not_found"),
        ("chat.update", {"ts": "1.000000", "text": "x"}, "message_not_found"),
        ("chat.delete", {"ts": "1.000000"}, "message_not_found"),
        ("chat.getPermalink", {"message_ts": "1.000000"}, "message_not_found"),
        ("chat.getPermalink", {"message_ts": "1.000000", "channel": "C404"}, "channel_not_found"),
        ("chat.unfurl", {"ts": "1.000000", "unfurls": {}}, "unknown_method"),
    ],
)
def test_messages_are_refused(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    assert error(client, method, **{"channel": GENERAL, **args}) == expected


def test_attachments_and_the_third_person(client: WebClient, admin: Person) -> None:
    old = [{"pretext": "Before", "title": "GG-1", "fields": [{"title": "Since", "value": "2025-H1"}], "footer": "End"}]
    client.api_call("chat.postMessage", json={"channel": GENERAL, "attachments": old, "unfurl_media": False})
    client.api_call("chat.postMessage", json={"channel": GENERAL, "attachments": [{"blocks": [section("*In* a block")]}]})
    client.chat_meMessage(channel=GENERAL, text="waits")
    lines = [line.removeprefix("aid-status: ") for line in admin.screen("#general").splitlines()]
    assert lines == ["Before", "GG-1", "Since: 2025-H1", "End", "In a block", "waits"]
    assert last(client)["subtype"] == "me_message"


def test_attachments_stay_until_they_are_changed(client: WebClient) -> None:
    ts = client.chat_postMessage(channel=GENERAL, attachments=[{"text": "one", "fallback": "1"}, {"fallback": "2"}])["ts"]
    assert [each["id"] for each in last(client)["attachments"]] == [1, 2]
    client.chat_update(channel=GENERAL, ts=ts, text="with text")
    assert [each["fallback"] for each in last(client)["attachments"]] == ["1", "2"]
    client.api_call("chat.update", json={"channel": GENERAL, "ts": ts, "attachments": []})
    assert "attachments" not in last(client)
    assert error(client, "chat.update", channel=GENERAL, ts=ts, text="") == "no_text"


def test_another_name_needs_a_scope(client: WebClient, slack: Slack, admin: Person) -> None:
    named = {"channel": GENERAL, "text": "x", "username": "Committee", "icon_emoji": ":scroll:"}
    slack.site.app = Installation(scopes=frozenset({"chat:write", "channels:history"}))
    client.api_call("chat.postMessage", json=named)
    assert "username" not in last(client)
    slack.site.app = Installation(scopes=frozenset({"chat:write", "channels:history", "chat:write.customize"}))
    client.api_call("chat.postMessage", json=named)
    shown = last(client)
    assert (shown["subtype"], shown["username"], shown["icons"]) == ("bot_message", "Committee", {"emoji": ":scroll:"})
    assert admin.screen("#general").splitlines() == ["aid-status: x", "Committee: x"]


def test_a_public_channel_without_being_in_it_needs_a_scope(client: WebClient, slack: Slack) -> None:
    slack.site.app = Installation(scopes=frozenset({"chat:write", "chat:write.public"}))
    client.chat_postMessage(channel="C0GYEONGGI", text="x")
    assert error(client, "chat.postMessage", channel="G0MINISTRY", text="x") == "channel_not_found"


def test_a_reply_is_broadcast(client: WebClient) -> None:
    parent = client.chat_postMessage(channel=GENERAL, text="parent")["ts"]
    client.chat_postMessage(channel=GENERAL, text="below", thread_ts=parent)
    client.chat_postMessage(channel=GENERAL, text="both", thread_ts=parent, reply_broadcast=True)
    seen = client.conversations_history(channel=GENERAL)["messages"]
    assert [(each["text"], each.get("subtype")) for each in seen] == [("both", "thread_broadcast"), ("parent", None)]


def test_editing_ends_where_the_workspace_says_so(client: WebClient, slack: Slack) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="x")["ts"]
    slack.settings.edit_seconds = -1
    assert error(client, "chat.update", channel=GENERAL, ts=ts, text="y") == "edit_window_closed"


# -- scheduled ------------------------------------------------------------------------------------------------


def test_what_is_scheduled_keeps_all_of_it_and_is_soon_too_late_to_take_back(client: WebClient, slack: Slack) -> None:
    soon = int(slack.world.clock()) + 50
    kept = client.chat_scheduleMessage(
        channel=GENERAL, post_at=soon, text="x", blocks=[section("b")], attachments=[{"text": "a"}]
    )
    assert (kept["message"]["type"], kept["post_at"]) == ("delayed_message", str(soon))
    late = {"channel": GENERAL, "scheduled_message_id": kept["scheduled_message_id"]}
    assert error(client, "chat.deleteScheduledMessage", **late) == "invalid_scheduled_message_id"
    (waiting,) = slack.world.scheduled.values()
    assert [name for name in ("blocks", "attachments") if waiting.fields[name]] == ["blocks", "attachments"]


def test_thirty_messages_within_five_minutes_are_enough(client: WebClient, slack: Slack) -> None:
    later = {"channel": GENERAL, "post_at": int(slack.world.clock()) + 600, "text": "x"}
    for _ in range(30):
        slack.call("chat.scheduleMessage", later, "xoxb-loopback")
    assert error(client, "chat.scheduleMessage", **later) == "restricted_too_many"
    client.chat_scheduleMessage(channel=GENERAL, post_at=int(later["post_at"]) + 600, text="x")


# -- reactions ------------------------------------------------------------------------------------------------


def test_reactions_come_and_go(client: WebClient, slack: Slack, admin: Person, server: LoopbackServer) -> None:
    ts = admin.say("#general", "done?").ts
    client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    slack.world.react(slack.messages("#general")[0], "U0MEMBER", "eyes")
    slack.world.react(slack.messages("#general")[0], "U0ADMIN", "+1")
    shown = client.reactions_get(channel=GENERAL, timestamp=ts)["message"]["reactions"]
    assert shown == [
        {"name": "eyes", "users": ["U0BOT", "U0MEMBER"], "count": 2},
        {"name": "+1", "users": ["U0ADMIN"], "count": 1},
    ]
    assert admin.screen("#general") == "Jihoon Park: done? [eyes 2] [+1 1]"
    with urllib.request.urlopen(f"{server.url}/as/U0ADMIN/c/{GENERAL}", timeout=10) as page:
        assert '<span title="eyes">👀 2</span>' in page.read().decode()
    client.reactions_remove(channel=GENERAL, timestamp=ts, name="eyes")
    assert last(client)["reactions"][0]["users"] == ["U0MEMBER"]


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("reactions.add", {"name": "eyes"}, "already_reacted"),
        ("reactions.add", {"name": "two eyes"}, "invalid_name"),
        ("reactions.add", {"name": ""}, "invalid_name"),
        ("reactions.add", {"name": "x", "timestamp": ""}, "no_item_specified"),
        ("reactions.add", {"name": "x", "timestamp": "soon"}, "bad_timestamp"),
        ("reactions.add", {"name": "x", "timestamp": "1.000000"}, "message_not_found"),
        ("reactions.add", {"name": "x", "channel": "C404"}, "channel_not_found"),
        ("reactions.add", {"name": "x", "channel": "#gyeonggi"}, "not_in_channel"),
        ("reactions.remove", {"name": "wave"}, "no_reaction"),
        ("reactions.get", {"timestamp": "1.000000"}, "message_not_found"),
    ],
)
def test_reactions_are_refused(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    ts = client.chat_postMessage(channel=GENERAL, text="x")["ts"]
    client.reactions_add(channel=GENERAL, timestamp=ts, name="eyes")
    assert error(client, method, **{"channel": GENERAL, "timestamp": ts, **args}) == expected
