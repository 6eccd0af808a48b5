"""What the app hears of deeds: each as the documented event, in the order done, where it may hear of it."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.loopback import CannotDo, ChannelKind, InProcess, Person, Slack, User, dispatcher
from bot.loopback.events import SCOPES

GENERAL = "C0GENERAL"
Json = dict[str, Any]
Deed = Callable[[Slack, WebClient], object]


@pytest.fixture
def heard(slack: Slack, client: WebClient) -> Iterator[list[Json]]:
    """What an app that subscribes to everything heard, its own deeds included."""
    app = App(
        client=client, signing_secret="loopback", process_before_response=True, ignoring_self_events_enabled=False
    )
    told: list[Json] = []

    @app.event(re.compile(".*"))
    def note(event: Json) -> None:
        told.append(event)

    slack.install({"settings": {"event_subscriptions": {"bot_events": [*SCOPES, "channel_created"]}}})
    slack.delivery = InProcess(dispatcher(app))
    yield told
    slack.delivery.close()


def mina(slack: Slack) -> Person:
    return slack.person("U0MEMBER")


def hello(slack: Slack) -> Any:
    return slack.messages(GENERAL)[0]


DEEDS: dict[str, tuple[Deed, Json]] = {
    "say": (lambda slack, _: mina(slack).say(GENERAL, "x"), {"type": "message", "user": "U0MEMBER", "text": "x"}),
    "edit": (
        lambda slack, _: slack.person("U0ADMIN").edit(hello(slack), "new"),
        {"subtype": "message_changed", "channel_type": "channel", "hidden": True},
    ),
    "delete": (lambda slack, _: slack.person("U0ADMIN").delete(hello(slack)), {"subtype": "message_deleted"}),
    "react": (lambda slack, _: mina(slack).react(hello(slack), "eyes"), {"type": "reaction_added", "reaction": "eyes"}),
    "leave": (lambda slack, _: mina(slack).leave(GENERAL), {"type": "member_left_channel", "user": "U0MEMBER"}),
    "invite": (lambda slack, _: slack.invite("#gyeonggi"), {"type": "member_joined_channel", "user": "U0BOT"}),
    "put the bot out": (lambda slack, _: slack.kick(GENERAL), {"type": "channel_left", "channel": GENERAL}),
    "archive": (lambda slack, _: slack.archive("#gyeonggi"), {"type": "channel_archive", "channel": "C0GYEONGGI"}),
    "new person": (lambda slack, _: slack.welcome(User("U9", "new", "New")), {"type": "team_join"}),
    "other time zone": (lambda slack, _: slack.edit_user("U0ADMIN", tz="Asia/Seoul"), {"type": "user_change"}),
    "bot posts": (
        lambda _, client: client.chat_postMessage(channel=GENERAL, text="mine"),
        {"type": "message", "text": "mine", "bot_id": "B0BOT"},
    ),
    "bot reacts": (
        lambda slack, client: client.reactions_add(channel=GENERAL, timestamp=hello(slack).ts, name="eyes"),
        {"type": "reaction_added", "user": "U0BOT", "item_user": "U0ADMIN"},
    ),
    "bot joins": (
        lambda _, client: client.conversations_join(channel="C0GYEONGGI"),
        {"type": "member_joined_channel", "channel": "C0GYEONGGI"},
    ),
    "bot makes a channel": (
        lambda _, client: client.conversations_create(name="new-one"),
        {"type": "channel_created"},
    ),
    "bot renames": (
        lambda _, client: client.conversations_rename(channel=GENERAL, name="renamed"),
        {"type": "channel_rename"},
    ),
}


@pytest.mark.parametrize(("deed", "expected"), DEEDS.values(), ids=DEEDS)
def test_a_deed_is_heard_of(slack: Slack, client: WebClient, heard: list[Json], deed: Deed, expected: Json) -> None:
    slack.person("U0ADMIN").say(GENERAL, "hello")
    heard.clear()
    deed(slack, client)
    slack.wait_for(lambda: bool(heard))
    assert {key: heard[0].get(key) for key in expected} == expected


def test_an_edit_tells_both_versions(slack: Slack, heard: list[Json], admin: Person) -> None:
    admin.edit(admin.say(GENERAL, "old"), "new")
    told = heard[-1]
    assert (told["message"]["text"], told["previous_message"]["text"]) == ("new", "old")
    assert told["message"]["edited"]["user"] == admin.id
    assert slack.messages(GENERAL)[0].text == "new"


def test_a_place_without_the_bot_is_not_heard_of(slack: Slack, heard: list[Json], admin: Person) -> None:
    admin.react(admin.say("ministry-desk", "secret"), "eyes")
    slack.invite("ministry-desk", "U0GUEST")
    slack.archive("ministry-desk")
    assert heard == []
    assert slack.channel("ministry-desk").kind is ChannelKind.PRIVATE


def test_without_the_scope_nothing_is_heard(slack: Slack, heard: list[Json], admin: Person) -> None:
    events = {"event_subscriptions": {"bot_events": ["reaction_added", "message.channels"]}}
    slack.install({"settings": events, "oauth_config": {"scopes": {"bot": ["channels:history"]}}})
    admin.react(admin.say(GENERAL, "x"), "eyes")
    assert [event["type"] for event in heard] == ["message"]


def test_nobody_edits_or_enters_what_is_not_theirs(slack: Slack, client: WebClient, admin: Person) -> None:
    theirs = admin.say(GENERAL, "mine")
    refused: list[Callable[[], object]] = [
        lambda: mina(slack).edit(theirs, "x"),
        lambda: mina(slack).delete(theirs),
        lambda: slack.person("U0GUEST").join("#gyeonggi"),
        lambda: slack.person("U0GUEST").join("ministry-desk"),
    ]
    for deed in refused:
        with pytest.raises(CannotDo):
            deed()
    bots = client.chat_postMessage(channel=GENERAL, text="the bot's")
    found = slack.world.message(GENERAL, bots["ts"])
    assert found is not None
    admin.delete(found)
    assert slack.world.message(GENERAL, bots["ts"]) is None


def test_above_replies_a_deleted_message_leaves_a_tombstone(slack: Slack, client: WebClient, admin: Person) -> None:
    first = client.chat_postMessage(channel=GENERAL, text="the beginning")
    admin.say(GENERAL, "a reply", thread=first["ts"])
    client.chat_delete(channel=GENERAL, ts=first["ts"])
    above, reply = client.conversations_replies(channel=GENERAL, ts=first["ts"])["messages"]
    assert (above["subtype"], above["user"], reply["text"]) == ("tombstone", "USLACKBOT", "a reply")
    with pytest.raises(CannotDo):
        admin.react(slack.messages(GENERAL)[0], "eyes")
