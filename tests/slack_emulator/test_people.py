"""What people do, and what the app hears of it: commands, buttons, forms and the state of every input."""

import json
from typing import Any

import pytest
from slack_sdk import WebClient

from bot.slack_emulator import LocalFile, SimulatedUser, SlackEmulator
from tests.slack_emulator.samples import Json, asked, error, modal, section


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
        ("file_input", {"max_files": 1}, [LocalFile("a.pdf", b"%")] * 2, "Please choose no more files than 1."),
    ],
)
def test_the_client_holds_a_form_back(
    slack: SlackEmulator, admin: SimulatedUser, kind: str, more: Json, given: Any, said: str
) -> None:
    slack.views.open(admin.id, modal("Form", [{**asked(kind, **more), "block_id": "b"}]))
    outcome = admin.submit(values={} if given is None else {"b": given})
    assert (list(outcome.errors), outcome.closed, slack.store.files.files) == (["b"], False, {})
    assert outcome.errors["b"].startswith(said)


@pytest.mark.usefixtures("in_process")
@pytest.mark.parametrize(
    ("answer", "closed", "title", "problem"),
    [
        ({}, True, "", ""),
        ({"response_action": "errors", "errors": {"b": "Not like this."}}, False, "Form", ""),
        ({"response_action": "errors", "errors": {"c": "?"}}, False, "Form", "no input block is called c"),
        ({"response_action": "update", "view": modal("Updated", [])}, False, "Updated", ""),
        ({"response_action": "push", "view": modal("On top", [])}, False, "On top", ""),
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
    return slack.tickets.trigger("U0ADMIN")


def test_a_view_is_changed_only_if_unchanged(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    named = [{**asked("plain_text_input", action_id="it"), "block_id": "b"}]
    view = client.views_open(trigger_id=trigger(slack), view=modal("One", named))["view"]
    admin.fill(slack.views.find(view["id"]), {"b": "kept"})
    again = {"view_id": view["id"], "hash": view["hash"], "view": modal("Two", [*named, section("more")])}
    assert client.views_update(**again)["view"]["hash"] != view["hash"]
    assert "plain_text_input: kept" in admin.read()
    assert error(client.views_update, **again) == "hash_conflict"
    assert error(client.views_update, view_id="V404", view=modal("x", [])) == "not_found"


def test_three_modals_lie_on_one_another(slack: SlackEmulator, client: WebClient, admin: SimulatedUser) -> None:
    def opened(call: Any, title: str, **more: Any) -> Json:
        view: Json = call(trigger_id=trigger(slack), view=modal(title, [], **more))["view"]
        return view

    bottom = opened(client.views_open, "One")
    for title in ("Two", "Three"):
        assert opened(client.views_push, title)["root_view_id"] == bottom["id"]
    assert error(client.views_push, trigger_id=trigger(slack), view=modal("Four", [])) == "push_limit_reached"
    admin.close()
    assert admin.modal.title == "Two"
    opened(client.views_push, "All", clear_on_close=True)
    admin.close()
    assert admin.modal is None


def test_a_trigger_goes_once_and_ages(slack: SlackEmulator, client: WebClient) -> None:
    used, view = trigger(slack), modal("One", [])
    assert error(client.views_open, trigger_id=used, view=modal("x" * 25, [])) == "invalid_arguments"
    client.views_open(trigger_id=used, view=view)
    assert error(client.views_open, trigger_id=used, view=view) == "exchanged_trigger_id"
    old = trigger(slack)
    slack.limits.trigger_seconds = -1
    assert error(client.views_open, trigger_id=old, view=view) == "expired_trigger_id"
    assert error(client.views_open, trigger_id="no", view=view) == "invalid_trigger_id"
