"""What people do, and what the app hears of it: commands, buttons, forms and the state of every input."""

import json
from datetime import date
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.slack_emulator import LocalFile, SimulatedUser, SlackEmulator, UserActionError, View
from tests.slack_emulator.samples import BLOCKS, Json, actions, asked, block, element, modal, option, plain, section

DESK = "ministry-desk"


@pytest.mark.parametrize(
    ("typed", "mine", "theirs"),
    [
        ("plain", "aid-status: (only visible to you) just text", ""),
        ("public", *["Jihoon Park: /status public\naid-status: for all"] * 2),
        ("", "", ""),
    ],
)
def test_a_command_is_answered_in_its_ack(
    in_process: SlackEmulator, admin: SimulatedUser, typed: str, mine: str, theirs: str
) -> None:
    assert admin.command("/status", typed, channel="#general").ack.acked
    assert (admin.screen("#general"), in_process.person("U0GUEST").screen("#general")) == (mine, theirs)


def test_the_form_of_a_command(in_process: SlackEmulator, admin: SimulatedUser, app: App) -> None:
    admin.command("/status", "@mina.lee <b> & https://un.org/x, #general", channel="C0GENERAL")
    form = app.heard[-1]
    assert form["text"] == "<@U0MEMBER|mina.lee> &lt;b&gt; &amp; <https://un.org/x>, <#C0GENERAL|general>"
    assert form["response_url"].startswith(in_process.site.base_url)
    keys = "token team_id team_domain channel_id channel_name user_id user_name command api_app_id trigger_id"
    assert all(form[key] for key in keys.split())


@pytest.mark.usefixtures("in_process")
def test_errors_are_shown_as_slack_shows_them(admin: SimulatedUser, slack: SlackEmulator) -> None:
    bad = admin.command("/status", "nonsense", channel="#general")
    assert (bad.error, "invalid_blocks" in bad.text) == ("invalid_command_response", True)
    threaded = admin.command("/status", channel="#general", thread="1.0")
    assert threaded.text == "/status is not supported in threads. Sorry!"
    slack.limits.ack_seconds = 0
    late = admin.command("/status", channel="#general")
    assert late.text == '/status failed with the error "operation_timeout"'
    slack.edit_user(admin.id, locale="ko-KR")
    slack.delivery = None
    assert admin.command("/status", channel="general").text == '/status 명령이 "dispatch_failed" 오류로 실패했습니다'


@pytest.mark.usefixtures("in_process")
def test_a_button_tells_what_it_is(client: WebClient, app: App, admin: SimulatedUser, slack: SlackEmulator) -> None:
    pressed = element("button", value="v", style="danger", action_id="x")
    sent = client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[{**actions(pressed), "block_id": "b"}])
    message = slack.store.message("C0GENERAL", sent["ts"])
    admin.press(message, "Press")
    told = app.heard[-1]
    del told["actions"][0]["action_ts"]
    said = {"type": "button", "text": plain("Press"), "value": "v", "style": "danger"}
    assert told["actions"] == [{**said, "action_id": "x", "block_id": "b"}]
    assert (told["state"]["values"], told["message"]["text"]) == ({}, "x")
    slack.store.edit(message, blocks=(), ephemeral_for=admin.id)
    with pytest.raises(UserActionError, match="nothing is called 'Press' here"):
        admin.press(message, "Press")
    admin.press(message, "Press", stale=True)


@pytest.mark.usefixtures("in_process")
def test_an_event_is_sent_again(admin: SimulatedUser, slack: SlackEmulator, app: App) -> None:
    admin.say("#general", "@aid-status once", files=[LocalFile("letter.pdf", b"%PDF")])
    assert slack.redeliver(slack.traffic_log.sent("events_api")[-1]).acked
    first, second = app.heard
    assert (first["event_id"], first["event"]["files"][0]["name"]) == (second["event_id"], "letter.pdf")
    one, two = slack.traffic_log.sent("events_api")
    assert (one.envelope_id, two.retry) == (two.envelope_id, 1)
    admin.mention("#gyeonggi", "are you there?")  # the app is not
    assert len(app.heard) == 2


