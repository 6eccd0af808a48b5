"""Commands, buttons, modals, menus, mentions: over all three deliveries."""

from dataclasses import replace
from datetime import date

import pytest
from slack_bolt import App

from bot.slack_emulator import SimulatedUser, SlackEmulator, UserActionError

pytestmark = pytest.mark.usefixtures("ready")


@pytest.mark.parametrize(
    ("typed", "seen"),
    [
        ("plain", "just text"),
        ("public", "for all"),
        ("none", ""),
        ("GG-1", "GG-1 (Gyeonggi Province)"),
    ],
)
def test_a_command_is_answered_in_its_ack(admin: SimulatedUser, typed: str, seen: str) -> None:
    answer = admin.command("/status", typed, channel="#general")
    assert answer.ack.acked
    assert not answer.error
    assert answer.text.split("\n")[0] == seen


def test_only_a_public_answer_is_for_all(admin: SimulatedUser, slack: SlackEmulator) -> None:
    guest = slack.person("U0GUEST")
    admin.command("/status", "plain", channel="#general")
    assert guest.screen("#general") == ""
    assert admin.screen("#general") == "aid-status: (only visible to you) just text"
    admin.command("/status", "public", channel="#general")
    assert guest.screen("#general") == "Jihoon Park: /status public\naid-status: for all"


def test_the_form_of_a_command(admin: SimulatedUser, app: App, slack: SlackEmulator) -> None:
    admin.command("/status", "@mina.lee <b> & https://un.org/x, #general", channel="C0GENERAL")
    form = app.heard[-1]
    expected = "<@U0MEMBER|mina.lee> &lt;b&gt; &amp; <https://un.org/x>, <#C0GENERAL|general>"
    assert form["text"] == expected
    assert form["is_enterprise_install"] == "false"
    assert form["response_url"].startswith(slack.site.base_url)
    keys = "token team_id team_domain channel_id channel_name user_id user_name command api_app_id trigger_id"
    assert all(form[key] for key in keys.split())


def test_refused_answers_and_unheard_commands_show_an_error(admin: SimulatedUser) -> None:
    bad = admin.command("/status", "bad", channel="#general")
    assert bad.error == "invalid_command_response"
    assert "invalid_blocks" in bad.text
    threaded = admin.command("/status", channel="#general", thread="1.0")
    assert threaded.text == "/status is not supported in threads. Sorry!"


def test_no_ack_in_time_is_shown(admin: SimulatedUser, slack: SlackEmulator) -> None:
    slack.limits.ack_seconds = 0.3
    answer = admin.command("/nowhere", channel="#general")
    assert answer.error in ("operation_timeout", "dispatch_failed")  # Socket Mode hears nothing, HTTP a 404
    assert f'/nowhere failed with the error "{answer.error}"' in admin.screen("#general")


def test_a_button_replaces_the_message_and_posts(admin: SimulatedUser, app: App, slack: SlackEmulator) -> None:
    card = admin.command("/status", channel="#general").message
    answer = admin.press(card, "Share in channel")
    assert answer.text == "Shared."
    assert "(shared)" in slack.person("U0GUEST").screen("#general")
    body = app.heard[-1]
    assert body["container"] == {
        "type": "message",
        "message_ts": card.ts,
        "channel_id": "C0GENERAL",
        "is_ephemeral": True,
    }
    assert "message" not in body
    assert body["actions"][0]["value"] == "GG-1"
    with pytest.raises(UserActionError, match="nothing is called 'Share in channel' here"):
        admin.press(card, "Share in channel")


