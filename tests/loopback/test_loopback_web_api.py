"""The Web API as slack_sdk meets it: errors, limits, history, metadata, tickets, faults."""

import http.client
import itertools
import socket
from typing import Any

import pytest
from loopback_sample import button, field, modal, option, plain, section
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from bot.loopback import Fault, LoopbackServer, Person, SignedHttp, Slack, demo_world


def error(call: Any, **args: Any) -> str:
    with pytest.raises(SlackApiError) as caught:
        call(**args)
    return str(caught.value.response["error"])


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        ({"channel": "C404", "text": "x"}, "channel_not_found"),
        ({"channel": "#gyeonggi", "text": "x"}, "not_in_channel"),
        ({"channel": "G0MINISTRY", "text": "x"}, "channel_not_found"),
        ({"channel": "U0BOT", "text": "x"}, "cannot_dm_bot"),
        ({"channel": "C0GENERAL"}, "no_text"),
        ({"channel": "C0GENERAL", "text": "x", "thread_ts": "1.5"}, "thread_not_found"),
        ({"channel": "C0GENERAL", "blocks": "[{"}, "invalid_blocks_format"),
        ({"channel": "C0GENERAL", "text": "x", "metadata": {"event_type": "a"}}, "invalid_metadata_schema"),
        ({"channel": "C0GENERAL", "blocks": [section("x" * 2900)] * 5}, "msg_blocks_too_long"),
    ],
)
def test_posting_is_refused(client: WebClient, args: dict[str, Any], expected: str) -> None:
    assert error(client.api_call, api_method="chat.postMessage", json=args) == expected


def options(count: int) -> list[dict[str, Any]]:
    return [option(str(number)) for number in range(count)]


def row(element: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": [{**element, "action_id": "a"}]}


BAD_BLOCKS = {
    "a section without text": {"type": "section"},
    "a long section": section("x" * 3001),
    "an unknown block": {"type": "nonsense"},
    "an unknown field": {"type": "divider", "colour": "red"},
    "a long field": {"type": "section", "fields": [{"type": "mrkdwn", "text": "x" * 2001}]},
    "eleven fields": {"type": "section", "fields": [plain("x")] * 11},
    "a long header": {"type": "header", "text": plain("x" * 151)},
    "a header of mrkdwn": {"type": "header", "text": {"type": "mrkdwn", "text": "x"}},
    "eleven context elements": {"type": "context", "elements": [plain("x")] * 11},
    "26 buttons": {"type": "actions", "elements": [button("x", f"a{n}") for n in range(26)]},
    "equal action ids in a block": {"type": "actions", "elements": [button("x", "a"), button("y", "a")]},
    "a long button": {"type": "actions", "elements": [button("x" * 76, "a")]},
    "a long button value": {"type": "actions", "elements": [button("x", "a", value="x" * 2001)]},
    "no options": row({"type": "static_select"}),
    "101 options": row({"type": "static_select", "options": options(101)}),
    "11 checkboxes": row({"type": "checkboxes", "options": options(11)}),
    "6 overflow options": section("x", accessory={"type": "overflow", "action_id": "a", "options": options(6)}),
    "an input in a section": section("x", accessory={"type": "plain_text_input", "action_id": "a"}),
    "an empty text": section(""),
    "an uneven data table": {"type": "data_table", "caption": "x", "rows": [[{"type": "raw_text", "text": "x"}], []]},
    "21 columns": {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * 21]},
    "101 rows": {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}]] * 101},
    "a wrong date": row({"type": "datepicker", "initial_date": "5.2.26"}),
}  # fmt: skip


@pytest.mark.parametrize("block", BAD_BLOCKS.values(), ids=BAD_BLOCKS.keys())
def test_bad_blocks_are_refused_with_a_reason(client: WebClient, block: dict[str, Any]) -> None:
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[block])
    assert caught.value.response["error"] == "invalid_blocks"
    assert caught.value.response["response_metadata"]["messages"][0].startswith("[ERROR] ")


def test_limits_over_all_blocks(client: WebClient, slack: Slack) -> None:
    for blocks in ([section("x")] * 51, [section("x", block_id="b")] * 2):
        assert error(client.chat_postMessage, channel="C0GENERAL", text="x", blocks=blocks) == "invalid_blocks"
    client.chat_postMessage(channel="C0GENERAL", text="x" * 50_000)
    assert len(slack.messages("#general")[-1].text) == 40_000


def test_tokens_and_methods(server: LoopbackServer, slack: Slack) -> None:
    def with_token(token: str | None) -> WebClient:
        return WebClient(token, base_url=server.base_url, retry_handlers=[])

    assert error(with_token(None).auth_test) == "not_authed"
    assert error(with_token("xoxb-other").auth_test) == "invalid_auth"
    assert error(with_token("xoxb-loopback").api_call, api_method="reminders.add") == "unknown_method"
    assert slack.calls("reminders.add")[0].error == "unknown_method"
    assert (
        error(with_token("xoxb-loopback").apps_connections_open, app_token="xoxb-loopback") == "not_allowed_token_type"
    )
    assert with_token("xoxb-loopback").auth_test()["bot_id"] == "B0BOT"