A, B, ALPHA = option("A"), option("B"), option("Alpha", "a")
# the element, what a person gives (None: nothing), what stands in `state.values`
GIVEN: list[tuple[Json, Any, Json]] = [
    (element("static_select"), "B", {"selected_option": B}),
    (element("static_select"), None, {"selected_option": None}),
    (element("static_select", initial_option=B), None, {"selected_option": B}),
    (
        {"type": "static_select", "option_groups": [{"label": plain("g"), "options": [A, B]}]},
        "B",
        {"selected_option": B},
    ),
    (element("multi_static_select"), ["B", "A", "B"], {"selected_options": [B, A]}),
    (element("multi_static_select", initial_options=[A]), None, {"selected_options": [A]}),
    (element("external_select"), "Alpha", {"selected_option": ALPHA}),
    (element("multi_external_select"), ["Alpha"], {"selected_options": [ALPHA]}),
    (element("multi_external_select", initial_options=[B]), None, {"selected_options": [B]}),
    (element("datepicker"), date(2026, 2, 7), {"selected_date": "2026-02-07"}),
    (element("datepicker", initial_date="2026-02-07"), None, {"selected_date": "2026-02-07"}),
    (element("checkboxes"), ["B"], {"selected_options": [B]}),
    (element("checkboxes"), None, {"selected_options": []}),
    (element("radio_buttons", initial_option=B), "A", {"selected_option": A}),
    (element("url_text_input"), "https://example.org/a", {"value": "https://example.org/a"}),
    (element("plain_text_input", multiline=True), "two\nlines", {"value": "two\nlines"}),
    (element("plain_text_input"), None, {"value": None}),
    (element("file_input"), None, {"files": []}),
]


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(("asking", "given", "held"), GIVEN)
def test_a_form_tells_what_was_filled_in(
    slack: SlackEmulator, app: App, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    field = {**asked("datepicker"), "block_id": "b", "optional": True, "element": {**asking, "action_id": "it"}}
    slack.views.open(admin.id, modal("Form", [field]))
    assert admin.submit(values={} if given is None else {"it": given}).closed
    assert app.heard[-1]["view"]["state"]["values"] == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.usefixtures("in_process")
def test_an_input_tells_at_once_only_where_it_dispatches(slack: SlackEmulator, app: App, admin: SimulatedUser) -> None:
    quiet = {**asked("static_select", action_id="quiet"), "block_id": "q"}
    loud = {**asked("static_select", action_id="loud", initial_option=A), "block_id": "l", "dispatch_action": True}
    slack.views.open(admin.id, modal("Form", [quiet, loud]))
    admin.choose(admin.modal, "quiet", "A")
    assert app.heard == []
    admin.choose(admin.modal, "loud", "B")
    told = app.heard[-1]
    assert (told["actions"][0]["initial_option"], told["actions"][0]["selected_option"]) == (A, B)
    assert told["view"]["state"]["values"]["q"]["quiet"]["selected_option"] == A


@pytest.mark.parametrize(
    ("kind", "more", "given", "said"),
    [
        ("plain_text_input", {"max_length": 2}, "abc", "Please enter no more than 2 characters."),
        ("url_text_input", {}, "example", "Please enter a valid URL."),
        ("datepicker", {}, None, "Please complete this required field."),
        (
            "file_input",
            {"filetypes": ["pdf"]},
            LocalFile("a.exe", b"MZ"),
            "a.exe is of a type that is not accepted here",
        ),
        ("file_input", {"max_files": 1}, [LocalFile("a.pdf", b"%")] * 2, "Please choose one file."),
        ("file_input", {}, LocalFile("a.pdf", b"x" * (10 * 1024 * 1024 + 1)), "a.pdf is larger than 10 MB."),
    ],
)
def test_the_client_holds_a_form_back(
    slack: SlackEmulator, admin: SimulatedUser, kind: str, more: Json, given: Any, said: str
) -> None:
    slack.views.open(admin.id, modal("Form", [{**asked(kind, **more), "block_id": "b"}]))
    outcome = admin.submit(values={} if given is None else {"b": given})
    assert (list(outcome.errors), outcome.closed, slack.store.files.every()) == (["b"], False, [])
    assert outcome.errors["b"].startswith(said)


def test_a_menu_offers_what_it_has_and_no_more_than_it_says(in_process: SlackEmulator, admin: SimulatedUser) -> None:
    fields = [
        asked("multi_static_select", action_id="m", max_selected_items=1),
        asked("external_select", action_id="e"),
    ]
    view = in_process.views.open(admin.id, modal("Form", fields))
    assert (admin.options(view, "e", "Al"), admin.options(view, "e", "Alp")[0]) == ([], ALPHA)
    for name, given, said in (("m", ["A", "B"], "no more than 1"), ("e", "Gamma", "no option 'Gamma'")):
        with pytest.raises(UserActionError, match=said):
            admin.choose(view, name, given)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("answer", "closed", "title", "problem"),
    [
        ({}, True, "", ""),
        ({"response_action": "errors", "errors": {"b": "Not like this."}}, False, "Form", ""),
        ({"response_action": "errors", "errors": {"c": "?"}}, False, "Form", "no input block is called c"),
        ({"response_action": "update", "view": modal("Updated", [])}, False, "Updated", ""),
        ({"response_action": "push", "view": modal("On top", [])}, False, "On top", ""),
        ({"response_action": "other"}, False, "Form", "invalid_response_action"),
        ({"response_action": "update", "view": modal("x" * 25, [])}, False, "Form", "must be less than 25 characters"),
    ],
)
def test_each_answer_to_a_submit(
    slack: SlackEmulator, admin: SimulatedUser, answer: Json, *, closed: bool, title: str, problem: str
) -> None:
    field = {**asked("plain_text_input"), "block_id": "b", "optional": True}
    slack.views.open(admin.id, modal("Form", [field], private_metadata=json.dumps(answer)))
    outcome = admin.submit()
    assert (outcome.closed, outcome.view.title if outcome.view else "") == (closed, title)
    assert (problem in outcome.problem, bool(outcome.problem)) == (True, bool(problem))
    assert outcome.errors == ({} if problem else answer.get("errors", {}))