def test_a_modal_from_typing_to_saving(admin: SimulatedUser, app: App) -> None:
    view = admin.command("/update", channel="#general").view
    assert admin.submit(view).errors == dict.fromkeys("pk", "Please complete this required field.")
    admin.fill(view, {"Projects": ["GG-1", "GG-2"], "Kind": "hold", "Holder": "x", "on": date(2026, 2, 5)})
    assert admin.submit(view, {"Holder": "x" * 21}).errors == {"h": "Please enter no more than 20 characters."}
    outcome = admin.submit(view, {"Holder": "United States", "tell": ["me"]})
    assert outcome.closed
    assert admin.modal is None
    body = app.heard[-1]
    values = body["view"]["state"]["values"]
    assert [o["value"] for o in values["p"]["projects"]["selected_options"]] == ["GG-1", "GG-2"]
    assert values["d"]["on"] == {"type": "datepicker", "selected_date": "2026-02-05"}
    assert values["n"]["note"] == {"type": "plain_text_input", "value": None}
    assert values["t"]["tell"]["selected_options"][0]["text"]["text"] == "Me"
    assert body["view"]["private_metadata"] == "from-test"
    assert body["view"]["root_view_id"] == body["view"]["id"]


@pytest.mark.parametrize(
    ("note", "closed", "title"),
    [
        ("", True, ""),
        ("errors", False, "Record an update"),
        ("update", False, "Updated"),
        ("push", False, "On top"),
        ("clear", True, ""),
    ],
)
def test_each_answer_to_a_submit(admin: SimulatedUser, note: str, *, closed: bool, title: str) -> None:
    view = admin.command("/update", channel="#general").view
    outcome = admin.submit(view, {"Projects": "GG-1", "Kind": "note", "Note": note})
    assert outcome.closed is closed
    assert (outcome.view.title if outcome.view else "") == title
    if note == "errors":
        assert outcome.errors == {"n": "Not like this."}
        assert "! Not like this." in admin.read()
    if note == "push":
        assert outcome.view.previous_view_id == view.id
        assert admin.submit().view is None


def test_errors_for_blocks_that_are_not_there(admin: SimulatedUser) -> None:
    view = admin.command("/update", channel="#general").view
    outcome = admin.submit(view, {"Projects": "GG-1", "Kind": "note", "Note": "wrong"})
    assert not outcome.closed
    assert "no input block is called nowhere" in outcome.problem


def test_an_external_select_asks_the_bot_from_its_length_on(admin: SimulatedUser, app: App) -> None:
    view = admin.command("/update", channel="#general").view
    before = len(app.heard)
    assert admin.options(view, "Projects", "") == []
    assert len(app.heard) == before
    assert [o["value"] for o in admin.options(view, "Projects", "unicef")] == ["IO-2"]
    assert app.heard[-1]["type"] == "block_suggestion"
    with pytest.raises(UserActionError, match="no option 'XX-9'"):
        admin.choose(view, "Projects", "XX-9")


def test_mentions_home_and_shortcuts(admin: SimulatedUser, app: App) -> None:
    parent = admin.mention("#general", "GG-1?")
    replies = [m.text for m in admin.messages("#general") if m.thread_ts == parent.ts and m.is_reply]
    assert replies == ["heard: <@U0BOT> GG-1?"]
    home = admin.open_home()
    assert "My projects" in admin.read(home)
    admin.press(home, "Refresh")
    assert app.heard[-1]["container"] == {"type": "view", "view_id": home.id}
    answer = admin.shortcut(parent, "record")
    assert answer.view
    assert app.heard[-1]["message"]["text"] == parent.text


def test_a_mention_needs_the_channel_and_the_scope(admin: SimulatedUser, slack: SlackEmulator, app: App) -> None:
    admin.mention("#gyeonggi", "are you there?")
    slack.install({"settings": {"event_subscriptions": {"bot_events": ["app_mention"]}}})
    slack.site.app = replace(slack.app, scopes=frozenset({"chat:write"}))
    admin.mention("#general", "are you there?")
    assert app.heard == []


def test_an_event_is_sent_again(admin: SimulatedUser, slack: SlackEmulator, app: App) -> None:
    admin.mention("#general", "once")
    ack = slack.redeliver(slack.traffic_log.sent("events_api")[-1])
    assert ack.acked
    first, second = app.heard
    assert first["event_id"] == second["event_id"]
    one, two = slack.traffic_log.sent("events_api")
    assert (one.envelope_id, two.retry) == (two.envelope_id, 1)