def test_scopes_of_the_manifest_are_kept(client: WebClient, slack: Slack, admin: Person) -> None:
    slack.install(
        {
            "features": {"slash_commands": [{"command": "/status", "should_escape": True}]},
            "oauth_config": {"scopes": {"bot": ["commands"]}},
        },
    )
    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel="C0GENERAL", text="x")
    assert caught.value.response["error"] == "missing_scope"
    assert caught.value.response["needed"] == "chat:write"
    assert admin.command("/other", channel="#general").error == "invalid_command"


def test_a_message_to_a_person_opens_the_direct_message(client: WebClient, slack: Slack) -> None:
    answer = client.chat_postMessage(channel="U0MEMBER", text="hello")
    assert answer["channel"].startswith("D")
    assert slack.direct_messages("U0MEMBER")[-1].text == "hello"
    assert client.conversations_open(users="U0MEMBER")["channel"]["id"] == answer["channel"]


def test_editing_and_deleting(client: WebClient, slack: Slack, admin: Person) -> None:
    ts = client.chat_postMessage(channel="C0GENERAL", text="one", blocks=[section("one")])["ts"]
    client.chat_update(channel="C0GENERAL", ts=ts, text="two")
    held = slack.messages("#general")[-1]
    assert (held.text, held.blocks[0]["text"]["text"], bool(held.edited)) == ("two", "one", True)
    client.chat_update(channel="C0GENERAL", ts=ts, text="three", blocks=[])
    assert slack.messages("#general")[-1].blocks == ()
    assert error(client.chat_update, channel="C0GENERAL", ts=ts, text="x" * 4001) == "msg_too_long"
    mine = admin.say("#general", "mine")
    assert error(client.chat_update, channel="C0GENERAL", ts=mine.ts, text="x") == "cant_update_message"
    assert error(client.chat_delete, channel="C0GENERAL", ts="1.000000") == "message_not_found"
    client.chat_delete(channel="C0GENERAL", ts=ts)
    assert [m.text for m in slack.messages("#general")] == ["mine"]
    slack.archive("#general")
    assert error(client.chat_postMessage, channel="C0GENERAL", text="x") == "is_archived"


def test_ephemeral_messages_are_private(client: WebClient, slack: Slack, admin: Person) -> None:
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ADMIN", text="psst")
    assert "psst" in admin.screen("#general")
    assert "psst" not in slack.person("U0MEMBER").screen("#general")
    assert client.conversations_history(channel="C0GENERAL")["messages"] == []
    assert error(client.chat_postEphemeral, channel="C0GENERAL", user="U404", text="x") == "user_not_in_channel"


def test_history_replies_and_metadata(client: WebClient) -> None:
    mark = {"event_type": "aid_update", "event_payload": {"delivery": "7"}}
    stamps = [client.chat_postMessage(channel="C0GENERAL", text=str(n), metadata=mark)["ts"] for n in range(5)]
    client.chat_postMessage(channel="C0GENERAL", text="reply", thread_ts=stamps[0])

    def texts(**args: Any) -> list[str]:
        return [m["text"] for m in client.conversations_history(channel="C0GENERAL", **args)["messages"]]

    assert texts() == ["4", "3", "2", "1", "0"]
    assert texts(oldest=stamps[1], latest=stamps[3]) == ["2"]
    assert texts(oldest=stamps[1], latest=stamps[3], inclusive=True) == ["3", "2", "1"]
    pages = [page["messages"] for page in client.conversations_history(channel="C0GENERAL", limit=2)]
    assert [len(page) for page in pages] == [2, 2, 1]
    bare = client.conversations_history(channel="C0GENERAL")["messages"][0]
    full = client.conversations_history(channel="C0GENERAL", include_all_metadata=True)["messages"][0]
    assert "metadata" not in bare
    assert full["metadata"] == mark
    parent, reply = client.conversations_replies(channel="C0GENERAL", ts=stamps[0])["messages"]
    assert (parent["reply_count"], reply["text"]) == (1, "reply")
    assert error(client.conversations_replies, channel="C0GENERAL", ts="1.0") == "thread_not_found"
    assert error(client.conversations_history, channel="#gyeonggi") == "not_in_channel"


def test_stamps_rise_though_the_clock_stands() -> None:
    slack = demo_world(clock=lambda: 1_770_000_000.0)
    stamps = [slack.world.post("C0GENERAL", "U0BOT", text="x").ts for _ in range(3)]
    assert stamps == ["1770000000.000000", "1770000000.000001", "1770000000.000002"]