def trigger(slack: SlackEmulator) -> str:
    return slack.site.tickets.trigger("U0ADMIN")


def said(call: Any, **args: Any) -> str:
    """The error of a call and what more Slack says of it, `ok` when it works."""
    try:
        call(**args)
    except SlackApiError as error:
        return " ".join([error.response["error"], *error.response.get("response_metadata", {}).get("messages", ())])
    return "ok"


def test_a_view_is_changed_only_if_unchanged(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    named = [{**asked("plain_text_input", action_id="it"), "block_id": "b"}]
    view = client.views_open(trigger_id=trigger(slack), view=modal("One", named))["view"]
    admin.fill(slack.views.find(view["id"]), {"b": "kept"})
    again = {"view_id": view["id"], "hash": view["hash"], "view": modal("Two", [*named, section("more")])}
    assert client.views_update(**again)["view"]["hash"] != view["hash"]
    assert "plain_text_input: kept" in admin.read()
    assert said(client.views_update, **again) == "hash_conflict"
    assert said(client.views_update, view_id="V404", view=modal("x", [])) == "not_found"


def test_three_modals_lie_on_one_another(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    def opened(call: Any, title: str, **more: Any) -> Json:
        view: Json = call(trigger_id=trigger(slack), view=modal(title, [], **more))["view"]
        return view

    bottom = opened(client.views_open, "One")
    for title in ("Two", "Three"):
        assert opened(client.views_push, title)["root_view_id"] == bottom["id"]
    assert said(client.views_push, trigger_id=trigger(slack), view=modal("Four", [])) == "push_limit_reached"
    admin.close()
    assert admin.modal.title == "Two"
    opened(client.views_push, "All", clear_on_close=True)
    admin.close()
    assert admin.modal is None


def test_a_trigger_goes_once_and_ages(slack: SlackEmulator, client: WebClient) -> None:
    used, view = trigger(slack), modal("One", [])
    home = {"type": "home", "blocks": []}
    for broken in (modal("x" * 25, []), home):  # it does not use the trigger up
        assert said(client.views_open, trigger_id=used, view=broken).startswith("invalid_arguments")
        used = used if broken is not home else trigger(slack)
    assert said(client.views_open, trigger_id=used, view=view) == "ok"
    assert said(client.views_open, trigger_id=used, view=view) == "exchanged_trigger_id"
    old = trigger(slack)
    slack.limits.trigger_seconds = -1
    assert said(client.views_open, trigger_id=old, view=view) == "expired_trigger_id"
    assert said(client.views_open, trigger_id="no", view=view) == "invalid_trigger_id"


def test_a_home_and_all_blocks_as_text(client: WebClient, admin: SimulatedUser) -> None:
    for text in ("first", "second"):
        client.views_publish(user_id=admin.id, view={"type": "home", "blocks": [section(text)]})
    assert isinstance(admin.home, View)
    assert admin.read(admin.home) == "second"
    client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[block(kind) for kind in BLOCKS if kind != "input"])
    assert {"[Press]", "---", "Chart", "Mon | 1", "GG-1"} <= set(admin.screen("#general").splitlines())


def test_the_app_is_invited(slack: SlackEmulator, admin: SimulatedUser) -> None:
    for text, said in (
        ("@nobody", "Who? Type /invite @name"),
        ("@kim.gone", "Who? Type /invite @name"),
        ("@aid-status", ""),
        ("@aid-status", "aid-status is already in this channel."),
    ):
        assert admin.command("/invite", text, channel=DESK).text == said
    assert slack.app.bot_user in slack.channel(DESK).members
    assert "aid-status: was added to #ministry-desk by @Jihoon Park." in admin.screen(DESK)
    refused = slack.person("U0GUEST").command("/invite", "@aid-status", channel="general").text
    assert refused == "Guests can't add or remove people."
