"""What the app hears of every element: `state.values` of a form, the action of a message, a modal or App Home."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import App
from slack_sdk import WebClient

from bot.slack_emulator import InProcess, SimulatedUser, SlackEmulator, UserActionError, dispatcher
from tests.slack_emulator.block_samples import actions, asked, element
from tests.slack_emulator.block_values import GIVEN, IN_ACTIONS, INITIAL, A, B
from tests.slack_emulator.sample_app import Json, modal, option, plain


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


def opened(slack: SlackEmulator, client: WebClient, blocks: list[Json], channel: str = "", **more: Any) -> None:
    trigger = slack.site.tickets.trigger("U0ADMIN", channel=channel)
    client.views_open(trigger_id=trigger, view=modal("Form", blocks, **more))


def named(given: Json) -> Json:
    return {**given, "action_id": "it"}


@pytest.mark.parametrize(("asking", "given", "held"), GIVEN)
def test_a_form_tells_what_was_filled_in(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    opened(slack, client, [{**asked("datepicker"), "block_id": "b", "element": named(asking)}])
    outcome = admin.submit(values={"it": given})
    assert outcome.closed, outcome.errors
    view = heard.bodies[-1]["view"]
    assert view["state"]["values"] == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.parametrize(("asking", "held"), INITIAL)
def test_a_form_tells_what_stood_there_from_the_beginning(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, held: Json
) -> None:
    opened(slack, client, [{**asked("datepicker"), "block_id": "b", "optional": True, "element": named(asking)}])
    admin.submit()
    values = heard.bodies[-1]["view"]["state"]["values"]
    assert values == {"b": {"it": {"type": asking["type"], **held}}}


@pytest.mark.parametrize(("asking", "given", "held"), IN_ACTIONS)
def test_app_home_tells_what_was_chosen_and_keeps_it(
    client: WebClient, heard: Heard, admin: SimulatedUser, asking: Json, given: Any, held: Json
) -> None:
    client.views_publish(
        user_id="U0ADMIN", view={"type": "home", "blocks": [{**actions(named(asking)), "block_id": "b"}]}
    )
    admin.choose(admin.home, "it", given)
    assert heard.action == {"type": asking["type"], **held}
    assert heard.bodies[-1]["view"]["state"]["values"] == {"b": {"it": {"type": asking["type"], **held}}}


def test_a_button_tells_what_it_is(slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser) -> None:
    pressed = element("button", value="v", style="danger", action_id="x")
    sent = client.chat_postMessage(channel="C0GENERAL", text="x", blocks=[actions(pressed)])
    message = slack.store.message("C0GENERAL", sent["ts"])
    admin.press(message, "Press")
    assert heard.action == {"type": "button", "text": plain("Press"), "value": "v", "style": "danger"}
    assert heard.bodies[-1]["state"]["values"] == {}


def test_an_action_repeats_what_the_element_began_with(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    begun = element("static_select", initial_option=B, placeholder=plain("Kind"), action_id="it")
    opened(slack, client, [actions(begun)])
    admin.choose(admin.modal, "it", None)
    assert heard.action == {
        "type": "static_select",
        "initial_option": B,
        "placeholder": plain("Kind"),
        "selected_option": None,
    }


def test_an_input_that_dispatches_tells_at_once_and_others_do_not(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    quiet = {**asked("static_select", action_id="quiet"), "block_id": "q"}
    loud = {**asked("static_select", action_id="loud"), "block_id": "l", "dispatch_action": True}
    opened(slack, client, [quiet, loud])
    admin.choose(admin.modal, "quiet", "A")
    assert heard.bodies == []
    admin.choose(admin.modal, "loud", "B")
    assert heard.action == {"type": "static_select", "selected_option": B}
    values = heard.bodies[-1]["view"]["state"]["values"]
    assert (values["q"]["quiet"]["selected_option"], values["l"]["loud"]["selected_option"]) == (A, B)


def test_a_menu_takes_no_more_than_it_says(
    slack: SlackEmulator, client: WebClient, heard: Heard, admin: SimulatedUser
) -> None:
    opened(slack, client, [asked("multi_static_select", action_id="it", max_selected_items=1)])
    with pytest.raises(UserActionError, match="no more than 1"):
        admin.choose(admin.modal, "it", ["A", "B"])
    assert heard.bodies == []
