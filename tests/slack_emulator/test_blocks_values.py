"""What the app hears of every element: `state.values` of a form, the action of a message, a modal or App Home."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import InProcess, SimulatedUser, SlackEmulator, UserActionError, dispatcher
from tests.slack_emulator.block_samples import actions, asked, element
from tests.slack_emulator.sample_app import Json, modal, option, plain

A, B = option("A"), option("B")
# the element with fields of its own, what a person gives, what stands in `state.values`
GIVEN: list[tuple[Json, Any, Json]] = [
    (element("static_select"), "B", {"selected_option": B}),
    (
        {"type": "static_select", "option_groups": [{"label": plain("g"), "options": [A, B]}]},
        "B",
        {"selected_option": B},
    ),
    (element("multi_static_select"), ["B", "A", "B"], {"selected_options": [B, A]}),
    (element("external_select"), "Alpha", {"selected_option": option("Alpha", "a")}),
    (element("multi_external_select"), ["Alpha"], {"selected_options": [option("Alpha", "a")]}),
    (element("datepicker"), date(2026, 2, 7), {"selected_date": "2026-02-07"}),
    (element("checkboxes"), ["B"], {"selected_options": [B]}),
    (element("radio_buttons"), "A", {"selected_option": A}),
    (element("url_text_input"), "https://example.org/a", {"value": "https://example.org/a"}),
    (element("plain_text_input", multiline=True), "two\nlines", {"value": "two\nlines"}),
]
INITIAL: list[tuple[Json, Json]] = [
    (element("static_select", initial_option=B), {"selected_option": B}),
    (element("static_select"), {"selected_option": None}),
    (element("multi_static_select", initial_options=[A]), {"selected_options": [A]}),
    (element("multi_static_select"), {"selected_options": []}),
    (element("external_select", initial_option=B), {"selected_option": B}),
    (element("multi_external_select", initial_options=[B]), {"selected_options": [B]}),
    (element("datepicker", initial_date="2026-02-07"), {"selected_date": "2026-02-07"}),
    (element("checkboxes", initial_options=[A, B]), {"selected_options": [A, B]}),
    (element("radio_buttons", initial_option=A), {"selected_option": A}),
    (element("plain_text_input", initial_value="x"), {"value": "x"}),
    (element("plain_text_input"), {"value": None}),
    (element("file_input"), {"files": []}),
]
IN_ACTIONS = [
    (asking, given, held) for asking, given, held in GIVEN if asking["type"] in ("static_select", "checkboxes")
]


class Heard:
    """An app that acknowledges everything, and what it was told."""

    def __init__(self, client: WebClient) -> None:
        self.bodies: list[Json] = []
        self.app = App(client=client, signing_secret="emulator", process_before_response=True)
        anything = re.compile(".*")
        for listen in (self.app.action, self.app.view_submission):
            listen(anything)(self._hear)
        self.app.options(anything)(self._offer)

    def _hear(self, ack: Any, body: Json) -> None:
        ack()
        self.bodies.append(body)

    def _offer(self, ack: Any, body: Json) -> None:
        self.bodies.append(body)
        ack(options=[option("Alpha", "a"), option("Beta", "b")])

    @property
    def values(self) -> Json:
        return self.bodies[-1]["view"]["state"]["values"]

    @property
    def action(self) -> Json:
        """The last action, without the ids and times that vary."""
        varying = ("action_id", "block_id", "action_ts")
        return {key: value for key, value in self.bodies[-1]["actions"][0].items() if key not in varying}


@pytest.fixture
def heard(slack: SlackEmulator, client: WebClient) -> Iterator[Heard]:
    listening = Heard(client)
    delivery = InProcess(dispatcher(listening.app))
    slack.delivery = delivery
    yield listening
    delivery.close()


def opened(slack: SlackEmulator, *blocks: Json) -> None:
    slack.views.open("U0ADMIN", modal("Form", list(blocks)))


def named(given: Json) -> Json:
    return {**given, "action_id": "it"}


@pytest.mark.parametrize(("asking", "given", "held"), GIVEN)
def test_a_form_tells_what_was_filled_in(
    slack: SlackEmulator, heard: Heard, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    opened(slack, {**asked("datepicker"), "block_id": "b", "element": named(asking)})
    outcome = admin.submit(values={"it": given})
    assert outcome.closed, outcome.errors
    assert heard.values == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.parametrize(("asking", "held"), INITIAL)
def test_a_form_tells_what_stood_there_from_the_beginning(
    slack: SlackEmulator, heard: Heard, admin: SimulatedUser, asking: Json, held: Json
) -> None:
    opened(slack, {**asked("datepicker"), "block_id": "b", "optional": True, "element": named(asking)})
    admin.submit()
    assert heard.values == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.parametrize(("asking", "given", "held"), IN_ACTIONS)
def test_app_home_tells_what_was_chosen_and_keeps_it(
    slack: SlackEmulator, heard: Heard, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    slack.views.publish("U0ADMIN", {"type": "home", "blocks": [{**actions(named(asking)), "block_id": "b"}]})
    admin.choose(admin.home, "it", given)
    assert heard.action == {"type": asking["type"], **held}
    assert heard.values == {"b": {"it": {"type": asking["type"], **held}}}


def test_a_button_tells_what_it_is(slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser) -> None:
    pressed = element("button", value="v", style="danger", action_id="x")
    sent = client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[actions(pressed)])
    message = slack.store.message("C0GENERAL", sent["ts"])
    admin.press(message, "Press")
    assert heard.action == {"type": "button", "text": plain("Press"), "value": "v", "style": "danger"}
    assert heard.bodies[-1]["state"]["values"] == {}


def test_an_action_repeats_what_the_element_began_with(
    slack: SlackEmulator, heard: Heard, admin: SimulatedUser
) -> None:
    begun = element("static_select", initial_option=B, placeholder=plain("Kind"), action_id="it")
    opened(slack, actions(begun))
    admin.choose(admin.modal, "it", None)
    assert heard.action == {
        "type": "static_select",
        "initial_option": B,
        "placeholder": plain("Kind"),
        "selected_option": None,
    }


def test_an_input_that_dispatches_tells_at_once_and_others_do_not(
    slack: SlackEmulator, heard: Heard, admin: SimulatedUser
) -> None:
    quiet = {**asked("static_select", action_id="quiet"), "block_id": "q"}
    loud = {**asked("static_select", action_id="loud"), "block_id": "l", "dispatch_action": True}
    opened(slack, quiet, loud)
    admin.choose(admin.modal, "quiet", "A")
    assert heard.bodies == []
    admin.choose(admin.modal, "loud", "B")
    assert heard.action == {"type": "static_select", "selected_option": B}
    values = heard.values
    assert (values["q"]["quiet"]["selected_option"], values["l"]["loud"]["selected_option"]) == (A, B)


def test_a_menu_takes_no_more_than_it_says(slack: SlackEmulator, heard: Heard, admin: SimulatedUser) -> None:
    opened(slack, asked("multi_static_select", action_id="it", max_selected_items=1))
    with pytest.raises(UserActionError, match="no more than 1"):
        admin.choose(admin.modal, "it", ["A", "B"])
    assert heard.bodies == []


def test_an_address_has_to_be_one(slack: SlackEmulator, admin: SimulatedUser) -> None:
    opened(slack, {**asked("url_text_input"), "block_id": "b"})
    assert admin.submit(values={"b": "example"}).errors == {"b": "Please enter a valid URL."}