def test_channels_can_be_joined_and_listed(client: WebClient, slack: Slack) -> None:
    assert error(client.conversations_join, channel="G0MINISTRY") == "channel_not_found"
    client.conversations_join(channel="C0GYEONGGI")
    assert client.conversations_info(channel="C0GYEONGGI")["channel"]["is_member"] is True
    slack.invite("ministry-desk")
    found = client.conversations_list(types="public_channel,private_channel")["channels"]
    assert {c["name"] for c in found} == {"general", "aid-alerts", "gyeonggi", "ministry-desk", "partners"}
    assert "U0GUEST" not in client.conversations_members(channel="C0GYEONGGI")["members"]
    assert client.users_info(user="U0GUEST")["user"]["is_restricted"] is True


def test_trigger_ids_are_used_once_and_age() -> None:
    now = itertools.count(1_770_000_000, 2)
    slack = demo_world(clock=lambda: float(next(now)))
    view = modal("T", [section("x")])

    def opened(trigger: str) -> dict[str, Any]:
        return slack.call("views.open", {"trigger_id": trigger, "view": view}, "xoxb-loopback").body

    trigger = slack.site.tickets.trigger("U0ADMIN")
    assert opened(trigger)["ok"]
    assert opened(trigger)["error"] == "exchanged_trigger_id"
    assert opened("nonsense")["error"] == "invalid_trigger_id"
    old = slack.site.tickets.trigger("U0ADMIN")
    next(now)
    assert opened(old)["error"] == "expired_trigger_id"


def test_views_conflict_stack_and_are_checked(client: WebClient, slack: Slack) -> None:
    def trigger() -> str:
        return slack.site.tickets.trigger("U0ADMIN")

    source = modal("T", [field("Name", {"type": "plain_text_input", "action_id": "a"}, "n")])
    view = client.views_open(trigger_id=trigger(), view=source)["view"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=source)
    assert error(client.views_update, view_id=view["id"], hash=view["hash"], view=source) == "hash_conflict"
    client.views_push(trigger_id=trigger(), view=source)
    client.views_push(trigger_id=trigger(), view=source)
    assert error(client.views_push, trigger_id=trigger(), view=source) == "push_limit_reached"
    for bad in (
        {**source, "title": plain("x" * 25)},
        {**source, "blocks": [section("x")] * 101},
        {**source, "submit": None},
    ):
        assert error(client.views_open, trigger_id=trigger(), view=bad) == "invalid_arguments"
    assert error(client.views_update, view_id="V404", view=source) == "not_found"


def test_closing_a_view_that_asked_to_be_told(client: WebClient, in_process: Slack, admin: Person) -> None:
    trigger = in_process.site.tickets.trigger("U0ADMIN")
    client.views_open(trigger_id=trigger, view=modal("T", [section("x")], notify_on_close=True))
    admin.close()
    payload = in_process.inspector.sent("interactive")[-1].payload
    assert (payload["type"], payload["is_cleared"]) == ("view_closed", False)


def test_what_is_filled_in_survives_an_update(client: WebClient, slack: Slack, admin: Person) -> None:
    source = modal("T", [field("Name", {"type": "plain_text_input", "action_id": "a"}, "n")])
    client.views_open(trigger_id=slack.site.tickets.trigger("U0ADMIN"), view=source)
    view = admin.modal
    assert view
    admin.fill(view, {"Name": "kept"})
    client.views_update(view_id=view.id, view={**source, "blocks": [*source["blocks"], section("more")]})
    assert "Name: kept" in admin.read()


def test_a_response_url_goes_five_times(in_process: Slack, admin: Person, app: Any) -> None:
    admin.command("/status", "none", channel="#gyeonggi")
    hook = WebhookClient(app.heard[-1]["response_url"])
    assert hook.send(text="one").body == "ok"
    hook.send(text="for all", response_type="in_channel")
    hook.send(text="two", replace_original=True)
    assert in_process.person("U0MEMBER").screen("#gyeonggi") == "aid-status: for all"
    assert hook.send(blocks=[{"type": "nonsense"}]).status_code == 400
    hook.send(text="five")
    last = hook.send(text="six")
    assert (last.status_code, last.body) == (404, "used_url")


def test_one_message_a_second_a_channel(client: WebClient, slack: Slack) -> None:
    slack.settings.pace = True
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
def test_faults_hit_once_and_only_their_channel(client: WebClient, slack: Slack, fault: Fault, *, posted: bool) -> None:
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


def test_a_late_answer_runs_into_the_clients_timeout(server: LoopbackServer, slack: Slack) -> None:
    impatient = WebClient("xoxb-loopback", base_url=server.base_url, retry_handlers=[], timeout=1)
    slack.faults.add("chat.postMessage", Fault.delay(30))
    with pytest.raises(TimeoutError):
        impatient.chat_postMessage(channel="C0GENERAL", text="late")
    assert [m.text for m in slack.messages("#general")] == ["late"]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.10", "example.org", ""])
def test_another_address_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        LoopbackServer(demo_world(), host=host)


def test_only_this_machine(server: LoopbackServer) -> None:
    with pytest.raises(ConnectionRefusedError):  # whoever listens everywhere listens here, too
        socket.create_connection(("127.0.0.2", server.port), timeout=5)
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        SignedHttp("https://example.org/slack/events")
