"""The Web API as slack_sdk meets it: errors, limits, history, metadata, tickets, faults."""

import http.client
import socket
from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.slack_emulator import (
    Channel,
    ChannelKind,
    EmulatorServer,
    Fault,
    Installation,
    SignedHttp,
    SimulatedUser,
    SlackEmulator,
    User,
    demo_workspace,
)
from tests.slack_emulator.samples import error, section
from tests.support.http import call


@pytest.mark.parametrize(
    ("method", "args", "expected"),
    [
        ("chat.postMessage", {"channel": "C404", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "#gyeonggi", "text": "x"}, "not_in_channel"),
        ("chat.postMessage", {"channel": "G0MINISTRY", "text": "x"}, "channel_not_found"),
        ("chat.postMessage", {"channel": "U0BOT", "text": "x"}, "cannot_dm_bot"),
        ("chat.postMessage", {"text": " "}, "no_text"),
        ("chat.postMessage", {"text": "x", "thread_ts": "1.5"}, "thread_not_found"),
        ("chat.postMessage", {"blocks": "[{"}, "invalid_blocks_format"),
        ("chat.postMessage", {"text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ("chat.postMessage", {"text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ("chat.postMessage", {"text": "x", "attachments": [{"text": "y"}]}, "invalid_arguments"),
        ("chat.update", {"ts": "1.000000", "text": "x"}, "message_not_found"),
        ("chat.getPermalink", {"message_ts": "1.000000"}, "message_not_found"),
        ("conversations.join", {"channel": "G0MINISTRY"}, "channel_not_found"),
        ("conversations.history", {"channel": "#gyeonggi"}, "not_in_channel"),
        ("conversations.replies", {"ts": "1.0"}, "thread_not_found"),
        ("conversations.open", {"users": "U404"}, "user_not_found"),
        ("conversations.open", {"users": "U0GONE"}, "user_disabled"),
        ("conversations.open", {"users": "U0BOT"}, "cannot_dm_bot"),
        ("users.info", {"user": "U404"}, "user_not_found"),
        ("reactions.add", {"name": "eyes"}, "unknown_method"),
    ],
)
def test_calls_are_refused(client: WebClient, method: str, args: dict[str, Any], expected: str) -> None:
    assert error(client.api_call, api_method=method, json={"channel": "C0GENERAL", **args}) == expected


def test_tokens_and_methods(server: EmulatorServer, slack: SlackEmulator) -> None:
    def with_token(token: str | None) -> WebClient:
        return WebClient(token, base_url=server.base_url, retry_handlers=[])

    assert error(with_token(None).auth_test) == "not_authed"
    assert error(with_token("xoxb-other").auth_test) == "invalid_auth"
    assert error(with_token("xoxb-emulator").api_call, api_method="reminders.add") == "unknown_method"
    assert slack.calls("reminders.add")[0].error == "unknown_method"
    assert (
        error(with_token("xoxb-emulator").apps_connections_open, app_token="xoxb-emulator") == "not_allowed_token_type"
    )
    assert with_token("xoxb-emulator").auth_test()["bot_id"] == "B0BOT"


def test_editing(client: WebClient, slack: SlackEmulator, admin: SimulatedUser) -> None:
    ts = client.chat_postMessage(channel="C0GENERAL", text="one", blocks=[section("one")])["ts"]
    client.chat_update(channel="C0GENERAL", ts=ts, text="two")
    held = slack.messages("#general")[-1]
    assert (held.text, held.blocks[0]["text"]["text"], bool(held.edited)) == ("two", "one", True)
    client.chat_update(channel="C0GENERAL", ts=ts, text="three", blocks=[])
    assert slack.messages("#general")[-1].blocks == ()
    assert error(client.chat_update, channel="C0GENERAL", ts=ts, text="x" * 4001) == "msg_too_long"
    mine = admin.say("#general", "mine")
    assert error(client.chat_update, channel="C0GENERAL", ts=mine.ts, text="x") == "cant_update_message"
    slack.archive("#general")
    assert error(client.chat_postMessage, channel="C0GENERAL", text="x") == "is_archived"


def test_history_replies_and_metadata(client: WebClient) -> None:
    mark = {"event_type": "aid_update", "event_payload": {"delivery": "7"}}
    stamps = [client.chat_postMessage(channel="C0GENERAL", text=str(n), metadata=mark)["ts"] for n in range(5)]
    client.chat_postMessage(channel="C0GENERAL", text="reply", thread_ts=stamps[0])

    def texts(**args: Any) -> list[str]:
        return [m["text"] for m in client.conversations_history(channel="C0GENERAL", **args)["messages"]]

    assert texts() == ["4", "3", "2", "1", "0"]
    assert texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    pages = [page["messages"] for page in client.conversations_history(channel="C0GENERAL", limit=2)]
    assert [len(page) for page in pages] == [2, 2, 1]
    bare = client.conversations_history(channel="C0GENERAL")["messages"][0]
    full = client.conversations_history(channel="C0GENERAL", include_all_metadata=True)["messages"][0]
    assert "metadata" not in bare
    assert full["metadata"] == mark
    parent, reply = client.conversations_replies(channel="C0GENERAL", ts=stamps[0])["messages"]
    assert (parent["reply_count"], reply["text"]) == (1, "reply")
    client.chat_postMessage(channel="C0GENERAL", text="both", thread_ts=stamps[0], reply_broadcast=True)
    newest = client.conversations_history(channel="C0GENERAL")["messages"][0]
    assert (newest["text"], newest["subtype"]) == ("both", "thread_broadcast")


def test_what_somebody_is(client: WebClient, slack: SlackEmulator) -> None:
    def somebody(user: str) -> dict[str, Any]:
        found: dict[str, Any] = client.users_info(user=user)["user"]
        return {
            key: found.get(key) for key in ("is_admin", "is_restricted", "is_stranger", "team_id", "deleted", "is_bot")
        }

    own = {"team_id": "T0LOOP", "deleted": False, "is_bot": False, "is_stranger": None}
    assert somebody("U0ADMIN") == {**own, "is_admin": True, "is_restricted": False}
    assert somebody("U0GUEST") == {**own, "is_admin": False, "is_restricted": True}
    assert somebody("U0BOT") == {**own, "is_admin": False, "is_restricted": False, "is_bot": True}
    assert somebody("U0GONE") == {**own, "is_admin": None, "is_restricted": None, "deleted": True}
    other = {**own, "team_id": "T0OTHER", "is_admin": None, "is_restricted": False}
    assert somebody("U0OTHER") == {**other, "is_stranger": False}
    slack.kick("#partners")
    assert somebody("U0OTHER") == {**other, "is_stranger": True}


def test_a_message_is_pinned_and_listed(client: WebClient, slack: SlackEmulator, server: EmulatorServer) -> None:
    place = {"channel": "C0GENERAL", "timestamp": client.chat_postMessage(channel="C0GENERAL", text="board")["ts"]}
    page = f"{server.url}/as/U0ADMIN/c/C0GENERAL"
    assert error(client.pins_remove, **place) == "no_pin"
    client.pins_add(**place)
    assert error(client.pins_add, **place) == "already_pinned"
    assert client.conversations_history(channel="C0GENERAL")["messages"][0]["pinned_to"] == ["C0GENERAL"]
    assert "Pinned 1" in call(page).text
    client.pins_remove(**place)
    assert "Pinned" not in call(page).text
    slack.store.remove(slack.messages("#general")[0])
    assert error(client.pins_add, **place) == "message_not_found"


@pytest.mark.parametrize("lands", [True, False])
def test_the_root_of_a_thread_is_gone(client: WebClient, slack: SlackEmulator, *, lands: bool) -> None:
    root = client.chat_postMessage(channel="C0GENERAL", text="root")["ts"]
    slack.store.remove(slack.messages("#general")[0])
    slack.limits.lost_threads_land = lands
    reply = {"channel": "C0GENERAL", "text": "reply", "thread_ts": root}
    if lands:
        assert "thread_ts" not in client.chat_postMessage(**reply)["message"]
    else:
        assert error(client.chat_postMessage, **reply) == "thread_not_found"
    assert error(client.chat_update, channel="C0GENERAL", ts=root, text="x") == "message_not_found"


CHANGES: list[tuple[Callable[[SlackEmulator], object], str, dict[str, Any]]] = [
    (lambda slack: slack.rename("#general", "all"), "channel_rename", {"channel": {"id": "C0GENERAL", "name": "all"}}),
    (lambda slack: slack.archive("#gyeonggi"), "channel_archive", {"channel": "C0GYEONGGI"}),
    (lambda slack: slack.archive("#gyeonggi", archived=False), "channel_unarchive", {"channel": "C0GYEONGGI"}),
    (lambda slack: slack.delete_channel("#general"), "channel_deleted", {"channel": "C0GENERAL"}),
    (lambda slack: slack.kick("#general"), "channel_left", {"channel": "C0GENERAL"}),
    (
        lambda slack: slack.change_channel_id("#general", "G1"),
        "channel_id_changed",
        {"old_channel_id": "C0GENERAL", "new_channel_id": "G1"},
    ),
    (lambda slack: slack.rename("own", "ours"), "group_rename", {"channel": {"id": "G0OWN", "name": "ours"}}),
    (lambda slack: slack.archive("own"), "group_archive", {"channel": "G0OWN"}),
    (lambda slack: slack.archive("own", archived=False), "group_unarchive", {"channel": "G0OWN"}),
    (lambda slack: slack.delete_channel("own"), "group_deleted", {"channel": "G0OWN"}),
    (lambda slack: slack.kick("own"), "group_left", {"channel": "G0OWN"}),
    (
        lambda slack: slack.edit_user("U0GUEST", deleted=True),
        "user_change",
        {"user": {"id": "U0GUEST", "deleted": True}},
    ),
    (lambda slack: slack.add_user(User("U1", "n", "N")), "team_join", {"user": {"id": "U1", "is_restricted": False}}),
]


def _holds(event: Any, expected: Any) -> bool:
    """Return True if an event has these fields, and these in its objects."""
    if isinstance(expected, dict):
        return all(key in event and _holds(event[key], value) for key, value in expected.items())
    return bool(event == expected)


@pytest.mark.parametrize(("change", "kind", "expected"), CHANGES, ids=[kind for _, kind, _ in CHANGES])
def test_what_changes_is_told_who_subscribes(
    change: Callable[[SlackEmulator], object], kind: str, expected: dict[str, Any]
) -> None:
    told: list[Any] = []
    for events in ([], [kind]):
        slack = demo_workspace()
        slack.store.put_channel(Channel("G0OWN", "own", ChannelKind.PRIVATE, frozenset({"U0BOT"})))
        slack.install({"settings": {"event_subscriptions": {"bot_events": events}}})
        slack.archive("ministry-desk")  # the bot is not in there
        change(slack)
        told.append([sent.payload["event"] for sent in slack.traffic_log.sent()])
    nothing, (event,) = told
    assert (nothing, event["type"], _holds(event, expected)) == ([], kind, True)


@pytest.mark.parametrize(
    ("method", "args", "needed"),
    [
        ("conversations.info", {"channel": "C0GENERAL"}, "channels:read"),
        ("conversations.history", {"channel": "C0GENERAL"}, "channels:history"),
        ("conversations.history", {"channel": "G0MINISTRY"}, "groups:history"),
        ("conversations.replies", {"channel": "@dm"}, "im:history"),
        ("conversations.open", {"users": "U0ADMIN"}, "im:write"),
        ("chat.postMessage", {"channel": "C0GENERAL", "text": "x"}, "chat:write"),
    ],
)
def test_each_kind_of_conversation_needs_a_scope_of_its_own(method: str, args: dict[str, Any], needed: str) -> None:
    slack = demo_workspace()
    slack.invite("G0MINISTRY")
    slack.site.app = Installation(scopes=frozenset({"commands"}))
    channel = slack.store.direct_message("U0ADMIN").id
    args = {name: channel if value == "@dm" else value for name, value in args.items()}
    refused = slack.call(method, args, slack.app.bot_token).body
    assert (refused["error"], refused["needed"], refused["provided"]) == ("missing_scope", needed, "commands")
    slack.site.app = Installation(scopes=frozenset({needed}))
    assert slack.call(method, args, slack.app.bot_token).body.get("error") != "missing_scope"


def test_a_response_url_goes_five_times(in_process: SlackEmulator, admin: SimulatedUser, app: Any) -> None:
    admin.command("/status", channel="#gyeonggi")
    hook = WebhookClient(app.heard[-1]["response_url"])
    assert hook.send(text="one").body == "ok"
    hook.send(text="for all", response_type="in_channel")
    hook.send(text="two", replace_original=True)
    assert in_process.person("U0MEMBER").screen("#gyeonggi") == "aid-status: for all"
    assert hook.send(blocks=[{"type": "nonsense"}]).status_code == 400
    hook.send(text="five")
    last = hook.send(text="six")
    assert (last.status_code, last.body) == (404, "used_url")


def test_one_message_a_second_a_channel(client: WebClient, slack: SlackEmulator) -> None:
    slack.limits.pace = True
    client.chat_postMessage(channel="C0GENERAL", text="one")
    client.chat_postMessage(channel="C0ALERTS", text="another channel")
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0GENERAL", text="two")
    assert caught.value.response.status_code == 429
    assert caught.value.response.headers["Retry-After"] == "1"


@pytest.mark.parametrize(
    ("fault", "posted"),
    [
        (Fault.rate_limit(7), False),
        (Fault.http(503), False),
        (Fault.drop_before(), False),
        (Fault.drop_after(), True),
        (Fault.malformed(), True),
        (Fault.error("internal_error"), False),
    ],
    ids=lambda value: value.when if isinstance(value, Fault) else "",
)
def test_faults_hit_once_and_only_their_channel(
    client: WebClient, slack: SlackEmulator, fault: Fault, *, posted: bool
) -> None:
    slack.faults.add("chat.postMessage", fault, channel="C0GENERAL")
    client.chat_postMessage(channel="C0ALERTS", text="spared")
    with pytest.raises((SlackApiError, OSError, http.client.HTTPException)) as caught:
        client.chat_postMessage(channel="C0GENERAL", text="hit")
    assert bool(slack.messages("#general")) is posted
    assert slack.faults.remaining() == 0
    assert slack.calls("chat.postMessage")[-1].fault == fault.when
    if isinstance(caught.value, SlackApiError) and fault.seconds:
        assert caught.value.response.headers["Retry-After"] == "7"
    client.chat_postMessage(channel="C0GENERAL", text="well again")


def test_only_this_machine(server: EmulatorServer) -> None:
    with pytest.raises(ConnectionRefusedError):  # whoever listens everywhere listens here, too
        socket.create_connection(("127.0.0.2", server.port), timeout=5)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        SignedHttp("https://example.org/slack/events")


def test_a_response_url_ends_after_half_an_hour() -> None:
    now = [1_770_000_000.0]
    slack = demo_workspace(clock=lambda: now[0])
    with EmulatorServer(slack) as server:
        address = slack.site.tickets.response("U0ADMIN", "C0GENERAL")
        hook = WebhookClient(f"{server.url}/response/{address}")
        now[0] += 1800
        assert hook.send(text="just in time").body == "ok"
        now[0] += 1
        late = hook.send(text="too late")
        assert (late.status_code, late.body) == (404, "expired_url")
