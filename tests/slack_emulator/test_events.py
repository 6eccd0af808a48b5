"""What the app hears of deeds: each as the documented event, in the order done, where it may hear of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import ChannelKind, InProcess, SimulatedUser, SlackEmulator, UserActionError, dispatcher
from bot.slack_emulator.payloads.events import SCOPES

GENERAL = "C0GENERAL"
Json = dict[str, Any]
Deed = Callable[[SlackEmulator, WebClient], object]


@pytest.fixture
def heard(slack: SlackEmulator, client: WebClient) -> Iterator[list[Json]]:
    """What an app that subscribes to everything heard, its own deeds included."""
    app = App(
        client=client, signing_secret="loopback", process_before_response=True, ignoring_self_events_enabled=False
    )
    told: list[Json] = []

    @app.event(re.compile(".*"))
    def note(event: Json) -> None:
        told.append(event)

    slack.install({"settings": {"event_subscriptions": {"bot_events": [*SCOPES]}}})
    slack.delivery = InProcess(dispatcher(app))
    yield told
    slack.delivery.close()


def mina(slack: SlackEmulator) -> SimulatedUser:
    return slack.person("U0MEMBER")


def hello(slack: SlackEmulator) -> Any:
    return slack.messages(GENERAL)[0]


DEEDS: dict[str, tuple[Deed, Json]] = {
    "say": (lambda slack, _: mina(slack).say(GENERAL, "x"), {"type": "message", "user": "U0MEMBER", "text": "x"}),
    "delete": (lambda slack, _: slack.person("U0ADMIN").delete(hello(slack)), {"subtype": "message_deleted"}),
    "leave": (lambda slack, _: mina(slack).leave(GENERAL), {"type": "member_left_channel", "user": "U0MEMBER"}),
    "invite": (lambda slack, _: slack.invite("#gyeonggi"), {"type": "member_joined_channel", "user": "U0BOT"}),
    "put the bot out": (lambda slack, _: slack.kick(GENERAL), {"type": "channel_left", "channel": GENERAL}),
    "archive": (lambda slack, _: slack.archive("#gyeonggi"), {"type": "channel_archive", "channel": "C0GYEONGGI"}),
    "rename": (lambda slack, _: slack.rename("#general", "renamed"), {"type": "channel_rename"}),
    "other time zone": (lambda slack, _: slack.edit_user("U0ADMIN", tz="Asia/Seoul"), {"type": "user_change"}),
    "bot posts": (
        lambda _, client: client.chat_postMessage(channel=GENERAL, text="mine"),
        {"type": "message", "text": "mine", "bot_id": "B0BOT"},
    ),
    "bot joins": (
        lambda _, client: client.conversations_join(channel="C0GYEONGGI"),
        {"type": "member_joined_channel", "channel": "C0GYEONGGI"},
    ),
}


@pytest.mark.parametrize(("deed", "expected"), DEEDS.values(), ids=DEEDS)
def test_a_deed_is_heard_of(
    slack: SlackEmulator, client: WebClient, heard: list[Json], deed: Deed, expected: Json
) -> None:
    slack.person("U0ADMIN").say(GENERAL, "hello")
    heard.clear()
    deed(slack, client)
    slack.wait_for(lambda: bool(heard))
    assert {key: heard[0].get(key) for key in expected} == expected


def test_an_edit_tells_both_versions(slack: SlackEmulator, client: WebClient, heard: list[Json]) -> None:
    posted = client.chat_postMessage(channel=GENERAL, text="old")
    client.chat_update(channel=GENERAL, ts=posted["ts"], text="new")
    slack.wait_for(lambda: len(heard) == 2)
    told = heard[-1]
    assert (told["subtype"], told["channel_type"], told["hidden"]) == ("message_changed", "channel", True)
    assert (told["message"]["text"], told["previous_message"]["text"]) == ("new", "old")
    assert told["message"]["edited"]["user"] == "U0BOT"


def test_a_place_without_the_bot_is_not_heard_of(slack: SlackEmulator, heard: list[Json], admin: SimulatedUser) -> None:
    admin.delete(admin.say("ministry-desk", "secret"))
    slack.invite("ministry-desk", "U0GUEST")
    slack.archive("ministry-desk")
    assert heard == []
    assert slack.channel("ministry-desk").kind is ChannelKind.PRIVATE


def test_without_the_scope_nothing_is_heard(slack: SlackEmulator, heard: list[Json], admin: SimulatedUser) -> None:
    events = {"event_subscriptions": {"bot_events": ["user_change", "message.channels"]}}
    slack.install({"settings": events, "oauth_config": {"scopes": {"bot": ["channels:history"]}}})
    slack.edit_user(admin.id, tz="Europe/Berlin")
    admin.say(GENERAL, "x")
    assert [event["type"] for event in heard] == ["message"]


def test_nobody_deletes_what_is_not_theirs(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    with pytest.raises(UserActionError):
        mina(slack).delete(admin.say(GENERAL, "mine"))
    bots = client.chat_postMessage(channel=GENERAL, text="the bot's")
    found = slack.store.message(GENERAL, bots["ts"])
    assert found is not None
    admin.delete(found)
    assert slack.store.message(GENERAL, bots["ts"]) is None


def test_above_replies_a_deleted_message_leaves_a_tombstone(
    slack: SlackEmulator, client: WebClient, admin: SimulatedUser
) -> None:
    first = client.chat_postMessage(channel=GENERAL, text="the beginning")
    admin.say(GENERAL, "a reply", thread=first["ts"])
    client.chat_delete(channel=GENERAL, ts=first["ts"])
    above, reply = client.conversations_replies(channel=GENERAL, ts=first["ts"])["messages"]
    assert (above["subtype"], above["user"], reply["text"]) == ("tombstone", "USLACKBOT", "a reply")
    with pytest.raises(UserActionError):
        admin.delete(slack.messages(GENERAL)[0])
